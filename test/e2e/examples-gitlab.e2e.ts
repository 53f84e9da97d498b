import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { VERSION } from '../../src/version.ts'
import { kubeconfigFile } from './caller.ts'
import { kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { deployment, inOwn, kubeconfigOf, SHOP, SLEEPS, startShop } from './example-cluster.ts'
import { pipeline, type Pipeline } from './gitlab.ts'

const PAYMENTS = `${NAMESPACE}-payments`
const REVIEW = `${NAMESPACE}-review-main`
/** GitLab's runner for one machine finds a component only in the project that it runs. */
const OWN = '$CI_SERVER_FQDN/$CI_PROJECT_PATH/kscan@$CI_COMMIT_SHA'

let kubeconfig = ''

interface More {
  readonly files?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

/** The pipeline of an example, in a project with what its user has beside it. A variable in an input is put in here: this runner does not, as GitLab does when it makes a pipeline. */
const run = (name: string, { files = {}, variables = {}, args = [] }: More = {}): Promise<Pipeline> =>
  pipeline(undefined, {
    args,
    variables: { KUBECONFIG: kubeconfig, ...variables },
    prepare: (folder) => {
      const text = readFileSync(`examples/gitlab/${name}.yml`, 'utf8').replaceAll(`$CI_SERVER_FQDN/org/kscan/kscan@${VERSION}`, OWN)
      for (const [path, content] of Object.entries({ ...files, '.gitlab-ci.yml': inOwn(text).replace(/(?<=^ +namespace: .*)\$CI_COMMIT_REF_SLUG/m, 'main') })) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), content)
      }
    }
  })

beforeAll(async () => {
  kubeconfig = kubeconfigFile(kubeconfigOf())
  await startShop()
  await startShop(PAYMENTS)
}, 120_000)
afterAll(async () => {
  await kubectl('delete', 'namespace', REVIEW, '--ignore-not-found', '--wait=false')
  await kubectl('delete', 'deployment', 'api', '-n', SHOP, '--ignore-not-found')
})
afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

const reportsOf = ({ artifacts }: { artifacts: string }, folder = 'kscan-reports'): Record<string, unknown> =>
  JSON.parse(readFileSync(join(artifacts, 'kscan-artifact', folder, 'run.json'), 'utf8')) as Record<string, unknown>
const targets = (namespace: string, name = 'web'): object => ({ targets: [{ name: `${namespace}/${name}/app` }] })

test('single', async () => {
  const ran = await run('single')
  const job = ran.job('kscan')
  expect([ran.code, job.outputs['KSCAN_OUT_RESULT'], reportsOf(job)]).toMatchObject([0, 'passed', targets(SHOP)])
})

test('agent', async () => {
  const ran = await run('agent')
  const job = ran.job('kscan')
  const record = { ...targets(SHOP), access: { mode: 'self', made: [] }, cluster: { context: 'org/infra:prod' } }
  expect([job.code, job.outputs['KSCAN_OUT_RESULT'], reportsOf(job)]).toMatchObject([1, 'not-compliant', record])
})

test('sarif', async () => {
  const ran = await run('sarif')
  expect([ran.code, ran.job('kscan').code, ran.job('kscan-gate').code]).toEqual([0, 0, 0])
  expect(existsSync(join(ran.job('kscan').artifacts, 'kscan-artifact/kscan-reports/results.sarif'))).toBe(true)
  expect(ran.job('kscan-gate').log).toContain('PASSED')
})

test('parallel', async () => {
  const ran = await run('parallel', { args: ['--concurrency', '1'] }) // all jobs of this runner share a folder
  const ends = [...ran.log.matchAll(/^ (PASS|WARN|FAIL) {2}kscan: \[(\S+)\]/gm)].map(([, end, namespace]) => [namespace, end])
  expect([ran.code, ends]).toEqual([
    1,
    [
      [SHOP, 'FAIL'],
      [PAYMENTS, 'FAIL']
    ]
  ])
  for (const namespace of [SHOP, PAYMENTS]) expect(ran.log).toContain(`failed.total.max of ${namespace}/web/app: expected at most 0`)
})

test('dag', async () => {
  const files = { 'web.yaml': deployment('web', undefined, SLEEPS), 'api.yaml': deployment('api', undefined, SLEEPS) }
  const ran = await run('dag', { files })
  expect([ran.code, reportsOf(ran.job('scan-web'), 'kscan-web'), reportsOf(ran.job('scan-api'), 'kscan-api')]).toMatchObject([
    0,
    targets(SHOP),
    targets(SHOP, 'api')
  ])
  expect(ran.job('release').log).toMatch(/deployment.apps\/web annotated\n.*deployment.apps\/api annotated/)
})

test('review', async () => {
  const files = { 'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n', 'chart/templates/web.yaml': deployment('web', undefined, SLEEPS) }
  const variables = { CI_PIPELINE_SOURCE: 'merge_request_event' }
  const ran = await run('review', { files, variables })
  expect([ran.job('kscan').code, reportsOf(ran.job('kscan'))]).toMatchObject([1, targets(REVIEW)])
  expect(ran.log).toMatch(/^ WARN {2}kscan /m) // not compliant, and the pipeline goes on
})
