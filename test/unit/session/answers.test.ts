import { afterEach, describe, expect, jest, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { COMMAND_BYTES } from '../../../src/session/frame.ts'
import { Session } from '../../../src/session/session.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { type Answer, scriptedShell } from '../../support/scripted-stream.ts'

const LOST = { kind: 'lost', message: expect.any(String) }

test.each<[what: string, answer: Answer, outcome: unknown]>([
  ['both end marks', { stdout: 'aNONCE:3\n', stderr: 'bNONCE:3\n' }, { kind: 'done', status: 3, stdout: Buffer.from('a'), stderr: Buffer.from('b') }],
  ['end marks that differ', { stdout: 'NONCE:0\n', stderr: 'NONCE:1\n' }, { kind: 'lost', message: 'the two end marks of a command differ' }],
  ['end marks that differ the other way', { stdout: 'NONCE:1\n', stderr: 'NONCE:0\n' }, { kind: 'lost', message: 'the two end marks of a command differ' }],
  ['bytes behind the mark on stdout', { stdout: 'NONCE:0\nmore', stderr: 'NONCE:0\n' }, LOST],
  ['bytes behind the mark on stderr', { stdout: 'NONCE:0\n', stderr: 'NONCE:0\nmore' }, LOST],
  ['two marks on stdout', { stdout: 'NONCE:0\nNONCE:0\n', stderr: 'NONCE:0\n' }, LOST],
  ['a mark without a status', { stdout: 'NONCE:\n', stderr: 'NONCE:0\n' }, LOST]
])('a command with %s', async (_what, answer, outcome) => {
  const session = await Session.open({ open: scriptedShell(() => answer).open, clock: systemClock })
  expect(await session.run(Buffer.from('true'), 5000)).toMatchObject(outcome as CommandOutcome)
  await session.close()
})

test.each<[missing: string, answer: Answer]>([
  ['stderr', { stdout: 'aNONCE:0\n', stderr: '' }],
  ['stdout', { stdout: '', stderr: 'NONCE:0\n' }],
  ['both', { stdout: 'a', stderr: '' }]
])('without the end mark on %s there is no answer', async (_missing, answer) => {
  const session = await Session.open({ open: scriptedShell(() => answer).open, clock: systemClock })
  const first = session.run(Buffer.from('true'), 60_000)
  expect(await Promise.race([first, systemClock.sleep(300).then(() => 'nothing')])).toBe('nothing')
  await session.close()
  expect(await first).toMatchObject({ kind: 'lost' })
})

test('bytes that come when nothing was asked end the shell, and are no part of the next answer', async () => {
  let said = 0
  const shell = scriptedShell(() => ({ stdout: 'NONCE:0\n', stderr: (said += 1) === 1 ? 'NONCE:0\nlate' : 'NONCE:0\n' }))
  const session = await Session.open({ open: shell.open, clock: systemClock })
  await session.run(Buffer.from('one'), 5000)
  expect(await session.run(Buffer.from('two'), 5000)).toMatchObject({ kind: 'done', stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) })
  expect(shell.opened).toBe(2)
  await session.close()
})

describe('the heartbeat of a session', () => {
  afterEach(() => void jest.useRealTimers())

  interface Seen {
    readonly pings: number
    readonly frames: number
    readonly opened: number
    readonly ended: boolean
  }

  const DAY = Date.parse('2026-01-01T00:00:00Z')

  /** A session with one command of that many bytes under way, or none; then the time passes. */
  const after = async (seconds: number, bytes: number, silent: boolean): Promise<Seen> => {
    jest.useFakeTimers({ now: DAY, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
    const shell = scriptedShell((frame) => (frame.startsWith('kscan_own') ? { stdout: 'NONCE:0\n', stderr: '' } : undefined))
    const session = await Session.open({ open: shell.open, clock: systemClock })
    let ended = false
    if (bytes > 0) void session.run(Buffer.alloc(bytes, 0x61), 3_600_000).then(() => (ended = true))
    for (let second = 0; second < seconds; second += 10) {
      if (!silent) shell.heard = Date.now()
      await jest.advanceTimersByTimeAsync(10_000)
    }
    const seen = { pings: shell.pings, frames: shell.frames.length, opened: shell.opened, ended }
    await Promise.all([session.close(), jest.advanceTimersByTimeAsync(30_000)])
    return seen
  }

  test('pings every ten seconds, and sends a frame that does nothing once nobody has asked for half a minute', async () => {
    expect(await after(60, 0, false)).toEqual({ pings: 6, frames: 1, opened: 1, ended: false })
  })

  test('sends no frame while a command is under way', async () => {
    expect(await after(120, 100, false)).toEqual({ pings: 12, frames: 1, opened: 1, ended: false })
  })

  test('gives a silent connection up after a minute', async () => {
    expect(await after(80, 100, true)).toMatchObject({ opened: 2, ended: true })
  })

  test.each([40_000, COMMAND_BYTES])('waits, and says nothing, while %i bytes of input may not have been read', async (bytes) => {
    expect(await after(600, bytes, true)).toEqual({ pings: 0, frames: 1, opened: 1, ended: false })
  })
})
