import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { pids } from '../../src/process/pids.ts'
import { TOOLS } from '../support/command-line.ts'

/** The first run on a machine fetches the auditor and builds the toolbox. */
jest.setTimeout(300_000)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-demo-test-'))
})
const folders: string[] = []
afterEach(() => void folders.push(folder))
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true, force: true })))

interface Judged {
  readonly target: string
  readonly unjudged: readonly unknown[]
  readonly counts: { readonly failed: { readonly total: number } }
}

interface Demo {
  readonly child: ChildProcess
  readonly said: () => string
}

const start = (...flags: string[]): Demo => {
  const env = { ...process.env, TMPDIR: folder, XDG_CACHE_HOME: TOOLS }
  const child = spawn(process.execPath, ['scripts/demo/main.ts', ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { child, said: () => said }
}

const ended = async ({ child }: Demo): Promise<unknown> => (await once(child, 'close'))[0]

/** Processes that name the folder, or whose root is below it. */
const processes = (): number[] =>
  pids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) || readlinkSync(`/proc/${pid}/root`).includes(folder)
    } catch {
      return false // it ended
    }
  })

test('the demo shows a failed gate on containers of its own, and leaves nothing but its reports', async () => {
  const demo = start('--embedded')
  expect(await ended(demo)).toBe(0)
  const said = demo.said()
  const lent = !said.includes('The container without a shell is left out')
  expect(said).toContain('Simulated: the API server, on 127.0.0.1, and the kubelet.')
  for (const name of ['web', 'planted', ...(lent ? ['bare'] : [])]) expect(said).toMatch(new RegExp(`demo/${name}/main: \\d+ commands in `))
  expect(said).toMatch(
    /NOT COMPLIANT: [^]*This is what a failed gate looks like: kscan ended with exit 1, and a job would stop here\.\nReport: .*\nTime: .*\nLeft: {3}nothing but/
  )
  const [, report = ''] = /^Report: (.*)$/m.exec(said) ?? []
  expect(readFileSync(report, 'utf8')).toContain('simulated-by-the-demo')
  const run = JSON.parse(readFileSync(join(dirname(report), 'run.json'), 'utf8')) as { verdict: { targets: Judged[] } }
  const { targets } = run.verdict
  expect(targets.map(({ unjudged }) => unjudged)).toEqual(lent ? [[], [], []] : [[], []])
  const failed = Object.fromEntries(targets.map(({ target, counts }) => [target, counts.failed.total]))
  expect([failed['demo/web/main'], (failed['demo/planted/main'] ?? 0) >= 28]).toEqual([5, true])
  expect([processes(), readdirSync(folder).filter((name) => !existsSync(join(folder, name, 'kscan-reports')))]).toEqual([[], []])
})

test.each(['SIGINT', 'SIGTERM'] as const)('the demo ends at %s, and leaves nothing but its reports', async (signal) => {
  const demo = start('--embedded')
  while (!demo.said().includes('Grant access')) await new Promise((wait) => setTimeout(wait, 50))
  expect(processes().length).toBeGreaterThan(3)
  demo.child.kill(signal)
  expect([await ended(demo), demo.said()]).toEqual([130, expect.stringContaining('Left:   nothing')])
  expect([
    processes(),
    readdirSync(folder)
      .flatMap((name) => readdirSync(join(folder, name)))
      .filter((name) => name !== 'kscan-reports')
  ]).toEqual([[], []])
})

test.each([
  [['--contxt', 'x'], "Unknown option '--contxt'"],
  [['--namespace', 'x'], 'kubeconfig, namespace and helper-image go with --context'],
  [['x'], "Unexpected argument 'x'"]
])('%j is refused with what there is', async (flags, words) => {
  const demo = start(...flags)
  expect([await ended(demo), demo.said()]).toEqual([2, expect.stringMatching(new RegExp(`error: .*${words}[^]*--helper-image IMAGE`))])
})
