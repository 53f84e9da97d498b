import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { writtenProfile } from '../support/written-profile.ts'
import { kscan, leftHere, type Ran, startKscan } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE, removePod, startPod, strayProcesses, untilReady } from './cluster.ts'

/** Undoing may take 6 s; three times that on a busy machine. */
const UNDO_MS = 3 * 6000

const target = (pod: string): string[] => ['--namespace', NAMESPACE, '--pod', pod]
const profile = (name: string): string[] => ['--profile', resolve('test/fixtures/profiles', name)]
const slow = (pod: string): string[] => ['scan', ...target(pod), ...profile('slow')]

/** The audit begins, and is under way. */
const AUDITING = '✓ Grant access'
const CHECKING = 'of 40 checks'

const nothingLeft = async (ran: Ran): Promise<void> => expect([await leftBehind(), leftHere(ran)]).toEqual([[], []])

/** Processes of this machine with such a word in their command line. */
const byCommand = (mark: string): string => spawnSync('pgrep', ['-f', `sleep ${mark}`], { encoding: 'utf8' }).stdout

describe('an interruption', () => {
  afterEach(async () => expect(await strayProcesses('debian')).toEqual([]))

  test.each([
    ['SIGINT', 'at the start', 'profile:'],
    ['SIGINT', 'while the auditor is made ready', '✓ Connect to the cluster'],
    ['SIGINT', 'while access is granted', '✓ Ready the auditor'],
    ['SIGINT', 'while the session opens', AUDITING],
    ['SIGTERM', 'while access is granted', '✓ Ready the auditor'],
    ['SIGTERM', 'while the session opens', AUDITING]
  ] as const)('by %s %s is exit 130, and nothing is left', async (name, _when, text) => {
    const running = startKscan(slow('debian'))
    await running.until(text)
    running.signal(name)
    const ran = await running.ended
    expect([ran.code, ran.stderr]).toEqual([130, expect.stringContaining(`Interrupted by ${name}`)])
    expect(ran.milliseconds).toBeLessThan(UNDO_MS)
    await nothingLeft(ran)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s in the middle of the audit, twice, is exit 130, and nothing is left', async (name) => {
    const running = startKscan(slow('debian'))
    await running.until(CHECKING)
    running.signal(name)
    setTimeout(() => running.signal(name), 20)
    const ran = await running.ended
    expect([ran.code, ran.stderr]).toEqual([130, expect.stringContaining(`Interrupted by ${name}`)])
    expect(ran.milliseconds).toBeLessThan(UNDO_MS)
    await nothingLeft(ran)
  })

  test('by SIGINT is not held up by what a profile left running, which is gone, too', async () => {
    const mark = `70${process.pid}`
    const held = writtenProfile(mkdtempSync(join(tmpdir(), 'kscan-held-')), {
      held: `Process.detach(Process.spawn('/bin/sleep', '${mark}', pgroup: true))\nfork { Process.daemon(true, true); $0 = '/bin/sleep ${mark}'; Signal.trap('TERM', ''); sleep 7000 }`,
      waits: 'sleep 600'
    })
    const running = startKscan(['scan', ...target('debian'), '--profile', held])
    await running.until(AUDITING)
    while (byCommand(mark) === '') await new Promise((wait) => setTimeout(wait, 50))
    await new Promise((wait) => setTimeout(wait, 2000))
    running.signal('SIGINT')
    const ran = await running.ended
    expect([ran.code, byCommand(mark)]).toEqual([130, ''])
    expect(ran.milliseconds).toBeLessThan(UNDO_MS)
    await nothingLeft(ran)
  })

  test('by SIGINT while access is revoked does not stop the revocation', async () => {
    const running = startKscan(['scan', ...target('debian'), '--profile', resolve('test/fixtures/profiles/first'), '--controls', 'accounts-1'])
    await running.until('✓ Audit')
    running.signal('SIGINT')
    const ran = await running.ended
    expect(ran.code).toBe(130)
    await nothingLeft(ran)
  })

  test.each([0, 100, 250, 500, 1500])('by SIGKILL %i ms after the grant began is undone by cleanup', async (delay) => {
    const running = startKscan(slow('debian'))
    await running.until('✓ Ready the auditor')
    await new Promise((wait) => setTimeout(wait, delay))
    running.signal('SIGKILL')
    const killed = await running.ended
    const cleaned = await kscan(['cleanup'], { folder: killed.folder })
    expect([killed.code, cleaned.code, cleaned.stderr]).toEqual([null, 0, ''])
    await nothingLeft(killed)
  })
})

