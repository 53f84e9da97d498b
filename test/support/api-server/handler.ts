import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { type Answer, badRequest, notImplemented, ok, unauthorized } from './answer.ts'
import { refusalOf } from './authorize.ts'
import type { Faults, Mishap } from './faults.ts'
import { parseRequest } from './resource.ts'
import { type Admitted, respond } from './rest.ts'
import type { Store } from './store.ts'
import type { Streams, Upgrade } from './streams.ts'
import { type Tokens, type User, userOfSubject } from './tokens.ts'
import { parseBody, read, write, writeRaw } from './wire.ts'

export interface RequestRecord {
  readonly method: string
  /** With its query. */
  readonly path: string
  /** `admin`, `system:serviceaccount:NAMESPACE:NAME`, the CN of a certificate or `system:anonymous`; empty for a token or certificate that is not valid. */
  readonly user: string
  readonly body: unknown
  /** 101 for an exec stream that was opened, 0 while or when there is no answer. */
  readonly status: number
}

interface Parts {
  readonly version: string
  readonly store: Store
  readonly tokens: Tokens
  readonly faults: Faults
  readonly streams: Streams
  readonly requests: RequestRecord[]
}

type Open = { -readonly [K in keyof RequestRecord]: RequestRecord[K] }

/** Takes each request through the stations of a real server: who asks, what for, whether they may, and then the work. */
export class Handler {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { record, mishap } = this.#begin(request)
    const body = parseBody(await read(request))
    if (await endsHere(mishap, response)) return
    record.body = body
    const broken = body instanceof SyntaxError ? badRequest(`the object provided is unrecognized: ${body.message}`) : undefined
    const answer = planned(mishap) ?? broken ?? this.#answer(record, request)
    record.status = answer.status
    if (mishap?.kind === 'drop-answer') response.destroy()
    else write(response, answer)
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {})
    const { record, mishap } = this.#begin(request)
    if (await endsHere(mishap, socket)) return
    const admitted = planned(mishap) ?? this.#admit(record, request)
    if (mishap?.kind === 'drop-answer') return void socket.destroy()
    const refusal = 'status' in admitted ? admitted : this.#join(admitted, { request, socket, head })
    record.status = refusal?.status ?? 101
    if (refusal !== undefined) writeRaw(socket, refusal)
  }

  #join(admitted: Admitted, upgrade: Upgrade): Answer | undefined {
    const { subresource } = admitted.asked
    return subresource === 'exec' ? this.#parts.streams.open(admitted, upgrade) : notImplemented(`stream for ${upgrade.request.url ?? ''}`)
  }

  #begin(request: IncomingMessage): { record: Open; mishap: Mishap | undefined } {
    const record = { method: request.method ?? '', path: request.url ?? '', user: '', body: undefined, status: 0 }
    this.#parts.requests.push(record)
    return { record, mishap: this.#parts.faults.of(record.method, record.path) }
  }

  #answer(record: Open, request: IncomingMessage): Answer {
    const admitted = this.#admit(record, request)
    if ('status' in admitted) return admitted
    return admitted.asked.subresource === 'exec' ? badRequest('Upgrade request required') : respond(admitted)
  }

  /** All that comes before the work itself; an answer where it ends there. */
  #admit(record: Open, request: IncomingMessage): Admitted | Answer {
    const { store, tokens, version } = this.#parts
    const url = new URL(record.path, 'https://stand-in')
    const user = userOf(request, tokens)
    if (user === undefined) return unauthorized()
    record.user = user.name
    if (record.method === 'GET' && url.pathname === '/version') return ok(versionOf(version))
    const asked = parseRequest(record.method, url.pathname)
    if (asked === undefined) return notImplemented(`route ${record.method} ${url.pathname}`)
    return refusalOf(store, user, asked) ?? { asked, user, query: url.searchParams, body: record.body, store, tokens }
  }
}

/** A client certificate goes before a token; one of another authority counts as none, but does not make its holder anonymous. */
const userOf = ({ socket, headers }: IncomingMessage, tokens: Tokens): User | undefined => {
  const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject : undefined // the type hides that there may be none
  if (subject === undefined) return tokens.userOf(headers.authorization)
  if (socket instanceof TLSSocket && socket.authorized) return userOfSubject(subject)
  return headers.authorization === undefined ? undefined : tokens.userOf(headers.authorization)
}

const planned = (mishap: Mishap | undefined): Answer | undefined => (mishap?.kind === 'answer' ? mishap.answer : undefined)

/** True where the request ends before it takes effect: dropped, or held for ever. */
const endsHere = async (mishap: Mishap | undefined, connection: { destroy(): unknown }): Promise<boolean> => {
  if (mishap?.kind === 'drop') connection.destroy()
  if (mishap?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, mishap.milliseconds))
  return mishap?.kind === 'drop' || mishap?.kind === 'hang'
}

const versionOf = (version: string): unknown => {
  const [major, minor] = version.split('.')
  return { major, minor, gitVersion: `v${version}.0`, gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z', platform: 'linux/amd64' }
}
