import type { Agent, IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { UpgradeRefused } from './upgrade-refused.ts'

/** Where one exec stream is opened: a complete URL with the query that `execUrl` of the cluster makes, and who asks. */
export interface ExecEndpoint {
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly agent: Agent
  /** What the credential says of itself, for a refusal. */
  readonly about?: (() => string | undefined) | undefined
}

/** How a stream ended: the remote program's exit, a failure that the server names, or a connection that is gone without a word. */
export type StreamEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string }

export interface StreamEvents {
  onOutput(channel: 'stdout' | 'stderr', chunk: Buffer): void
  /** Called once, after the last output. */
  onEnd(end: StreamEnd): void
}

/** One open exec stream, without a terminal. */
export interface ExecStream {
  /** Writes to the program's stdin, in messages of at most 16 KiB. */
  write(bytes: Uint8Array): void
  /** Ends stdin; false where the server's protocol (v4) cannot. */
  endInput(): boolean
  /** Stops reading from the network until `resume`: the pressure reaches the program. */
  pause(): void
  resume(): void
  ping(): void
  /** Milliseconds since 1970 at which the last byte or pong came. */
  lastHeard(): number
  close(): void
}

const MESSAGE_BYTES = 16 * 1024
const HANDSHAKE_MS = 15_000
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const

/**
 * Opens one exec stream over WebSocket (Kubernetes remote command protocol v5 or v4); an aborted signal ends it at once, in the middle of the handshake too.
 * Rejects with `UpgradeRefused` or SESSION_FAILED.
 */
export const openStream = (endpoint: ExecEndpoint, events: StreamEvents, signal?: AbortSignal): Promise<ExecStream> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(endpoint.url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], {
      headers: { ...endpoint.headers },
      agent: endpoint.agent,
      perMessageDeflate: false,
      followRedirects: false,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: 32 * 1024 * 1024
    })
    socket.once('unexpected-response', (request, response) => {
      const give = (): void => void request.destroy() // the library has left it to us: it would not end by itself
      signal?.addEventListener('abort', give, { once: true })
      if (signal?.aborted === true) give()
      void refusalOf(response, endpoint).then(reject)
    })
    socket.once('open', () => resolve(wire(socket, events)))
    socket.on('error', (error) => reject(failed(error))) // after `open` the close event reports it
    const end = (): void => socket.terminate()
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted === true) end()
  })

const failed = (error: Error): ScanError =>
  new ScanError('SESSION_FAILED', `The exec stream could not be opened: ${printableLine(error.message)}`, { cause: error })

/** Of a refusal's body: a Status is far smaller. */
const REFUSAL_BYTES = 64 * 1024
const REFUSAL_MS = 2000

/** What was answered in place of a stream, as far as it came in time: its status says enough. */
const refusalOf = async (response: IncomingMessage, { url, about }: ExecEndpoint): Promise<UpgradeRefused> => {
  let text = ''
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
    if (text.length > REFUSAL_BYTES) response.destroy()
  })
  response.on('error', () => {}) // cut: what came is shown
  const late = setTimeout(() => response.destroy(), REFUSAL_MS)
  await new Promise((resolve) => response.once('close', resolve))
  clearTimeout(late)
  const { 'content-type': contentType, 'retry-after': retryAfter } = response.headers
  return new UpgradeRefused({ status: response.statusCode ?? 0, body: text, contentType, retryAfter, host: new URL(url).host, about: about?.() })
}

const wire = (socket: WebSocket, events: StreamEvents): ExecStream => {
  let heard = Date.now()
  let end: StreamEnd | undefined
  socket.on('pong', () => (heard = Date.now()))
  socket.on('message', (data: Buffer) => {
    heard = Date.now()
    const channel = data[0]
    const payload = data.subarray(1)
    if (channel === CHANNEL.stdout && payload.length > 0) events.onOutput('stdout', payload)
    else if (channel === CHANNEL.stderr && payload.length > 0) events.onOutput('stderr', payload)
    else if (channel === CHANNEL.status) end = readStatus(payload.toString('utf8'))
  })
  socket.once('close', (code) => events.onEnd(end ?? { kind: 'lost', message: `the connection closed (code ${code}) before the program's end was reported` }))
  return {
    write: (bytes) => {
      for (let at = 0; at < bytes.length; at += MESSAGE_BYTES)
        socket.send(Buffer.concat([Buffer.of(CHANNEL.stdin), bytes.subarray(at, at + MESSAGE_BYTES)]), () => {})
    },
    endInput: () => {
      if (socket.protocol !== 'v5.channel.k8s.io') return false
      socket.send(Buffer.of(CHANNEL.close, CHANNEL.stdin), () => {})
      return true
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    ping: () => socket.ping(undefined, undefined, () => {}),
    lastHeard: () => heard,
    close: () => closeSoon(socket)
  }
}

/** Asks for a close and does not wait long for the other side. */
const closeSoon = (socket: WebSocket): void => {
  socket.close()
  const timer = setTimeout(() => socket.terminate(), 1000)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

/** Reads the status channel: Success, an exit code, or a reason why nothing ran. */
const readStatus = (text: string): StreamEnd => {
  let status: unknown
  try {
    status = JSON.parse(text)
  } catch {
    return { kind: 'failed', message: 'the status channel did not hold JSON' }
  }
  if (typeof status !== 'object' || status === null || !('status' in status)) return { kind: 'failed', message: 'the status channel did not hold a Status' }
  if (status.status === 'Success') return { kind: 'exited', code: 0 }
  const code = exitCodeOf(status)
  if (code !== undefined) return { kind: 'exited', code }
  return { kind: 'failed', message: 'message' in status && typeof status.message === 'string' ? printableLine(status.message) : 'no reason given' }
}

const exitCodeOf = (status: object): number | undefined => {
  if (!('reason' in status) || status.reason !== 'NonZeroExitCode' || !('details' in status)) return undefined
  const match = /"reason":"ExitCode","message":"(\d+)"/.exec(JSON.stringify(status.details))
  return match === null ? undefined : Number(match[1])
}
