import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { json } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { makeCertificates } from './api-server/certificates.ts'
import { crash, kubeconfigOf, listen, write, writeRaw } from './api-server/wire.ts'
import { headOf, hopFree, isAddress, relay } from './fault-proxy/relay.ts'

export interface ProxyTarget {
  /** `https://host:port`, without a path. */
  readonly server: string
  /** PEM. */
  readonly ca: string | Buffer
}

/** Which requests: the nth of all (from 1), or the nth (1 when not given) of those that match. `every` means each that matches. */
export type Which = number | { readonly method?: string; readonly path?: RegExp; readonly nth?: number | 'every' }

export interface ProxyRecord {
  /** From 1, in the order in which the requests came. */
  readonly n: number
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly upgrade: boolean
  /** What the target answered; 0 when it was not asked or has not answered. */
  readonly targetStatus: number
  readonly fault: Fault['kind'] | undefined
}

type Fault =
  | { readonly kind: 'drop-request' }
  | { readonly kind: 'drop-answer' }
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'change'; readonly change: (answer: unknown) => unknown }
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut-stream'; readonly bytes: number }

export interface FaultProxy {
  readonly url: string
  /** PEM of the proxy's own authority. */
  readonly ca: string
  readonly log: readonly ProxyRecord[]
  kubeconfig(token: string): string
  /** Closes the connection; the target never hears of it. */
  dropRequest(which: Which): void
  /** The target carries it out and answers; the client's connection is closed in place of the answer. */
  dropAnswer(which: Which): void
  /** Answers in the target's place; a body that is no string is sent as JSON. */
  answer(which: Which, answer: { status: number; body?: unknown; headers?: Readonly<Record<string, string>> }): void
  /** The target's JSON comes changed. */
  change(which: Which, change: (answer: unknown) => unknown): void
  /** Nothing is forwarded and nothing answered. */
  hang(which: Which): void
  /** Cuts an upgraded stream once the target has sent that many bytes after its handshake. */
  cutStream(which: Which, bytes: number): void
  /** Cuts all upgraded streams that are open now. */
  cutStreams(): void
  /** Forgets the faults that have not happened. */
  clear(): void
  stop(): Promise<void>
}

type Open = { -readonly [K in keyof ProxyRecord]: ProxyRecord[K] }

/** A reverse proxy that terminates TLS with a certificate of its own, passes requests on as they are (so their bearer token counts), and goes wrong where told to. */
export const startFaultProxy = async (target: ProxyTarget): Promise<FaultProxy> => {
  const { ca, cert, key } = makeCertificates()
  const proxy = new Proxy(target)
  const server = createServer({ cert, key })
  server.on('request', (incoming, response) => proxy.serve(incoming, response))
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => proxy.upgrade(incoming, socket, head))
  const url = await listen(server)
  return {
    url,
    ca,
    log: proxy.log,
    kubeconfig: (token) => kubeconfigOf({ url, ca, token }),
    dropRequest: (which) => proxy.plan(which, { kind: 'drop-request' }),
    dropAnswer: (which) => proxy.plan(which, { kind: 'drop-answer' }),
    answer: (which, { status, body = '', headers = {} }) => proxy.plan(which, { kind: 'answer', status, body, headers }),
    change: (which, change) => proxy.plan(which, { kind: 'change', change }),
    hang: (which) => proxy.plan(which, { kind: 'hang' }),
    cutStream: (which, bytes) => proxy.plan(which, { kind: 'cut-stream', bytes }),
    cutStreams: () => proxy.cutStreams(),
    clear: () => proxy.clear(),
    stop: () => stop(server, proxy)
  }
}

const stop = async (server: Server, proxy: Proxy): Promise<void> => {
  proxy.cutStreams()
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

class Proxy {
  readonly log: ProxyRecord[] = []
  readonly #target: ProxyTarget
  readonly #open = new Set<Duplex>()
  #plans: { readonly which: Which; readonly fault: Fault; seen: number }[] = []

  constructor(target: ProxyTarget) {
    this.#target = target
  }

  plan(which: Which, fault: Fault): void {
    this.#plans.push({ which, fault, seen: 0 })
  }

  clear(): void {
    this.#plans = []
  }

  cutStreams(): void {
    for (const socket of this.#open) socket.destroy()
  }

  serve(incoming: IncomingMessage, response: ServerResponse): void {
    const { record, fault } = this.#begin(incoming, false)
    if (fault?.kind === 'drop-request') return void response.destroy()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'answer') {
      incoming.resume() // or the client's next request on this connection would not be read
      return write(response, fault)
    }
    const outgoing = request(`${this.#target.server}${record.path}`, { method: record.method, headers: hopFree(incoming), ca: this.#target.ca, agent: false })
    outgoing.on('error', (error) => (response.headersSent ? response.destroy() : write(response, { ...crash(error), status: 502 })))
    outgoing.on('response', (answer) => {
      record.targetStatus = answer.statusCode ?? 0
      if (fault?.kind === 'drop-answer') return void answer.resume().once('end', () => response.destroy())
      if (fault?.kind === 'change')
        return void json(answer).then((value) => write(response, { status: record.targetStatus, body: fault.change(value), headers: {} }))
      response.writeHead(record.targetStatus, answer.headers)
      answer.pipe(response)
    })
    response.once('close', () => void (response.writableFinished || outgoing.destroy()))
    incoming.pipe(outgoing)
  }

  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {})
    const { record, fault } = this.#begin(incoming, true)
    if (fault?.kind === 'drop-request') return void socket.destroy()
    if (fault?.kind === 'hang') return this.#track(socket)
    if (fault?.kind === 'answer') return writeRaw(socket, fault)
    const { hostname, port } = new URL(this.#target.server)
    const upstream = connect({
      host: hostname,
      port: Number(port || 443),
      ca: this.#target.ca,
      ALPNProtocols: ['http/1.1'],
      ...(isAddress(hostname) ? {} : { servername: hostname })
    })
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket]
    ] as const) {
      this.#track(one)
      one.on('error', () => {})
      one.once('close', () => other.destroy())
    }
    upstream.once('secureConnect', () => {
      upstream.write(headOf(incoming))
      upstream.write(head)
      socket.pipe(upstream)
      relay(upstream, socket, {
        onStatus: (status) => (record.targetStatus = status),
        cutAfter: fault?.kind === 'cut-stream' ? fault.bytes : undefined,
        dropAnswer: fault?.kind === 'drop-answer'
      })
    })
  }

  #track(socket: Duplex): void {
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
  }

  #begin(incoming: IncomingMessage, upgrade: boolean): { record: Open; fault: Fault | undefined } {
    const record: Open = { n: this.log.length + 1, method: incoming.method ?? '', path: incoming.url ?? '', upgrade, targetStatus: 0, fault: undefined }
    this.log.push(record)
    const hits = new Set(this.#plans.filter((plan) => isHit(plan, record))) // each plan counts, also those that come too late
    const fault = this.#plans.find((plan) => hits.has(plan))?.fault
    record.fault = fault?.kind
    return { record, fault }
  }
}

const isHit = (plan: { readonly which: Which; seen: number }, { n, method, path }: ProxyRecord): boolean => {
  const { which } = plan
  if (typeof which === 'number') return which === n
  if ((which.method ?? method) !== method || which.path?.test(path) === false) return false
  plan.seen += 1
  return which.nth === 'every' || plan.seen === (which.nth ?? 1)
}
