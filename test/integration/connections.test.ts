import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type Server } from 'node:net'
import { join, resolve } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Cluster, type ExistingOptions, openExisting } from '../../src/cluster/existing.ts'
import { ScanError } from '../../src/kernel/error.ts'
import { makeCertificates } from '../support/api-server/certificates.ts'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts'
import { base64, Folder, kubeconfigText } from '../support/kubeconfig.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { startSocksProxy } from '../support/socks-proxy.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

type Fields = Readonly<Record<string, unknown>>

/** `/version` may take 5 s: less than two such waits, however busy the machine is. */
const VERSION_MS = 2 * 5000

let shop: Shop
let server: ApiServer
let folder: Folder
let files = 0
beforeAll(async () => {
  shop = await startShop()
  ;({ server, folder } = shop)
})
afterEach(() => server.faults.clear())
afterAll(() => shop.close())

const trusted = (of = server): Fields => ({ server: of.url, 'certificate-authority-data': base64(of.ca) })
const holder = (): Fields => ({ token: server.adminToken })

/** A kubeconfig of one context, `one`. */
const kubeconfig = (cluster: Fields = trusted(), user: Fields = holder()): string =>
  folder.file(`kubeconfig-${(files += 1)}`, kubeconfigText({ one: { cluster, user, context: { namespace: 'shop' } } }))

const open = async (path: string, options: Partial<ExistingOptions> = {}): Promise<Cluster> => {
  const cluster = await openExisting({ kubeconfig: path, context: undefined, allowExec: true, env: {}, ...options })
  cluster.connection.agent.destroy()
  return cluster
}

/** The error of a connection that must fail, and how long it took to come. */
const failure = async (path: string, options: Partial<ExistingOptions> = {}): Promise<{ error: ScanError; text: string; milliseconds: number }> => {
  const begun = performance.now()
  const error: unknown = await open(path, options).catch((thrown: unknown) => thrown)
  if (!(error instanceof ScanError)) throw new Error('it connected')
  const problems = error.problems.map(({ name, expected, got }) => `${name}: expected ${expected}; got ${got}`)
  return { error, text: [error.message, ...problems].join('\n'), milliseconds: performance.now() - begun }
}

