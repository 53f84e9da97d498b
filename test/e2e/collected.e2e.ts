import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { hdfOf, kscan, startKscan } from './cli.ts'
import { NAMESPACE, removePod, startPod, strayProcesses, untilReady } from './cluster.ts'
import { readyToolbox, TOOLBOX } from './toolbox.ts'

const work = mkdtempSync(join(tmpdir(), 'kscan-e2e-collected-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const profile = (name: string, commands: readonly string[]): string => {
  const folder = join(work, name)
  mkdirSync(join(folder, 'controls'), { recursive: true })
  writeFileSync(join(folder, 'inspec.yml'), `name: ${name}\nversion: 1.0.0\n`)
  const control = (command: string, index: number): string =>
    `control 'c${index}' do\n  describe command(%q\u0001${command}\u0001) do\n    its('exit_status') { should be >= 0 }\n  end\nend\n`
  writeFileSync(join(folder, 'controls', 'all.rb'), commands.map(control).join(''))
  return folder
}

/** More commands than one pair of readers serves, and some that start others. */
const MANY = profile('many', [
  ...Array.from({ length: 70 }, (_, index) => `echo ${index}`),
  'echo a | cat | cat >/dev/null',
  'x=$(id); sleep 0.1 & wait; echo "$x"'
])
const LONG = profile(
  'long',
  Array.from({ length: 60 }, (_, index) => `sleep 0.2; echo ${index}`)
)
const LATE = profile('late', ['exec sleep 77'])
const HEAVY = profile('heavy', ['sleep 77; echo never', '(sleep 0.2 >/dev/null 2>&1 &) ; echo detached', 'sleep 1'])

const run = (pod: string, folder: string): string[] => [
  'scan',
  '--namespace',
  NAMESPACE,
  '--pod',
  pod,
  '--profile',
  folder,
  '--threshold',
  'compliance: {min: 0}'
]

/** Process 1 of each sleeps, and collects no child that is not its own. */
const PODS: [pod: string, image: string, command: string[]][] = [
  ['idle-dash', 'test.local/debian:1', ['sh', '-c', 'exec sleep 100000']],
  ['idle-bash', 'test.local/debian:1', ['bash', '-c', 'ln -sf bash /bin/sh; exec sleep 100000']],
  ['idle-busybox', 'test.local/busybox:1', ['sh', '-c', 'exec sleep 100000']]
]

beforeAll(async () => {
  for (const [name, image, command] of PODS) {
    await removePod(name)
    await startPod(name, { containers: [{ name: 'main', image, imagePullPolicy: 'Never', command }] }, image)
  }
  for (const [name] of PODS) await untilReady(name)
})
afterAll(async () => {
  for (const [name] of PODS) await removePod(name)
})

const gone = async (pod: string): Promise<string[]> => {
  for (let tries = 0; tries < 100 && (await strayProcesses(pod)).length > 0; tries += 1) await new Promise((wait) => setTimeout(wait, 100))
  return await strayProcesses(pod)
}

describe.each(PODS)('a scan of %s leaves no process to a process 1 that collects none', (pod) => {
  test('twice', async () => {
    for (let time = 0; time < 2; time += 1) expect((await kscan(run(pod, MANY))).code).toBe(0)
    expect(await strayProcesses(pod)).toEqual([])
  })

  test('when a command that is one process is killed at its timeout', async () => {
    const ran = await kscan([...run(pod, LATE), '--command-timeout', '1s'])
    expect([ran.code, await strayProcesses(pod)]).toEqual([3, []])
  })

  test('when it is interrupted, and when it is killed, with and without cleanup', async () => {
    for (const [signal, undone] of [
      ['SIGINT', false],
      ['SIGKILL', false],
      ['SIGKILL', true]
    ] as const) {
      const running = startKscan(run(pod, LONG))
      await running.until('✓ Grant access')
      await new Promise((wait) => setTimeout(wait, 3000))
      running.signal(signal)
      const { folder } = await running.ended
      if (undone) expect((await kscan(['cleanup'], { folder })).code).toBe(0)
      expect([signal, undone, await gone(pod)]).toEqual([signal, undone, []])
      if (signal === 'SIGKILL' && !undone) await kscan(['cleanup'], { folder })
    }
  })
})

test('what commands leave to process 1 is said in the reports', async () => {
  const ran = await kscan([...run('idle-dash', HEAVY), '--command-timeout', '2s'])
  const left = await strayProcesses('idle-dash')
  // of the two, the shell that is killed may still collect its own child
  expect([left.length === 1 || left.length === 2, left.filter((line) => !line.endsWith(' Z 1 sleep'))]).toEqual([true, []])
  const kept = left.length === 1 ? 'kept: 1 more ended process in' : 'kept: 2 more ended processes in'
  expect([ran.code, ran.stdout.replaceAll(/\s+/g, ' ')]).toEqual([3, expect.stringContaining(`${kept} the process list of`)])
})

test('a lent shell leaves none either, not even what its commands left', async () => {
  readyToolbox()
  const lent = ['--approach', 'debug-container', '--helper-image', TOOLBOX, '--allow', 'unpoliced-ephemeral-container']
  const before = await strayProcesses('idle-busybox')
  const ran = [await kscan([...run('idle-busybox', MANY), ...lent]), await kscan([...run('idle-busybox', HEAVY), ...lent, '--command-timeout', '2s'])]
  expect([ran.map(({ code }) => code), ran.map((each) => hdfOf(each).size), await strayProcesses('idle-busybox')]).toEqual([[0, 3], [1, 1], before])
  const running = startKscan([...run('idle-busybox', LONG), ...lent])
  await running.until('✓ Grant access')
  await new Promise((wait) => setTimeout(wait, 6000))
  running.signal('SIGKILL')
  const { folder } = await running.ended
  await kscan(['cleanup'], { folder })
  expect(await gone('idle-busybox')).toEqual(before)
})
