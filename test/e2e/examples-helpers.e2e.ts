import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { type Exampled, runExample, runOf } from './example.ts'
import { apply, deployment, inOwn, kubeconfigOf } from './example-cluster.ts'
import { until } from './helper-policy.ts'
import { RESTRICTED_SECURITY } from '../support/restricted-security.ts'
import { TOOLBOX } from './toolbox.ts'

/** The namespace `shop` of an application without a shell. */
const BARE = `${NAMESPACE}-bare`
const WEB = deployment('web', 'test.local/distroless-static:1', { securityContext: RESTRICTED_SECURITY })
const POLICIES = ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'].map((kind) => `${kind}/kscan-helper-${BARE}`)

const change = (text: string): string => inOwn(text).replaceAll(`${NAMESPACE}-shop`, BARE).replaceAll('registry.example/kscan-toolbox:1', TOOLBOX)

const run = (name: string): Promise<Exampled> => {
  const [newName, newTag] = TOOLBOX.split(/:(?=[^:]*$)/)
  const images = [{ name: 'registry.example/kscan-toolbox', newName, newTag }]
  const kustomization = stringify({ resources: ['web.yaml'], components: [`../${name}`], images })
  return runExample(`examples/github/${name}.yml`, {
    secrets: { KUBECONFIG: kubeconfigOf() },
    files: { 'deploy/web.yaml': WEB, 'deploy/kustomization.yaml': kustomization },
    change
  })
}

beforeAll(async () => {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  apply(stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: BARE, labels } }))
  await kubectl('delete', 'deployment', 'web', '-n', BARE, '--ignore-not-found', '--cascade=foreground')
}, 120_000)
afterAll(async () => void (await kubectl('delete', '--ignore-not-found', ...POLICIES)))
afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

const byHelper = (approach: string): object => ({ targets: [{ name: `${BARE}/web/app`, approach }] })

test.each(['sidecar', 'toolbox-volume'])('%s', async (name) => {
  const ran = await run(name)
  expect([ran.code, runOf(ran)]).toMatchObject([0, byHelper('sidecar-container')])
})

test('distroless', async () => {
  apply(WEB, '-n', BARE)
  await kubectl('rollout', 'status', '-n', BARE, 'deployment/web', '--timeout=90s')
  const pod = (await kubectl('get', 'pods', '-n', BARE, '-l', 'app=web', '--field-selector=status.phase=Running', '-o', 'name')).trim().slice('pod/'.length)
  apply(change(readFileSync('examples/distroless/policy.yaml', 'utf8')))
  await until(true, { namespace: BARE, pod, container: 'app' })
  const ran = await run('distroless')
  expect([ran.code, runOf(ran)]).toMatchObject([0, byHelper('debug-container')])
})
