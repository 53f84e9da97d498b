import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { audit, type AuditJob } from '../../../src/auditor/launch.ts'
import { logInto } from '../../../src/auditor/log-file.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { namelessFile } from '../../../src/kernel/nameless-file.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { run } from '../../../src/process/run.ts'

const TOKEN = 'the-token-of-the-broker'
let folder = ''
const ending: Promise<unknown>[] = []
beforeEach(() => {
  ending.length = 0
  folder = mkdtempSync(join(tmpdir(), 'kscan-launch-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An auditor that does this; `$results` is where its results belong. */
const auditedBy = async (code: string, more: Partial<AuditJob> = {}): Promise<Buffer> => {
  const file = join(folder, 'auditor')
  writeFileSync(file, `#!/bin/sh\nfor word; do case $word in --reporter=json:*) results=\${word#--reporter=json:};; esac; done\n${code}\n`, { mode: 0o700 })
  using printed = namelessFile(folder)
  return await audit({
    command: { file, args: [] },
    isolation: { run },
    env: { PATH: process.env['PATH'] ?? '' },
    plugin: '/plugin',
    folder,
    broker: { socket: '/broker', token: new Secret(TOKEN), settled: () => Promise.resolve(), close: () => Promise.resolve() },
    identity: 'shop/web/main',
    profiles: ['/profile'],
    inputFiles: [],
    waiverFiles: [],
    controls: [],
    tags: [],
    log: printed,
    logPlace: 'reports/auditor.log',
    timeout: 60_000,
    signal: new AbortController().signal,
    later: (work) => ending.push(work),
    ...more
  }).finally(() => (said = printed.head(1000).toString()))
}
let said = ''

test('an auditor gets a home of its own, and its token by its input alone; its results come as they were written', async () => {
  const said = join(folder, 'said')
  const raw = await auditedBy(`cat >'${said}.input'; { echo "$*"; env; } >'${said}'; printf '\\377{}' >"$results"; exit 100`)
  expect([...raw]).toEqual([0xff, ...Buffer.from('{}')])
  expect(JSON.parse(readFileSync(`${said}.input`, 'utf8'))).toMatchObject({ credentials: { kscan: { target: { socket: '/broker', token: TOKEN } } } })
  const words = readFileSync(said, 'utf8')
  expect(words).toContain(`HOME=${join(folder, 'home')}\n`)
  expect([words.includes(TOKEN), words.includes('NODE_OPTIONS'), words.includes('KUBECONFIG')]).toEqual([false, false, false])
})

test('what it prints is kept, and lies in no folder', async () => {
  await auditedBy('ls -A .. >names; echo out; echo err >&2; echo {} >"$results"')
  expect(said.split('\n').toSorted()).toEqual(['', 'err', 'out'])
  expect(readFileSync(join(folder, 'home', 'names'), 'utf8').split('\n')).toEqual(['auditor', 'home', ''])
})

describe('an auditor that would have other files taken for its results', () => {
  test.each([
    [
      'puts a link to one in all places that it can write to',
      'for f in ../*; do [ "$f" = ../home ] || ln -sf "$PWD/secret" "$f"; done; rm -rf config; ln -s "$PWD/secret" config'
    ],
    ['puts a link in the place that it was told', 'ln -sf "$PWD/secret" "$results" 2>/dev/null'],
    ['takes away the folder that its home lies in', 'rm -rf ../* 2>/dev/null']
  ])('and %s, has none', async (_what, code) => {
    await expect(auditedBy(`echo mine >secret; ${code}; exit 0`)).rejects.toMatchObject({
      code: 'RESULTS_UNREADABLE',
      message: 'The auditor ended without results (exit 0)'
    })
  })

  test('and does so beside its results, has those that it wrote', async () => {
    const raw = await auditedBy('echo mine >secret; echo {} >"$results"; for f in ../*; do ln -sf "$PWD/secret" "$f" 2>/dev/null; done; exit 0')
    expect(raw.toString()).toBe('{}\n')
  })
})

test('results without end are none, and are not read', async () => {
  await expect(auditedBy('truncate -s 1T /dev/fd/3; exit 0')).rejects.toMatchObject({
    code: 'RESULTS_UNREADABLE',
    message: expect.stringContaining('more than')
  })
})

test('the results of an auditor behind other programs, which opens them anew, are its own', async () => {
  const raw = await auditedBy(`sh -c 'exec env sh -c "echo old >/dev/fd/3; echo new >/dev/fd/3"'; exit 0`)
  expect(raw.toString()).toBe('new\n')
})

test('what waits in the place of the home of an audit is not written to', async () => {
  const other = join(folder, 'other')
  mkdirSync(join(other, 'config'), { recursive: true })
  writeFileSync(join(other, 'config', 'plugins.json'), 'mine')
  symlinkSync(other, join(folder, 'home'))
  await expect(auditedBy('exit 0')).rejects.toThrow('EEXIST')
  expect(readFileSync(join(other, 'config', 'plugins.json'), 'utf8')).toBe('mine')
})

test.each([
  ['that breaks', 'echo {} >"$results"; echo "no such gem"; exit 4', 'AUDITOR_FAILED', 'no such gem'],
  ['that writes no results', 'exit 0', 'RESULTS_UNREADABLE', 'The auditor ended without results (exit 0)']
])('one %s is an error, whatever it wrote', async (_what, code, error, words) => {
  await expect(auditedBy(code)).rejects.toMatchObject({ code: error, message: expect.stringContaining(words) })
})

test('one that does not end in time is ended, and its results do not count', async () => {
  const late = auditedBy(`echo {} >"$results"; echo $$ >'${join(folder, 'pid')}'; exec sleep 600`, { timeout: 1500 })
  await expect(late).rejects.toMatchObject({ code: 'TIMED_OUT', message: 'The audit of shop/web/main did not end within 1.5 s' })
})

test('one is ended at once when the run is interrupted, and that is the reason', async () => {
  const interrupt = new AbortController()
  const pid = join(folder, 'pid')
  const ended = auditedBy(`echo {} >"$results"; echo $$ >'${pid}'; exec sleep 600`, { signal: interrupt.signal, timeout: 600_000 })
  while (!existsSync(pid) || readFileSync(pid, 'utf8') === '') await systemClock.sleep(10)
  interrupt.abort(new ScanError('INTERRUPTED', 'Interrupted by SIGTERM'))
  await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await Promise.all(ending)
  expect(existsSync(`/proc/${readFileSync(pid, 'utf8').trim()}`)).toBe(false)
})

/** What a profile can do to whoever waits for its auditor; `MARK` is a time that nothing else sleeps. */
const HOLDING: [what: string, code: string][] = [
  ['leaves a daemon that holds its output', 'setsid sleep MARK &'],
  ['does not listen', "trap '' TERM INT HUP"],
  ['is stopped', '(sleep 0.5; kill -STOP $$) &'],
  ['prints without end', 'yes &']
]
const sleeping = (mark: string): string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && existsSync(`/proc/${pid}/cmdline`) && commandOf(pid).includes(mark))
const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

test.each(HOLDING)('one that %s is not waited for when the run is interrupted, and is gone soon after', async (what, code) => {
  const interrupt = new AbortController()
  const mark = `81${what.length}${process.pid}`
  const begun = join(folder, 'begun')
  const audited = auditedBy(`${code.replace('MARK', mark)}\ntouch '${begun}'; while :; do sleep ${mark}; done`, { signal: interrupt.signal, timeout: 600_000 })
  while (!existsSync(begun)) await systemClock.sleep(10)
  let over = false
  const last = Promise.all(ending).then(() => (over = true))
  interrupt.abort(new ScanError('INTERRUPTED', 'Interrupted by SIGTERM'))
  await expect(audited).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(over).toBe(false)
  await last
  while (sleeping(mark).length > 0) await systemClock.sleep(20)
})

test('one that leaves a daemon has results like any other', async () => {
  const mark = `82${process.pid}`
  expect(String(await auditedBy(`setsid sleep ${mark} & echo {} >"$results"`))).toBe('{}\n')
  while (sleeping(mark).length > 0) await systemClock.sleep(20) // what was killed may take a moment to go
})

test('a log holds so much and says so, also when audits follow each other', () => {
  using file = namelessFile(folder)
  for (let audits = 0; audits < 2; audits += 1) {
    const log = logInto(file, 1000)
    for (let chunks = 0; chunks < 50; chunks += 1) log.write(Buffer.alloc(30, 'x'))
  }
  expect(file.head(5000).toString()).toBe(`${'x'.repeat(1000)}\nkscan: the auditor printed more than the 1000 bytes that are kept.\n`)
})

test('nothing is written to a log after its end: its descriptor may be of another file by then', () => {
  using file = namelessFile(folder)
  const log = logInto(file)
  log.write(Buffer.from('before'))
  log.end()
  log.write(Buffer.from('after'))
  expect(file.head(5000).toString()).toBe('before')
})
