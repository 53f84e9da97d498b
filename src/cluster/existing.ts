import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ScanError } from '../kernel/error.ts'
import { call } from './api.ts'
import { connect, type Connection, type Identity, type Server } from './connection.ts'
import { identityOf } from './credentials.ts'
import { loadInCluster, loadKubeconfig, serverOf } from './kubeconfig.ts'

export interface ExistingOptions {
  /** Path of the kubeconfig; not read with the context `in-cluster`. */
  readonly kubeconfig: string
  readonly context: string | undefined
  readonly allowExec: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Learns the caller's token, or name and password, before it is sent. */
  readonly onSecret?: (value: string) => void
}

export interface Cluster {
  /** As the caller. */
  readonly connection: Connection
  readonly context: string
  /** The context's own; `default` when it names none. */
  readonly namespace: string
  readonly version: string
  /** SHA-256 over the server's address and CA: the journal names by it the cluster that it belongs to. */
  readonly fingerprint: string
}

const VERSION_MS = 5000
const Version = z.object({ gitVersion: z.string() })

/** Connects to a cluster that exists and asks its version. BAD_INPUT, or within 5 s an error that names server and cause. */
export const openExisting = async (options: ExistingOptions): Promise<Cluster> => {
  const chosen = options.context === 'in-cluster' ? loadInCluster(options.env) : loadKubeconfig(options.kubeconfig, options.context)
  const server = serverOf(chosen, proxyOf(options.env))
  const connection = connect(server, telling(await identityOf(chosen, options.allowExec), options.onSecret))
  const namespace = chosen.context.namespace?.trim()
  return {
    connection,
    context: chosen.context.name,
    namespace: namespace === undefined || namespace === '' ? 'default' : namespace,
    version: await askVersion(connection),
    fingerprint: createHash('sha256')
      .update(`${server.url.href}\n${String(server.ca ?? '')}`)
      .digest('hex')
  }
}

/** A server may repeat in a message what it was sent. Each credential is told once: a plugin or token file may give another one later. */
const telling = (identity: Identity, onSecret: ExistingOptions['onSecret']): Identity => {
  if (onSecret === undefined) return identity
  let told: string | undefined
  const headers = async (): Promise<Record<string, string>> => {
    const given = await identity.headers()
    const credential = given['authorization']?.replace(/^\S+ /, '')
    if (credential !== undefined && credential !== told) onSecret(credential)
    told = credential
    return given
  }
  return { ...identity, headers }
}

const askVersion = async (connection: Connection): Promise<string> => {
  const answer = await call(connection, { method: 'GET', path: 'version', timeout: VERSION_MS }).catch((error: unknown) => {
    if (!(error instanceof ScanError) || error.code === 'CLUSTER_UNREACHABLE') throw error
    throw new ScanError(error.code, `${connection.server.url.host} refused us: ${error.message}`, {
      cause: error,
      hint: 'Are the credentials of this context still valid?'
    })
  })
  const version = Version.safeParse(answer)
  if (!version.success) throw new ScanError('CLUSTER_UNREACHABLE', `${connection.server.url.host} answered, but not as a Kubernetes API server does`)
  return version.data.gitVersion
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'ALL_PROXY', 'all_proxy']

const proxyOf = (env: ExistingOptions['env']): Server['proxy'] => {
  const proxy: Record<string, string> = {}
  for (const name of PROXY_VARIABLES) {
    const value = env[name]
    if (value !== undefined && value !== '') proxy[name] = value
  }
  return proxy
}
