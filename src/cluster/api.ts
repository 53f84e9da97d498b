import { systemClock } from '../kernel/clock.ts'
import { type ErrorCode, type ErrorDetail, ScanError } from '../kernel/error.ts'
import { abortedLater } from '../kernel/give-up.ts'
import { printableLine } from '../kernel/name.ts'
import type { Connection } from './connection.ts'
import { refuserIn, saysRefused } from './refusal.ts'
import { repeating, type Trouble } from './repeat.ts'
import { ask, type Call, describe, Lost, TIMEOUT_MS, Unsuccessful } from './request.ts'
import { untrusted } from './untrusted.ts'

/** A call that did not succeed. */
class CallFailed extends ScanError {
  /** This try or one before it may have been carried out. */
  readonly mayBeDone: boolean

  constructor(code: ErrorCode, message: string, detail: ErrorDetail & { readonly mayBeDone: boolean }) {
    super(code, message, detail)
    this.mayBeDone = detail.mayBeDone
  }
}

/** An answer of the API server that is not a success; 401 and 403 are ACCESS_DENIED. */
export class ApiError extends CallFailed {
  readonly status: number

  constructor(status: number, message: string, mayBeDone: boolean) {
    super(status === 401 || status === 403 ? 'ACCESS_DENIED' : 'API_FAILED', message, { mayBeDone })
    this.status = status
  }
}

const PATIENCE_MS = 5000
/** After so long it is said what is waited for. */
const SLOW_MS = 5000
/** How much longer a change gets once nobody wants it any more: the server may carry out what it has begun with. */
const INTERRUPTED_MS = 3000

/**
 * One REST call; resolves with the parsed JSON. Throws ApiError for an answer that says no and CLUSTER_UNREACHABLE when none came. What failed is tried again
 * within the call's time (see `repeat.ts`); a POST that makes something only where the server has not begun with it.
 */
export const call = async (connection: Connection, wanted: Call): Promise<unknown> => {
  const { signal: given, interrupt } = wanted
  if (interrupt === undefined) return await callUntil(connection, wanted)
  const later = abortedLater(interrupt, INTERRUPTED_MS)
  try {
    return await callUntil(connection, { ...wanted, signal: given === undefined ? later.signal : AbortSignal.any([given, later.signal]) })
  } finally {
    later.stop()
  }
}

const callUntil = async (connection: Connection, wanted: Call): Promise<unknown> => {
  const slow = isChange(wanted) ? setTimeout(() => connection.server.onSlow?.(slowLine(wanted)), SLOW_MS) : undefined
  try {
    return await repeatedly(connection, wanted)
  } finally {
    clearTimeout(slow)
  }
}

const isChange = ({ method, asks = false }: Call): boolean => method === 'PATCH' || (method === 'POST' && !asks)

const slowLine = (wanted: Call): string =>
  `still waiting for the API server to answer ${describe(wanted)}: an admission webhook of the cluster may take up to 30 s`

const repeatedly = async (connection: Connection, wanted: Call): Promise<unknown> => {
  const end = systemClock.now() + (wanted.timeout ?? TIMEOUT_MS)
  let mayBeDone = false
  const once = async (): Promise<unknown> => {
    try {
      return await ask(connection, wanted, Math.max(1, Math.min(wanted.patience ?? PATIENCE_MS, end - systemClock.now())))
    } catch (error) {
      mayBeDone ||= isUnclear(error)
      throw error
    }
  }
  const safe = wanted.method !== 'POST' || wanted.asks === true
  const troubleOf = (error: unknown): Trouble | undefined => troubleIn(error, wanted)
  try {
    return await repeating(once, { safe, end, freshUntil: connection.fresh.until, clock: systemClock, signal: wanted.signal, troubleOf })
  } catch (error) {
    wanted.signal?.throwIfAborted()
    throw toScanError(error, { connection, wanted, mayBeDone })
  }
}

/** Whether an error tells for sure that nothing was made or changed: it was refused, or the request never left. */
export const changedNothing = (error: unknown): boolean => {
  if (error instanceof CallFailed) return !error.mayBeDone
  return error instanceof ScanError && changedNothing(error.cause)
}

/** Whether what was to be made is against the caller's rights, the server's rules or somebody's policy. */
export const isRefusal = (error: unknown): error is ApiError => error instanceof ApiError && saysRefused(error.status, error.message)

/** 408 is a proxy's that may have passed on what it got. */
const isUnclear = (error: unknown): boolean => {
  if (error instanceof Lost) return error.sent
  if (!(error instanceof Unsuccessful)) return true
  const { status, message } = error
  return !((status >= 400 && status < 500 && status !== 408) || refuserIn(message) !== undefined)
}

/** RBAC's words, and those of every other authorizer: no policy's, which would refuse the same again. */
const NO_RIGHT = /\bcannot \S+ resource\b/

const troubleIn = (error: unknown, wanted: Call): Trouble | undefined => {
  if (error instanceof Lost) return { status: undefined, sent: error.sent, passing: error.passing }
  if (!(error instanceof Unsuccessful)) return undefined
  const { status, retryAfter, message } = error
  const lagging = status === 401 || !isChange(wanted) || NO_RIGHT.test(message)
  return refuserIn(message)?.asked === true ? undefined : { status, retryAfter, sent: true, lagging }
}

const toScanError = (error: unknown, { connection, wanted, mayBeDone }: { connection: Connection; wanted: Call; mayBeDone: boolean }): unknown => {
  if (error instanceof Unsuccessful)
    return new ApiError(error.status, `${describe(wanted)}: ${error.status} ${error.message}${aboutUs(connection, error)}`, mayBeDone)
  if (!(error instanceof Lost)) return error
  const { cause } = error
  const refused = untrusted(connection.server.url.host, cause)
  if (refused !== undefined) return new CallFailed(refused.code, refused.message, { ...detailOf(refused), mayBeDone })
  if (cause instanceof ScanError) return new CallFailed(cause.code, cause.message, { ...detailOf(cause), mayBeDone }) // who asks could not be told
  return new CallFailed('CLUSTER_UNREACHABLE', `${describe(wanted)} got no answer from ${connection.server.url.host}: ${printableLine(error.message)}`, {
    cause,
    hint: 'Look whether the server runs, whether its address in the kubeconfig can be reached from here, and at HTTPS_PROXY and NO_PROXY.',
    mayBeDone
  })
}

/** A server does not say why it does not take a credential. */
const aboutUs = (connection: Connection, { status }: Unsuccessful): string => {
  const about = status === 401 ? connection.about?.() : undefined
  return about === undefined ? '' : `. The token of this job says: ${about}`
}

const detailOf = ({ hint, problems, cause }: ScanError): ErrorDetail => ({ ...(hint === undefined ? {} : { hint }), problems, cause })
