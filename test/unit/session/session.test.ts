import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { Session } from '../../../src/session/session.ts'
import { HOSTILE } from '../../support/hostile-commands.ts'
import { byArgv, localStream } from '../../support/local-stream.ts'

const readArguments = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended
  }
}

type Work = (session: Session) => Promise<void>

const withSession = async (options: Partial<Parameters<typeof Session.open>[0]>, work: Work): Promise<void> => {
  const session = await Session.open({ open: localStream('/bin/sh'), clock: systemClock, ...options })
  try {
    await work(session)
  } finally {
    await session.close()
  }
}

/** The number of rounds that the readers of the fast loop have left, as the session's shell knows it; the slow loop has no such readers. */
const roundsLeft = async (session: Session): Promise<number> => {
  const outcome = await session.inspect(Buffer.from('echo "$kscan_left"'), 5000)
  return Number(outcome.kind === 'done' ? outcome.stdout : 'none')
}

const differences = async (session: Session): Promise<string[]> => {
  const found: string[] = []
  for (const command of HOSTILE) {
    const text = command.toString('latin1')
    const truth = await byArgv('/bin/sh', ['-c', command.toString('utf8')])
    if (typeof command !== 'string') continue // argv of Node cannot hold these bytes: compared on the cluster
    const outcome = await session.run(Buffer.from(command), 20_000)
    const same = outcome.kind === 'done' && outcome.status === truth.status && outcome.stdout.equals(truth.stdout) && outcome.stderr.equals(truth.stderr)
    if (!same)
      found.push(
        `${text.slice(0, 80)}\n session: ${JSON.stringify(outcome).slice(0, 300)}\n argv: ${truth.status} ${truth.stdout.toString().slice(0, 100)} | ${truth.stderr.toString().slice(0, 100)}`
      )
  }
  return found
}

describe('a session over a local shell', () => {
  test('has enough hostile commands', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(120)
  })

  test('answers every hostile command as its argv does', async () => {
    await withSession({}, async (session) => {
      expect(await differences(session)).toEqual([])
    })
  }, 60_000)

  test('says that a target without a shell is unusable', async () => {
    await expect(Session.open({ open: localStream('/nosuch/sh'), clock: systemClock })).rejects.toMatchObject({ code: 'TARGET_UNUSABLE' })
    await expect(Session.open({ open: localStream('/bin/false'), clock: systemClock })).rejects.toMatchObject({ code: 'TARGET_UNUSABLE' })
  })
})

/** Streams whose ends are counted. */
const watched = (open: ReturnType<typeof localStream>): { open: typeof open; closed: () => number } => {
  const ended = new Set<unknown>()
  const opened: typeof open = async (events) => {
    const stream = await open(events)
    const close = stream.close.bind(stream)
    stream.close = () => {
      ended.add(stream)
      close()
    }
    return stream
  }
  return { open: opened, closed: () => ended.size }
}

describe('a session that does not come about', () => {
  test.each([
    ['dash', ['PATH=/nosuch', '/bin/sh']],
    ['bash', ['PATH=/nosuch', '/bin/bash', '--posix']]
  ])('for want of cat says so at once, and leaves no shell (%s)', async (_kind, argv) => {
    const { open, closed } = watched(localStream('/usr/bin/env', argv))
    const begun = performance.now()
    await expect(Session.open({ open, clock: systemClock })).rejects.toMatchObject({ code: 'TARGET_UNUSABLE', message: expect.stringContaining("no 'cat'") })
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(closed()).toBe(1)
  })

  test('for it was closed while another shell was opened: that one is not kept, and nobody is told', async () => {
    const { open, closed } = watched(localStream('/bin/sh'))
    let opens = 0
    const later: typeof open = async (events) => {
      opens += 1
      if (opens > 1) await new Promise((wait) => setTimeout(wait, 500))
      return await open(events)
    }
    const dead: unknown[] = []
    const session = await Session.open({ open: later, clock: systemClock, onDead: (error) => dead.push(error) })
    expect(await session.run(Buffer.from('kill -9 $PPID'), 5000)).toMatchObject({ kind: 'lost' })
    await session.close()
    await new Promise((wait) => setTimeout(wait, 1000))
    expect([opens, closed(), dead]).toEqual([2, 2, []])
  })
})

