import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { type Ended, type Job, run } from '../../../src/process/run.ts'
import { byArgv } from '../../support/local-stream.ts'

const work = mkdtempSync(join(tmpdir(), 'kscan-process-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** Of what starts programs and waits for their end, on a machine that is busy. */
const TEST_MS = 60_000

const sh = (script: string, more: Partial<Job> = {}): Promise<Ended> => run({ file: '/bin/sh', args: ['-c', script], env: {}, ...more })

/** Processes of this machine with such an argument. */
const running = async (mark: string): Promise<string> => (await byArgv('/bin/sh', ['-c', `grep -lsx -z '${mark}' /proc/[0-9]*/cmdline`])).stdout.toString()

test.each<[script: string, ended: Partial<Ended>]>([
  ['echo a; echo b >&2', { reason: 'exited', exitCode: 0, signal: null, stdout: 'a\n', stderr: 'b\n' }],
  ['exit 7', { reason: 'exited', exitCode: 7, signal: null }],
  ['kill -9 $$', { reason: 'killed', exitCode: null, signal: 'SIGKILL' }]
])('how a program ended is a value: %s', async (script, ended) => expect(await sh(script)).toMatchObject(ended))

test('what could not be started says why', async () => {
  expect(await run({ file: '/nosuch/program', args: [], env: {} })).toMatchObject({ reason: 'not-started', exitCode: null, error: { code: 'ENOENT' } })
})

test('a program gets its own variables and its input, and nothing of ours', async () => {
  const ended = await run({ file: '/usr/bin/env', args: [], env: { ONLY: 'this' } })
  expect([ended.stdout, (await sh('cat', { stdin: 'said' })).stdout]).toEqual(['ONLY=this\n', 'said'])
})

test(
  'so much output is kept, and the program is not held up',
  async () => {
    const ended = await sh('/usr/bin/head -c 5000000 /dev/zero; echo end >&2')
    expect([ended.stdout.length, ended.stderr, ended.exitCode]).toEqual([4 * 1024 * 1024, 'end\n', 0])
  },
  TEST_MS
)

test('output goes piece by piece to who asks for it', async () => {
  const pieces: string[] = []
  const ended = await sh('echo a; echo b >&2', { onOutput: (chunk, from) => pieces.push(`${from} ${chunk.toString()}`) })
  expect([pieces.toSorted(), ended.stdout]).toEqual([['stderr b\n', 'stdout a\n'], ''])
})

test.each<[how: string, script: string, mark: string]>([
  ['that listens', 'sleep MARK & exec sleep MARK', `6110${process.pid}`],
  ['that does not listen', "trap '' TERM; sleep MARK & while :; do sleep MARK; done", `6220${process.pid}`],
  ['that left a child which does not listen', "(trap '' TERM; exec sleep MARK) >/dev/null 2>&1 & sleep 0.2; exec sleep MARK", `6330${process.pid}`]
])(
  'a program %s is ended with its children at its time',
  async (_how, script, mark) => {
    const ended = await sh(script.replaceAll('MARK', mark), { timeout: 700, env: { PATH: process.env['PATH'] ?? '' } })
    expect([ended.reason, await running(mark)]).toEqual(['timed-out', ''])
  },
  TEST_MS
)

test('a program is stopped by its signal, also by one that was aborted before', async () => {
  const later = new AbortController()
  setTimeout(() => later.abort(), 200)
  const ended = await Promise.all([sh('exec /bin/sleep 60', { signal: later.signal }), sh('exec /bin/sleep 60', { signal: AbortSignal.abort() })])
  expect(ended.map(({ reason }) => reason)).toEqual(['aborted', 'aborted'])
})

const PATH = process.env['PATH'] ?? ''

/** How a daemon gets away from the program that starts it; it sleeps for MARK seconds. */
const GETTING_AWAY: [how: string, script: string][] = [
  ['in the group', 'sleep MARK &'],
  ['in a session of its own', 'setsid sleep MARK &'],
  ['as a child of process 1', '(setsid sh -c "sleep MARK & sleep MARK & exit" &) ; sleep 0.3'],
  ['stopped', 'setsid sh -c "kill -STOP \\$\\$; exec sleep MARK" & sleep 0.3; setsid sleep MARK &'],
  ['deaf', "trap '' TERM; setsid sleep MARK &"],
  ['without its environment', '(setsid env -i /bin/sleep MARK &) ; sleep 0.3'],
  ['without its pipes', '(setsid sleep MARK </dev/null >/dev/null 2>&1 &) ; sleep 0.3']
]

test.each(GETTING_AWAY)(
  'a program that leaves a daemon %s ends with what it said, and the daemon with it',
  async (how, script) => {
    const mark = `71${how.length}0${process.pid}`
    const ended = await sh(`echo said; ${script.replaceAll('MARK', mark)}`, { ownHome: true, timeout: TEST_MS / 2, env: { PATH, HOME: join(work, how) } })
    expect([ended.reason, ended.exitCode, ended.stdout, await running(mark)]).toEqual(['exited', 0, 'said\n', ''])
  },
  TEST_MS
)

test.each(GETTING_AWAY)(
  'nothing is waited for where a daemon is left %s, and the program does not end by itself',
  async (how, script) => {
    const mark = `72${how.length}0${process.pid}`
    const ended = await sh(`${script.replaceAll('MARK', mark)}\nexec sleep ${mark}`, {
      ownHome: true,
      timeout: 1500,
      env: { PATH, HOME: join(work, `late ${how}`) }
    })
    expect([ended.reason, await running(mark)]).toEqual(['timed-out', ''])
  },
  TEST_MS
)

test(
  'a program of ours may leave a daemon, which is not waited for even where it holds the pipes',
  async () => {
    const mark = `7300${process.pid}`
    const ended = await sh(`setsid sleep ${mark} & echo said`, { env: { PATH } })
    expect([ended.reason, ended.stdout, (await running(mark)) === '']).toEqual(['exited', 'said\n', false])
    await byArgv('/bin/sh', ['-c', `for f in $(grep -lsx -z ${mark} /proc/[0-9]*/cmdline); do f=\${f#/proc/}; kill -9 "\${f%/cmdline}"; done`])
  },
  TEST_MS
)

test(
  'what starts others without end is ended with all of them',
  async () => {
    const mark = `7400${process.pid}`
    const ended = await sh(`n=0; while [ $n -lt 300 ]; do setsid sleep ${mark} & n=$((n+1)); [ $n -lt 200 ] || sleep 0.05; done; sleep 60`, {
      ownHome: true,
      timeout: 2000,
      env: { PATH, HOME: join(work, 'storm') }
    })
    expect([ended.reason, await running(mark)]).toEqual(['timed-out', ''])
  },
  TEST_MS
)

test(
  'a program that prints without end is ended at its time',
  async () => {
    let bytes = 0
    const ended = await sh('while :; do head -c 1000000 /dev/zero; done', { timeout: 1000, env: { PATH }, onOutput: (chunk) => (bytes += chunk.length) })
    expect([ended.reason, bytes > 0]).toEqual(['timed-out', true])
  },
  TEST_MS
)
