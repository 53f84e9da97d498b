import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openKubernetesApi } from '../../../src/approach/kubernetes-api.ts'
import type { ShellOptions } from '../../../src/approach/shell-session.ts'
import type { Connection } from '../../../src/cluster/connection.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import type { Session } from '../../../src/session/session.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

let server: ApiServer
let connection: Connection
let sessions: Session[] = []
beforeAll(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'shop', name: 'web' })
  server.addPod({ namespace: 'shop', name: 'silent', place: { wrap: () => ['/bin/sleep', '600'] } })
  connection = await connectAdmin(server)
}, 60_000)
afterEach(async () => {
  for (const session of sessions) await session.close()
  sessions = []
})
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

const NEVER = new AbortController().signal
const WEB = { namespace: 'shop', pod: 'web', container: 'main' }
const open = async (more: Partial<ShellOptions> = {}): Promise<Session> => {
  const check = (): Promise<void> => Promise.resolve()
  const session = await openKubernetesApi({ connection, target: WEB, clock: systemClock, check, signal: NEVER, interrupt: NEVER, ...more })
  sessions.push(session)
  return session
}
const untilOpened = async (before: number): Promise<void> => {
  while (server.streams.length === before) await systemClock.sleep(10)
}
const INTERRUPTED = new ScanError('INTERRUPTED', 'Interrupted by SIGTERM')

test('a shell that was lost is opened again where the container is the same', async () => {
  let checks = 0
  const session = await open({ check: () => Promise.resolve(void (checks += 1)) })
  const opened = server.streams.length
  expect(checks).toBe(0)
  server.cutStreams()
  await untilOpened(opened)
  expect(await session.run(Buffer.from('echo again'), 20_000)).toMatchObject({ kind: 'done', stdout: Buffer.from('again\n') })
  expect(checks).toBe(1)
})

test('no shell is opened again in a container that is another by then, and that is why', async () => {
  const changed = new ScanError('TARGET_CHANGED', 'the container was restarted')
  const dead = Promise.withResolvers<ScanError>()
  // it takes a while to find out
  const check = (): Promise<void> => systemClock.sleep(100).then(() => Promise.reject(changed))
  const session = await open({ check, onDead: dead.resolve })
  const opened = server.streams.length
  server.cutStreams()
  expect(await Promise.race([dead.promise, untilOpened(opened)])).toBe(changed)
  expect([server.streams.length, await session.run(Buffer.from('echo again'), 20_000)]).toEqual([
    opened,
    { kind: 'lost', message: 'the container was restarted' }
  ])
})

test('a shell that does not answer is given up when the run is interrupted, before it is asked and after', async () => {
  const target = { namespace: 'shop', pod: 'silent', container: 'main' }
  const interrupt = new AbortController()
  const opened = server.streams.length
  const opening = open({ target, interrupt: interrupt.signal })
  await untilOpened(opened)
  interrupt.abort(INTERRUPTED)
  await expect(opening).rejects.toMatchObject({ code: 'SESSION_FAILED', message: expect.not.stringContaining('did not end within') })
  await expect(open({ target, interrupt: interrupt.signal })).rejects.toMatchObject({ code: 'SESSION_FAILED' })
})

test('a shell that has answered goes on when the run is interrupted, so that it can be ended in order', async () => {
  const interrupt = new AbortController()
  const session = await open({ interrupt: interrupt.signal })
  interrupt.abort(INTERRUPTED)
  expect(await session.run(Buffer.from('echo still'), 20_000)).toMatchObject({ kind: 'done', stdout: Buffer.from('still\n') })
})

test('nothing is opened again, and what is open ends, once all is over', async () => {
  const over = new AbortController()
  const dead = Promise.withResolvers<ScanError>()
  const session = await open({ signal: over.signal, onDead: dead.resolve })
  const opened = server.streams.length
  over.abort()
  expect((await dead.promise).code).toBe('SESSION_FAILED')
  expect([server.streams.length, (await session.run(Buffer.from('echo'), 20_000)).kind]).toEqual([opened, 'lost'])
})
