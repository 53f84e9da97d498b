import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { call } from '../../src/cluster/api.ts'
import { openExisting } from '../../src/cluster/existing.ts'
import { FIELDS } from '../../src/cluster/kubeconfig-fields.ts'
import { ScanError } from '../../src/kernel/error.ts'
import { Folder } from '../support/kubeconfig.ts'
import { type SocksProxy, startSocksProxy } from '../support/socks-proxy.ts'
import { clusterOf } from './caller.ts'
import { KUBECONFIG } from './cluster.ts'

type Fields = Readonly<Record<string, unknown>>
interface Parts {
  readonly cluster?: Fields
  readonly user?: Fields
  readonly context?: Fields
  readonly file?: Fields
}

const start = promisify(execFile)
const { server, ca } = clusterOf(KUBECONFIG)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const ADMIN = (parse(readFileSync(KUBECONFIG, 'utf8')) as { users: [{ user: Record<'client-certificate-data' | 'client-key-data', string> }] }).users[0].user
const CA = { server, 'certificate-authority-data': base64(ca) }
const WHO = 'apis/authentication.k8s.io/v1/selfsubjectreviews'
const V1 = 'client.authentication.k8s.io/v1'

const folder = new Folder()
let socks: SocksProxy
let behind: { readonly url: string; readonly intermediate: string; readonly server: Server }
let token: string
beforeAll(async () => {
  socks = await startSocksProxy()
  behind = await serverOfIntermediate()
  token = execFileSync('kubectl', ['--kubeconfig', KUBECONFIG, 'create', 'token', 'default', '-n', 'default'], { encoding: 'utf8' }).trim()
  folder.file('ca.pem', ca)
  folder.file('me.crt', Buffer.from(ADMIN['client-certificate-data'], 'base64').toString())
  folder.file('me.key', Buffer.from(ADMIN['client-key-data'], 'base64').toString())
  folder.file('token', token)
})
afterAll(async () => {
  folder.remove()
  behind.server.close()
  await socks.stop()
})

/** A server whose certificate is of an intermediate authority, and which knows everybody. */
const serverOfIntermediate = async (): Promise<typeof behind> => {
  const at = (name: string): string => folder.file(name, '')
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2', ...args], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
  const authority = ['-addext', 'basicConstraints=critical,CA:TRUE']
  openssl('-subj', '/CN=root', '-keyout', at('root.key'), '-out', at('root.pem'))
  openssl(
    '-subj',
    '/CN=between',
    '-CA',
    `${folder.path}/root.pem`,
    '-CAkey',
    `${folder.path}/root.key`,
    '-keyout',
    at('mid.key'),
    '-out',
    at('mid.pem'),
    ...authority
  )
  const leaf = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE']
  openssl('-subj', '/CN=leaf', '-CA', `${folder.path}/mid.pem`, '-CAkey', `${folder.path}/mid.key`, '-keyout', at('leaf.key'), '-out', at('leaf.pem'), ...leaf)
  const text = (name: string): string => readFileSync(`${folder.path}/${name}`, 'utf8')
  const made = createServer({ cert: `${text('leaf.pem')}${text('mid.pem')}`, key: text('leaf.key') }, (request, response) => {
    const answer =
      request.url === '/version'
        ? { gitVersion: 'v1.37.0', major: '1', minor: '37' }
        : { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', status: { userInfo: { username: 'anybody' } } }
    response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  const bound = made.address()
  return { url: `https://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`, intermediate: text('mid.pem'), server: made }
}

let files = 0
const kubeconfig = ({ cluster = {}, user = ADMIN, context = {}, file = {} }: Parts): string => {
  const whole = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'real', cluster: Object.keys(cluster).includes('server') ? cluster : { ...CA, ...cluster } }],
    users: [{ name: 'someone', user }],
    contexts: [{ name: 'only', context: { cluster: 'real', user: 'someone', ...context } }],
    ...file
  }
  return folder.file(`config-${(files += 1)}`, stringify(whole, { lineWidth: 0 }))
}

