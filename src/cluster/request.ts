import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { systemClock } from '../kernel/clock.ts'
import { ScanError, messageOf } from '../kernel/error.ts'
import { unlessAborted } from '../kernel/give-up.ts'
import { printableLine } from '../kernel/name.ts'
import { type Connection, type Headers, resolvePath } from './connection.ts'
import { isPassing, readRetryAfter } from './repeat.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH'
  /** Below the server's URL, with its query, already encoded. */
  readonly path: string
  readonly body?: unknown
  /** A PATCH that says what the object is to be (server-side apply). */
  readonly applies?: boolean
  /** The answer is text, as that of a log is. */
  readonly text?: boolean
  /** A POST that makes nothing, and so may be sent again like the other methods. */
  readonly asks?: boolean
  /** Milliseconds for all tries together; 15 s when not given. */
  readonly timeout?: number
  /** Milliseconds for one try; 5 s when not given. */
  readonly patience?: number
  readonly signal?: AbortSignal | undefined
  /** Aborted when a change is not wanted any more: it gets a moment to end, and is then given up. */
  readonly interrupt?: AbortSignal | undefined
}

/** A PATCH of ours adds to a list by the names of its items, unless it applies. */
const APPLY_TYPE = 'application/apply-patch+yaml'
const CONTENT_TYPE = {
  GET: 'application/json',
  POST: 'application/json',
  DELETE: 'application/json',
  PATCH: 'application/strategic-merge-patch+json'
} as const
export const TIMEOUT_MS = 15_000
/** The times of a call that reads a list, which may be long. */
export const LISTING = { timeout: 30_000, patience: 15_000 } as const
/** The times of a call that makes or changes something: an admission webhook may take 30 s. */
export const CHANGING = { timeout: 35_000, patience: 35_000 } as const
const ANSWER_BYTES = 64 * 1024 * 1024

/** An answer that is no success. */
export class Unsuccessful extends Error {
  readonly status: number
  readonly retryAfter: number | undefined

  constructor(status: number, text: string, retryAfter: number | undefined) {
    super(text)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** No answer; `sent`: the server may have got the request. */
export class Lost extends Error {
  readonly sent: boolean
  readonly passing: boolean

  constructor(message: string, detail: { sent: boolean; passing: boolean; cause?: unknown }) {
    super(message, { cause: detail.cause })
    this.sent = detail.sent
    this.passing = detail.passing
  }
}

export const describe = (wanted: Call): string => `${wanted.method} /${wanted.path.split('?')[0]}`

/** One try of `limit` milliseconds; resolves with the parsed JSON. Throws Unsuccessful, Lost, or API_FAILED for what is no JSON. */
export const ask = async (connection: Connection, wanted: Call, limit: number): Promise<unknown> => {
  const url = resolvePath(connection.server.url, wanted.path)
  const body = wanted.body === undefined ? undefined : Buffer.from(JSON.stringify(wanted.body))
  const headers = {
    accept: wanted.text === true ? '*/*' : 'application/json',
    'user-agent': 'kscan',
    ...(await identify(connection, wanted.signal)),
    ...(body === undefined ? {} : { 'content-type': wanted.applies === true ? APPLY_TYPE : CONTENT_TYPE[wanted.method], 'content-length': String(body.length) })
  }
  const { response, text } = await exchange(connection, wanted, { url, headers, body, limit })
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return wanted.text === true ? text : parse(text, wanted)
  throw new Unsuccessful(status, statusMessage(text), readRetryAfter(response.headers['retry-after'], systemClock.now()))
}

const identify = async (connection: Connection, signal: AbortSignal | undefined): Promise<Headers> => {
  try {
    return await (signal === undefined ? connection.headers() : unlessAborted(connection.headers(), signal))
  } catch (error) {
    throw new Lost(messageOf(error), { sent: false, passing: false, cause: error })
  }
}

interface Message {
  readonly url: URL
  readonly headers: Headers
  readonly body: Buffer | undefined
  /** Milliseconds for request and whole answer. */
  readonly limit: number
}

const exchange = async (connection: Connection, wanted: Call, message: Message): Promise<{ response: IncomingMessage; text: string }> => {
  const late = AbortSignal.timeout(Math.ceil(message.limit))
  const signal = wanted.signal === undefined ? late : AbortSignal.any([late, wanted.signal])
  let sent = false
  try {
    const response = await send(connection, wanted, { ...message, signal, onSent: () => (sent = true) })
    return { response, text: await read(response) }
  } catch (error) {
    const words = late.aborted ? `nothing came within ${(wanted.timeout ?? TIMEOUT_MS) / 1000} s` : messageOf(error)
    throw new Lost(words, { sent, passing: late.aborted || isPassing(error), cause: error })
  }
}

const send = (
  connection: Connection,
  wanted: Call,
  { url, headers, body, limit, signal, onSent }: Message & { signal: AbortSignal; onSent: () => void }
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: wanted.method,
      agent: connection.agent,
      headers,
      signal,
      timeout: Math.ceil(limit) // for the agent: it ends the wait for a proxy's tunnel, which the signal does not
    })
    outgoing.on('socket', (socket) => (socket.connecting ? socket.once('secureConnect', onSent) : onSent())) // of a tunnel's handshake nothing is known
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    signal.addEventListener('abort', () => reject(new Error('it was given up')), { once: true }) // a request without a socket says nothing of its end
    outgoing.end(body)
  })

const read = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > ANSWER_BYTES) throw new Error(`the answer is longer than ${ANSWER_BYTES} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const parse = (text: string, wanted: Call): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ScanError('API_FAILED', `${describe(wanted)}: the answer is not JSON`, {
      cause: error,
      hint: 'Is the server in the kubeconfig a Kubernetes API server?'
    })
  }
}

const statusMessage = (text: string): string => {
  try {
    const status: unknown = JSON.parse(text)
    if (typeof status === 'object' && status !== null && 'message' in status && typeof status.message === 'string') return printableLine(status.message)
  } catch {
    // not a Status: its text is shown as it is
  }
  return printableLine(text, 200)
}
