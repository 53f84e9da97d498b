import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openExec } from '../../../src/approach/exec-stream.ts'
import { call } from '../../../src/cluster/api.ts'
import { connect, type Connection } from '../../../src/cluster/connection.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { selectTargets } from '../../../src/target/select.ts'
import type { Mishap } from '../../support/api-server/faults.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

let server: ApiServer
let connection: Connection
beforeAll(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'default', name: 'web' })
})
const begin = (mishap: Mishap): void => {
  server.faults.add({ path: /./, times: Infinity, mishap })
  connection = connect(
    { url: new URL(server.url), ca: server.ca, serverName: undefined, skipVerify: false, proxy: undefined },
    { headers: () => Promise.resolve({ authorization: `Bearer ${server.adminToken}` }) }
  )
}
afterEach(() => {
  server.faults.clear()
  connection.agent.destroy()
})
afterAll(() => server.close())

const ENDLESS: [what: string, mishap: Mishap][] = [
  ['a body without an end', { kind: 'endless', status: 200, milliseconds: 0 }],
  ['a body drop by drop', { kind: 'endless', status: 200, milliseconds: 20 }],
  ['a refusal without an end', { kind: 'endless', status: 403, milliseconds: 0 }],
  ['a refusal drop by drop', { kind: 'endless', status: 500, milliseconds: 20 }],
  ['headers without an end', { kind: 'endless', status: 200, milliseconds: 0, headers: true }],
  ['headers drop by drop', { kind: 'endless', status: 200, milliseconds: 20, headers: true }],
  ['nothing', { kind: 'hang' }]
]
const ONE_MORE = { kind: 'answer', answer: { status: 200, body: { items: [], metadata: { continue: 'more' } } } } as const
const POD = { namespace: 'default', pod: 'web', container: 'main' }
const select = (signal?: AbortSignal): Promise<unknown> =>
  selectTargets(connection, {
    namespace: 'default',
    wanted: { kind: 'selector', selector: 'a=b', select: 'pods' },
    containers: [],
    exclude: [],
    maxTargets: 1,
    ...(signal === undefined ? {} : { signal })
  })
const exec = (signal?: AbortSignal): Promise<unknown> =>
  openExec(connection, { target: POD, argv: ['/bin/sh'] }, { events: { onOutput: () => {}, onEnd: () => {} }, signal })

test.each(ENDLESS)('%s is given up at its time', async (_what, mishap) => {
  begin(mishap)
  await expect(call(connection, { method: 'GET', path: 'version', timeout: 1500 })).rejects.toBeInstanceOf(ScanError)
})

test('a list that leads on for ever is an error', async () => {
  begin(ONE_MORE)
  await expect(select()).rejects.toMatchObject({ code: 'API_FAILED', message: expect.stringContaining('the list has no end') })
})

test.each(ENDLESS.filter(([what]) => /body|refusal/.test(what)))('a refused stream with %s is given up', async (_what, mishap) => {
  begin(mishap)
  await expect(exec(AbortSignal.timeout(60_000))).rejects.toBeInstanceOf(ScanError)
})

/** Far below the times that each may take by itself. */
const SOON_MS = 3000
/** On a quick machine before the interruption, for there was too much. */
const GIVEN_UP = /without an end$|^a list/

test.each([...ENDLESS, ['a list that leads on', ONE_MORE] as [string, Mishap]])('%s ends at once when the run is interrupted', async (what, mishap) => {
  begin(mishap)
  const interrupt = new AbortController()
  const waiting = [
    call(connection, { method: 'GET', path: 'version', signal: interrupt.signal, timeout: 60_000, patience: 60_000 }),
    select(interrupt.signal),
    exec(interrupt.signal)
  ]
  const ended = Promise.allSettled(waiting)
  await systemClock.sleep(500)
  const begun = performance.now()
  interrupt.abort(new ScanError('INTERRUPTED', 'Interrupted by SIGINT'))
  const reasons = (await ended).map((each) => (each.status === 'rejected' && each.reason instanceof ScanError ? each.reason.code : each.status))
  if (!GIVEN_UP.test(what)) expect(reasons).toContain('INTERRUPTED')
  expect(performance.now() - begun).toBeLessThan(SOON_MS)
})