/** Who one asks as, what groups and marks that one has; or `no`. */
type Who = string
const shown = (answer: unknown): Who => {
  const {
    username,
    groups = [],
    extra = {},
    uid
  } = (answer as { status: { userInfo: { username: string; groups?: string[]; extra?: Fields; uid?: string } } }).status.userInfo
  const own = groups.filter((group) => group.startsWith('team-'))
  const marks = Object.entries(extra).flatMap(([key, value]) => (key.startsWith('authentication.') ? [] : [`${key}=${String(value)}`]))
  return [username, ...own, ...marks, ...(username === 'other' && uid !== undefined ? [uid] : [])].join(' ')
}

const byKubectl = async (path: string): Promise<Who> => {
  try {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path }
    const asking = start('kubectl', ['--kubeconfig', path, '--context', 'only', '--request-timeout=10s', 'auth', 'whoami', '-o', 'json'], { env })
    asking.child.stdin?.end() // it would ask for a name and a password
    return shown(JSON.parse((await asking).stdout))
  } catch {
    return 'no'
  }
}

const byKscan = async (path: string): Promise<{ who: Who; words: string }> => {
  const said: string[] = []
  const env = { PATH: process.env['PATH'] ?? '' }
  try {
    const { connection } = await openExisting({ kubeconfig: path, context: undefined, allowExec: true, env, onWarning: (line) => said.push(line) })
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const who = shown(await call(connection, { method: 'POST', path: WHO, body, asks: true }))
    connection.agent.destroy()
    return { who, words: said.join('\n') }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    const problems = error.problems.map(({ expected, got, hint = '' }) => `expected ${expected}; got ${got} ${hint}`)
    return { who: 'no', words: [...said, error.message, error.hint ?? '', ...problems].join('\n') }
  }
}

const plugin = (status: unknown, { version = V1, script = '' } = {}): string => {
  const credential = JSON.stringify({ apiVersion: version, kind: 'ExecCredential', status })
  return folder.file(`plugin-${(files += 1)}`, `#!/bin/sh\n${script}\ncat <<'END'\n${credential}\nEND\n`)
}
const exec = (more: Fields = {}, how: Parameters<typeof plugin>[1] = {}): Fields => ({
  exec: { apiVersion: V1, interactiveMode: 'Never', command: plugin({ token }, how), ...more }
})
const ACCOUNT = 'system:serviceaccount:default:default'

