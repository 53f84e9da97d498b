import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { ApiError, call, changedNothing } from '../../../src/cluster/api.ts'
import { connect, type Connection } from '../../../src/cluster/connection.ts'
import type { Call } from '../../../src/cluster/request.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import type { Fault, Mishap } from '../../support/api-server/faults.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'
import { startConnectProxy } from '../../support/connect-proxy.ts'

const ACCOUNTS = 'api/v1/namespaces/default/serviceaccounts'
const POD = 'api/v1/namespaces/default/pods/web'

let server: ApiServer
let connection: Connection
const connected = (url = server.url, proxy?: URL): Connection =>
  connect(
    { url: new URL(url), ca: server.ca, serverName: undefined, skipVerify: false, proxy },
    { headers: () => Promise.resolve({ authorization: `Bearer ${server.adminToken}` }) }
  )
beforeAll(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'default', name: 'web' })
  connection = connected()
})
afterEach(() => {
  server.faults.clear()
  connection.fresh.until = 0
})
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

const fault = (mishap: Mishap, times = 1): void => server.faults.add({ path: /./, times, mishap })
const answer = (code: number, { message = `it is ${code}`, headers = {} }: { message?: string; headers?: Record<string, string> } = {}): Fault['mishap'] => ({
  kind: 'answer',
  answer: { status: code, body: { kind: 'Status', status: 'Failure', message, code }, headers }
})
const account = (name: string): Call => ({ method: 'POST', path: ACCOUNTS, body: { metadata: { name } } })

/** How often it was asked, and what came: `done`, or the error's status, or code. */
const tried = async (wanted: Call, on = connection): Promise<[tries: number, end: unknown, error: unknown]> => {
  const before = server.requests.length
  let error: unknown
  const end = await call(on, wanted).then(
    () => 'done',
    (thrown: unknown) => {
      error = thrown
      return thrown instanceof ApiError ? thrown.status : thrown instanceof ScanError ? thrown.code : thrown
    }
  )
  return [server.requests.length - before, end, error]
}

describe('what may be asked twice', () => {
  const review = { spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } } }
  const asking: readonly [what: string, wanted: Call][] = [
    ['a read', { method: 'GET', path: POD }],
    ['a list', { method: 'GET', path: 'api/v1/namespaces/default/pods' }],
    ['a review', { method: 'POST', path: 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: review, asks: true }],
    ['a token', { method: 'POST', path: `${ACCOUNTS}/default/token`, body: { spec: {} }, asks: true }]
  ]
  const mishaps: readonly (readonly [what: string, mishap: Mishap])[] = [
    ...[429, 500, 502, 503, 504].map((code) => [`an answer of ${code}`, answer(code)] as const),
    ['a connection that is dropped', { kind: 'drop' }],
    ['an answer that is dropped', { kind: 'drop-answer' }]
  ]
  test.each(asking.flatMap(([what, wanted]) => mishaps.map(([how, mishap]) => [what, how, wanted, mishap] as const)))(
    '%s is asked for again after %s',
    async (_what, _how, wanted, mishap) => {
      fault(mishap)
      expect((await tried(wanted)).slice(0, 2)).toEqual([2, 'done'])
    }
  )

  test.each(mishaps)('a deletion is asked for again after %s', async (_how, mishap) => {
    await call(connection, account('doomed'))
    fault(mishap)
    const [tries, end] = await tried({ method: 'DELETE', path: `${ACCOUNTS}/doomed` })
    expect([tries, end]).toEqual([2, mishap.kind === 'drop-answer' ? 404 : 'done'])
    expect(server.objects.made()).toEqual([])
  })

  test('a try that hangs is given up, and the next one counts', async () => {
    fault({ kind: 'hang' })
    const [tries, end] = await tried({ method: 'GET', path: POD, patience: 1500 })
    expect([tries > 1, end]).toEqual([true, 'done'])
  })

  test('a server that always hangs is given up after the time of the call', async () => {
    fault({ kind: 'hang' }, 100)
    const begun = performance.now()
    const [tries, end, error] = await tried({ method: 'GET', path: POD, patience: 300, timeout: 1500 })
    expect([tries > 1, end, String(error)]).toEqual([true, 'CLUSTER_UNREACHABLE', expect.stringContaining('nothing came within 1.5 s')])
    expect(performance.now() - begun).toBeLessThan(15_000)
  })

  test.each([
    ['in seconds', () => '1'],
    ['as a date', () => new Date(Date.now() + 2000).toUTCString()]
  ])('is asked for when the server wants it, %s', async (_how, header) => {
    fault(answer(503, { headers: { 'retry-after': header() } }))
    const begun = performance.now()
    expect((await tried({ method: 'GET', path: POD })).slice(0, 2)).toEqual([2, 'done'])
    expect(performance.now() - begun).toBeGreaterThan(950)
  })

  test('is asked for once more at the end of its time when the server wants it later', async () => {
    fault(answer(429, { headers: { 'retry-after': '3600' } }))
    expect((await tried({ method: 'GET', path: POD, timeout: 4000 })).slice(0, 2)).toEqual([2, 'done'])
  })

  test('is given up at once when it is aborted, in a pause and in a try', async () => {
    const controller = new AbortController()
    fault(answer(503, { headers: { 'retry-after': '9' } }), 100)
    const pausing = tried({ method: 'GET', path: POD, signal: controller.signal })
    const begun = performance.now()
    setTimeout(() => controller.abort(new ScanError('INTERRUPTED', 'enough')), 300)
    expect((await pausing).slice(0, 2)).toEqual([1, 'INTERRUPTED'])
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})

