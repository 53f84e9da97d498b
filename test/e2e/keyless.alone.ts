import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { VERSION } from '../../src/version.ts'
import { runAction } from '../support/github-runner.ts'
import { identityToken } from '../support/identity-token.ts'
import { watchAudit } from './audit-log.ts'
import { kubeconfigFile } from './caller.ts'
import { kscan, type Ran, TOOLS } from './cli.ts'
import { KUBECONFIG, kubectl, leftBehind } from './cluster.ts'
import { runExample, runOf } from './example.ts'
import { apply, inOwn, kubeconfigOf, SHOP, startShop } from './example-cluster.ts'
import { pipeline } from './gitlab.ts'
import { API, type Issuers, OF_MAIN, restartApi, startIssuers, until } from './issuer.ts'

const exec = promisify(execFile)

let issuers: Issuers
let folder = ''
let config = ''

/** What GitLab says of a job of main. */
const ofGitlab = (claims: object = {}): string =>
  identityToken({ iss: issuers.gitlab, aud: 'kscan', project_id: '42', ref: 'refs/heads/main', pipeline_source: 'push', ...claims })
const ofGithub = (claims: object = {}): string => identityToken({ iss: issuers.github, ...OF_MAIN, ...claims })
const endsIn = (seconds: number): object => ({ exp: Math.floor(Date.now() / 1000) + seconds })

/** Whether the API server takes a token: 401 is all that it says if not. */
const isTaken = (token: string): Promise<boolean> =>
  exec('kubectl', ['--kubeconfig', '/dev/null', '--server', API.server, '--insecure-skip-tls-verify', '--token', token, 'get', '--raw', '/version']).then(
    () => true,
    () => false
  )

interface Authentication {
  readonly jwt: { issuer: { url: string; certificateAuthority?: string } }[]
}

