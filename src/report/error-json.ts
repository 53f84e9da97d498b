import { z } from 'zod'
import type { ErrorCode, ExitCode, ScanError } from '../kernel/error.ts'
import { endingOfFailure } from './ending.ts'

const text = z.string()

/** What is printed with --json where there is no result, on the standard output. All fields are always there. */
export const ErrorFile = z.object({
  error: z.object({
    code: text.describe('BAD_INPUT, ACCESS_DENIED, CLUSTER_UNREACHABLE …; more may come.'),
    result: z.enum(['bad-input', 'unjudged', 'scan-failed', 'interrupted']).describe('As the output result.'),
    exitCode: z.int().describe('That of the program: 2, 3, 4 or 130.'),
    message: text,
    hint: text.describe('What to do; empty where the problems say it.'),
    problems: z
      .array(z.object({ name: text.describe('An input, or a file and a place in it.'), expected: text, got: text, hint: text.describe('Empty: none.') }))
      .describe('All that is wrong with what was given, for BAD_INPUT; else empty.')
  })
})

type Told = z.infer<typeof ErrorFile> & { readonly error: { readonly code: ErrorCode; readonly exitCode: ExitCode } }

/** Of a run that came to no result; `leftovers` as `endingOfFailure` has them. */
export const errorJson = (failure: ScanError, run: Parameters<typeof endingOfFailure>[1] = { strictCleanup: false, leftovers: [] }): Told => {
  const { result, exitCode } = endingOfFailure(failure, run)
  const problems = failure.problems.map(({ name, expected, got, hint = '' }) => ({ name, expected, got, hint }))
  return {
    error: {
      code: failure.code,
      result: ErrorFile.shape.error.shape.result.parse(result),
      exitCode,
      message: failure.message,
      hint: failure.hint ?? '',
      problems
    }
  }
}