describe('what makes something', () => {
  test.each<[how: string, mishap: Mishap, tries: number, end: unknown]>([
    ['429', answer(429), 2, 'done'],
    ['503 with a time', answer(503, { headers: { 'retry-after': '1' } }), 2, 'done'],
    ['503', answer(503), 1, 503],
    ['500 with a time', answer(500, { headers: { 'retry-after': '1' } }), 1, 500],
    ['504', answer(504), 1, 504],
    ['a dropped connection', { kind: 'drop' }, 1, 'CLUSTER_UNREACHABLE'],
    ['a lost answer', { kind: 'drop-answer' }, 1, 'CLUSTER_UNREACHABLE']
  ])('after %s', async (how, mishap, tries, end) => {
    fault(mishap)
    expect((await tried(account(`made-${how.toLowerCase().replaceAll(' ', '-')}`))).slice(0, 2)).toEqual([tries, end])
  })
})

describe('whether anything was made', () => {
  type Case = [what: string, mishaps: Mishap[], nothing: boolean]
  const WEBHOOK = 'admission webhook "deny.example" denied the request: no'
  test.each<Case>([
    ...[400, 401, 403, 404, 405, 409, 410, 413, 415, 422].map((code): Case => [`not, after ${code}`, [answer(code)], true]),
    ...[400, 403, 409, 418, 500, 503, 504].map((code): Case => [`not, after ${code} of a webhook`, [answer(code, { message: WEBHOOK })], true]),
    ['not, after a policy', [answer(500, { message: "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no" })], true],
    ...[302, 408, 500, 501, 502, 503, 504].map((code): Case => [`perhaps, after ${code}`, [answer(code)], false]),
    ['perhaps, after a dropped connection', [{ kind: 'drop' }], false],
    ['perhaps, after a lost answer', [{ kind: 'drop-answer' }], false],
    ['perhaps, after an answer that is none', [{ kind: 'answer', answer: { status: 200, body: '<html>' } }], false],
    ['perhaps, after 503 with a time and a refusal', [answer(503, { headers: { 'retry-after': '0' } }), answer(403)], false]
  ])('%s', async (what, mishaps, nothing) => {
    for (const [after, mishap] of mishaps.entries()) server.faults.add({ path: /serviceaccounts/, after, mishap })
    const [, end, error] = await tried(account(`perhaps-${what.replaceAll(/\W+/g, '-')}x`))
    expect([end === 'done', changedNothing(error)]).toEqual([false, nothing])
  })

  test('not, after 429 again and again', async () => {
    fault(answer(429), 100)
    const [tries, end, error] = await tried({ ...account('many'), timeout: 2000 })
    expect([tries > 1, end, changedNothing(error)]).toEqual([true, 429, true])
  })

  test('not, when no connection came about', async () => {
    const nowhere = connected('https://127.0.0.1:1')
    const [tries, end, error] = await tried({ ...account('nowhere'), timeout: 500 }, nowhere)
    expect([tries, end, changedNothing(error)]).toEqual([0, 'CLUSTER_UNREACHABLE', true])
    nowhere.agent.destroy()
  })

  test('not, when a proxy refused the connection; perhaps, when it was cut behind one', async () => {
    const proxy = await startConnectProxy()
    const behind = connected(server.url, new URL(proxy.url))
    proxy.behave('refuse')
    const refused = await tried({ ...account('refused'), timeout: 500 }, behind)
    proxy.behave('open')
    fault({ kind: 'drop' })
    const cut = await tried({ ...account('cut'), timeout: 500 }, behind)
    expect([refused[0], changedNothing(refused[2]), cut[0], changedNothing(cut[2])]).toEqual([0, true, 1, false])
    behind.agent.destroy()
    await proxy.stop()
  })

  test('not, when the caller could not say who they are', async () => {
    const nobody = connect(connection.server, {
      headers: () => {
        throw new ScanError('ACCESS_DENIED', 'the plugin failed')
      }
    })
    const [tries, end, error] = await tried(account('nobody'), nobody)
    expect([tries, end, changedNothing(error), String(error)]).toEqual([0, 'ACCESS_DENIED', true, 'ScanError: the plugin failed'])
    nobody.agent.destroy()
  })

  test('perhaps, after any other error', () => expect([changedNothing(new Error('no')), changedNothing(undefined)]).toEqual([false, false]))
})

