import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { connect, type Connection } from '../../../src/cluster/connection.ts'
import { metadata } from '../../../src/cluster/manifests.ts'
import { findMade, removeObject } from '../../../src/cluster/sweep.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

let server: ApiServer
let connection: Connection
beforeAll(async () => {
  server = await startApiServer()
  server.addNamespace('shop')
  connection = connect(
    { url: new URL(server.url), ca: server.ca, serverName: undefined, skipVerify: false, proxy: {} },
    { headers: () => Promise.resolve({ authorization: `Bearer ${server.adminToken}` }) }
  )
})
afterEach(() => {
  server.faults.clear()
  for (const plural of ['roles', 'rolebindings', 'serviceaccounts'])
    for (const { metadata: found } of server.objects.list(plural, 'shop')) server.objects.remove(plural, 'shop', found.name)
})
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

const put = (plural: string, run: string, expires = 5): string => {
  const { labels, annotations } = metadata('shop', `kscan-${run}`, { run, expires, owner: 'me' })
  return server.objects.put(plural, { namespace: 'shop', name: `kscan-${run}`, metadata: { labels, annotations }, fields: {} }).metadata.uid
}
const there = (plural: string): string[] => server.objects.list(plural, 'shop').map(({ metadata: { name } }) => name)
const WITHIN = { timeout: 60_000 }
const ROLE = { type: 'role', namespace: 'shop', name: 'kscan-a' } as const

test('an object is deleted by its uid, or by its name alone where none is known', async () => {
  const uid = put('roles', 'a')
  expect([await removeObject(connection, { ...ROLE, uid }, WITHIN), there('roles')]).toEqual([true, []])
  put('roles', 'a')
  expect([await removeObject(connection, ROLE, WITHIN), there('roles')]).toEqual([true, []])
  expect(await removeObject(connection, ROLE, WITHIN)).toBe(false)
})

test('another object with its name is left alone', async () => {
  put('roles', 'a')
  expect([await removeObject(connection, { ...ROLE, uid: 'another' }, WITHIN), there('roles')]).toEqual([false, ['kscan-a']])
})

test.each([
  [409, 'the object has been modified; please apply your changes to the latest version and try again'],
  [409, 'admission webhook "keep.example" denied the request: no'],
  [403, 'you may not']
])('a deletion that is refused with %i for any other reason is no success', async (code, message) => {
  put('roles', 'a')
  server.faults.add({ method: 'DELETE', path: /./, mishap: { kind: 'answer', answer: { status: code, body: { kind: 'Status', message, code } } } })
  await expect(removeObject(connection, ROLE, WITHIN)).rejects.toMatchObject({ status: code })
  expect(there('roles')).toEqual(['kscan-a'])
})

test('what was deleted with a lost answer, or an answer of 504, is gone', async () => {
  for (const mishap of [{ kind: 'drop-answer' }, { kind: 'answer', answer: { status: 504, body: 'late' } }] as const) {
    put('roles', 'a')
    server.faults.add({ method: 'DELETE', path: /./, mishap })
    await removeObject(connection, ROLE, WITHIN)
    expect(there('roles')).toEqual([])
  }
})

test('what kscan made is found by its labels, that of one run by its own, in the order in which it is to go', async () => {
  for (const plural of ['serviceaccounts', 'roles', 'rolebindings']) for (const run of ['a', 'b']) put(plural, run)
  server.objects.put('roles', { namespace: 'shop', name: 'kscan-of-nobody', metadata: {}, fields: {} })
  const shown = async (scope: Parameters<typeof findMade>[1]): Promise<string[]> =>
    (await findMade(connection, scope)).map(({ type, name, run, expires }) => `${type} ${name} ${run} ${expires}`)
  expect(await shown({ run: 'a' })).toEqual(['rolebinding kscan-a a 5', 'role kscan-a a 5', 'serviceaccount kscan-a a 5'])
  expect(await shown({ namespace: 'shop' })).toHaveLength(6)
  expect(await shown({ namespace: 'default' })).toEqual([])
})
