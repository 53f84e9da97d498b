import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/kernel/clock.ts'
import { killScript, type ShellProcess } from '../../../src/session/kill.ts'
import { runScript } from '../../../src/session/script.ts'
import { Session } from '../../../src/session/session.ts'
import type { ExecStream } from '../../../src/session/stream.ts'
import { localStream } from '../../support/local-stream.ts'

const work = mkdtempSync(join(tmpdir(), 'kscan-leaving-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** Readers that end late, and say so: who does not wait for them ends first. */
const slowReaders = (): { path: string; ended: () => number } => {
  const folder = mkdtempSync(join(work, 'bin-'))
  const log = join(folder, 'log')
  writeFileSync(join(folder, 'cat'), `#!/bin/sh\n/bin/cat "$@"\nsleep 0.1\necho ended >>${log}\n`)
  chmodSync(join(folder, 'cat'), 0o755)
  return { path: `PATH=${folder}:${process.env['PATH']}`, ended: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0) }
}

const isThere = ({ pid }: ShellProcess): boolean => existsSync(`/proc/${pid}`)

const untilGone = async (shell: ShellProcess): Promise<void> => {
  for (const end = Date.now() + 30_000; isThere(shell) && Date.now() < end;) await systemClock.sleep(5)
  expect(isThere(shell)).toBe(false)
}

type End = (room: { readonly session: Session; readonly shell: ShellProcess; readonly stream: ExecStream }) => unknown

const KILL_MS = 30_000
const TEST_MS = 60_000

const ENDS: [how: string, end: End][] = [
  ['it is closed', ({ session }) => session.close()],
  ['it is told to leave', ({ stream }) => stream.write(Buffer.from('exit\n'))],
  ['its input ends', ({ stream }) => stream.endInput()],
  [
    'it is closed in the middle of a command',
    async ({ session }) => {
      void session.run(Buffer.from('exec sleep 77'), 60_000)
      await systemClock.sleep(200)
      await session.close()
    }
  ],
  [
    'it is cut in the middle of a command, and ended from outside later',
    async ({ session, shell, stream }) => {
      void session.run(Buffer.from('exec sleep 77'), 60_000)
      await systemClock.sleep(200)
      stream.endInput()
      await systemClock.sleep(200)
      await runScript(localStream('/bin/sh'), killScript(shell, 'session'), KILL_MS)
    }
  ]
]

/** The shell of the slow loop hears no signal while it waits for its child. */
const BY_SIGNAL: [how: string, end: End][] = [
  ['a process of the container asks it to end', ({ shell }) => process.kill(shell.pid, 'SIGTERM')],
  ['a process of the container hangs up', ({ shell }) => process.kill(shell.pid, 'SIGHUP')],
  ['it is ended from outside', ({ shell }) => runScript(localStream('/bin/sh'), killScript(shell, 'session'), KILL_MS)]
]

describe.each([
  ['dash', 'fast', ['/bin/dash']],
  ['bash', 'fast', ['bash', '--posix']],
  ['bash before 5.1', 'slow', ['BASH_COMPAT=5.0', 'bash', '--posix']]
] as const)('the shell of a session (%s, %s loop) ends after its readers when', (_name, loop, argv) => {
  test.each(loop === 'fast' ? [...ENDS, ...BY_SIGNAL] : ENDS)(
    '%s',
    async (_how, end) => {
      const readers = slowReaders()
      const shells: ShellProcess[] = []
      const streams: ExecStream[] = []
      const own = localStream('/usr/bin/env', [readers.path, ...argv])
      const session = await Session.open({
        open: async (events) => {
          const stream = await (streams.length === 0 ? own : localStream('/bin/sh'))(events)
          streams.push(stream)
          return stream
        },
        clock: systemClock,
        onShell: (shell) => shells.push(shell)
      })
      const [shell, stream] = [shells[0], streams[0]]
      if (shell === undefined || stream === undefined) throw new Error('no shell')
      expect(await session.run(Buffer.from('echo a'), 5000)).toMatchObject({ kind: 'done', status: 0 })
      const before = readers.ended()
      await end({ session, shell, stream })
      await untilGone(shell)
      expect(readers.ended() - before).toBeGreaterThanOrEqual(2)
      await session.close()
    },
    TEST_MS
  )
})

test(
  'a shell that does not listen, and whose readers are held, is killed',
  async () => {
    const shells: ShellProcess[] = []
    const session = await Session.open({ open: localStream('/bin/sh'), clock: systemClock, onShell: (shell) => shells.push(shell) })
    const [shell] = shells
    if (shell === undefined) throw new Error('no shell')
    await session.inspect(Buffer.from('kill -19 $$'), 300)
    await untilGone(shell)
    await session.close()
  },
  TEST_MS
)