const doctor = (path: string, { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {}): Promise<Ran> =>
  startCommandLine(['doctor', '--kubeconfig', path, ...args], { folder: folder.path, env }).ended

const lastUser = (): string => server.requests.at(-1)?.user ?? ''

describe('the context', () => {
  const two = (): string =>
    folder.file('two', kubeconfigText({ one: { cluster: trusted(), user: holder() }, other: { cluster: { server: 'https://127.0.0.1:1' }, user: {} } }))

  test('may be left out only if there is a single one', async () => {
    expect(await open(kubeconfig())).toMatchObject({ context: 'one', namespace: 'shop', version: 'v1.37.0' })
    expect((await failure(two())).text).toContain('context: expected one of one, other; got none')
  })

  test('that is named is used, with `default` when it has no namespace', async () => {
    expect(await open(two(), { context: 'one' })).toMatchObject({ context: 'one', namespace: 'default' })
    expect((await failure(two(), { context: 'third' })).text).toContain('expected one of one, other; got third')
  })

  test('`in-cluster` outside of a pod says what is missing', async () => {
    expect((await failure('', { context: 'in-cluster' })).text).toContain('expected KUBERNETES_SERVICE_HOST')
  })

  test.each([
    ['no file', () => join(folder.path, 'none'), 'expected a kubeconfig; got none at '],
    ['no YAML', () => folder.file('no-yaml', 'a: [1'), 'kubeconfig: expected a readable kubeconfig'],
    ['another YAML', () => folder.file('other-yaml', 'contexts: 3'), 'it is no kubeconfig'],
    ['plain HTTP', () => kubeconfig({ server: 'http://127.0.0.1:8080' }), 'expected a server that begins with https://'],
    [
      'a certificate that is not there',
      () => kubeconfig(trusted(), { 'client-certificate': 'none.pem', 'client-key': 'none.pem' }),
      'a readable client-certificate'
    ],
    ['an authority that is not there', () => kubeconfig({ server: server.url, 'certificate-authority': 'none.pem' }), 'a readable certificate-authority'],
    ['auth-provider', () => kubeconfig(trusted(), { 'auth-provider': { name: 'gcp' } }), 'got auth-provider']
  ])('with %s is bad input', async (_what, path, words) => {
    const { error, text } = await failure(path())
    expect([error.code, text]).toEqual(['BAD_INPUT', expect.stringContaining(words)])
  })
})

describe('who asks', () => {
  const relative = (): Fields => {
    const { cert, key } = server.clientCertificate('/O=team/CN=by-file')
    folder.file('client.pem', cert)
    folder.file('client.key', key)
    return { 'client-certificate': 'client.pem', 'client-key': 'client.key' }
  }
  const inline = (): Fields => {
    const { cert, key } = server.clientCertificate()
    return { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }
  }

  test.each([
    ['a client certificate', inline, 'admin'],
    ['a client certificate in files beside the kubeconfig', relative, 'by-file'],
    ['a token', holder, 'admin'],
    ['nobody', () => ({}), 'system:anonymous']
  ])('%s', async (_what, user, name) => {
    await open(kubeconfig(trusted(), user()))
    expect(lastUser()).toBe(name)
  })

  test('a token file beside the kubeconfig, read anew at each request', async () => {
    const file = folder.file('token', `${server.adminToken}\n`)
    const { connection } = await open(kubeconfig(trusted(), { tokenFile: 'token' }))
    expect([lastUser(), (await connection.headers())['authorization']]).toEqual(['admin', `Bearer ${server.adminToken}`])
    writeFileSync(file, 'another')
    expect((await connection.headers())['authorization']).toBe('Bearer another')
  })

  test.each([
    ['a client certificate', inline],
    ['a token', holder],
    ['a token file', () => ({ tokenFile: folder.file('token', server.adminToken) })],
    ['a credential plugin', () => ({ exec: plugin(`echo '${credential({ token: server.adminToken })}'`) })]
  ])('the program connects with %s', async (_what, user) => {
    const ran = await doctor(kubeconfig(trusted(), user()), { args: ['--pod', 'web'] })
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('error')])
    expect(ran.stderr).toContain(`✓ ${server.url}/ answers (Kubernetes v1.37.0, context one, namespace shop, as `)
    expect([ran.stdout, ran.stderr]).toEqual(['', expect.stringContaining('✓ the caller may do all that per-run access needs\n✓ shop/web/main runs (pod web)')])
  })

  test('who lacks rights is told which, with the YAML that gives them', async () => {
    const { cert, key } = server.clientCertificate('/O=team/CN=poor')
    const ran = await doctor(kubeconfig(trusted(), { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }))
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/✗ the caller may not: create serviceaccounts in shop;/)])
    const objects = parseAllDocuments(ran.stdout).map((document) => document.toJS() as unknown)
    expect(objects).toEqual([
      expect.objectContaining({ kind: 'Role', metadata: { name: expect.stringMatching(/^kscan-caller-[0-9a-f]{8}$/), namespace: 'shop' } }),
      expect.objectContaining({ kind: 'RoleBinding', subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'poor' }] })
    ])
  })

  const poor = (): string => {
    const { cert, key } = server.clientCertificate('/O=team/CN=poor')
    return kubeconfig(trusted(), { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) })
  }

  test.each([
    ['self', [], 'get pods in shop; get pods/exec in shop; create pods/exec in shop'],
    ['service-account', ['--service-account', 'kscan'], 'create serviceaccounts/token kscan in shop']
  ])('is asked for no more rights than access: %s takes', async (access, more, rights) => {
    const ran = await doctor(poor(), { args: ['--access', access, ...more] })
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining(`✗ the caller may not: ${rights}\n`)])
  })

  test.each([
    ['there', () => stubAuditor(folder), 0, /✓ the auditor is InSpec 5\.24\.24 \(given: .*\)\n/],
    ['missing', () => '/none', 4, /✗ no usable auditor: \/none: it does not exist\. Install CINC Auditor .*\n/]
  ])('says that the auditor is %s', async (_what, auditor, code, said) => {
    const ran = await doctor(kubeconfig(trusted(), holder()), { args: ['--auditor', auditor()] })
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(said)])
  })
})

