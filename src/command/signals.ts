import { ScanError } from '../kernel/error.ts'

/** Aborted by SIGINT, SIGTERM and SIGHUP; the process then ends by itself once everything is undone. */
export const interruption = (): AbortSignal => {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => controller.abort(new ScanError('INTERRUPTED', `Interrupted by ${name}: everything that was made is being removed`)))
  return controller.signal
}

/** A reader that goes away (`| head`) must not end the process before everything is undone. */
export const surviveClosedPipes = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}