describe.each([
  { kind: 'makes pipes of here-documents', loop: 'fast', open: localStream('/bin/sh') },
  { kind: 'makes files of them', loop: 'slow', open: localStream('/usr/bin/env', ['BASH_COMPAT=5.0', 'bash', '--posix']) },
  { kind: 'ends at any error', loop: 'fast', open: localStream('/usr/bin/env', ['SHELLOPTS=errexit', 'bash', '--posix']) }
])('a session over a shell that $kind', ({ loop, open }) => {
  const withShell = (options: Partial<Parameters<typeof Session.open>[0]>, work: Work): Promise<void> => withSession({ open, ...options }, work)

  test(`uses the ${loop} loop`, async () => {
    await withShell({}, async (session) => {
      expect((await roundsLeft(session)) > 0).toBe(loop === 'fast')
    })
  })

  test('gives an exit status, and late output to the command that made it', async () => {
    await withShell({}, async (session) => {
      expect(await session.run(Buffer.from('exit 7'), 5000)).toMatchObject({ kind: 'done', status: 7 })
      const late = await session.run(Buffer.from('(sleep 0.2; echo late; echo err >&2) & echo first'), 5000)
      expect(late).toMatchObject({ kind: 'done', stdout: Buffer.from('first\nlate\n'), stderr: Buffer.from('err\n') })
    })
  })

  test('answers a queue of commands in order', async () => {
    await withShell({}, async (session) => {
      const outcomes = await Promise.all(Array.from({ length: 150 }, (_, index) => session.run(Buffer.from(`echo ${index}`), 20_000)))
      expect(outcomes.map((outcome) => (outcome.kind === 'done' ? outcome.stdout.toString() : outcome.kind))).toEqual(
        Array.from({ length: 150 }, (_, index) => `${index}\n`)
      )
    })
  })

  test('ends a command at its timeout, with its children, and goes on with the same shell', async () => {
    const shells: number[] = []
    await withShell({ onShell: ({ pid }) => shells.push(pid) }, async (session) => {
      const mark = `321${process.pid}`
      expect(await session.run(Buffer.from(`sleep ${mark} & (sleep ${mark} &) ; sleep ${mark}`), 300)).toEqual({
        kind: 'timed-out',
        message: 'the command did not end within 0.3 s'
      })
      const left = async (): Promise<string> => {
        const script = `grep -lz '${mark}' /proc/[0-9]*/cmdline 2>/dev/null | xargs -r -n1 dirname | while read d; do grep -qz '^sleep' $d/cmdline && echo $d; done`
        return (await byArgv('/bin/sh', ['-c', script])).stdout.toString()
      }
      for (let looks = 0; looks < 50 && (await left()) !== ''; looks += 1) await systemClock.sleep(100)
      expect(await left()).toBe('')
      const after = await session.run(Buffer.from('echo alive'), 5000)
      expect(after.kind === 'done' && after.stdout.toString()).toBe('alive\n')
      expect(shells).toHaveLength(1)
    })
  })

  test('finds its programs in a folder whose name has two lines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kscan-two\nlines-'))
    for (const name of ['cat', 'setsid']) symlinkSync(`/usr/bin/${name}`, join(folder, name))
    const open = localStream('/usr/bin/env', [`PATH=${folder}:${process.env['PATH'] ?? ''}`, '/bin/sh'])
    await withSession({ open }, async (session) => {
      expect(await session.run(Buffer.from('echo kill'), 20_000)).toMatchObject({ kind: 'done', status: 0, stdout: Buffer.from('kill\n') })
    })
    rmSync(folder, { recursive: true })
  })

  test.each(['x) S 1', 'a\nb', 'x)\ny', '\n', '(('])('ends at its timeout a child whose name is %j', async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'kscan-named-'))
    const program = join(folder, name)
    cpSync(realpathSync('/bin/sleep'), program)
    await withShell({}, async (session) => {
      const command = `'${program}' 60 >/dev/null 2>&1 & wait`
      expect((await session.run(Buffer.from(command), 300)).kind).toBe('timed-out')
      // its parent is ended before it, and with that the command is over
      const running = (): string[] => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && readArguments(pid).startsWith(`${program}\0`))
      for (let looks = 0; looks < 50 && running().length > 0; looks += 1) await systemClock.sleep(100)
      expect(running()).toEqual([])
    })
    rmSync(folder, { recursive: true })
  })

  test('says that a command printed too much, and goes on', async () => {
    await withShell({ outputCap: 100_000 }, async (session) => {
      expect((await session.run(Buffer.from('yes'), 20_000)).kind).toBe('too-large')
      expect((await session.run(Buffer.from('head -c 200000 /dev/zero; echo done >&2'), 20_000)).kind).toBe('too-large')
      const after = await session.run(Buffer.from('echo alive'), 5000)
      expect(after.kind === 'done' && after.stdout.toString()).toBe('alive\n')
    })
  })

  test('opens another shell once when one is killed, and calls lost what had been sent to it, not what had not', async () => {
    const shells: number[] = []
    const errors: ScanError[] = []
    await withShell({ onShell: ({ pid }) => shells.push(pid), onDead: (error) => errors.push(error) }, async (session) => {
      const running = session.run(Buffer.from('sleep 1'), 20_000)
      const queued = session.run(Buffer.from('echo queued'), 20_000)
      await systemClock.sleep(300)
      process.kill(shells[0] ?? 0, 'SIGKILL')
      expect((await running).kind).toBe('lost')
      expect(await queued).toMatchObject({ kind: 'done', stdout: Buffer.from('queued\n') })
      expect(await session.run(Buffer.from('echo next'), 20_000)).toMatchObject({ kind: 'done', status: 0 })
      process.kill(shells[1] ?? 0, 'SIGKILL')
      await systemClock.sleep(300)
      expect((await session.run(Buffer.from('echo dead'), 5000)).kind).toBe('lost')
      expect(errors).toHaveLength(1)
    })
  })

  test.each([
    ['a zero byte', Buffer.from('echo a\0b')],
    ['more than Linux takes', Buffer.from(`echo ${'x'.repeat(131_072)}`)]
  ])('refuses a command with %s', async (_name, command) => {
    await withShell({}, async (session) => {
      expect((await session.run(command, 1000)).kind).toBe('refused')
    })
  })
})
