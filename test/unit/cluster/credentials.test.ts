import { existsSync } from 'node:fs'
import { join } from 'node:path'
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
const identity = (user: User, allowExec = true): Promise<Identity> => {
  const text = kubeconfigText({ one: { cluster: { server: 'https://one.test' }, user } })
  return identityOf(loadKubeconfig(folder.file(`config-${files}`, text), undefined), allowExec)
}
const plugin = (said: string): User => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: folder.file(`plugin-${files}`, `#!/bin/sh\n${said}\n`), interactiveMode: 'Never' }
})
const credential = (token: string): string =>
  `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } })}'`

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
    const text = kubeconfigText({ one: { cluster: { server: 'https://one.test' }, user: { exec: { command } } } })
    expect(loadKubeconfig(folder.file(`config-${files}`, text), undefined).user.exec).toMatchObject({ command: expected })
  })

  test('is not started where that is denied', async () => {
    const started = join(folder.path, 'started')
    await expect(identity(plugin(`touch '${started}'; ${credential('x')}`), false)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(existsSync(started)).toBe(false)
  })

  test.each([
    ['prints a bare token', 'echo a-secret-token', 'it printed no JSON'],
    ['gives nothing', `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'`, 'neither a token nor a certificate']
  ])('that %s is an error without what it printed', async (_what, said, words) => {
    const failed: unknown = await identity(plugin(said)).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining(words) })
    expect(String(failed)).not.toContain('a-secret-token')
  })
})
