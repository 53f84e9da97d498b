import { isPassing, readRetryAfter, repeating, type Trouble } from '../cluster/repeat.ts'
import type { Connection } from '../cluster/connection.ts'
import { systemClock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { type ExecStream, openStream, type StreamEvents, UpgradeRefused } from '../session/stream.ts'
import { execEndpoint, type ExecTarget } from './exec-endpoint.ts'

/** Milliseconds for all tries together. */
const OPEN_MS = 15_000

/**
 * One exec stream of a program that does nothing before it is written to, or nothing that may not be done twice: what failed before the stream was open is
 * tried again. Rejects with UpgradeRefused or SESSION_FAILED.
 */
export const openExec = (
  connection: Connection,
  { target, argv }: { target: ExecTarget; argv: readonly string[] },
  { events, signal }: { events: StreamEvents; signal?: AbortSignal | undefined }
): Promise<ExecStream> =>
  repeating(async () => await openStream(await execEndpoint(connection, target, argv), events, signal), {
    safe: true,
    end: systemClock.now() + OPEN_MS,
    freshUntil: connection.fresh.until,
    clock: systemClock,
    signal,
    troubleOf
  })

/** The node knows no such process: it will know none a moment later. */
const GONE = /container not found/

const troubleOf = (error: unknown): Trouble | undefined => {
  if (error instanceof UpgradeRefused) {
    const { status, retryAfter } = error
    return GONE.test(error.message) ? undefined : { status, retryAfter: readRetryAfter(retryAfter, systemClock.now()), sent: true, lagging: true }
  }
  return error instanceof ScanError ? { status: undefined, sent: true, passing: isPassing(error.cause) } : undefined
}
