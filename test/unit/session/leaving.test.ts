import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/kernel/clock.ts'
import { KILL_SCRIPT_S, killScript, NOT_ALL, type ShellProcess } from '../../../src/session/kill.ts'
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

/** Each ends when it is killed, and not before; the word tells them from all others of this machine. */
const MANY: [what: string, many: number, command: (word: string) => string][] = [
  ['many of one parent', 1000, (word) => `i=0; while [ "$i" -lt 1000 ]; do sh -c 'sleep 99; : ${word}' & i=$((i+1)); done; wait`],
  ['each the child of another', 700, (word) => `f() { [ "$1" != 0 ] || exec sleep 99; x=$(f $(($1-1))); }; : ${word}; f 700`],
  ['some that start others on and on', 400, (word) => `f() { while :; do sh -c 'sleep 99; : ${word}' & sleep 0.01; done; }; f & f & f & f & wait`],
  ['orphans that hold the output', 300, (word) => `i=0; while [ "$i" -lt 300 ]; do (sh -c 'sleep 99; : ${word}' &) & i=$((i+1)); done; sleep 99`]
]

const holding = (word: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word)
    } catch {
      return false
    }
  })

test.each(MANY)(
  'many processes are ended in seconds: %s',
  async (what, many, command) => {
    const word = `kscan-many-${process.pid}-${what.length}`
    const shells: ShellProcess[] = []
    const session = await Session.open({ open: localStream('/bin/sh'), clock: systemClock, onShell: (shell) => shells.push(shell) })
    try {
      const [shell] = shells
      if (shell === undefined) throw new Error('no shell')
      void session.run(Buffer.from(command(word)), TEST_MS)
      for (const end = Date.now() + 30_000; holding(word).length < many && Date.now() < end;) await systemClock.sleep(100)
      expect(holding(word).length).toBeGreaterThanOrEqual(many)
      const code = await runScript(localStream('/bin/sh'), killScript(shell, 'session'), KILL_MS)
      for (const end = Date.now() + 10_000; holding(word).length > 0 && Date.now() < end;) await systemClock.sleep(100)
      expect([code, holding(word)]).toEqual([0, []])
      await untilGone(shell)
    } finally {
      await session.close()
    }
  },
  TEST_MS
)

test(
  'when its time is over, the session is ended all the same, and the script says that not all was found',
  async () => {
    const shells: ShellProcess[] = []
    const session = await Session.open({ open: localStream('/bin/sh'), clock: systemClock, onShell: (shell) => shells.push(shell) })
    const [shell] = shells
    if (shell === undefined) throw new Error('no shell')
    void session.run(Buffer.from('exec sleep 7'), TEST_MS)
    const noTime = killScript(shell, 'session').replace(`+${KILL_SCRIPT_S}))`, '+0))')
    expect(await runScript(localStream('/bin/sh'), noTime, KILL_MS)).toBe(NOT_ALL)
    await untilGone(shell)
    await session.close()
  },
  TEST_MS
)