const credential = (status: Fields): string => JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })

/** The `exec` of a user: a shell script, which notes each of its starts. */
const plugin = (script: string): Fields => {
  const command = folder.file(`plugin-${(files += 1)}`, `#!/bin/sh\nprintf '%s\\n' "$KUBERNETES_EXEC_INFO" >>'${started()}'\n${script}\n`)
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command,
    interactiveMode: 'Never',
    provideClusterInfo: true,
    env: [{ name: 'GREETING', value: 'hello' }]
  }
}
const started = (): string => join(folder.path, 'started')

describe('a credential plugin', () => {
  afterEach(() => void folder.file('started', ''))

  test('gives a token, and learns of the cluster by KUBERNETES_EXEC_INFO', async () => {
    await open(kubeconfig(trusted(), { exec: plugin(`[ "$GREETING" = hello ] && echo '${credential({ token: server.adminToken })}'`) }))
    expect(lastUser()).toBe('admin')
    const [info = ''] = readFileSync(started(), 'utf8').split('\n')
    expect(JSON.parse(info)).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: server.url, 'certificate-authority-data': base64(server.ca) } }
    })
  })

  test('gives a client certificate', async () => {
    const { cert, key } = server.clientCertificate('/O=team/CN=by-plugin')
    const file = folder.file('credential.json', credential({ clientCertificateData: cert, clientKeyData: key }))
    await open(kubeconfig(trusted(), { exec: plugin(`cat '${file}'`) }))
    expect(lastUser()).toBe('by-plugin')
  })

  test('is not started when it is denied', async () => {
    const path = kubeconfig(trusted(), { exec: plugin(`echo '${credential({ token: server.adminToken })}'`) })
    const ran = await doctor(path, { args: ['--kubeconfig-exec', 'deny'] })
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringContaining('kubeconfig-exec: expected a context without a credential plugin; got deny. Set kubeconfig-exec: allow')
    ])
    expect(existsSync(started()) && readFileSync(started(), 'utf8') !== '').toBe(false)
  })

  test.each([
    ['fails', () => plugin('echo "no session: log in again" >&2; exit 3'), 'it ended with exit code 3; it said: no session: log in again'],
    ['is not there', () => ({ ...plugin(''), command: join(folder.path, 'none') }), 'ENOENT'],
    ['prints a bare token', () => plugin('echo nonsense'), 'it printed no JSON'],
    ['prints nothing', () => plugin('exit 0'), 'it printed no JSON'],
    ['prints a credential without token and certificate', () => plugin(`echo '${credential({})}'`), 'its credential holds neither a token nor a certificate']
  ])('that %s ends with the name of its context', async (_how, exec, words) => {
    const { error, text } = await failure(kubeconfig(trusted(), { exec: exec() }))
    expect([error.code, text]).toEqual(['ACCESS_DENIED', expect.stringContaining(words)])
    expect(text).toMatch(/The credential plugin of context one failed: (?!.*nonsense)/)
  })
})

