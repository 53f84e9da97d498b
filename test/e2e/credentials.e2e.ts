import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { makeCertificates } from '../support/api-server/certificates.ts'
import { accountUser, type AuditEvent, watchAudit } from './audit-log.ts'
import { applied, CALLER_ROLE, type Caller, clusterOf, makeCaller } from './caller.ts'
import { kscan, type Ran, startKscan } from './cli.ts'
import { Folder } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'

const { server, ca } = clusterOf(KUBECONFIG)
const CA_DATA = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
const ADMIN = (parse(readFileSync(KUBECONFIG, 'utf8')) as { users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }] }).users[0].user

let caller: Caller
let second: Caller
beforeAll(async () => {
  caller = await makeCaller('credentials-caller')
  second = await makeCaller('credentials-second')
  await caller.allow(CALLER_ROLE.replace('kscan-caller', 'kscan-first'))
  await second.allow(CALLER_ROLE.replace('kscan-caller', 'kscan-second'))
})
afterAll(async () => {
  await caller.remove()
  await second.remove()
})
afterEach(async () => expect(await leftBehind()).toEqual([]))

interface Files {
  readonly kubeconfig: string
  readonly folder: string
}

/** A kubeconfig in a folder of its own, with files beside it that it may name by relative paths. */
const kubeconfigOf = (user: unknown, cluster: unknown = CA_DATA, beside: Readonly<Record<string, string>> = {}): Files => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-credentials-'))
  const kubeconfig = join(folder, 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster }],
    users: [{ name: 'someone', user }],
    contexts: [{ name: 'only', context: { cluster: 'real', user: 'someone', namespace: NAMESPACE } }]
  }
  writeFileSync(kubeconfig, stringify(config, { lineWidth: 0 }), { mode: 0o600 })
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  return { kubeconfig, folder }
}

/** A credential plugin that prints this ExecCredential, and writes down with what it was asked. */
const plugin = (folder: string, status: unknown): void => {
  const credential = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })
  const script = `#!/bin/sh\nprintf '%s\\n' "$KUBERNETES_EXEC_INFO" >>"\${0%/*}/asked"\ncat <<'END'\n${credential}\nEND\n`
  writeFileSync(join(folder, 'plugin'), script)
  chmodSync(join(folder, 'plugin'), 0o700)
}

const asked = (folder: string): { spec: { cluster: { server: string } } }[] =>
  readFileSync(join(folder, 'asked'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { spec: { cluster: { server: string } } })

const execUser = (command: string): unknown => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never', provideClusterInfo: true }
})

/** Who asks the API is the same whatever the auditor asks. */
const stubs = new Folder()
afterAll(() => stubs.remove())
const NO_AUDIT = ['--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(stubs), ...LENIENT]

const scanArguments = ({ kubeconfig }: Files, ...more: string[]): string[] => ['scan', '--kubeconfig', kubeconfig, '--pod', 'debian', ...NO_AUDIT, ...more]

/** Who asked the API server for anything of the namespace, in the order of their first request. */
const users = (events: readonly AuditEvent[]): string[] => [
  ...new Set(events.filter(({ objectRef }) => objectRef?.namespace === NAMESPACE).map(({ user }) => user.username))
]

const scanAs = async (files: Files, ...more: string[]): Promise<{ ran: Ran; seen: string[] }> => {
  const events = watchAudit()
  const ran = await kscan(scanArguments(files, ...more))
  const seen = users(events()).filter((name) => !name.startsWith(accountUser(NAMESPACE, 'kscan-'))) // the scanner's own account
  return { ran, seen }
}

/** Reads a pod, which no one may who is not known. */
const planAs = async (files: Files): Promise<{ ran: Ran; seen: string[] }> => {
  const events = watchAudit()
  const ran = await kscan(['plan', '--kubeconfig', files.kubeconfig, '--pod', 'debian'])
  return { ran, seen: users(events()) }
}

const asCaller = (): string => accountUser(NAMESPACE, caller.name)

describe('a scan by a kubeconfig with', () => {
  test('a client certificate and the CA as files beside it works', async () => {
    const beside = {
      'me.crt': Buffer.from(ADMIN['client-certificate-data'], 'base64').toString(),
      'me.key': Buffer.from(ADMIN['client-key-data'], 'base64').toString(),
      'ca.crt': ca
    }
    const files = kubeconfigOf({ 'client-certificate': 'me.crt', 'client-key': './me.key' }, { server, 'certificate-authority': 'ca.crt' }, beside)
    const { ran, seen } = await planAs(files)
    expect([ran.stderr, ran.code, seen]).toEqual([expect.any(String), 0, ['admin']])
  })

  test('a token file beside it works, and the file is read anew when it is renewed in the middle', async () => {
    const files = kubeconfigOf({ tokenFile: 'token' }, CA_DATA, { token: `${caller.token}\n` })
    const events = watchAudit()
    const running = startKscan(scanArguments(files))
    await running.until('✓ Grant access')
    writeFileSync(join(files.folder, 'token'), second.token)
    const ran = await running.ended
    const by = (verb: string): string[] => users(events().filter((event) => event.verb === verb && /^(role|service)/.test(event.objectRef?.resource ?? '')))
    expect([ran.stderr, ran.code, by('create'), by('delete')]).toEqual([expect.any(String), 0, [asCaller()], [accountUser(NAMESPACE, second.name)]])
  })

  test('a token that the server does not know is exit 4 with what to do', async () => {
    const ran = await kscan(scanArguments(kubeconfigOf({ token: `${caller.token}x` })))
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringMatching(/^error: The API server .* does not accept the credentials of the context .* \(401\).*\n.*Sign in again/m)
    ])
  })
})

