import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openExisting } from '../../../src/cluster/existing.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'
import { base64, Folder, kubeconfigText } from '../../support/kubeconfig.ts'

let one: ApiServer
let other: ApiServer
let folder: Folder
beforeAll(async () => {
  ;[one, other] = await Promise.all([startApiServer(), startApiServer()])
  folder = new Folder()
})
afterAll(async () => {
  folder.remove()
  await Promise.all([one.close(), other.close()])
})

const fingerprint = async (server: ApiServer, cluster: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const trusted = { server: server.url, 'certificate-authority-data': base64(server.ca), ...cluster }
  const path = folder.file('kubeconfig', kubeconfigText({ one: { cluster: trusted, user: { token: server.adminToken } } }))
  const opened = await openExisting({ kubeconfig: path, context: undefined, allowExec: false, env: {} })
  opened.connection.agent.destroy()
  return opened.fingerprint
}

test('a cluster is known by its address and its authority, whoever asks: a journal is not replayed on another one', async () => {
  const known = await fingerprint(one)
  expect(await fingerprint(one)).toBe(known)
  expect(await fingerprint(other)).not.toBe(known)
  expect(await fingerprint(one, { server: one.url.replace('127.0.0.1', 'localhost'), 'tls-server-name': '127.0.0.1' })).not.toBe(known)
  expect(await fingerprint(one, { 'certificate-authority-data': base64(`${one.ca}\n${other.ca}`) })).not.toBe(known)
})

test('each credential of the caller is told once, before it is sent, another one later too', async () => {
  const token = folder.file('token', one.adminToken)
  const cluster = { server: one.url, 'certificate-authority-data': base64(one.ca) }
  const path = folder.file('kubeconfig', kubeconfigText({ one: { cluster, user: { tokenFile: 'token' } } }))
  const told: [string, number][] = []
  const onSecret = (secret: string): void => void told.push([secret, one.requests.length])
  const begun = one.requests.length
  const { connection } = await openExisting({ kubeconfig: path, context: undefined, allowExec: false, env: {}, onSecret })
  await connection.headers()
  writeFileSync(token, 'another-token')
  await connection.headers()
  await connection.headers()
  connection.agent.destroy()
  expect(told).toEqual([
    [one.adminToken, begun],
    ['another-token', begun + 1]
  ])
})

test('an authority of ca-file is trusted where the kubeconfig names none, and only there', async () => {
  const at = (cluster: Readonly<Record<string, unknown>>): string =>
    folder.file('kubeconfig', kubeconfigText({ one: { cluster, user: { token: one.adminToken } } }))
  const open = (path: string, ca: string | undefined): Promise<string> =>
    openExisting({ kubeconfig: path, context: undefined, allowExec: false, env: {}, fetching: { ca } }).then(
      ({ connection, version }) => {
        connection.agent.destroy()
        return version
      },
      (error: unknown) => (error as { code: string }).code
    )
  const bare = at({ server: one.url })
  expect([await open(bare, undefined), await open(bare, other.ca), await open(bare, one.ca)]).toEqual([
    'CLUSTER_UNREACHABLE',
    'CLUSTER_UNREACHABLE',
    expect.stringMatching(/^v1\./)
  ])
  expect(await open(at({ server: one.url, 'certificate-authority-data': base64(other.ca) }), one.ca)).toBe('CLUSTER_UNREACHABLE')
})
