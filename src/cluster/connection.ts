import { Agent } from 'node:https'
import type { Secret } from '../kernel/secret.ts'

/** The server's side of a connection: what holds for every identity that we use against it. */
export interface Server {
  readonly url: URL
  /** PEM; undefined for the system's own trust. */
  readonly ca: Buffer | string | undefined
  readonly serverName: string | undefined
  readonly skipVerify: boolean
  /** `HTTPS_PROXY`, `NO_PROXY` and the like, as the agent reads them; a kubeconfig's `proxy-url` goes before the environment's. */
  readonly proxy: Readonly<Record<string, string>>
}

/** Who asks. `headers` may run a credential plugin or read a token file again. */
export interface Identity {
  readonly certificate?: { readonly cert: Buffer | string; readonly key: Buffer | string }
  headers(): Promise<Record<string, string>>
}

/** An open way to the API as one identity; the connections are kept alive and shared by all requests. */
export interface Connection {
  readonly server: Server
  readonly agent: Agent
  headers(): Promise<Record<string, string>>
  /** Until when (milliseconds since 1970) a server of several may not know this identity or its rights yet. */
  readonly fresh: { until: number }
}

export const connect = (server: Server, identity: Identity): Connection => {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    ...(server.ca === undefined ? {} : { ca: server.ca }),
    ...(server.serverName === undefined ? {} : { servername: server.serverName }),
    ...(server.skipVerify ? { rejectUnauthorized: false } : {}),
    ...identity.certificate,
    proxyEnv: { ...server.proxy }
  })
  return { server, agent, headers: () => identity.headers(), fresh: { until: 0 } }
}

/** The same server as the holder of a token: no certificate of the caller goes along. `token` is read at each request, so that it can be renewed. */
export const connectWithToken = (server: Server, token: () => Secret): Connection =>
  connect(server, { headers: () => Promise.resolve({ authorization: `Bearer ${token().reveal()}` }) })

/** A path below the server's URL, which may have a prefix of its own (`https://host/clusters/one`). */
export const resolvePath = (server: URL, path: string): URL => {
  const base = server.href.endsWith('/') ? server.href : `${server.href}/`
  return new URL(path, base)
}
