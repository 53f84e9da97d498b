import { expect, test } from '@jest/globals'
import { runScript } from '../../../src/session/script.ts'
import type { ExecStream, StreamEnd, StreamEvents } from '../../../src/session/stream.ts'

interface Room {
  readonly open: (events: StreamEvents) => Promise<ExecStream>
  readonly written: string[]
  readonly closed: () => number
}

/** A stream that ends so when it is written to, or never; `opening` comes before it is open. */
const room = (end: StreamEnd | undefined, opening: Promise<unknown> = Promise.resolve()): Room => {
  const written: string[] = []
  let closed = 0
  const open = async (events: StreamEvents): Promise<ExecStream> => {
    await opening
    const write = (bytes: Uint8Array): void => {
      written.push(Buffer.from(bytes).toString())
      if (end !== undefined) events.onEnd(end)
    }
    const nothing = (): void => {}
    return { write, endInput: () => true, pause: nothing, resume: nothing, ping: nothing, lastHeard: () => 0, close: () => void (closed += 1) }
  }
  return { open, written, closed: () => closed }
}
const soon = (): Promise<void> => new Promise((done) => setImmediate(done))

test('a script gives its exit code, and its stream is closed', async () => {
  const { open, written, closed } = room({ kind: 'exited', code: 3 })
  expect(await runScript(open, 'exit 3\n', 60_000)).toBe(3)
  await soon()
  expect([written, closed()]).toEqual([['exit 3\n'], 1])
})

test.each<[string, StreamEnd]>([
  ['failed', { kind: 'failed', message: 'no such program' }],
  ['was lost', { kind: 'lost', message: 'the network is gone' }]
])('one whose stream %s has no exit code, and the stream is closed', async (_what, end) => {
  const { open, closed } = room(end)
  await expect(runScript(open, ':\n', 60_000)).rejects.toMatchObject({ code: 'SESSION_FAILED', message: 'message' in end ? end.message : '' })
  await soon()
  expect(closed()).toBe(1)
})

test('one that does not end is given up at its limit, and its stream is closed, also where it is opened later', async () => {
  const opening = Promise.withResolvers<void>()
  const rooms = [room(undefined), room(undefined, opening.promise)]
  for (const [index, { open, closed }] of rooms.entries()) {
    await expect(runScript(open, ':\n', 20)).rejects.toMatchObject({ code: 'SESSION_FAILED', message: 'a script did not end within 20 ms' })
    if (index === 1) opening.resolve()
    await soon()
    expect(closed()).toBe(1)
  }
})

test('one whose stream is refused ends with that', async () => {
  const refused = Promise.reject(new Error('refused'))
  await expect(runScript(room(undefined, refused).open, ':\n', 60_000)).rejects.toThrow('refused')
})
