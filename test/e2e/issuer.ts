import { createServer as createPlain, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCertificates } from '../support/api-server/certificates.ts'
import { identityToken, KEYS } from '../support/identity-token.ts'
import { clusterWith } from './audit-log.ts'
import { clusterOf } from './caller.ts'
import { KUBECONFIG, kubectl } from './cluster.ts'

/** The API server, and this machine as it sees it. */
export const API = clusterOf(KUBECONFIG)
const HERE = new URL(API.server).hostname.replace(/\.2$/, '.1')

/** Issuers of identity tokens in place of GitHub and GitLab, and GitHub's address where a job asks for its token. */
export interface Issuers {
  /** PEM of the authority of all. */
  readonly ca: string
  readonly github: string
  readonly gitlab: string
  /** The variables of a job that may ask. */
  readonly mayAsk: Readonly<Record<string, string>>
  /** What the next tokens of GitHub say; undefined: the issuer is down. */
  claims: (() => object) | undefined
  /** Address and authorization of each request for a token. */
  readonly asked: (readonly [string, string])[]
  close(): void
}

const listen = (server: Server, host: string): Promise<void> => new Promise((done) => server.listen(0, host, done))
const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** What a push to main is to GitHub. */
export const OF_MAIN = { aud: 'kscan', repository_id: '4711', sub: 'repo:org/shop', ref: 'refs/heads/main', event_name: 'push' }

export const startIssuers = async (): Promise<Issuers> => {
  const { ca, cert, key } = makeCertificates([`IP:${HERE}`])
  const issuer = (): Server => {
    const server: Server = createServer({ cert, key }, ({ url }, response) => {
      const address = `https://${HERE}:${portOf(server)}`
      const discovery = { issuer: address, jwks_uri: `${address}/keys`, id_token_signing_alg_values_supported: ['RS256'] }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(url === '/keys' ? KEYS : discovery))
    })
    return server
  }
  const [github, gitlab] = [issuer(), issuer()]
  const tokens = createPlain(({ url = '', headers }, response) => {
    issuers.asked.push([url, headers.authorization ?? ''])
    if (issuers.claims === undefined) response.writeHead(503).end()
    else response.end(JSON.stringify({ value: identityToken({ iss: issuers.github, ...issuers.claims() }) }))
  })
  await Promise.all([listen(github, HERE), listen(gitlab, HERE), listen(tokens, '127.0.0.1')])
  const issuers: Issuers = {
    ca,
    github: `https://${HERE}:${portOf(github)}`,
    gitlab: `https://${HERE}:${portOf(gitlab)}`,
    mayAsk: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${portOf(tokens)}/?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'a-request-token'
    },
    claims: () => OF_MAIN,
    asked: [],
    close: () => [github, gitlab, tokens].forEach((server) => server.close())
  }
  return issuers
}

/** Asks until it is so. */
export const until = async (what: string, ready: () => Promise<boolean>, seconds = 90): Promise<void> => {
  const end = Date.now() + seconds * 1000
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`)
    await sleep(500)
  }
}

const isUp = (): Promise<boolean> =>
  kubectl('get', '--raw', '/readyz').then(
    () => true,
    () => false
  )

/** Starts the API server anew with more flags. */
export const restartApi = async (flags: string): Promise<void> => {
  clusterWith({ CLUSTER_APISERVER_ARGS: flags }, 'restart', 'kube-apiserver')
  await until(`the API server with ${flags}`, isUp)
}
