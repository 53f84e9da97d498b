import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { identityOf } from '../../../src/cluster/credentials.ts'
import { loadKubeconfig } from '../../../src/cluster/kubeconfig.ts'
import { Folder, kubeconfigText, type KubeconfigParts } from '../../support/kubeconfig.ts'

const folder = new Folder()
afterAll(() => folder.remove())
let files = 0
beforeEach(() => {
  files += 1
})

type User = KubeconfigParts['user']
type Identity = Awaited<ReturnType<typeof identityOf>>
const identity = (user: User, allowExec = true, starting: Partial<Parameters<typeof identityOf>[2]> = {}): Promise<Identity> =>
  identityOf(load(user), allowExec, { env: process.env, ...starting })

const load = (user: User): ReturnType<typeof loadKubeconfig> => {
  const text = kubeconfigText({ one: { cluster: { server: 'https://one.test' }, user } })
  return loadKubeconfig(folder.file(`config-${files}`, text), undefined)
}
const plugin = (said: string): User => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: folder.file(`plugin-${files}`, `#!/bin/sh\n${said}\n`), interactiveMode: 'Never' }
})
const credential = (token: string): string =>
  `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } })}'`

const answer = (fields: string, version = 'v1'): string => `echo '{"apiVersion":"client.authentication.k8s.io/${version}","kind":"ExecCredential",${fields}}'`

const USERS: readonly (readonly [string, () => User, string | undefined])[] = [
  ['a token', () => ({ token: 'a-token\n' }), 'Bearer a-token'],
  ['a token file', () => ({ tokenFile: folder.file(`token-${files}`, 'of-a-file\n') }), 'Bearer of-a-file'],
  ['a name and a password', () => ({ username: 'me', password: 'pass' }), `Basic ${Buffer.from('me:pass').toString('base64')}`],
  ['a credential plugin', () => plugin(credential('of-a-plugin')), 'Bearer of-a-plugin'],
  ['nothing', () => ({}), undefined]
]

describe('whoever is known by', () => {
  test.each(USERS)('%s asks as such', async (_what, user, authorization) => {
    const who = await identity(user())
    expect(await who.headers()).toEqual(authorization === undefined ? {} : { authorization })
  })

  test.each(USERS)('%s asks as another where the kubeconfig says so: never with rights of its own', async (_what, user, authorization) => {
    const who = await identity({ ...user(), as: 'somebody-with-less' })
    expect(await who.headers()).toEqual({ 'impersonate-user': 'somebody-with-less', ...(authorization === undefined ? {} : { authorization }) })
  })
})

