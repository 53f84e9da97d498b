import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chooseIsolation, type Isolation } from '../../src/auditor/isolation/isolation.ts'
import { run } from '../../src/process/run.ts'

export interface StartCost {
  readonly kind: Isolation['kind']
  /** Milliseconds, the median. */
  readonly start: number
  /** Of a start without isolation, taken between those with. */
  readonly bare: number
}

const STARTS = 21
const JOB = { file: '/bin/true', args: [], env: { PATH: process.env['PATH'] ?? '' } }

/** What each isolation that works here adds to the start of a program. */
export const timeIsolation = async (): Promise<StartCost[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-bench-'))
  try {
    const costs: StartCost[] = []
    for (const wish of ['bwrap', 'namespaces', 'user'] as const) costs.push(...(await timeOne(wish, folder)))
    return costs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const timeOne = async (wish: Isolation['kind'], folder: string): Promise<StartCost[]> => {
  const plugin = resolve('src/auditor/plugin')
  const needs = { programs: [], network: false, machine: false, hidden: [] }
  const task = {
    what: 'a benchmark',
    wish,
    needs,
    data: [[plugin]],
    probe: JOB,
    env: JOB.env,
    folder,
    plugin,
    seconds: 60,
    signal: new AbortController().signal
  }
  const isolation = await chooseIsolation(task).catch(() => undefined)
  if (isolation === undefined) return []
  const own = mkdtempSync(join(folder, 't-'))
  const times = { start: Array<number>(), bare: Array<number>() }
  for (let count = 0; count < STARTS; count += 1) {
    times.bare.push((await run(JOB)).milliseconds)
    const begun = performance.now()
    await isolation.run(JOB, own)
    times.start.push(performance.now() - begun)
  }
  return [{ kind: wish, start: median(times.start), bare: median(times.bare) }]
}

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
