import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createPlain, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyPair } from './api-server/certificates.ts'

/** What a server was asked: the path, and what came as Authorization. */
export interface Asked {
  readonly path: string
  readonly authorization: string | undefined
}

export interface GitServer {
  /** `localhost:PORT` or `127.0.0.1:PORT`. */
  readonly host: string
  readonly url: string
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

/** A repository with one commit of a profile, `more` files beside it, and its id. */
export const makeRepository = (
  more: Readonly<Record<string, string>> = {},
  gitlinks: readonly string[] = []
): { readonly folder: string; readonly commit: string; remove(): void } => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-repository-'))
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...args], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  git('init', '--quiet')
  for (const [name, text] of Object.entries({ 'inspec.yml': 'name: p\n', ...more })) writeFileSync(join(folder, name), text)
  git('add', '--all')
  for (const path of gitlinks) git('update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},${path}`)
  git('commit', '--quiet', '--message', 'one')
  git('config', 'uploadpack.allowAnySHA1InWant', 'true')
  return { folder, commit: git('rev-parse', 'HEAD'), remove: () => rmSync(folder, { recursive: true }) }
}

/** A server that notes what it is asked and answers by `answer`; without a certificate over plain http. */
export const startServer = async (answer: RequestListener, pair?: KeyPair): Promise<GitServer> => {
  const asked: Asked[] = []
  const listener: RequestListener = (request, response) => {
    asked.push({ path: request.url ?? '', authorization: request.headers.authorization })
    answer(request, response)
  }
  const server = pair === undefined ? createPlain(listener) : createServer({ cert: pair.cert, key: pair.key }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { host: `localhost:${port}`, url: `http${pair === undefined ? '' : 's'}://localhost:${port}`, asked, close }
}

/** Asks for a name and password, as servers of private repositories do. */
export const demand: RequestListener = (_request, response) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()

/** Leads elsewhere. */
export const leadTo =
  (url: string): RequestListener =>
  (request, response) =>
    void response.writeHead(302, { location: `${url}${request.url}` }).end()

/** The repositories below a folder, to whoever sends a name and password. */
export const serve =
  (root: string): RequestListener =>
  (request, response) => {
    if (request.headers.authorization === undefined) demand(request, response)
    else backend(root, request, response)
  }

/** The repositories below a folder, to everybody. */
export const serveOpen =
  (root: string): RequestListener =>
  (request, response) =>
    backend(root, request, response)

/** git's own program (CGI). */
const backend = (root: string, request: IncomingMessage, response: ServerResponse): void => {
  const { pathname, search } = new URL(request.url ?? '', 'https://localhost')
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    REQUEST_METHOD: request.method ?? '',
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '')
  }
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.once('close', () => {
    const all = Buffer.concat(chunks)
    const end = all.indexOf('\r\n\r\n')
    const headers = all
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(': ', 2))
    const status = headers.find(([name]) => name === 'Status')?.[1]
    response.writeHead(status === undefined ? 200 : Number.parseInt(status), Object.fromEntries(headers.filter(([name]) => name !== 'Status')))
    response.end(all.subarray(end + 4))
  })
}
