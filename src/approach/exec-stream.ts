import { refusalSentence, refuserIn } from '../cluster/refusal.ts'
import { isPassing, readRetryAfter, repeating, type Trouble } from '../cluster/repeat.ts'
import type { Connection } from '../cluster/connection.ts'
import { systemClock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { type ExecStream, openStream, type StreamEvents } from '../session/stream.ts'
import { UpgradeRefused } from '../session/upgrade-refused.ts'
import { execEndpoint, type ExecTarget } from './exec-endpoint.ts'

/** Milliseconds for all tries together. */
const OPEN_MS = 15_000

/**
 * One exec stream of a program that does nothing before it is written to, or nothing that may not be done twice: what failed before the stream was open is
 * tried again. Rejects with UpgradeRefused, POLICY_REFUSED or SESSION_FAILED.
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
  }).catch((error: unknown) => {
    throw error instanceof UpgradeRefused ? byPolicy(error, `an exec of ${argv.join(' ')} in ${target.namespace}/${target.pod}/${target.container}`) : error
  })

/** A rule of the cluster that refuses the stream is told by its name; its words say nothing of the scanner's rights. */
const byPolicy = (error: UpgradeRefused, what: string): ScanError =>
  refuserIn(error.said) === undefined
    ? error
    : new ScanError('POLICY_REFUSED', refusalSentence(what, { status: error.status, message: error.said }), {
        cause: error,
        hint: 'Have its owner admit exactly this program in this pod for the scanner.'
      })

/** The node knows no such process: it will know none a moment later. */
const GONE = /container not found/

const troubleOf = (error: unknown): Trouble | undefined => {
  if (error instanceof UpgradeRefused) {
    const { status, retryAfter } = error
    if (error.blocked && status < 500) return undefined // a proxy that is being restarted has pages of its own
    return GONE.test(error.message) || refuserIn(error.said)?.asked === true
      ? undefined
      : { status, retryAfter: readRetryAfter(retryAfter, systemClock.now()), sent: true, lagging: true }
  }
  return error instanceof ScanError ? { status: undefined, sent: true, passing: isPassing(error.cause) } : undefined
}
