import type { Agent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { SocksProxyAgent } from 'socks-proxy-agent'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { Secret } from '../kernel/secret.ts'

/** The server's side of a connection: what holds for every identity that we use against it. */
export interface Server {
  readonly url: URL
  /** PEM; undefined for the system's own trust. */
  readonly ca: Buffer | string | undefined
  readonly serverName: string | undefined
  readonly skipVerify: boolean
  /** What is on the way to it: http://, https:// or socks5://. */
  readonly proxy: URL | undefined
  /** Gets a line for people when a change takes long. */
  readonly onSlow?: (line: string) => void
}

/** Of a request; a list for a header that is there more than once. */
export type Headers = Readonly<Record<string, string | string[]>>

/** Who asks. `headers` may run a credential plugin or read a token file again. */
export interface Identity {
  readonly certificate?: { readonly cert: Buffer | string; readonly key: Buffer | string }
  headers(): Promise<Headers>
  /** What its credential says of itself, in one line for people: a server that does not take it says nothing. Never the credential. */
  readonly about?: (() => string | undefined) | undefined
}

/** An open way to the API as one identity; the connections are kept alive and shared by all requests. */
export interface Connection {
  readonly server: Server
  readonly agent: Agent
  headers(): Promise<Headers>
  readonly about?: (() => string | undefined) | undefined
  /** Until when (milliseconds since 1970) a server of several may not know this identity or its rights yet. */
  readonly fresh: { until: number }
}

export const connect = (server: Server, identity: Identity): Connection => {
  const agent = agentOf(server.proxy, {
    keepAlive: true,
    maxSockets: 16,
    ...(server.ca === undefined ? {} : { ca: server.ca, allowPartialTrustChain: true }), // an intermediate authority is one, as for kubectl
    ...(server.serverName === undefined ? {} : { servername: server.serverName }),
    ...(server.skipVerify ? { rejectUnauthorized: false } : {}),
    ...identity.certificate
  })
  return { server, agent, headers: () => identity.headers(), about: identity.about, fresh: { until: 0 } }
}

/** For REST and for exec streams alike. */
const agentOf = (proxy: URL | undefined, options: ConstructorParameters<typeof HttpsAgent>[0]): Agent => {
  if (proxy === undefined || !proxy.protocol.startsWith('socks'))
    return new HttpsAgent({ ...options, proxyEnv: proxy === undefined ? {} : { HTTPS_PROXY: proxy.href } })
  return new SocksProxyAgent(proxy.href.replace(/^socks5:/, 'socks5h:'), options) // names are for the proxy to resolve, as they are for kubectl
}

/** The same server as the holder of a token: no certificate of the caller goes along. `token` is read at each request, so that it can be renewed. */
export const connectWithToken = (server: Server, token: () => Secret): Connection =>
  connect(server, { headers: () => Promise.resolve({ authorization: `Bearer ${token().reveal()}` }) })

/**
 * A path below the server's URL, which may have a prefix of its own (`https://host/clusters/one`). All requests go by this, so that a name can lead nowhere else:
 * throws API_FAILED for a path with a part that is empty, `.`, `..`, or more than one part, however it is written.
 */
export const resolvePath = (server: URL, path: string): URL => {
  const [parts = ''] = path.split('?')
  if (!parts.split('/').every(isOnePart)) throw new ScanError('API_FAILED', `kscan does not ask for this path: ${printableLine(path)}`)
  const base = server.href.endsWith('/') ? server.href : `${server.href}/`
  return new URL(path, base)
}

/** Only what may stand there as it is (RFC 3986), for URL reads `\`, tabs and `#` its own way. */
const isOnePart = (part: string): boolean => {
  if (!/^(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$/.test(part)) return false
  try {
    return !/^\.{1,2}$|[/\\\0]/.test(decodeURIComponent(part))
  } catch {
    return false
  }
}
