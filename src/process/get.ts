import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, get as httpsGet } from 'node:https'
import { getCACertificates } from 'node:tls'

export interface Get {
  readonly signal: AbortSignal
  /** For HTTPS_PROXY, NO_PROXY and the like. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Authorities to trust besides those of this machine, in PEM. */
  readonly ca: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** One GET of an http or https address; redirections are for the caller. Rejects with Node's error. */
export const get = (url: string, { env, signal, ca, headers: more }: Get): Promise<IncomingMessage> => {
  const proxyEnv = Object.fromEntries(Object.entries(env).filter(([name]) => /^(?:HTTPS?|NO|ALL)_PROXY$/i.test(name)))
  const headers = { 'user-agent': 'kscan', accept: '*/*', ...more }
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:')
      ? httpsGet(url, { headers, signal, agent: new HttpsAgent({ proxyEnv, ...trusting(ca) }) }, resolve)
      : httpGet(url, { headers, signal, agent: new HttpAgent({ proxyEnv }) }, resolve)
    request.on('error', reject)
  })
}

/** What this machine trusts, and the user's own authorities. */
const trusting = (ca: string | undefined): { ca?: string[] } => (ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] })