describe('a credential plugin', () => {
  test.each([
    ['a bare name is looked for on PATH', 'aws-iam', 'aws-iam'],
    ['a path is meant from the folder of the kubeconfig', './bin/plugin', join(folder.path, 'bin/plugin')],
    ['a path from the root is that', '/bin/plugin', '/bin/plugin']
  ])('%s', (_what, command, expected) => {
    const text = kubeconfigText({
      one: { cluster: { server: 'https://one.test' }, user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } } }
    })
    expect(loadKubeconfig(folder.file(`config-${files}`, text), undefined).user.exec).toMatchObject({ command: expected })
  })

  test('sees no input of kscan, among which are secrets, and all else that it may need', async () => {
    const given = { KSCAN_GIT_TOKEN: 'hunter2', 'INPUT_GIT-TOKEN': 'hunter2', KSCAN_PROFILE_INPUTS: 'hunter2', SOME_CLOUD: 'hunter2' }
    Object.assign(process.env, given)
    try {
      const seen = join(folder.path, `env-${files}`)
      await identity(plugin(`env >'${seen}'; ${credential('x')}`))
      expect(readFileSync(seen, 'utf8').match(/^.*hunter2$/gm)).toEqual(['SOME_CLOUD=hunter2'])
    } finally {
      for (const name of Object.keys(given)) delete process.env[name]
    }
  })

  test('is not started where that is denied', async () => {
    const started = join(folder.path, 'started')
    await expect(identity(plugin(`touch '${started}'; ${credential('x')}`), false)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(existsSync(started)).toBe(false)
  })

  test.each([
    ['prints a bare token', 'echo a-secret-token', 'it printed no JSON'],
    ['gives nothing', answer('"status":{}'), 'neither a token nor a certificate'],
    ['gives no status', answer('"spec":{}'), 'its answer has no status, and so no credential'],
    ['gives a certificate without its key', answer('"status":{"clientCertificateData":"a-secret-token"}'), 'a certificate or a key, and not both'],
    ['gives an end that is none', answer('"status":{"token":"a-secret-token","expirationTimestamp":"soon"}'), 'an expirationTimestamp that is no time'],
    [
      'answers by another version',
      answer('"status":{"token":"a-secret-token"}', 'v1beta1'),
      'it answers by the apiVersion client.authentication.k8s.io/v1beta1'
    ],
    ['prints another object', `echo '{"kind":"Pod","status":{"token":"a-secret-token"}}'`, 'it printed no ExecCredential'],
    ['ends with an error', 'echo token: a-secret-token; echo "no session: log in" >&2; exit 3', 'it ended with exit code 3; it said: no session: log in'],
    ['is killed', 'kill -9 $$', 'it was ended by SIGKILL']
  ])('that %s is an error without what it printed', async (_what, said, words) => {
    const failed: unknown = await identity(plugin(said)).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining(words) })
    expect(String(failed)).not.toContain('a-secret-token')
  })

  test('may print blank lines before its answer, and asks nobody: its input has ended', async () => {
    const who = await identity(plugin(`echo; printf '\\r\\n  '; read -r line || ${credential('after-blanks')}`))
    expect(await who.headers()).toEqual({ authorization: 'Bearer after-blanks' })
  })

  test('is heard while it runs: what it says for people is told line by line, without credentials', async () => {
    const lines: string[] = []
    const release = join(folder.path, `release-${files}`)
    const said = `echo 'open https://sign.in.test and enter ABCD-1234' >&2; echo "token: a-secret-token" >&2; until [ -e '${release}' ]; do sleep 0.05; done; ${credential('x')}`
    const onPluginLine = (line: string): void => {
      lines.push(line)
      if (lines.length === 2) folder.file(`release-${files}`, '')
    }
    await identity(plugin(said), true, { onPluginLine })
    expect(lines).toEqual(['open https://sign.in.test and enter ABCD-1234', 'token: ***'])
  })

  test('that is not there is told with what the kubeconfig says of it', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './none', installHint: 'Install it:\n  brew install it\u001b[0m' }
    await expect(identity({ exec })).rejects.toMatchObject({ hint: 'The kubeconfig says of it: Install it:   brew install it\\x1b[0m' })
  })

  test('that takes too long is ended, with all that it has started', async () => {
    const pids = join(folder.path, `pids-${files}`)
    const begun = performance.now()
    const failed = identity(plugin(`sleep 60 & echo $! >>'${pids}'; setsid sleep 60 & echo $! >>'${pids}'; wait`), true, { limit: 500 })
    await expect(failed).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining('it did not end within 0.5 s') })
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(readFileSync(pids, 'utf8').trim().split('\n').map(isRunning)).toEqual([false, false])
  })

  test('is not waited for by what it leaves behind with its output', async () => {
    const pid = join(folder.path, `pid-${files}`)
    const begun = performance.now()
    const who = await identity(plugin(`sleep 60 & echo $! >'${pid}'; ${credential('quick')}`))
    process.kill(Number(readFileSync(pid, 'utf8')))
    expect([await who.headers(), performance.now() - begun < 10_000]).toEqual([{ authorization: 'Bearer quick' }, true])
  })

  test('that prints more than 4 MiB gives nothing', async () => {
    const blanks = (bytes: number): string => `head -c ${bytes} /dev/zero | tr "\\0" " "`
    const none = { code: 'ACCESS_DENIED', message: expect.stringContaining('it printed no JSON') }
    await expect(identity(plugin(`${blanks(4 * 1024 * 1024 - 200)}; ${credential('near')}`))).resolves.toBeDefined()
    await expect(identity(plugin(`${blanks(4 * 1024 * 1024 - 50)}; ${credential('beyond')}`))).rejects.toMatchObject(none)
    await expect(identity(plugin(`head -c 600000000 /dev/zero`))).rejects.toMatchObject(none) // more than a text can hold
  })
})

