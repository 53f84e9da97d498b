import { connect, createServer, type Socket } from 'node:net'

export interface SocksProxy {
  /** Without a scheme. */
  readonly address: string
  /** `host:port` of each tunnel that was asked for, in order; names are resolved here. */
  readonly asked: readonly string[]
  stop(): Promise<void>
}

/** A SOCKS 5 proxy (RFC 1928) on a free port of the loopback address: CONNECT only, without authentication. `to` says where a host really is. */
export const startSocksProxy = async (to: (host: string) => string = (host) => host): Promise<SocksProxy> => {
  const asked: string[] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {}).once('close', () => open.delete(socket))
    void serve(socket, { asked, to })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    address: `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    asked,
    stop: async () => {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    }
  }
}

const serve = async (socket: Socket, { asked, to }: { asked: string[]; to: (host: string) => string }): Promise<void> => {
  const [, methods = 0] = await take(socket, 2)
  await take(socket, methods)
  socket.write(Buffer.of(5, 0))
  const [, , , kind = 0] = await take(socket, 4)
  const host = await hostOf(socket, kind)
  const port = (await take(socket, 2)).readUInt16BE()
  asked.push(`${host}:${port}`)
  const upstream = connect(port, to(host), () => {
    socket.write(Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))
    upstream.pipe(socket).pipe(upstream)
  })
  upstream.on('error', () => socket.destroy()).once('close', () => socket.destroy())
  socket.once('close', () => upstream.destroy())
}

/** An IPv4 address or a name. */
const hostOf = async (socket: Socket, kind: number): Promise<string> => {
  if (kind === 1) return [...(await take(socket, 4))].join('.')
  const [length = 0] = await take(socket, 1)
  return (await take(socket, length)).toString('latin1')
}

const take = async (socket: Socket, bytes: number): Promise<Buffer> => {
  for (;;) {
    const taken = bytes === 0 ? Buffer.alloc(0) : (socket.read(bytes) as Buffer | null)
    if (taken !== null) return taken
    await new Promise((resolve) => socket.once('readable', resolve))
  }
}