describe('a fresh grant', () => {
  const CANNOT = 'pods "web" is forbidden: User "kscan" cannot patch resource "pods/ephemeralcontainers" in API group ""'
  const patch: Call = { method: 'PATCH', path: `${POD}/ephemeralcontainers`, body: {} }
  test.each<[what: string, mishap: Mishap, wanted: Call, tries: number, end: unknown]>([
    ['401 for a read', answer(401), { method: 'GET', path: POD }, 3, 'done'],
    ['403 for a read', answer(403), { method: 'GET', path: POD }, 3, 'done'],
    ['403 for a create, by right', answer(403, { message: CANNOT }), account('lagging'), 3, 'done'],
    ['403 for a create, by a policy', answer(403, { message: 'violates PodSecurity' }), account('policed'), 1, 403],
    ['401 for a create', answer(401), account('unknown-yet'), 3, 'done'],
    ['403 for a patch, by right', answer(403, { message: CANNOT }), patch, 3, 501],
    ['403 for a patch, by a policy', answer(403, { message: 'exceeded quota' }), patch, 1, 403]
  ])('is waited for: %s', async (_what, mishap, wanted, tries, end) => {
    connection.fresh.until = Date.now() + 10_000
    fault(mishap, 2)
    expect((await tried(wanted)).slice(0, 2)).toEqual([tries, end])
  })

  test.each([401, 403])('is waited for until its time is over: %i', async (code) => {
    connection.fresh.until = Date.now() + 600
    fault(answer(code), 100)
    const [tries, end] = await tried({ method: 'GET', path: POD })
    expect([tries > 1, end]).toEqual([true, code])
  })

  test.each([401, 403])('that is old is not waited for: %i', async (code) => {
    fault(answer(code), 100)
    expect((await tried({ method: 'GET', path: POD })).slice(0, 2)).toEqual([1, code])
  })
})