const SECRET = 'hunter2'
/** What stands in the place of a plugin, and what is said of it. */
test.each<[exec: unknown, said: string]>([
  [SECRET, 'exec must be a mapping'],
  [[SECRET], 'exec must be a mapping'],
  [5, 'exec must be a mapping'],
  [{}, 'exec.command must be text'],
  [{ command: '' }, 'exec.command must not be empty'],
  [{ command: [SECRET] }, 'exec.command must be text'],
  [{ command: { [SECRET]: 1 } }, 'exec.command must be text'],
  [{ command: `x\0${SECRET}` }, 'exec.command must hold no NUL character'],
  [{ command: 'x', args: SECRET }, 'exec.args must be a list'],
  [{ command: 'x', args: ['a', 5] }, 'exec.args.1 must be text'],
  [{ command: 'x', args: [`${SECRET}\0`] }, 'exec.args.0 must hold no NUL character'],
  [{ command: 'x', apiVersion: { [SECRET]: 1 } }, 'exec.apiVersion must be text'],
  [{ command: 'x', env: { [SECRET]: 1 } }, 'exec.env must be a list'],
  [{ command: 'x', env: [SECRET] }, 'exec.env.0 must be a mapping'],
  [{ command: 'x', env: [{ value: SECRET }] }, 'exec.env.0.name must be text'],
  [{ command: 'x', env: [{ name: `a=${SECRET}`, value: 'b' }] }, 'exec.env.0.name must be a name'],
  [{ command: 'x', env: [{ name: 'a', value: [SECRET] }] }, 'exec.env.0.value must be text'],
  [{ command: 'x', env: [{ name: 'a', value: `${SECRET}\0` }] }, 'exec.env.0.value must hold no NUL character']
])('a credential plugin %j is bad input, of which the place is told and nothing of what stands there', (exec, said) => {
  const failed = caught(() => load({ exec }))
  expect(failed).toMatchObject({ code: 'BAD_INPUT', problems: [{ got: expect.stringContaining(`it is no kubeconfig: users.0.user.${said}`) }] })
  expect(inspect(failed)).not.toContain(SECRET)
})

test.each<[field: string, value: unknown]>([
  ['token', [SECRET]],
  ['client-certificate', { [SECRET]: 1 }],
  ['client-key-data', [SECRET]],
  ['as', [SECRET]],
  ['token-file', SECRET]
])('a user with a %s that is none is bad input', (field, value) => {
  const failed = caught(() => load({ [field]: value }))
  expect(failed).toMatchObject({ code: 'BAD_INPUT', problems: [{ got: expect.stringContaining(`users.0.user.${field} `) }] })
  expect(inspect(failed)).not.toContain(SECRET)
})

test.each<[what: string, exec: Record<string, unknown>, kind: string]>([
  ['is not there', { command: `/nosuch/${SECRET}` }, 'ENOENT'],
  ['lies below a file', { command: `/etc/passwd/${SECRET}` }, 'ENOTDIR'],
  ['is a folder', { command: folder.path }, 'EACCES'],
  ['has too long a name', { command: `/${SECRET.repeat(1000)}` }, 'ENAMETOOLONG'],
  ['gets more than a program can', { command: '/bin/true', args: [SECRET.repeat(1_000_000)] }, 'E2BIG']
])('a credential plugin that %s is an error that tells the kind', async (_what, exec, kind) => {
  const failed: unknown = await identity({ exec: { apiVersion: 'client.authentication.k8s.io/v1', ...exec } }).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining(`it could not be started (${kind})`) })
  expect(inspect(failed)).not.toContain(SECRET)
})

test.each([{ args: null, env: null }, { interactiveMode: null }, { env: [{ name: 'A' }] }, { installHint: 'x', provideClusterInfo: true }])(
  'a credential plugin with %j is started as kubectl does',
  async (more) => {
    const { exec } = plugin(credential('a-token'))
    expect(await (await identity({ exec: { ...Object(exec), ...more } })).headers()).toEqual({ authorization: 'Bearer a-token' })
  }
)

const isRunning = (pid: string): boolean => existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

const caught = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}