/** Fields, what stands there, who asks then by kscan (or `no`) and what it says, and who by kubectl where that differs. */
type Case = readonly [fields: string, what: string, parts: () => Parts, who: Who, words?: string | undefined, kubectl?: Who]
const CASES: readonly Case[] = [
  ['file.apiVersion', 'another', () => ({ file: { apiVersion: 'v2' } }), 'no', 'apiVersion must be v1'],
  ['file.kind', 'another', () => ({ file: { kind: 'Pod' } }), 'no', 'kind must be Config'],
  [
    'file.clusters',
    'two of a name',
    () => ({
      file: {
        clusters: [
          { name: 'real', cluster: CA },
          { name: 'real', cluster: CA }
        ]
      }
    }),
    'no',
    'real twice'
  ],
  [
    'file.users',
    'two of a name',
    () => ({
      file: {
        users: [
          { name: 'someone', user: ADMIN },
          { name: 'someone', user: {} }
        ]
      }
    }),
    'no',
    'someone twice'
  ],
  ['file.contexts', 'none', () => ({ file: { contexts: [] } }), 'no', 'one of (the kubeconfig has none)'],
  ['file.current-context', 'that is not there', () => ({ file: { 'current-context': 'gone' } }), 'admin'],
  ['file.preferences', 'any', () => ({ file: { preferences: { colors: true } } }), 'admin'],
  ['file.extensions', 'any', () => ({ file: { extensions: [{ name: 'a', extension: { b: 1 } }] } }), 'admin'],
  [
    'file',
    'a field that there is not',
    () => ({ file: { usres: [] } }),
    'admin',
    'has usres, which a kubeconfig does not know: it is ignored. Did you mean users?'
  ],
  ['cluster.server', 'none', () => ({ cluster: { server: '' } }), 'no', 'a server that begins with https://'],
  ['cluster.server', 'with a slash at its end', () => ({ cluster: { ...CA, server: `${server}/` } }), 'admin'],
  ['cluster.tls-server-name', 'that the certificate has', () => ({ cluster: { 'tls-server-name': 'kubernetes' } }), 'admin'],
  ['cluster.tls-server-name', 'that it has not', () => ({ cluster: { 'tls-server-name': 'other.test' } }), 'no', 'other.test'],
  ['cluster.tls-server-name', 'empty', () => ({ cluster: { 'tls-server-name': '' } }), 'admin'],
  ['cluster.certificate-authority', 'a file beside it', () => ({ cluster: { server, 'certificate-authority': 'ca.pem' } }), 'admin'],
  ['cluster.certificate-authority', 'empty, beside data', () => ({ cluster: { 'certificate-authority': '' } }), 'admin'],
  ['cluster.certificate-authority cluster.certificate-authority-data', 'both', () => ({ cluster: { 'certificate-authority': 'ca.pem' } }), 'no', 'got both'],
  [
    'cluster.certificate-authority-data',
    'an intermediate authority',
    () => ({ cluster: { server: behind.url, 'certificate-authority-data': base64(behind.intermediate) }, user: { token: 'any' } }),
    'anybody'
  ],
  [
    'cluster.certificate-authority-data',
    'empty, beside a file',
    () => ({ cluster: { ...CA, 'certificate-authority-data': '', 'certificate-authority': 'ca.pem' } }),
    'admin'
  ],
  ['cluster.certificate-authority-data', 'no base64', () => ({ cluster: { 'certificate-authority-data': '%%%' } }), 'no', 'base64'],
  ['cluster.certificate-authority-data', 'no certificate', () => ({ cluster: { 'certificate-authority-data': base64('hello') } }), 'no', 'got no certificate'],
  [
    'cluster.insecure-skip-tls-verify',
    'true',
    () => ({ cluster: { server, 'insecure-skip-tls-verify': true } }),
    'admin',
    'nobody knows whether the server is the one'
  ],
  ['cluster.insecure-skip-tls-verify', 'true beside an authority', () => ({ cluster: { 'insecure-skip-tls-verify': true } }), 'no', 'got both'],
  ['cluster.insecure-skip-tls-verify', 'a text', () => ({ cluster: { server, 'insecure-skip-tls-verify': 'true' } }), 'no', 'must be true or false'],
  ['cluster.proxy-url', 'socks5', () => ({ cluster: { 'proxy-url': `socks5://${socks.address}` } }), 'admin'],
  ['cluster.proxy-url', 'without a scheme', () => ({ cluster: { 'proxy-url': socks.address } }), 'no', 'a proxy-url that begins with'],
  ['cluster.proxy-url', 'socks4', () => ({ cluster: { 'proxy-url': `socks4://${socks.address}` } }), 'no', 'got socks4://'],
  ['cluster.proxy-url', 'empty', () => ({ cluster: { 'proxy-url': '' } }), 'admin'],
  ['cluster.disable-compression', 'true', () => ({ cluster: { 'disable-compression': true } }), 'admin'],
  [
    'cluster.extensions exec.provideClusterInfo',
    'for the plugin',
    () => ({
      cluster: { extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'there' } }] },
      user: exec({ provideClusterInfo: true }, { script: `case "$KUBERNETES_EXEC_INFO" in *'"config":{"audience":"there"}'*) ;; *) exit 1;; esac` })
    }),
    ACCOUNT
  ],
  ['exec.provideClusterInfo', 'left out', () => ({ user: exec({}, { script: `case "$KUBERNETES_EXEC_INFO" in *'"cluster":'*) exit 1;; esac` }) }), ACCOUNT],
  ['user.client-certificate user.client-key', 'files beside it', () => ({ user: { 'client-certificate': 'me.crt', 'client-key': 'me.key' } }), 'admin'],
  ['user.client-certificate', 'empty, beside data', () => ({ user: { ...ADMIN, 'client-certificate': '' } }), 'admin'],
  ['user.client-certificate user.client-certificate-data', 'both', () => ({ user: { ...ADMIN, 'client-certificate': 'me.crt' } }), 'no', 'got both'],
  [
    'user.client-certificate-data',
    'without a key',
    () => ({ user: { 'client-certificate-data': ADMIN['client-certificate-data'] } }),
    'no',
    'a client-key beside'
  ],
  [
    'user.client-certificate-data',
    'no certificate',
    () => ({ user: { ...ADMIN, 'client-certificate-data': base64('x') } }),
    'no',
    'a client-certificate in PEM'
  ],
  ['user.client-key', 'empty, beside data', () => ({ user: { ...ADMIN, 'client-key': '' } }), 'admin'],
  ['user.client-key user.client-key-data', 'both', () => ({ user: { ...ADMIN, 'client-key': 'me.key' } }), 'no', 'got both'],
  [
    'user.client-key-data',
    'without a certificate',
    () => ({ user: { 'client-key-data': ADMIN['client-key-data'], token } }),
    'no',
    'a client-certificate beside',
    ACCOUNT
  ],
  ['user.token', 'a token', () => ({ user: { token } }), ACCOUNT],
  ['user.token', 'beside a certificate: the certificate counts', () => ({ user: { ...ADMIN, token } }), 'admin'],
  ['user.token user.username', 'both', () => ({ user: { token, username: 'a', password: 'b' } }), 'no', 'one way to say who asks; got a token and a username'],
  ['user.tokenFile', 'a file beside it', () => ({ user: { tokenFile: 'token' } }), ACCOUNT],
  ['user.tokenFile user.token', 'both: the file counts', () => ({ user: { tokenFile: 'token', token: 'nonsense' } }), ACCOUNT],
  ['user.tokenFile', 'empty, beside a token', () => ({ user: { tokenFile: '', token } }), ACCOUNT],
  ['user.as', 'another', () => ({ user: { ...ADMIN, as: 'other' } }), 'other'],
  ['user.as', 'empty', () => ({ user: { ...ADMIN, as: '' } }), 'admin'],
  ['user.as-groups', 'two', () => ({ user: { ...ADMIN, as: 'other', 'as-groups': ['team-a', 'team-b'] } }), 'other team-a team-b'],
  ['user.as-groups', 'without as', () => ({ user: { ...ADMIN, 'as-groups': ['team-a'] } }), 'no', 'as beside as-groups'],
  ['user.as-uid', 'a uid', () => ({ user: { ...ADMIN, as: 'other', 'as-uid': 'u-7' } }), 'other u-7'],
  ['user.as-uid', 'without as', () => ({ user: { ...ADMIN, 'as-uid': 'u-7' } }), 'no', 'as beside as-uid'],
  [
    'user.as-user-extra',
    'two values, a key with a slash',
    () => ({ user: { ...ADMIN, as: 'other', 'as-user-extra': { 'example.com/why': ['a', 'b c'] } } }),
    'other example.com/why=a,b c'
  ],
  ['user.as-user-extra', 'without as', () => ({ user: { ...ADMIN, 'as-user-extra': { why: ['a'] } } }), 'no', 'as beside as-user-extra'],
  ['user.username user.password', 'which no server knows any more', () => ({ user: { username: 'a', password: 'b' } }), 'no', 'system:anonymous'],
  ['user.password', 'without username', () => ({ user: { password: 'b', ...ADMIN } }), 'no', 'a username beside the password', 'admin'],
  ['user.auth-provider', 'gcp', () => ({ user: { 'auth-provider': { name: 'gcp' } } }), 'no', 'got auth-provider'],
  ['user.extensions', 'any', () => ({ user: { ...ADMIN, extensions: [{ name: 'a', extension: {} }] } }), 'admin'],
  [
    'user',
    'a field that there is not',
    () => ({ user: { ...ADMIN, asgroups: ['x'] } }),
    'admin',
    'has asgroups, which a kubeconfig does not know: it is ignored. Did you mean as-groups?'
  ],
  ['user.exec', 'a plugin', () => ({ user: exec() }), ACCOUNT],
  ['user.exec user.token', 'both', () => ({ user: { ...exec(), token } }), 'no', 'got a token and exec', ACCOUNT],
  ['exec.apiVersion', 'none', () => ({ user: exec({ apiVersion: undefined }) }), 'no', 'exec.apiVersion'],
  [
    'exec.apiVersion',
    'v1alpha1',
    () => ({ user: exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }) }),
    'no',
    'got client.authentication.k8s.io/v1alpha1'
  ],
  ['exec.apiVersion', 'v1beta1', () => ({ user: exec({ apiVersion: `${V1}beta1` }, { version: `${V1}beta1` }) }), ACCOUNT],
  ['exec.apiVersion', 'another than that of the answer', () => ({ user: exec({}, { version: `${V1}beta1` }) }), 'no', 'it answers by the apiVersion'],
  ['exec.command', 'none', () => ({ user: exec({ command: '' }) }), 'no', 'exec.command must not be empty'],
  ['exec.args', 'that are not for a shell', () => ({ user: exec({ args: ['a b', '$HOME'] }, { script: '[ "$1|$2" = "a b|\\$HOME" ] || exit 1' }) }), ACCOUNT],
  [
    'exec.env',
    'beside the environment',
    () => ({ user: exec({ env: [{ name: 'A', value: 'b' }] }, { script: '[ "$A" = b ] && [ -n "$PATH" ] || exit 1' }) }),
    ACCOUNT
  ],
  [
    'exec.installHint',
    'of a plugin that is not there',
    () => ({ user: exec({ command: './gone', installHint: 'Get it at\nexample.test' }) }),
    'no',
    'Get it at example.test'
  ],
  ['exec.interactiveMode', 'Always', () => ({ user: exec({ interactiveMode: 'Always' }) }), 'no', 'got Always'],
  ['exec.interactiveMode', 'IfAvailable', () => ({ user: exec({ interactiveMode: 'IfAvailable' }) }), ACCOUNT],
  ['exec.interactiveMode', 'left out', () => ({ user: exec({ interactiveMode: undefined }) }), ACCOUNT, undefined, 'no'],
  ['context.cluster', 'that is not there', () => ({ context: { cluster: 'gone' } }), 'no', 'a context whose cluster and user the kubeconfig has'],
  ['context.user', 'that is not there', () => ({ context: { user: 'gone' } }), 'no', 'a context whose cluster and user the kubeconfig has'],
  ['context.namespace', 'empty', () => ({ context: { namespace: '' } }), 'admin'],
  ['context.extensions', 'any', () => ({ context: { extensions: [{ name: 'a', extension: {} }] } }), 'admin']
]

describe('a kubeconfig means the same to kscan as to kubectl, but where it says more', () => {
  const named = CASES.map((each): [string, Case] => [`${each[0]}: ${each[1]}`, each])
  test.each(named)('%s', async (_name, [, , parts, who, words, kubectl = who]) => {
    const path = kubeconfig(parts())
    const [own, theirs] = [await byKscan(path), await byKubectl(path)]
    expect({ ...own, kubectl: theirs }).toEqual({
      who,
      words: words === undefined ? '' : expect.stringContaining(words),
      kubectl
    })
  })

  test('and each field of the format is among the cases', () => {
    const all = Object.entries(FIELDS).flatMap(([part, fields]) => Object.keys(fields).map((name) => `${part}.${name}`))
    const tried = new Set(CASES.flatMap(([fields]) => fields.split(' ')))
    expect(all.filter((field) => !tried.has(field))).toEqual([])
  })

  test('a SOCKS proxy was on the way of both', () => {
    expect(socks.asked.length).toBeGreaterThanOrEqual(2)
  })
})
