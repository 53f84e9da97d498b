import { messageOf, ScanError } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import { printable } from '../kernel/name.ts'

/** What is thrown becomes an error for people; after an interruption it is that, whatever broke on the way. */
export const toFailure = (thrown: unknown, signal: AbortSignal): ScanError => {
  if (signal.aborted) return signal.reason instanceof ScanError ? signal.reason : new ScanError('INTERRUPTED', 'Interrupted')
  return thrown instanceof ScanError ? thrown : new ScanError('API_FAILED', `Something unforeseen went wrong: ${messageOf(thrown)}`, { cause: thrown })
}

/** Message, then each problem with what was expected, what came and what to do, then the hint. */
export const showFailure = (failure: ScanError, log: Log): void => {
  log.error(printable(failure.message))
  for (const { name, expected, got, hint } of failure.problems)
    log.error(`  ${name}: expected ${expected}; got ${printable(got)}${hint === undefined ? '' : `. ${hint}`}`)
  if (failure.hint !== undefined) log.error(`  ${failure.hint}`)
  for (let cause = failure.cause; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined)
    log.debug(`caused by: ${printable(messageOf(cause))}`)
}