describe('a credential plugin', () => {
  test('that gives a token is asked once for a whole run, and told of the cluster', async () => {
    const files = kubeconfigOf(execUser('./plugin'))
    plugin(files.folder, { token: caller.token })
    const { ran, seen } = await scanAs(files)
    expect([ran.stderr, ran.code, seen]).toEqual([expect.any(String), 0, [asCaller()]])
    expect(asked(files.folder).map(({ spec }) => spec.cluster.server)).toEqual([server])
  })

  test('whose credential has run out is asked again', async () => {
    const files = kubeconfigOf(execUser('./plugin'))
    plugin(files.folder, { token: caller.token, expirationTimestamp: new Date().toISOString() })
    const { ran, seen } = await planAs(files)
    expect([ran.stderr, ran.code, seen]).toEqual([expect.any(String), 0, [asCaller()]])
    expect(asked(files.folder).length).toBeGreaterThan(1)
  })

  test.each(['per-run', 'self'])('that gives a client certificate works with access %s', async (access) => {
    const files = kubeconfigOf(execUser('./plugin'))
    const pem = (data: string): string => Buffer.from(data, 'base64').toString()
    plugin(files.folder, { clientCertificateData: pem(ADMIN['client-certificate-data']), clientKeyData: pem(ADMIN['client-key-data']) })
    const { ran, seen } = await scanAs(files, '--access', access)
    expect([ran.stderr, ran.code, seen]).toEqual([expect.any(String), 0, ['admin']])
  })

  test('is not started when that is denied', async () => {
    const files = kubeconfigOf(execUser('./plugin'), CA_DATA, { asked: '' })
    plugin(files.folder, { token: caller.token })
    const ran = await kscan(scanArguments(files, '--kubeconfig-exec', 'deny'))
    expect([ran.code, ran.stderr, readFileSync(join(files.folder, 'asked'), 'utf8')]).toEqual([2, expect.stringContaining('kubeconfig-exec: expected'), ''])
  })

  test('that fails is exit 4, with what it said for people, but for what may be a credential', async () => {
    const files = kubeconfigOf(execUser('./plugin'))
    plugin(files.folder, {})
    writeFileSync(join(files.folder, 'plugin'), '#!/bin/sh\necho "log in first, token=abc123abc" >&2; exit 7\n')
    const ran = await kscan(scanArguments(files))
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/ the credential plugin: log in first, token=\*\*\*\n/)])
    expect(ran.stderr).toContain('The credential plugin of context only failed: it ended with exit code 7; it said: log in first, token=***')
  })
})