/** What the API server is told from now on; it reads the file again. */
const accept = (...parts: readonly Authentication[]): void => {
  const jwt = parts.flatMap((part) => part.jwt)
  for (const { issuer } of jwt) issuer.certificateAuthority = issuers.ca
  writeFileSync(config, stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', jwt }))
}

/** The example's, for our issuer. */
const example = (): Authentication => {
  const read = parse(readFileSync('examples/keyless/authentication.yaml', 'utf8')) as Authentication
  for (const { issuer } of read.jwt) issuer.url = issuers.github
  return read
}

/** A caller who may do what per-run access and access: self need. */
const ADMIN = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: keyless-admin }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: 'ci:github:repo:4711:env:production' }]
`

beforeAll(async () => {
  issuers = await startIssuers()
  folder = mkdtempSync(join(tmpdir(), 'kscan-keyless-'))
  config = join(folder, 'authentication.yaml')
  writeFileSync(join(folder, 'ca.pem'), API.ca)
  await startShop()
  apply(readFileSync('examples/service-account/access.yaml', 'utf8'), '-n', SHOP)
  apply(ADMIN, '-n', SHOP)
  accept(example())
  await restartApi(`--authentication-config=${config}`)
  await until('a token is taken', () => isTaken(ofGithub()))
}, 180_000)
afterAll(async () => {
  await restartApi('')
  await kubectl('delete', 'namespace', SHOP, '--wait=false')
  issuers.close()
  rmSync(folder, { recursive: true, force: true })
}, 180_000)
beforeEach(() => {
  issuers.claims = () => OF_MAIN
  issuers.asked.length = 0
})
afterEach(async () => expect(await leftBehind()).toEqual([]))

const inServer = (text: string): string => inOwn(text).replace('https://kubernetes.example:6443', API.server)

test('keyless: the token of the job is all that it signs in with, and gets it one token of the service account', async () => {
  const events = watchAudit()
  const ran = await runExample('examples/github/keyless.yml', { change: inServer, files: { 'keyless/ca.pem': API.ca }, env: issuers.mayAsk })
  expect([ran.code, runOf(ran)]).toMatchObject([0, { targets: [{ name: `${SHOP}/web/app` }], access: { mode: 'service-account', made: [] } }])
  const byJob = events().filter(({ user }) => user.username === 'ci:github:repo:4711:env:none')
  expect(byJob.filter(({ objectRef }) => objectRef?.subresource === 'token').map(({ objectRef }) => objectRef?.name)).toEqual(['kscan'])
  expect(byJob.filter(({ objectRef }) => objectRef?.subresource === 'exec')).toEqual([])
  expect([...new Set(issuers.asked.map(String))]).toEqual(['/?api-version=2.0&audience=kscan,Bearer a-request-token'])
  expect(ran.log).not.toContain('a-request-token')
}, 240_000)

test.each([
  ['another repository', { repository_id: '4712' }],
  ['another branch', { ref: 'refs/heads/other' }],
  ['a pull request', { event_name: 'pull_request' }],
  ['another audience', { aud: 'https://github.com/org' }],
  ['the day before', { exp: Math.floor(Date.now() / 1000) - 60 }]
])('a token of %s is refused', async (_what, claims) => {
  expect([await isTaken(ofGithub(claims)), await isTaken(ofGithub())]).toEqual([false, true])
})

/** A scan of the shop, in its own time. */
const scanBy = (more: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> =>
  kscan(['scan', '--namespace', SHOP, '--workload', 'deployment/web', '--profile', resolve('test/fixtures/profiles/slow'), ...more], { env })
/** The same as the job. */
const scan = (more: readonly string[]): Promise<Ran> => scanBy([...whom(), ...more], { KUBECONFIG: '', ...issuers.mayAsk })
const whom = (identity = 'github-oidc'): string[] => ['--identity', identity, '--server', API.server, '--ca-file', join(folder, 'ca.pem')]
const ACCOUNT = ['--access', 'service-account', '--service-account', 'kscan']
const ADMINISTERS = { ...OF_MAIN, environment: 'production' }
const said = ({ code, stdout, stderr }: Ran): string => `exit ${code}\n${stdout}\n${stderr}`
const tokensIn = (text: string): string[] => text.match(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g) ?? []

describe('of scans that last longer than a token of twelve seconds', () => {
  const runs = new Map<string, Ran>()
  let asked = 0
  const ranBy = (who: string): Ran => runs.get(who) as Ran

  beforeAll(async () => {
    issuers.claims = () => ({ ...ADMINISTERS, ...endsIn(12) })
    issuers.asked.length = 0
    const file = join(folder, 'token')
    const write = (): void => writeFileSync(file, ofGithub({ environment: 'production', ...endsIn(12) }), { mode: 0o600 })
    write()
    const timer = setInterval(write, 4000)
    const byFile = kubeconfigFile(kubeconfigOf({ tokenFile: file }, ['prod']))
    const scans: readonly (readonly [string, Promise<Ran>])[] = [
      ['a service account', scan([...ACCOUNT, '--json'])],
      ['the job itself', scan(['--access', 'self'])],
      ['an account of the run', scan(['--access', 'per-run'])],
      ['a token file that is written anew', scanBy(['--access', 'self'], { KUBECONFIG: byFile })],
      ['a kubeconfig', scanBy([...ACCOUNT, '--json'], { KUBECONFIG })]
    ]
    for (const [who, ran] of scans) runs.set(who, await ran)
    clearInterval(timer)
    asked = issuers.asked.length
  }, 120_000)

  test.each(['a service account', 'the job itself', 'an account of the run', 'a token file that is written anew'])('one by %s is whole', (who) => {
    const ran = ranBy(who)
    expect([said(ran), ran.milliseconds > 12_000]).toEqual([expect.stringMatching(/^exit 0\n/), true])
    expect(tokensIn(said(ran))).toEqual([])
  })

  test('tokens were asked for again', () => expect(asked).toBeGreaterThan(3)) // by three scans

  test('exit code, verdict and counts are those of one with a kubeconfig', () => {
    const [job, person] = [ranBy('a service account'), ranBy('a kubeconfig')]
    const verdictOf = ({ stdout }: Ran): unknown => (JSON.parse(stdout) as { verdict: unknown }).verdict
    expect([job.code, verdictOf(job)]).toEqual([person.code, verdictOf(person)])
  })
})

test('an issuer that is down when all is undone: what remains is named, and cleanup removes it', async () => {
  issuers.claims = () => ({ ...ADMINISTERS, ...endsIn(10) })
  const running = scan([])
  await until('the token is had', () => Promise.resolve(issuers.asked.length > 0))
  await sleep(1000)
  issuers.claims = undefined
  const ran = await running
  expect(ran.stderr).toMatch(/could not be removed: rolebinding [^\n]*; run kscan cleanup/)
  expect((await leftBehind()).length).toBe(3)
  issuers.claims = () => ADMINISTERS
  const cleaned = await kscan(['cleanup', ...whom()], { folder: ran.folder, env: { KUBECONFIG: '', ...issuers.mayAsk } })
  expect([cleaned.code, cleaned.stdout]).toEqual([0, expect.stringMatching(/removed rolebinding [^]*removed serviceaccount/)])
}, 120_000)

test('the post step of GitHub signs in by itself, and removes what a killed main step has left', async () => {
  issuers.claims = () => ADMINISTERS
  const profile = resolve('test/fixtures/profiles/slow')
  const inputs = { identity: 'github-oidc', server: API.server, 'ca-file': join(folder, 'ca.pem'), namespace: SHOP, workload: 'deployment/web', profile }
  const env = { ...issuers.mayAsk, RUNNER_TOOL_CACHE: TOOLS }
  const ran = await runAction({ root: process.cwd(), inputs, env, killOn: { match: /::group::Audit/, signal: 'SIGKILL' } })
  expect([ran.main.signal, ran.post?.code, ran.post?.log]).toEqual(['SIGKILL', 0, expect.stringMatching(/removed rolebinding [^]*removed serviceaccount/)])
  expect(tokensIn(`${ran.main.visibleLog}${ran.post?.visibleLog}`)).toEqual([])
}, 120_000)

test('a token that is not accepted: exit 4, with what it says, and never the token', async () => {
  issuers.claims = () => ({ ...OF_MAIN, repository_id: '4712' })
  const ran = await scan([...ACCOUNT, '--oidc-audience', 'kscan'])
  expect([ran.code, ran.stderr]).toEqual([
    4,
    expect.stringMatching(
      /does not accept the identity token of this job \(401\), which says: iss \S+, aud kscan, sub repo:org\/shop, repository_id 4712, ref refs\/heads\/main, event_name push, ends /
    )
  ])
  expect(tokensIn(said(ran))).toEqual([])
}, 60_000)

test("GitLab's token ends in the middle of a scan with the job's own rights: exit 4, and when it ended", async () => {
  accept(example(), { jwt: gitlabRules('admin') })
  await until('a token of GitLab is taken', () => isTaken(ofGitlab()))
  const env = { KSCAN_ID_TOKEN: ofGitlab(endsIn(12)) }
  const ran = await scanBy([...whom('gitlab-oidc'), '--access', 'self'], { KUBECONFIG: '', ...env })
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/project_id 42, .*ended \S+, \d+ s ago/)])
  expect(tokensIn(said(ran))).toEqual([])
}, 180_000)

/** Rules for our GitLab, whose jobs are that user. */
const gitlabRules = (who: 'admin' | 'job'): Authentication['jwt'] => [
  {
    issuer: { url: issuers.gitlab, audiences: ['kscan'] } as Authentication['jwt'][0]['issuer'],
    claimMappings: { username: { expression: who === 'admin' ? "'ci:github:repo:4711:env:production'" : "'ci:github:repo:4711:env:none'" } }
  } as Authentication['jwt'][0]
]

test('keyless: the component of GitLab signs in by the token that its job declares', async () => {
  accept(example(), { jwt: gitlabRules('job') })
  await until('a token of GitLab is taken', () => isTaken(ofGitlab()))
  const ran = await pipeline(undefined, {
    variables: { KSCAN_ID_TOKEN: ofGitlab() },
    prepare: (project) => {
      const text = readFileSync('examples/gitlab/keyless.yml', 'utf8')
      writeFileSync(
        join(project, '.gitlab-ci.yml'),
        inServer(text).replace(`$CI_SERVER_FQDN/org/kscan/kscan@${VERSION}`, '$CI_SERVER_FQDN/$CI_PROJECT_PATH/kscan@$CI_COMMIT_SHA')
      )
      execFileSync('mkdir', ['-p', join(project, 'keyless')])
      writeFileSync(join(project, 'keyless/ca.pem'), API.ca)
    }
  })
  const job = ran.job('kscan')
  const run = JSON.parse(readFileSync(join(job.artifacts, 'kscan-artifact/kscan-reports/run.json'), 'utf8')) as unknown
  expect([job.code, run]).toMatchObject([1, { targets: [{ name: `${SHOP}/web/app` }], access: { mode: 'service-account', made: [] } }])
  expect(tokensIn(ran.log)).toEqual([])
}, 240_000)

test('what doctor prints for a job that nobody knows, applied as it is, makes its scan work', async () => {
  const claims = { ...OF_MAIN, repository_id: '815', environment: 'staging' }
  issuers.claims = () => claims
  const asks = [...whom(), '--namespace', SHOP, '--workload', 'deployment/web', '--access', 'service-account', '--service-account', 'scanner']
  const env = { KUBECONFIG: '', ...issuers.mayAsk }
  const doctor = await kscan(['doctor', ...asks], { env })
  expect([doctor.code, tokensIn(said(doctor))]).toEqual([4, []])
  const lines = doctor.stdout.split('\n').flatMap((line) => (line.startsWith('#: ') ? [line.slice(3)] : []))
  accept(parse(lines.join('\n')) as Authentication)
  apply(doctor.stdout)
  await until('the new token is taken', () => isTaken(ofGithub(claims)))
  expect(said(await scan(asks.slice(-4)))).toMatch(/^exit 0\n/)
  const again = await kscan(['doctor', ...asks], { env })
  expect(said(again)).toMatch(/^exit 0\n[^]*as ci:github:repo:815:env:staging/)
}, 180_000)
