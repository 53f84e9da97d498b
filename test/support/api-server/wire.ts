import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { stringify } from 'yaml'
import type { Answer } from './answer.ts'

/** A kubeconfig of one cluster, user and context, named `stand-in` where no other name is given. */
export const kubeconfigOf = ({ url, ca, token, name = 'stand-in' }: { url: string; ca: string; token: string; name?: string }): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name
  })

/** The whole body of a request. */
export const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** JSON; a SyntaxError for what is none, undefined for nothing. */
export const parseBody = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    return error
  }
}

const encode = ({ body, headers }: Answer): { text: string; headers: Record<string, string> } => {
  const plain = typeof body === 'string'
  const text = plain ? body : `${JSON.stringify(body)}\n`
  return {
    text,
    headers: { 'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json', 'content-length': String(Buffer.byteLength(text)), ...headers }
  }
}

export const write = (response: ServerResponse, answer: Answer): void => {
  const { text, headers } = encode(answer)
  response.writeHead(answer.status, headers).end(text)
}

/** The same on the socket of an upgrade that is refused. */
export const writeRaw = (socket: Duplex, answer: Answer): void => {
  const { text, headers } = encode(answer)
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${answer.status} Answer`, ...lines, '', text].join('\r\n'))
}

/** What a fault of the stand-in itself shows: never a Status. */
export const crash = (error: unknown): Answer => ({
  status: 500,
  body: `the test server failed: ${error instanceof Error ? (error.stack ?? '') : String(error)}`
})

/** Listens on a free port of the loopback address; the server's URL. */
export const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}
