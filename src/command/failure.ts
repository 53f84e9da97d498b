import { messageOf, ScanError, showProblem } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import { inertJson, printable } from '../kernel/name.ts'
import { withoutSecrets } from '../kernel/redact/redact.ts'
import { errorJson } from '../report/error-json.ts'
import type { Request } from './request.ts'

/** What is thrown becomes an error for people; after an interruption it is that, whatever broke on the way. */
export const toFailure = (thrown: unknown, signal: AbortSignal): ScanError => {
  if (signal.aborted) return signal.reason instanceof ScanError ? signal.reason : new ScanError('INTERRUPTED', 'Interrupted')
  return thrown instanceof ScanError ? thrown : new ScanError('API_FAILED', `Something unforeseen went wrong: ${messageOf(thrown)}`, { cause: thrown })
}

/** For people, and with --json for programs on the standard output. `run`: what else decides on the exit code. */
export const tellFailure = (failure: ScanError, { host, json }: Pick<Request, 'host' | 'json'>, run?: Parameters<typeof errorJson>[1]): void => {
  showFailure(failure, host.log)
  if (json) host.print(withoutSecrets(inertJson(errorJson(failure, run)), host.secrets()))
}

/** Message, then each problem with what was expected, what came and what to do, then the hint. */
export const showFailure = (failure: ScanError, log: Log): void => {
  log.error(printable(failure.message))
  for (const problem of failure.problems) log.error(`  ${printable(showProblem(problem))}`)
  if (failure.hint !== undefined) log.error(`  ${failure.hint}`)
  for (let cause = failure.cause; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined)
    log.debug(`caused by: ${printable(messageOf(cause))}`)
}
