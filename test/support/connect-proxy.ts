import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ConnectProxy {
  readonly url: string
  /** `host:port` of each tunnel that was asked for, in order. */
  readonly asked: readonly string[]
  /** From now on: `refuse` answers 403, `hang` never answers, `open` is what it begins with. */
  behave(how: 'open' | 'refuse' | 'hang'): void
  stop(): Promise<void>
}

/** An HTTP proxy on a free port of the loopback address that knows CONNECT only, and opens every tunnel to the loopback address, whatever host is asked for. */
export const startConnectProxy = async (): Promise<ConnectProxy> => {
  const asked: string[] = []
  const open = new Set<Duplex>()
  let behaviour: Parameters<ConnectProxy['behave']>[0] = 'open'
  const track = (socket: Duplex): void => {
    open.add(socket)
    socket.on('error', () => {}).once('close', () => open.delete(socket))
  }
  const server = createServer((_request, response) => response.writeHead(405).end())
  server.on('connect', (request, socket: Duplex, head: Buffer) => {
    const address = request.url ?? ''
    asked.push(address)
    track(socket)
    if (behaviour === 'refuse') socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    if (behaviour === 'open') track(tunnel(address, socket, head))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    url: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    asked,
    behave: (how) => (behaviour = how),
    stop: async () => {
      for (const socket of open) socket.destroy()
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}

const tunnel = (address: string, socket: Duplex, head: Buffer): Socket => {
  const upstream = connect(Number(address.slice(address.lastIndexOf(':') + 1)), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    upstream.write(head)
    upstream.pipe(socket).pipe(upstream)
  })
  upstream.once('close', () => socket.destroy())
  socket.once('close', () => upstream.destroy())
  return upstream
}