describe('a target', () => {
  const start = async (name: string): Promise<void> => {
    await startPod(name)
    await untilReady(name)
  }

  test('near to its memory limit is not scanned, and lives on', async () => {
    const fill = 'dd if=/dev/zero of=/dev/shm/fill bs=1M count=24; touch /tmp/filled; sleep 100000'
    const container = {
      name: 'full',
      image: 'test.local/debian:1',
      imagePullPolicy: 'Never',
      command: ['sh', '-c', fill],
      resources: { limits: { memory: '32Mi' } }
    }
    await startPod('full', { containers: [container] })
    try {
      await untilReady('full')
      await kubectl('exec', '-n', NAMESPACE, 'full', '--', 'sh', '-c', 'until [ -e /tmp/filled ]; do sleep 0.2; done')
      const ran = await kscan(['scan', ...target('full'), ...profile('slow')])
      expect([ran.code, ran.stderr]).toEqual([
        4,
        expect.stringMatching(/error: .* left until its memory limit; a scan needs 12;.*\nerror: +Raise resources.limits.memory/)
      ])
      expect(await kubectl('get', 'pod', 'full', '-n', NAMESPACE, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0')
      await nothingLeft(ran)
    } finally {
      await removePod('full')
    }
  })

  test('that is deleted in the middle is exit 4', async () => {
    await start('doomed')
    const running = startKscan(slow('doomed'))
    await running.until(CHECKING)
    await removePod('doomed')
    const ran = await running.ended
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/error: .*(the pod is gone|being deleted|was restarted|session)/)])
    await nothingLeft(ran)
  })

  test('whose container restarts in the middle is exit 4', async () => {
    await start('restarting')
    try {
      const running = startKscan(slow('restarting'))
      await running.until(CHECKING)
      await kubectl('exec', '-n', NAMESPACE, 'restarting', '--', '/bin/sh', '-c', 'pkill -9 sleep; kill -9 -1').catch(() => {})
      const ran = await running.ended
      expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/error: .*(restarted|is not running|has ended|session)/)])
      await nothingLeft(ran)
    } finally {
      await removePod('restarting')
    }
  })
})

describe('an auditor', () => {
  const program = (script: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'kscan-e2e-auditor-')), 'cinc-auditor')
    writeFileSync(file, `#!/bin/sh\n[ "$1" = version ] && { echo 6.8.1; exit; }\n${script}\n`)
    chmodSync(file, 0o755)
    return file
  }
  const first = ['scan', ...target('debian'), '--profile', resolve('test/fixtures/profiles/first')]

  test('that is not there is exit 4 with all that was tried, before anything is made', async () => {
    const ran = await kscan(first, { env: { PATH: '/nonexistent' } })
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringMatching(/No usable auditor: cinc-auditor: not found on PATH; inspec: not found on PATH; gems: no ruby on PATH/)
    ])
    expect(ran.stderr).not.toContain('Grant access')
    await nothingLeft(ran)
  })

  test.each([
    ['crashes', 'echo it hurts >&2; kill -SEGV $$', 'it was ended by SIGSEGV\n  | it hurts'],
    ['ends with a code that says nothing', 'echo it hurts; exit 1', 'it stopped with a usage error or an exception (exit 1)\n  | it hurts'],
    ['ends well without results', 'exit 0', 'The auditor ended without results (exit 0)'],
    ['writes results that are none', 'for a; do case $a in --reporter=json:*) echo "{}" >"${a#--reporter=json:}";; esac; done', 'cannot be read']
  ])('that %s is not a pass', async (_how, script, words) => {
    const ran = await kscan([...first, '--auditor', program(script)])
    expect([ran.code, ran.stderr.replaceAll('error: ', '')]).toEqual([
      words.startsWith('The') || words === 'cannot be read' ? 3 : 4,
      expect.stringContaining(words)
    ])
    await nothingLeft(ran)
  })

  test('that hangs, and whose child does not listen to SIGTERM, is ended at the limit', async () => {
    const ran = await kscan([...first, '--scan-timeout', '2s', '--auditor', program("(trap '' TERM; sleep 4711) & trap '' TERM; sleep 4711")])
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('did not end within 2 s')])
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('sleep 4711')
    await nothingLeft(ran)
  })
})

describe('a profile', () => {
  test('that is not there is exit 2, before anything is asked of the cluster', async () => {
    const ran = await kscan(['scan', ...target('debian'), ...profile('none')])
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringMatching(/profile: expected a folder with inspec\.yml, or a \.rb file; got .*none: it does not exist/)
    ])
    expect(ran.stderr).not.toContain('Connect to the cluster')
  })

  test.each([
    ['empty', 'the profile empty has no controls to run'],
    ['windows', 'No container can be judged by a profile that fits none: windows supports ']
  ])('that is %s is exit 3 with the reason', async (name, words) => {
    const ran = await kscan(['scan', ...target('debian'), ...profile(name)])
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([3, expect.stringContaining(words)])
    await nothingLeft(ran)
  })

  test('whose source cannot be parsed is exit 3 with the place', async () => {
    const ran = await kscan(['scan', ...target('debian'), ...profile('broken')])
    expect([ran.code, ran.stderr]).toEqual([
      3,
      expect.stringMatching(/error: The profile broken did not load: syntax error in controls\/broken\.rb:2: unexpected /)
    ])
    await nothingLeft(ran)
  })

  test.each([
    ['empty', 'empty-profile'],
    ['windows', 'skipped-profile']
  ])('%s is accepted where unjudged-ok says %s, and said', async (name, word) => {
    const ran = await kscan(['scan', ...target('debian'), ...profile(name), '--unjudged-ok', word])
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(new RegExp(`note: .*\\(unjudged-ok accepts it:\\s+${word}\\)`))])
  })

  test('that is empty beside another one is exit 3 too', async () => {
    const ran = await kscan([
      'scan',
      ...target('debian'),
      '--profile',
      resolve('test/fixtures/profiles/first'),
      ...profile('empty'),
      '--threshold',
      'failed: {total: {max: 100}}'
    ])
    expect([ran.code, ran.stdout]).toEqual([3, expect.stringContaining('the profile empty has no controls to run')])
  })
})
