import { type ErrorCode, type Problem, ScanError } from '../../../src/kernel/error.ts'

/** What may not be in a message: it would reach a terminal. */
const RAW_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

const demandMessage = (text: string): void => {
  if (text.length > 4096 || RAW_CONTROL.test(text) || text.includes('\n')) throw new Error(`a message that is none: ${JSON.stringify(text.slice(0, 300))}`)
}

/** Problems with messages of one line. */
const demandProblems = (problems: readonly Problem[]): void => {
  for (const { name, expected, got, hint = '' } of problems) for (const text of [name, expected, got, hint]) demandMessage(text)
}

/** What the work gives; undefined where it refuses with that code. Throws whatever else it throws, and when it takes more seconds of the processor. */
export const givesOrRefuses = <T>(code: ErrorCode, work: () => T, seconds = 1): T | undefined => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0 // the runner of these tests reads maps of sources for each stack, which is most of the time of ten thousand faults
  const begun = process.cpuUsage()
  const given = attempt(code, work)
  const { user } = process.cpuUsage(begun)
  Error.stackTraceLimit = stackTraceLimit
  if (user > seconds * 1_000_000) throw new Error(`it took ${user / 1000} ms`)
  return given
}

const attempt = <T>(code: ErrorCode, work: () => T): T | undefined => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ScanError) || error.code !== code) throw error
    demandMessage(error.message)
    demandProblems(error.problems)
    return undefined
  }
}

/** Runs `check` on so many inputs; what fails says by which seed it can be seen again. */
export const forSeeds = (count: number, check: (seed: number) => void): void => {
  const first = Number(process.env['KSCAN_FUZZ_SEED'] ?? 1)
  for (let seed = first; seed < first + count; seed += 1) {
    try {
      check(seed)
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
    }
  }
}
