import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { type Answer, badRequest, notImplemented, ok, plainNotFound, unauthorized } from './answer.ts'
import { refusalOf } from './authorize.ts'
import type { Faults, Mishap } from './faults.ts'
import { apiVersionOf, groupVersionOf, parseRequest, RESOURCES } from './resource.ts'
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
    if (await endsHere(mishap, response, response.socket)) return
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
    if (await endsHere(mishap, socket, socket)) return
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
    const listed = record.method === 'GET' ? groupVersionOf(url.pathname) : undefined
    if (listed !== undefined) return resourcesOf(listed)
    const asked = parseRequest(record.method, url.pathname)
    if (asked === undefined) return notImplemented(`route ${record.method} ${url.pathname}`)
    return (
      refusalOf(store, user, asked) ?? {
        asked,
        user,
        query: url.searchParams,
        body: record.body,
        contentType: request.headers['content-type'] ?? '',
        store,
        tokens
      }
    )
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
const endsHere = async (mishap: Mishap | undefined, connection: { destroy(): unknown }, socket: Duplex | null): Promise<boolean> => {
  if (mishap?.kind === 'endless' && socket !== null) goOn(socket, mishap)
  if (mishap?.kind === 'drop') connection.destroy()
  if (mishap?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, mishap.milliseconds))
  return mishap?.kind === 'drop' || mishap?.kind === 'hang' || mishap?.kind === 'endless'
}

/** Writes what never ends, of the body or of the headers. */
const goOn = (socket: Duplex, { status, milliseconds, headers = false }: Mishap & { kind: 'endless' }): void => {
  socket.on('error', () => {})
  socket.write(`HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${headers ? '' : '\r\n['}`)
  let line = 0
  const more = (): void => {
    if (socket.destroyed) return
    const text = headers ? `x-${(line += 1)}: y\r\n` : ' '.repeat(milliseconds === 0 ? 65_536 : 1)
    if (milliseconds > 0) socket.write(text, () => void setTimeout(more, milliseconds))
    else if (socket.write(text)) setImmediate(more)
    else socket.once('drain', more)
  }
  more()
}

/** What a group has, as far as the stand-in knows it. */
const resourcesOf = ({ group, version }: { group: string; version: string }): Answer => {
  const own = RESOURCES.filter((resource) => resource.group === group && resource.version === version)
  const [first] = own
  if (first === undefined) return plainNotFound()
  const resources = own.flatMap(({ plural, kind, namespaced, verbs }) => {
    const whole = { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs }
    return plural === 'pods' ? [whole, { ...whole, name: 'pods/ephemeralcontainers', singularName: '', verbs: ['get', 'patch', 'update'] }] : [whole]
  })
  return ok({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf(first), resources })
}

const versionOf = (version: string): unknown => {
  const [major, minor] = version.split('.')
  return { major, minor, gitVersion: `v${version}.0`, gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z', platform: 'linux/amd64' }
}
