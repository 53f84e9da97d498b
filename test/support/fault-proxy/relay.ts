import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

export interface Relay {
  /** Told the HTTP status of the target's handshake. */
  readonly onStatus: (status: number) => void
  /** Bytes after the handshake at which the client's side is cut. */
  readonly cutAfter: number | undefined
  /** The client is cut in place of the handshake. */
  readonly dropAnswer: boolean
}

/** The target's side of an upgraded connection, as far as it may come through. */
export const relay = (upstream: Duplex, socket: Duplex, { onStatus, cutAfter, dropAnswer }: Relay): void => {
  let handshake: Buffer | undefined = Buffer.alloc(0)
  let bytes = 0
  const pass = (chunk: Buffer): void => {
    bytes += chunk.length
    const over = bytes - (cutAfter ?? Infinity)
    if (over >= 0) socket.write(chunk.subarray(0, Math.max(0, chunk.length - over)), () => socket.destroy())
    else if (!socket.write(chunk)) upstream.pause()
  }
  socket.on('drain', () => upstream.resume())
  upstream.on('data', (chunk: Buffer) => {
    if (handshake === undefined) return pass(chunk)
    handshake = Buffer.concat([handshake, chunk])
    const end = handshake.indexOf('\r\n\r\n')
    if (end < 0) return
    onStatus(Number(/^HTTP\/1\.1 (\d+)/.exec(handshake.toString('latin1'))?.[1] ?? 0))
    if (dropAnswer) return void socket.destroy()
    const [head, rest] = [handshake.subarray(0, end + 4), handshake.subarray(end + 4)]
    handshake = undefined
    socket.write(head)
    if (rest.length > 0) pass(rest)
  })
}

/** The request's head as it came; its names and order are kept. */
export const headOf = ({ method, url, rawHeaders }: IncomingMessage): string => {
  const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}`] : []))
  return [`${method ?? ''} ${url ?? ''} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** Headers without those that hold for one connection only. */
export const hopFree = ({ headers }: IncomingMessage): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined || ['connection', 'keep-alive', 'host'].includes(name) ? [] : [[name, value]]))
  )

export const isAddress = (host: string): boolean => /^[\d.]+$|:/.test(host)
