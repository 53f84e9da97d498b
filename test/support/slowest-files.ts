import { relative } from 'node:path'

const SHOWN = 10

/** What jest's reporters are told of a file when all have run; times in milliseconds of the clock. */
interface Told {
  readonly testResults: readonly { readonly testFilePath: string; readonly perfStats: { readonly start: number; readonly end: number } }[]
}

/** A reporter of jest: says at the end of a suite which files took longest, in seconds. */
export default class SlowestFiles {
  onRunComplete(_contexts: unknown, { testResults }: Told): void {
    const files = testResults.map(({ testFilePath, perfStats: { start, end } }) => ({ path: relative('.', testFilePath), seconds: (end - start) / 1000 }))
    const slowest = files.toSorted((one, other) => other.seconds - one.seconds).slice(0, SHOWN)
    console.error(['Slowest files:', ...slowest.map(({ path, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${path}`)].join('\n'))
  }
}
