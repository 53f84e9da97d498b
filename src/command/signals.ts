import { messageOf, ScanError } from '../kernel/error.ts'

/** Aborted by SIGINT, SIGTERM and SIGHUP, and by an error that nobody caught; the process then ends by itself once everything is undone. */
export const interruption = (): AbortSignal => {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => controller.abort(new ScanError('INTERRUPTED', `Interrupted by ${name}: the audit was not finished, and there are no results`)))
  process.on('uncaughtException', (error) =>
    controller.abort(new ScanError('API_FAILED', `Something unforeseen went wrong: ${messageOf(error)}`, { cause: error }))
  )
  return controller.signal
}

/** A reader that goes away (`| head`) must not end the process before everything is undone. */
export const surviveClosedPipes = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}
