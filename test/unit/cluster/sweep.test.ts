import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Connection } from '../../../src/cluster/connection.ts'
import { create } from '../../../src/cluster/make.ts'
import { metadata, type ObjectType } from '../../../src/cluster/manifests.ts'
import { findMade, type Removal, removeMarked, removeObject } from '../../../src/cluster/sweep.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

let server: ApiServer
let connection: Connection
beforeAll(async () => {
  server = await startApiServer()
  server.addNamespace('shop')
  connection = await connectAdmin(server)
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

type Texts = Readonly<Record<string, string>>
const marksOf = (run: string, expires = 5): { labels: Texts; annotations: Texts } => {
  const { labels, annotations } = metadata('shop', `kscan-${run}`, { run, expires, owner: 'me' })
  return { labels, annotations }
}
const put = (plural: string, run: string, more: { name?: string; labels?: Texts; annotations?: Texts } = {}): string => {
  const { name = `kscan-${run}`, ...marks } = { ...marksOf(run), ...more }
  return server.objects.put(plural, { namespace: 'shop', name, metadata: marks, fields: {} }).metadata.uid
}
const there = (plural: string): string[] => server.objects.list(plural, 'shop').map(({ metadata: { name } }) => name)
const [A, B] = ['abcdefghij', 'klmnopqrst'] as const
const WITHIN = { timeout: 60_000 }
const ROLE = { type: 'role', namespace: 'shop', name: `kscan-${A}` } as const

test('an object is deleted by its uid, or by its name alone where none is known', async () => {
  const uid = put('roles', A)
  expect([await removeObject(connection, { ...ROLE, uid }, WITHIN), there('roles')]).toEqual([true, []])
  put('roles', A)
  expect([await removeObject(connection, ROLE, WITHIN), there('roles')]).toEqual([true, []])
  expect(await removeObject(connection, ROLE, WITHIN)).toBe(false)
})

test('another object with its name is left alone', async () => {
  put('roles', A)
  expect([await removeObject(connection, { ...ROLE, uid: 'another' }, WITHIN), there('roles')]).toEqual([false, [`kscan-${A}`]])
})

test.each([
  [409, 'the object has been modified; please apply your changes to the latest version and try again'],
  [409, 'admission webhook "keep.example" denied the request: no'],
  [403, 'you may not']
])('a deletion that is refused with %i for any other reason is no success', async (code, message) => {
  put('roles', A)
  server.faults.add({ method: 'DELETE', path: /./, mishap: { kind: 'answer', answer: { status: code, body: { kind: 'Status', message, code } } } })
  await expect(removeObject(connection, ROLE, WITHIN)).rejects.toMatchObject({ status: code })
  expect(there('roles')).toEqual([`kscan-${A}`])
})

test('what was deleted with a lost answer, or an answer of 504, is gone', async () => {
  for (const mishap of [{ kind: 'drop-answer' }, { kind: 'answer', answer: { status: 504, body: 'late' } }] as const) {
    put('roles', A)
    server.faults.add({ method: 'DELETE', path: /./, mishap })
    await removeObject(connection, ROLE, WITHIN)
    expect(there('roles')).toEqual([])
  }
})

test('what kscan made is found by its labels, that of one run by its own, in the order in which it is to go', async () => {
  for (const plural of ['serviceaccounts', 'roles', 'rolebindings']) for (const run of [A, B]) put(plural, run)
  server.objects.put('roles', { namespace: 'shop', name: 'kscan-of-nobody', metadata: {}, fields: {} })
  const shown = async (scope: Parameters<typeof findMade>[1]): Promise<string[]> =>
    (await findMade(connection, scope)).map(({ type, name, run, expires }) => `${type} ${name} ${run} ${expires}`)
  expect(await shown({ run: A })).toEqual(['rolebinding', 'role', 'serviceaccount'].map((type) => `${type} kscan-${A} ${A} 5`))
  expect(await shown({ namespace: 'shop' })).toHaveLength(6)
  expect(await shown({ namespace: 'default' })).toEqual([])
})

test.each<[string, Parameters<typeof put>[2]]>([
  ['a name of somebody’s', { name: 'web' }],
  ['the name of another run’s', { name: `kscan-${B}` }],
  ['a name that only begins so', { name: `kscan-${A}x` }],
  ['no owner', { annotations: {} }],
  ['an empty owner', { annotations: { 'kscan.dev/owner': '' } }],
  ['the label of no run', { labels: { ...marksOf(A).labels, 'kscan.dev/run': '' } }]
])('what has its labels, and %s, is not what kscan made', async (_what, more) => {
  for (const plural of ['serviceaccounts', 'roles', 'rolebindings', 'pods']) put(plural, A, more)
  expect([await findMade(connection, {}), await findMade(connection, { run: A })]).toEqual([[], []])
  server.objects.remove('pods', 'shop', more?.name ?? `kscan-${A}`)
})

describe('an object whose uid nobody has learnt', () => {
  const whose = { ...ROLE, run: A, owner: 'me' }

  test('is removed where it has all marks of the run', async () => {
    put('roles', A)
    expect([await removeMarked(connection, whose, WITHIN), there('roles')]).toEqual([true, []])
    expect(await removeMarked(connection, whose, WITHIN)).toBe(false)
  })

  test.each<[string, Parameters<typeof put>[2]]>([
    ['no marks', { labels: {}, annotations: {} }],
    ['no owner', { annotations: {} }],
    ['another owner', { annotations: { 'kscan.dev/owner': 'you' } }],
    ['the label of another run', { labels: marksOf(B).labels }]
  ])('is left alone where it has %s', async (_what, more) => {
    put('roles', A, more)
    await expect(removeMarked(connection, whose, WITHIN)).rejects.toThrow('left alone')
    expect(there('roles')).toEqual([`kscan-${A}`])
  })

  test('is left alone where nobody lets it be looked at', async () => {
    put('roles', A)
    server.faults.add({ method: 'GET', path: /roles/, mishap: { kind: 'answer', answer: { status: 403, body: 'no' } } })
    await expect(removeMarked(connection, whose, WITHIN)).rejects.toMatchObject({ status: 403 })
    expect(there('roles')).toEqual([`kscan-${A}`])
  })

  test('is not what took its name in between', async () => {
    put('roles', A)
    server.faults.add({
      method: 'DELETE',
      path: /roles/,
      mishap: { kind: 'answer', answer: { status: 409, body: { kind: 'Status', message: 'Precondition failed: UID', code: 409 } } }
    })
    expect([await removeMarked(connection, whose, WITHIN), there('roles')]).toEqual([false, [`kscan-${A}`]])
  })
})

describe('what something holds when it is deleted', () => {
  const TYPES = { rolebinding: 'rolebindings', role: 'roles', serviceaccount: 'serviceaccounts' } as const
  const HOLDER = 'example.com/keep'
  beforeEach(() => Object.values(TYPES).forEach((plural) => server.objects.finalizers.set(plural, [HOLDER])))
  afterEach(() => server.objects.finalizers.clear())
  const make = async (type: ObjectType, asker = connection): Promise<Removal> => {
    const planned = { type, namespace: 'shop', name: 'kscan-a', interrupt: new AbortController().signal } as const
    const role = { rules: [], roleRef: { kind: 'Role', name: 'kscan-a' }, subjects: [{ kind: 'ServiceAccount', name: 'kscan-a' }] }
    return {
      type,
      namespace: 'shop',
      name: 'kscan-a',
      uid: await create(asker, planned, { metadata: { name: 'kscan-a' }, ...(type === 'serviceaccount' ? {} : role) })
    }
  }

  test.each<[ObjectType, string]>([
    ['rolebinding', '; it gives no rights any more'],
    ['role', ''],
    ['serviceaccount', '; its token is accepted for about a minute more']
  ])('a %s is not gone, and who holds it is told', async (type, more) => {
    const object = await make(type)
    const said = `it is still there: the finalizer ${HOLDER} keeps it${more}`
    await expect(removeObject(connection, object, { timeout: 400 })).rejects.toMatchObject({ code: 'API_FAILED', message: said })
    expect(there(TYPES[type === 'pod' ? 'role' : type])).toEqual(['kscan-a'])
  })

  test('a binding is told to be in force where it cannot be emptied', async () => {
    const object = await make('rolebinding')
    server.faults.add({ method: 'PATCH', path: /./, mishap: { kind: 'answer', answer: { status: 403, body: 'no' } } })
    await expect(removeObject(connection, object, { timeout: 400 })).rejects.toThrow('keeps it; the rights that it gives are in force until then')
  })

  /** Asks for a role's removal, and lets it go when it was asked for twice; what then stands in its place is made by `next`. */
  const removeHeld = async <T>(next: () => T): Promise<{ removed: boolean; methods: Set<string | undefined>; made: T }> => {
    const object = await make('role')
    const began = server.requests.length
    const removed = removeObject(connection, object, { timeout: 60_000 })
    while (server.requests.length < began + 2) await systemClock.sleep(10)
    server.objects.remove('roles', 'shop', object.name)
    const made = next()
    return { removed: await removed, methods: new Set(server.requests.slice(began).map(({ method }) => method)), made }
  }

  test('is gone when its holder lets it go, by whatever way', async () => {
    const { removed, methods } = await removeHeld(() => {})
    expect([removed, methods]).toEqual([true, new Set(['DELETE'])])
  })

  test('is gone when another object has its name, which stays', async () => {
    const { removed, made } = await removeHeld(() => put('roles', 'a'))
    expect([removed, server.objects.get('roles', 'shop', 'kscan-a')?.metadata.uid]).toEqual([true, made])
  })

  test.each([{}, { kind: 'Status', status: 'Failure' }, { kind: 'Role', metadata: { deletionGracePeriodSeconds: 30 } }, { kind: 'Something' }])(
    'is not taken for gone after an answer that does not say so: %j',
    async (body) => {
      put('roles', 'a')
      server.faults.add({ method: 'DELETE', path: /./, times: 100, mishap: { kind: 'answer', answer: { status: 200, body } } })
      await expect(removeObject(connection, { ...ROLE, uid: 'u' }, { timeout: 300 })).rejects.toThrow('the API server did not confirm that it is gone')
    }
  )
})
