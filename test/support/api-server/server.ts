import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { type KeyPair, makeCertificates, makeClientCertificate } from './certificates.ts'
import { type Fault, Faults } from './faults.ts'
import { Handler, type RequestRecord } from './handler.ts'
import { type Place, type PodFixture, putNamespace, putPod, putWorkload, type WorkloadFixture } from './pod.ts'
import { type KubeObject, Store } from './store.ts'
import { type StreamRecord, Streams } from './streams.ts'
import { Tokens } from './tokens.ts'
import { crash, kubeconfigOf, listen, write, writeRaw } from './wire.ts'

export interface ApiServerOptions {
  /** Decides what exec asks for: from 1.35 on also the verb create. 1.37 when not given. */
  readonly version?: '1.34' | '1.37'
  /** Milliseconds since 1970; the machine's clock when not given. */
  readonly now?: () => number
  /** Whom the server's certificate is for, as `DNS:kubernetes`; the loopback address when not given. */
  readonly names?: readonly string[]
}

export interface ApiServer {
  readonly url: string
  /** PEM. */
  readonly ca: string
  readonly adminToken: string
  readonly objects: Store
  readonly requests: readonly RequestRecord[]
  readonly streams: readonly StreamRecord[]
  readonly faults: { add(fault: Fault): void; clear(): void }
  /** Every token that was asked for, in order. */
  readonly issuedTokens: readonly string[]
  /** A token of the account `default` whose time is over. */
  expiredToken(): string
  /** A certificate of the server's own authority; the administrator's when no subject is given. */
  clientCertificate(subject?: string): KeyPair
  /** A kubeconfig with one context, `stand-in`; the administrator's token when none is given. */
  kubeconfig(token?: string): string
  addNamespace(name: string): void
  addPod(fixture: PodFixture): KubeObject
  addWorkload(fixture: WorkloadFixture): KubeObject
  /** Cuts all open exec streams without a word, as a lost network does. */
  cutStreams(): void
  /** Ends everything, programs of exec too. */
  close(): Promise<void>
}

/** Starts a stand-in for the Kubernetes API server on a free port of the loopback address. What it has no route for, it answers with 501. */
export const startApiServer = async (options: ApiServerOptions = {}): Promise<ApiServer> => {
  const { version = '1.37', now = Date.now } = options
  const certificates = makeCertificates(options.names)
  const { ca, cert, key } = certificates
  const objects = new Store(now)
  const tokens = new Tokens(objects, now)
  const faults = new Faults()
  const requests: RequestRecord[] = []
  const places = new Map<string, Place>()
  const streams = new Streams({ places, version, requestsSoFar: () => requests.length })
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false })
  attach(server, new Handler({ version, store: objects, tokens, faults, streams, requests }))
  const url = await listen(server)
  for (const name of ['default', 'kube-system']) putNamespace(objects, name)
  return {
    url,
    ca,
    adminToken: tokens.admin,
    objects,
    requests,
    issuedTokens: tokens.issued,
    streams: streams.records,
    faults,
    expiredToken: () => expiredToken(objects, tokens),
    clientCertificate: (subject = '/O=system:masters/CN=admin') => makeClientCertificate(certificates, subject),
    kubeconfig: (token = tokens.admin) => kubeconfigOf({ url, ca, token }),
    addNamespace: (name) => putNamespace(objects, name),
    addPod: (fixture) => {
      places.set(`${fixture.namespace}/${fixture.name}`, fixture.place ?? {})
      return putPod(objects, fixture)
    },
    addWorkload: (fixture) => putWorkload(objects, fixture),
    cutStreams: () => streams.cut(),
    close: () => stop(server, streams)
  }
}

const expiredToken = (objects: Store, tokens: Tokens): string => {
  const account = objects.get('serviceaccounts', 'default', 'default')
  if (account === undefined) throw new Error('the account default of the namespace default was removed')
  return tokens.issue(account, -1).token
}

const attach = (server: Server, handler: Handler): void => {
  server.on('request', (request, response) => void handler.serve(request, response).catch((error: unknown) => write(response, crash(error))))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void handler.upgrade(request, socket, head).catch((error: unknown) => writeRaw(socket, crash(error)))
  })
}

const stop = async (server: Server, streams: Streams): Promise<void> => {
  streams.end()
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
