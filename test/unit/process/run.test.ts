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
