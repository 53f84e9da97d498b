import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { audit, type AuditJob } from '../../../src/auditor/launch.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { Secret } from '../../../src/kernel/secret.ts'

const TOKEN = 'the-token-of-the-broker'
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-launch-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** An auditor that does this; `$results` is where its results belong. */
const auditedBy = (code: string, more: Partial<AuditJob> = {}): Promise<Buffer> => {
  const file = join(folder, 'auditor')
  writeFileSync(file, `#!/bin/sh\nfor word; do case $word in --reporter=json:*) results=\${word#--reporter=json:};; esac; done\n${code}\n`, { mode: 0o700 })
  return audit({
    command: { file, args: [] },
    env: { PATH: process.env['PATH'] ?? '' },
    plugin: '/plugin',
    folder,
    broker: { socket: '/broker', token: new Secret(TOKEN), close: () => Promise.resolve() },
    identity: 'shop/web/main',
    profiles: ['/profile'],
    inputFiles: [],
    waiverFiles: [],
    controls: [],
    tags: [],
    logFile: join(folder, 'log'),
    logPlace: 'reports/auditor.log',
    timeout: 60_000,
    signal: new AbortController().signal,
    ...more
  })
}

test('an auditor gets a home of its own, and its token by its input alone; its results come as they were written', async () => {
  const said = join(folder, 'said')
  const raw = await auditedBy(`cat >'${said}.input'; { echo "$*"; env; } >'${said}'; printf '\\377{}' >"$results"; exit 100`)
  expect([...raw]).toEqual([0xff, ...Buffer.from('{}')])
  expect(JSON.parse(readFileSync(`${said}.input`, 'utf8'))).toMatchObject({ credentials: { kscan: { target: { socket: '/broker', token: TOKEN } } } })
  const words = readFileSync(said, 'utf8')
  expect(words).toContain(`HOME=${join(folder, 'home')}\n`)
  expect([words.includes(TOKEN), words.includes('NODE_OPTIONS'), words.includes('KUBECONFIG')]).toEqual([false, false, false])
})

test('what it prints goes into a log that others cannot read', async () => {
  await auditedBy('echo out; echo err >&2; echo {} >"$results"')
  expect(readFileSync(join(folder, 'log'), 'utf8').split('\n').toSorted()).toEqual(['', 'err', 'out'])
  expect(statSync(join(folder, 'log')).mode & 0o777).toBe(0o600)
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
  expect(existsSync(`/proc/${readFileSync(pid, 'utf8').trim()}`)).toBe(false)
})
