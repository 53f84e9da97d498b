import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { z } from 'zod'

/** A server under test and who asks it: plain requests only, none of the product's code. */
export interface Caller {
  readonly url: string
  readonly ca: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly token?: string
}

export interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
  /** Undefined when the text is not JSON. */
  readonly json: unknown
}

export interface Ended {
  /** The refusal of the upgrade; undefined when the stream was opened. */
  readonly refused: Reply | undefined
  readonly protocol: string
  readonly stdout: string
  readonly stderr: string
  /** Both as they came. */
  readonly bytes: { readonly stdout: Buffer; readonly stderr: Buffer }
  /** The length of the first message, its channel included; the channel of each, in order. */
  readonly first: number
  readonly channels: readonly number[]
  readonly largest: number
  /** The JSON of channel 3. */
  readonly status: unknown
  readonly closeCode: number
}

export interface Exec {
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly protocols?: readonly string[]
  /** Messages to send once the stream is open, channel byte first. */
  readonly send?: readonly Buffer[]
  /** Called when output has come: may write more or cut. */
  readonly onOutput?: (output: string, socket: WebSocket) => void
}

const Kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string(), 'certificate-authority-data': z.base64() }) })),
  users: z.array(
    z.looseObject({
      user: z.looseObject({ 'client-certificate-data': z.base64().optional(), 'client-key-data': z.base64().optional(), token: z.string().optional() })
    })
  )
})

/** The first cluster and user of a kubeconfig. */
export const callerOf = (path: string): Caller => {
  const { clusters, users } = Kubeconfig.parse(parse(readFileSync(path, 'utf8')))
  const cluster = clusters[0]?.cluster
  const user = users[0]?.user
  const decode = (data: string | undefined): Buffer => Buffer.from(data ?? '', 'base64')
  const who = user?.token === undefined ? { cert: decode(user?.['client-certificate-data']), key: decode(user?.['client-key-data']) } : { token: user.token }
  return { url: cluster?.server ?? '', ca: decode(cluster?.['certificate-authority-data']), ...who }
}

const headersOf = ({ token }: Caller): Record<string, string> => (token === undefined ? {} : { authorization: `Bearer ${token}` })

const trustOf = ({ ca, cert, key }: Caller): { ca: string | Buffer; cert?: string | Buffer; key?: string | Buffer } =>
  cert === undefined || key === undefined ? { ca } : { ca, cert, key }

const replyOf = (status: number | undefined, type: string | undefined, text: string): Reply => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: status ?? 0, type: type ?? '', text, json }
}

const TYPES: Readonly<Record<string, string>> = { PATCH: 'application/apply-patch+yaml' }

/** One request; a string is sent as it is, anything else as JSON. */
export const ask = (caller: Caller, method: string, path: string, body?: unknown, type = TYPES[method] ?? 'application/json'): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const length = bytes === undefined ? {} : { 'content-type': type, 'content-length': bytes.length }
    const outgoing = request(`${caller.url}${path}`, {
      method,
      agent: false,
      ...trustOf(caller),
      headers: { accept: 'application/json', ...headersOf(caller), ...length }
    })
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(replyOf(response.statusCode, response.headers['content-type'], Buffer.concat(chunks).toString())))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })

/** One exec stream, from its upgrade to its close. */
export const exec = (caller: Caller, wanted: Exec): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const query = new URLSearchParams()
    for (const [key, value] of wanted.query) query.append(key, value)
    const url = `${caller.url.replace('https', 'wss')}${wanted.path}?${query.toString()}`
    const protocols = wanted.protocols ?? ['v5.channel.k8s.io', 'v4.channel.k8s.io']
    const socket = new WebSocket(url, [...protocols], { ...trustOf(caller), headers: headersOf(caller), perMessageDeflate: false })
    const messages: Buffer[] = []
    const bytesOf = (channel: number): Buffer => Buffer.concat(messages.filter((one) => one[0] === channel).map((one) => one.subarray(1)))
    const textOf = (channel: number): string => bytesOf(channel).toString()
    const end = (closeCode: number, refused?: Reply): void => {
      const status = textOf(3)
      resolve({
        refused,
        protocol: socket.protocol,
        stdout: textOf(1),
        stderr: textOf(2),
        bytes: { stdout: bytesOf(1), stderr: bytesOf(2) },
        first: messages[0]?.length ?? 0,
        channels: messages.map((one) => one[0] ?? -1),
        largest: Math.max(0, ...messages.map((one) => one.length)),
        status: status === '' ? undefined : JSON.parse(status),
        closeCode
      })
    }
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = []
      const raw = response.socket // at the end the agent may have taken it back
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        end(0, replyOf(response.statusCode, response.headers['content-type'], Buffer.concat(chunks).toString()))
        raw.destroy() // a real server keeps it open, and ws leaves it to whoever listens for this
      })
    })
    socket.on('open', () => wanted.send?.forEach((message) => socket.send(message)))
    socket.on('message', (data: Buffer) => {
      messages.push(data)
      if (textOf(1) !== '') wanted.onOutput?.(textOf(1), socket)
    })
    socket.on('close', (code) => end(code))
    socket.on('error', reject)
  })
