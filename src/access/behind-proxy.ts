import { ApiError } from '../cluster/api.ts'
import type { Server } from '../cluster/connection.ts'
import { ScanError } from '../kernel/error.ts'

/** Authenticating proxies before an API server, which know their own tokens only, by the addresses that their kubeconfigs have. */
const PROXIES: readonly (readonly [name: string, is: (server: Pick<Server, 'url' | 'serverName'>) => boolean])[] = [
  ["Rancher's proxy", ({ url }) => /(?:^|\/)k8s\/clusters\/[^/]+\/?$/.test(url.pathname)],
  ["GitLab's agent", ({ url }) => /(?:^|\/)k8s-proxy(?:\/|$)/.test(url.pathname)],
  ["Teleport's proxy", ({ url, serverName = '' }) => url.pathname.startsWith('/v1/teleport/') || serverName.startsWith('kube-teleport-proxy-alpn.')],
  ["vCluster Platform's proxy", ({ url }) => /^\/kubernetes\/(?:cluster|project|management)(?:\/|$)/.test(url.pathname)],
  ["Google's Connect gateway", ({ url }) => /(?:^|[.-])connectgateway\.googleapis\.com$/.test(url.hostname)]
]

/** The proxy that a server is behind, where its address tells. */
export const knownProxy = (server: Pick<Server, 'url' | 'serverName'>): string | undefined => PROXIES.find(([, is]) => is(server))?.[0]

const WAY = 'Use access: self, which scans with the rights of the caller, or a kubeconfig that reaches the API server itself.'

/** In one sentence, why no account of a run can be used there; undefined where nothing speaks against it. */
export const whyNoAccount = (server: Pick<Server, 'url' | 'serverName'>): string | undefined => {
  const proxy = knownProxy(server)
  return proxy === undefined
    ? undefined
    : `The server of this context is ${proxy}, which knows its own tokens only: the token of a service account is refused there`
}

/** Throws ACCESS_DENIED where an account would be made whose token cannot work: before anything is made. */
export const demandTokens = (mode: 'per-run' | 'service-account' | 'self', server: Pick<Server, 'url' | 'serverName'>): void => {
  const why = mode === 'per-run' ? whyNoAccount(server) : undefined
  if (why !== undefined) throw new ScanError('ACCESS_DENIED', why, { hint: WAY })
}

/** What it means that a token is answered 401 which the caller, who is known therefore, has just got from the server: something before it does not pass the token on. */
export const explainUnknownToken = (error: unknown, server: Server): unknown => {
  if (!(error instanceof ApiError) || error.status !== 401) return error
  const proxy = knownProxy(server) ?? 'an authenticating proxy, as those of Rancher, Teleport and GitLab are'
  return new ScanError(
    'ACCESS_DENIED',
    `${server.url.host} does not know the token that it has just given for the scanner (401), but still knows the caller: before the API server is ${proxy}, which knows its own tokens only`,
    { cause: error, hint: WAY }
  )
}
