import type { Clock } from '../kernel/clock.ts'

/** How a try ended that gave nothing to use, as far as another one depends on it. */
export interface Trouble {
  /** The answer's HTTP status; undefined where none came. */
  readonly status: number | undefined
  /** Milliseconds after which the server wants to be asked again, as it says. */
  readonly retryAfter?: number | undefined
  /** The server may have got the request. */
  readonly sent: boolean
  /** No answer came for a reason that may pass. */
  readonly passing?: boolean
  /** It may be refused by a server that does not know a fresh grant yet. */
  readonly lagging?: boolean
}

/** What is asked, and how late it is. Times in milliseconds since 1970. */
export interface Asked {
  /** Asking twice does no more than asking once. */
  readonly safe: boolean
  readonly end: number
  /** Until when the asker's rights are fresh. */
  readonly freshUntil: number
}

/** Milliseconds before the second try, the third, and so on. */
const PAUSES = [200, 400, 800, 1600, 3200] as const
/** Milliseconds between tries where a fresh grant has to get about. */
const LAG_MS = 250
/** What the last try gets at least. */
const LAST_MS = 500
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

/** Milliseconds to wait before the same is asked again, after `tried` tries; undefined when it must not be, or there is no time for it. */
export const pauseBefore = (trouble: Trouble, tried: number, asked: Asked & { readonly now: number }): number | undefined => {
  const pause = isDenied(trouble) ? LAG_MS : PAUSES[tried - 1]
  const left = asked.end - asked.now - LAST_MS
  if (pause === undefined || pause > left || !mayChange(trouble, asked)) return undefined
  return Math.min(Math.max(pause, trouble.retryAfter ?? 0), left)
}

const isDenied = ({ status }: Trouble): boolean => status === 401 || status === 403

const mayChange = (trouble: Trouble, { safe, freshUntil, now }: Asked & { readonly now: number }): boolean => {
  const { status, retryAfter, sent, passing = false, lagging = false } = trouble
  if (status === undefined) return passing && (safe || !sent)
  if (isDenied(trouble)) return lagging && now < freshUntil
  return safe ? PASSING.has(status) : status === 429 || (status === 503 && retryAfter !== undefined)
}

/** Milliseconds from now that a Retry-After header means: seconds, or an HTTP date. */
export const readRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? ''
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : text.endsWith('GMT') ? Date.parse(text) - now : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds)
}

/** What is repeated, and how. */
export interface Repeated extends Asked {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  /** Undefined for an error after which nothing is tried again. */
  readonly troubleOf: (error: unknown) => Trouble | undefined
}

/** Tries until one succeeds or no more is worth it, and then, or at once when the signal is aborted, rejects with the last error. */
export const repeating = async <T>(once: () => Promise<T>, repeated: Repeated): Promise<T> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await once()
    } catch (error) {
      await pauseOrFail(error, tried, repeated)
    }
  }
}

const pauseOrFail = async (error: unknown, tried: number, repeated: Repeated): Promise<void> => {
  const { clock, signal, troubleOf } = repeated
  const trouble = signal?.aborted === true ? undefined : troubleOf(error)
  const pause = trouble === undefined ? undefined : pauseBefore(trouble, tried, { ...repeated, now: clock.now() })
  if (pause === undefined) throw error
  try {
    await clock.sleep(pause, signal)
  } catch {
    throw error // the signal was aborted
  }
}

/** The codes of Node's errors for what may be otherwise a moment later; a wrong certificate or an unknown name is not. */
const PASSING_CODES: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN'
])

export const isPassing = (error: unknown): boolean => typeof error === 'object' && error !== null && 'code' in error && PASSING_CODES.has(error.code)
