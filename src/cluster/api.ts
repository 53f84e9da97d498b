import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { ScanError, messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Connection, resolvePath } from './connection.ts'

/** An answer of the API server that is not a success; 401 and 403 are ACCESS_DENIED. */
export class ApiError extends ScanError {
  readonly status: number

  constructor(status: number, what: string, message: string) {
    super(status === 401 || status === 403 ? 'ACCESS_DENIED' : 'API_FAILED', `${what}: ${status} ${message}`)
    this.status = status
  }
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH'
  /** Below the server's URL, with its query, already encoded. */
  readonly path: string
  readonly body?: unknown
  /** Milliseconds; 15 s when not given. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

/** Every PATCH of ours adds to a list by the names of its items. */
const CONTENT_TYPE = {
  GET: 'application/json',
  POST: 'application/json',
  DELETE: 'application/json',
  PATCH: 'application/strategic-merge-patch+json'
} as const
const TIMEOUT_MS = 15_000
const ANSWER_BYTES = 64 * 1024 * 1024
const ATTEMPTS = 4

/**
 * One REST call; resolves with the parsed JSON. Throws ApiError for an answer that says no and CLUSTER_UNREACHABLE when none came.
 * 429 and 503 with Retry-After are asked again; GET, DELETE and PATCH also after a lost connection, but not when the time is over: a server that hangs would be
 * waited for four times. A POST is never sent twice blindly.
 */
export const call = async (connection: Connection, wanted: Call): Promise<unknown> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(connection, wanted)
    } catch (error) {
      wanted.signal?.throwIfAborted()
      await pauseOrFail(error, { connection, wanted, last: attempt === ATTEMPTS })
    }
  }
}

const pauseOrFail = async (error: unknown, tried: { connection: Connection; wanted: Call; last: boolean }): Promise<void> => {
  const pause = tried.last ? undefined : pauseBefore(error, tried.wanted)
  if (pause === undefined) throw toScanError(error, tried.connection, tried.wanted)
  await new Promise((resolve) => setTimeout(resolve, pause))
}

class Busy extends ApiError {
  readonly pause: number

  constructor(status: number, what: string, detail: { message: string; pause: number }) {
    super(status, what, detail.message)
    this.pause = detail.pause
  }
}

class TimedOut extends Error {
  constructor(milliseconds: number) {
    super(`nothing came within ${milliseconds / 1000} s`)
  }
}

/** Milliseconds to wait before the same call may be sent again; undefined when it may not. */
const pauseBefore = (error: unknown, wanted: Call): number | undefined => {
  if (error instanceof Busy) return error.pause
  if (error instanceof ScanError || error instanceof TimedOut || wanted.method === 'POST') return undefined
  return 200
}

const toScanError = (error: unknown, connection: Connection, wanted: Call): unknown => {
  if (error instanceof ScanError) return error
  const server = connection.server.url.host
  return new ScanError('CLUSTER_UNREACHABLE', `${describe(wanted)} got no answer from ${server}: ${printableLine(messageOf(error))}`, {
    cause: error,
    hint: 'Look whether the server runs, whether its address in the kubeconfig can be reached from here, and at HTTPS_PROXY and NO_PROXY.'
  })
}

const describe = (wanted: Call): string => `${wanted.method} /${wanted.path.split('?')[0]}`

const once = async (connection: Connection, wanted: Call): Promise<unknown> => {
  const body = wanted.body === undefined ? undefined : Buffer.from(JSON.stringify(wanted.body))
  const headers = {
    accept: 'application/json',
    'user-agent': 'kscan',
    ...(await connection.headers()),
    ...(body === undefined ? {} : { 'content-type': CONTENT_TYPE[wanted.method], 'content-length': String(body.length) })
  }
  const { response, text } = await exchange(connection, wanted, { headers, body })
  const status = response.statusCode ?? 0
  if (status >= 200 && status < 300) return parse(text, wanted)
  const message = statusMessage(text)
  const retryAfter = Number(response.headers['retry-after'])
  if ((status === 429 || status === 503) && retryAfter > 0 && retryAfter <= 10) throw new Busy(status, describe(wanted), { message, pause: retryAfter * 1000 })
  throw new ApiError(status, describe(wanted), message)
}

interface Message {
  readonly headers: Record<string, string>
  readonly body: Buffer | undefined
}

/** Request and whole answer within the time of the call. */
const exchange = async (connection: Connection, wanted: Call, message: Message): Promise<{ response: IncomingMessage; text: string }> => {
  const timeout = wanted.timeout ?? TIMEOUT_MS
  const limit = AbortSignal.timeout(timeout)
  const signal = wanted.signal === undefined ? limit : AbortSignal.any([limit, wanted.signal])
  try {
    const response = await send(connection, wanted, { ...message, signal })
    return { response, text: await read(response) }
  } catch (error) {
    throw limit.aborted ? new TimedOut(timeout) : error
  }
}

const send = (connection: Connection, wanted: Call, { headers, body, signal }: Message & { signal: AbortSignal }): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const outgoing = request(resolvePath(connection.server.url, wanted.path), {
      method: wanted.method,
      agent: connection.agent,
      headers,
      signal,
      timeout: wanted.timeout ?? TIMEOUT_MS // for the agent: it ends the wait for a proxy's tunnel, which the signal does not
    })
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