describe('the server', () => {
  let forwarder: Server
  let elsewhere = ''
  beforeAll(async () => {
    const to = new URL(server)
    forwarder = createServer((from) => {
      const onward = connect(Number(to.port || '443'), to.hostname)
      from.pipe(onward).pipe(from)
      for (const socket of [from, onward]) socket.on('error', () => [from, onward].forEach((each) => each.destroy()))
    })
    // an address that the server's certificate does not have
    await new Promise<void>((done) => forwarder.listen(0, '127.0.0.2', done))
    const address = forwarder.address()
    elsewhere = `https://127.0.0.2:${typeof address === 'object' && address !== null ? address.port : 0}`
  })
  afterAll(() => void forwarder.close())

  test('at an address that its certificate does not have is refused', async () => {
    const { ran, seen } = await scanAs(kubeconfigOf({ token: caller.token }, { ...CA_DATA, server: elsewhere }))
    expect([ran.code, ran.stderr, seen]).toEqual([4, expect.stringContaining("does not match certificate's altnames"), []])
  })

  test('there is accepted by the name in tls-server-name, exec streams too', async () => {
    const cluster = { ...CA_DATA, server: elsewhere, 'tls-server-name': 'kubernetes.default.svc' }
    const { ran, seen } = await scanAs(kubeconfigOf({ token: caller.token }, cluster))
    expect([ran.stderr, ran.code, seen]).toEqual([expect.any(String), 0, [asCaller()]])
  })

  test('of another authority is refused, and gets no request', async () => {
    const other = Buffer.from(makeCertificates().ca).toString('base64')
    const { ran, seen } = await scanAs(kubeconfigOf({ token: caller.token }, { server, 'certificate-authority-data': other }))
    expect([ran.code, ran.stderr, seen]).toEqual([4, expect.stringMatching(/^error: The certificate of .* is not signed by .*(certificate|signature)/m), []])
  })
})

describe('a caller with too few rights', () => {
  const PER_RUN = ['serviceaccounts', 'roles', 'rolebindings'].flatMap((kind) => [`create ${kind}`, `get ${kind}`, `delete ${kind}`])
  const HANDED_ON = ['get pods', 'get pods/exec', 'create pods/exec']
  const OF_DEBIAN = HANDED_ON.map((right) => `${right} debian`)

  let newcomer: Caller
  beforeEach(async () => {
    newcomer = await makeCaller('credentials-newcomer')
  })
  afterEach(() => newcomer.remove())

  const doctor = async (files: Files, target: readonly string[]): Promise<{ code: number | null; missing: string[]; yaml: string }> => {
    const { code, stdout, stderr } = await kscan(['doctor', '--kubeconfig', files.kubeconfig, ...target])
    const missing = /✗ the caller may not: (.*)/.exec(stderr)?.[1]?.replaceAll(` in ${NAMESPACE}`, '').split('; ') ?? []
    return { code, missing, yaml: stdout }
  }

  test.each([
    ['pod', ['--pod', 'debian'], OF_DEBIAN],
    ['workload', ['--workload', 'deployment/pair', '--container', 'main'], [...HANDED_ON, 'get deployments pair', 'list pods']],
    [
      'selector of workloads',
      ['--selector', 'app=pair', '--select', 'deployments', '--container', 'main'],
      [...HANDED_ON, 'get deployments', 'list deployments', 'list pods']
    ]
  ])('is told by doctor what is missing for a %s, and its YAML, applied as it is, makes the scan work', async (_kind, target, more) => {
    const files = kubeconfigOf({ token: newcomer.token })
    const said = await doctor(files, target)
    expect([said.code, said.missing.toSorted()]).toEqual([4, [...PER_RUN, 'create serviceaccounts/token', ...more].toSorted()])

    await applied('apply', said.yaml)
    expect(await doctor(files, target)).toEqual({ code: 0, missing: [], yaml: '' })
    const ran = await kscan(['scan', '--kubeconfig', files.kubeconfig, ...target, ...NO_AUDIT])
    expect([ran.stderr, ran.code]).toEqual([expect.any(String), 0])
    await applied('delete', said.yaml)
  })

  test('who lacks one thing only is told that one', async () => {
    const role = parse(CALLER_ROLE) as { metadata: { name: string }; rules: { resources: string[]; verbs: string[] }[] }
    const rules = role.rules.map((rule) =>
      rule.resources.includes('serviceaccounts') ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'delete') } : rule
    )
    await newcomer.allow(stringify({ ...role, metadata: { ...role.metadata, name: 'kscan-newcomer' }, rules }))
    const said = await doctor(kubeconfigOf({ token: newcomer.token }), ['--pod', 'debian'])
    expect([said.code, said.missing]).toEqual([4, ['delete serviceaccounts']])
  })
})