describe('the certificate of the server', () => {
  let named: ApiServer
  beforeAll(async () => {
    named = await startApiServer({ names: ['DNS:kubernetes.test'] })
  })
  afterAll(() => named.close())
  const user = (): Fields => ({ token: named.adminToken })

  test.each([
    ['of the authority in the kubeconfig is trusted', () => kubeconfig()],
    [
      'of an authority in a file beside it too',
      () => (folder.file('ca.pem', server.ca), kubeconfig({ server: server.url, 'certificate-authority': 'ca.pem' }))
    ],
    ['is not looked at with insecure-skip-tls-verify', () => kubeconfig({ server: named.url, 'insecure-skip-tls-verify': true }, user())],
    ['may be for the name in tls-server-name', () => kubeconfig({ ...trusted(named), 'tls-server-name': 'kubernetes.test' }, user())]
  ])('%s', async (_what, path) => {
    expect(await open(path())).toMatchObject({ version: 'v1.37.0' })
  })

  test.each([
    ['of another authority', () => kubeconfig({ ...trusted(), 'certificate-authority-data': base64(makeCertificates().ca) }), /certificate|signature/],
    ['of an authority that the system does not know', () => kubeconfig({ server: server.url }), /self-signed certificate|unable to verify/],
    ['for another name', () => kubeconfig(trusted(named), user()), /does not match certificate's altnames/],
    ['for another name than tls-server-name', () => kubeconfig({ ...trusted(named), 'tls-server-name': 'other.test' }, user()), /other\.test/]
  ])('%s is refused, with server and cause', async (_what, path, cause) => {
    const file = path()
    const before = [server, named].map(({ requests }) => requests.length)
    const { error, text } = await failure(file)
    expect([error.code, text]).toEqual(['CLUSTER_UNREACHABLE', expect.stringMatching(cause)])
    expect(text).toMatch(/^The certificate of 127\.0\.0\.1:\d+ is /)
    expect(text).not.toContain('--use-system-ca')
    expect([server, named].map(({ requests }) => requests.length)).toEqual(before)
  })
})

describe('a proxy', () => {
  let proxy: ConnectProxy
  let address: string
  beforeEach(() => {
    address = new URL(server.url).host
  })
  afterEach(() => proxy.stop())
  const start = async (): Promise<string> => (proxy = await startConnectProxy()).url
  /** By a name that is not this machine's, which a proxy of the environment is never asked for. */
  const elsewhere = (): string => {
    const { port } = new URL(server.url)
    address = `kube.test:${port}`
    return kubeconfig({ ...trusted(), server: `https://${address}`, 'tls-server-name': 'localhost' })
  }

  test('that the kubeconfig names is used, even where NO_PROXY excludes the server', async () => {
    await open(kubeconfig({ ...trusted(), 'proxy-url': await start() }), { env: { NO_PROXY: '*', HTTPS_PROXY: 'http://127.0.0.1:1' } })
    expect(proxy.asked).toEqual([address])
  })

  test.each(['HTTPS_PROXY', 'https_proxy'])('that %s names is used', async (name) => {
    await open(elsewhere(), { env: { [name]: await start() } })
    expect(proxy.asked).toEqual([address])
  })

  test('that the environment names without a scheme is used', async () => {
    await open(elsewhere(), { env: { HTTPS_PROXY: (await start()).replace('http://', '') } })
    expect(proxy.asked).toEqual([address])
  })

  test.each(['kube.test', '.test', '*'])('is not asked when NO_PROXY is %s', async (exception) => {
    expect((await failure(elsewhere(), { env: { HTTPS_PROXY: await start(), NO_PROXY: exception } })).text).toContain('kube.test')
    expect(proxy.asked).toEqual([])
  })

  test('is not asked for this machine', async () => {
    await open(kubeconfig(), { env: { HTTPS_PROXY: await start() } })
    expect(proxy.asked).toEqual([])
  })

  test.each(['proxy-url', 'HTTPS_PROXY'])('of SOCKS that %s names is on the way of a whole scan, its exec stream too', async (place) => {
    await start()
    const socks = await startSocksProxy(() => '127.0.0.1')
    const { port } = new URL(server.url)
    const cluster = { ...trusted(), server: `https://kube.test:${port}`, 'tls-server-name': 'localhost' }
    const [named, env] = place === 'proxy-url' ? [{ 'proxy-url': `socks5://${socks.address}` }, {}] : [{}, { HTTPS_PROXY: `socks5://${socks.address}` }]
    const args = ['--pod', 'web', '--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(folder), ...LENIENT]
    const begun = server.streams.length
    const ran = await startCommandLine(['scan', '--kubeconfig', kubeconfig({ ...cluster, ...named }), ...args], { folder: folder.path, env }).ended
    expect([ran.stderr, ran.code, new Set(socks.asked)]).toEqual([expect.any(String), 0, new Set([`kube.test:${port}`])])
    expect([server.streams.length > begun, server.objects.made()]).toEqual([true, []])
    await socks.stop()
  })

  test('resolves the name of the server, whose certificate counts as ever', async () => {
    const { port } = new URL(server.url)
    await open(kubeconfig({ ...trusted(), server: `https://localhost:${port}`, 'proxy-url': await start() }))
    expect(proxy.asked).toEqual([`localhost:${port}`])
    expect((await failure(kubeconfig({ ...trusted(), server: `https://nowhere.test:${port}`, 'proxy-url': proxy.url }))).text).toContain('nowhere.test')
  })

  test('is used by the program as its environment names it', async () => {
    const ran = await doctor(elsewhere(), { env: { HTTPS_PROXY: await start() } })
    expect([ran.code, new Set(proxy.asked)]).toEqual([0, new Set([address])])
  })

  test('that refuses, or is not there, is an error that names the server', async () => {
    const path = kubeconfig({ ...trusted(), 'proxy-url': await start() })
    proxy.behave('refuse')
    const refused = await failure(path)
    expect([refused.error.code, refused.text]).toEqual(['CLUSTER_UNREACHABLE', expect.stringMatching(new RegExp(`no answer from ${address}: .*403`))])
    await proxy.stop()
    const gone = await failure(path)
    expect([gone.error.code, gone.text]).toEqual(['CLUSTER_UNREACHABLE', expect.stringMatching(new RegExp(`no answer from ${address}: .*ECONNREFUSED`))])
  })
})

describe('an authenticating proxy before the API server, as its address tells', () => {
  const rancher = (): string => kubeconfig({ ...trusted(), server: `${server.url}/k8s/clusters/c-m-1` })
  /** It passes on what the caller asks. */
  const begin = (status = 404): number => {
    const version = { gitVersion: 'v1.37.0', major: '1', minor: '37' }
    server.faults.add({ path: /c-m-1\/version/, times: 100, mishap: { kind: 'answer', answer: { status: 200, body: version } } })
    server.faults.add({ path: /c-m-1\/api\//, times: 100, mishap: { kind: 'answer', answer: { status, body: {} } } })
    return server.requests.length
  }
  const WORDS = "The server of this context is Rancher's proxy, which knows its own tokens only: the token of a service account is refused there"

  test('is told by a scan before anything is made', async () => {
    const begun = begin()
    const args = ['--pod', 'web', '--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(folder)]
    const ran = await startCommandLine(['scan', '--kubeconfig', rancher(), ...args], { folder: folder.path }).ended
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining(`error: ${WORDS}\nerror:   Use access: self, `)])
    expect(server.requests.slice(begun).filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test.each<[args: string[], told: boolean]>([
    [[], true],
    [['--access', 'service-account', '--service-account', 'kscan'], true],
    [['--access', 'self'], false]
  ])('is told by doctor, but for a scan with own rights: %j', async (args, told) => {
    begin(200)
    const reviewed = { status: { allowed: true, userInfo: { username: 'u-1' } } }
    server.faults.add({ path: /c-m-1\/apis\//, times: 100, mishap: { kind: 'answer', answer: { status: 201, body: reviewed } } })
    const ran = await doctor(rancher(), { args: [...args, '--auditor', stubAuditor(folder)] })
    expect(ran.stderr.includes(`✗ ${WORDS}. Use access: self`)).toBe(told)
  })
})

describe('a server that is none', () => {
  const closing: { close(): unknown }[] = []
  afterEach(() => closing.splice(0).forEach((one) => one.close()))

  const listen = async (made: Server): Promise<string> => {
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
    closing.push(made)
    const bound = made.address()
    return `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`
  }

  /** Answers every request with that body. */
  const page = async (status: number, type: string, body: string): Promise<string> => {
    const { ca, cert, key } = makeCertificates()
    const made = createHttpsServer({ cert, key }, (_request, response) => response.writeHead(status, { 'content-type': type, connection: 'close' }).end(body))
    return kubeconfig({ server: `https://${await listen(made)}`, 'certificate-authority-data': base64(ca) })
  }

  const closedPort = async (): Promise<string> => {
    const address = await listen(createServer())
    closing.splice(0).forEach((one) => one.close())
    return address
  }

  test.each([
    ['is not there', async () => kubeconfig({ ...trusted(), server: `https://${await closedPort()}` }), 'CLUSTER_UNREACHABLE', 'ECONNREFUSED'],
    ['has a name that is unknown', () => kubeconfig({ ...trusted(), server: 'https://kubernetes.invalid:6443' }), 'CLUSTER_UNREACHABLE', 'kubernetes.invalid'],
    [
      'closes each connection',
      async () => kubeconfig({ ...trusted(), server: `https://${await listen(createServer((socket) => socket.destroy()))}` }),
      'CLUSTER_UNREACHABLE',
      /socket|ECONNRESET/
    ],
    [
      'speaks no TLS',
      async () => kubeconfig({ ...trusted(), server: `https://${await listen(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))}` }),
      'CLUSTER_UNREACHABLE',
      /SSL|packet length|wrong version/
    ],
    ['is a web page', () => page(200, 'text/html', '<html>welcome</html>'), 'API_FAILED', 'the answer is not JSON'],
    ['is another JSON service', () => page(200, 'application/json', '{"version":1}'), 'CLUSTER_UNREACHABLE', 'not as a Kubernetes API server does'],
    ['is a web page that is not found', () => page(404, 'text/html', '<html>\u001b[31mnot found</html>'), 'API_FAILED', '404 <html>\\x1b[31mnot found'],
    ['leads elsewhere', () => page(302, 'text/html', 'moved'), 'API_FAILED', '302 moved']
  ])('a server that %s', async (_how, path, code, cause) => {
    const { error, text, milliseconds } = await failure(await path())
    expect([error.code, text]).toEqual([code, typeof cause === 'string' ? expect.stringContaining(cause) : expect.stringMatching(cause)])
    expect(text).toMatch(/127\.0\.0\.1:\d+|kubernetes\.invalid:6443/)
    expect(milliseconds).toBeLessThan(VERSION_MS)
  })

  test.each([
    ['a wrong token', () => ({ token: 'wrong' })],
    ['an expired token', () => ({ token: expired() })],
    ['a certificate of another authority', () => foreign()]
  ])('refuses %s', async (_what, user) => {
    const ran = await doctor(kubeconfig(trusted(), user()))
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringContaining(
        `The API server ${new URL(server.url).host} does not accept the credentials of the context one (401): they are wrong, or have expired`
      )
    ])
    expect(ran.stderr).toContain('Sign in again; then see who you are to it: kubectl --context one auth whoami')
  })

  test('that hangs is given up after 5 s: before TLS, after it, in the middle of the answer, behind a proxy, by the program too', async () => {
    const proxy = await startConnectProxy()
    proxy.behave('hang')
    server.faults.add({ path: /^\/version/, times: 100, mishap: { kind: 'hang' } })
    try {
      const atOnce = doctor(kubeconfig({ ...trusted(), server: `https://${await closedPort()}` }))
      const silent = kubeconfig({ ...trusted(), server: `https://${await listen(createServer(() => {}))}` })
      const program = doctor(kubeconfig({ ...trusted(), 'proxy-url': proxy.url }))
      const failures = await Promise.all([
        failure(silent),
        failure(kubeconfig()),
        failure(kubeconfig({ ...trusted(), 'proxy-url': proxy.url })),
        failure(await dribble())
      ])
      for (const { error, text, milliseconds } of failures) {
        expect([error.code, text]).toEqual(['CLUSTER_UNREACHABLE', expect.stringMatching(/got no answer from 127\.0\.0\.1:\d+: nothing came within 5 s/)])
        expect(milliseconds).toBeLessThan(VERSION_MS)
      }
      const { code, stderr, milliseconds } = await program
      expect([code, stderr]).toEqual([4, expect.stringContaining('nothing came within 5 s')])
      expect(milliseconds - (await atOnce).milliseconds).toBeLessThan(VERSION_MS)
    } finally {
      await proxy.stop()
    }
  })

  /** Begins an answer and never ends it. */
  const dribble = async (): Promise<string> => {
    const { ca, cert, key } = makeCertificates()
    const made = createHttpsServer({ cert, key }, (_request, response) => void response.writeHead(200, { 'content-length': '100' }).write('{'))
    return kubeconfig({ server: `https://${await listen(made)}`, 'certificate-authority-data': base64(ca) })
  }

  const foreign = (): Fields => {
    const other = makeCertificates()
    return { 'client-certificate-data': base64(other.cert), 'client-key-data': base64(other.key) }
  }
  const expired = (): string => server.expiredToken()
})
