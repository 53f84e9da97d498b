import { createHash } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import { z } from 'zod'
import { ScanError } from '../kernel/error.ts'
import type { Fetching } from '../kernel/fetching.ts'
import type { IdentityChoice, JobIdentity } from '../kernel/identity.ts'
import { printableLine } from '../kernel/name.ts'
import { ApiError, call } from './api.ts'
import { connect, type Connection, type Headers, type Identity, type Server } from './connection.ts'
import { identityOf } from './credentials.ts'
import { loadInCluster } from './in-cluster.ts'
import { jobIdentity } from './job-token.ts'
import { ClusterFields, UserFields } from './kubeconfig-format.ts'
import { loadKubeconfig, type Chosen } from './kubeconfig.ts'
import { serverOf } from './server-of.ts'
import { demandKubeconfig } from './no-kubeconfig.ts'

export interface ExistingOptions {
  /** Undefined: what the kubeconfig says. */
  readonly identity?: IdentityChoice
  /** Path of the kubeconfig; not read with the context `in-cluster`. */
  readonly kubeconfig: string
  readonly context: string | undefined
  readonly allowExec: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Its authorities are trusted where the kubeconfig names none. */
  readonly fetching?: Pick<Fetching, 'ca'>
  /** Learns the caller's token, or name and password, before it is sent. */
  readonly onSecret?: (value: string) => void
  /** Gets what a credential plugin says for people, line by line. */
  readonly onPluginLine?: (line: string) => void
  /** Gets a line for people for what the kubeconfig says and should not. */
  readonly onWarning?: (line: string) => void
  /** Gets a line for people when a change takes long. */
  readonly onSlow?: (line: string) => void
  /** Ends the asking, and a credential plugin. */
  readonly signal?: AbortSignal
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

const chosenBy = (options: ExistingOptions): Chosen => {
  const job = jobOf(options)
  if (job !== undefined)
    return { context: { name: job.kind, namespace: undefined }, cluster: { ...NO_FIELDS.cluster, server: job.server }, user: NO_FIELDS.user, warnings: [] }
  if (options.context === 'in-cluster') return loadInCluster(options.env)
  demandKubeconfig(options)
  return loadKubeconfig(options.kubeconfig, options.context)
}

const NO_FIELDS = { cluster: ClusterFields.parse({}), user: UserFields.parse({}) }

const jobOf = ({ identity }: ExistingOptions): JobIdentity | undefined => (identity === undefined || identity.kind === 'kubeconfig' ? undefined : identity)

const identityBy = async (chosen: Chosen, options: ExistingOptions): Promise<Identity> => {
  const job = jobOf(options)
  if (job === undefined) return await identityOf(chosen, options.allowExec, options)
  return jobIdentity(job, { env: options.env, ca: options.fetching?.ca, onSecret: options.onSecret })
}

const tellPassword = ({ proxy }: Server, onSecret: ExistingOptions['onSecret']): void => {
  if (proxy !== undefined && proxy.password !== '') onSecret?.(decodeURIComponent(proxy.password))
}

/** Connects to a cluster that exists and asks its version. BAD_INPUT, or within 5 s an error that names server and cause. */
export const openExisting = async (options: ExistingOptions): Promise<Cluster> => {
  const chosen = chosenBy(options)
  const server = serverOf(chosen, options.env)
  for (const line of chosen.warnings) options.onWarning?.(line)
  tellPassword(server, options.onSecret)
  const told = options.onSlow === undefined ? server : { ...server, onSlow: onceEach(options.onSlow) }
  const connection = connect(trusting(told, options.fetching?.ca), telling(await identityBy(chosen, options), options.onSecret))
  const { namespace = '' } = chosen.context
  return {
    connection,
    context: chosen.context.name,
    namespace: namespace === '' ? 'default' : namespace,
    version: await askVersion(connection, chosen.context.name, options),
    fingerprint: createHash('sha256')
      .update(`${server.url.href}\n${String(server.ca ?? '')}`)
      .digest('hex')
  }
}

const onceEach = (say: (line: string) => void): ((line: string) => void) => {
  const said = new Set<string>()
  return (line) => {
    if (!said.has(line)) say(line)
    said.add(line)
  }
}

const trusting = (server: Server, ca: string | undefined): Server =>
  server.ca !== undefined || ca === undefined ? server : { ...server, ca: [...getCACertificates('default'), ca].join('\n') }

/** A server may repeat in a message what it was sent. Each credential is told once: a plugin or token file may give another one later. */
const telling = (identity: Identity, onSecret: ExistingOptions['onSecret']): Identity => {
  if (onSecret === undefined) return identity
  let told: string | undefined
  const headers = async (): Promise<Headers> => {
    const given = await identity.headers()
    const credential = [given['authorization'] ?? []].flat()[0]?.replace(/^\S+ /, '')
    if (credential !== undefined && credential !== told) onSecret(credential)
    told = credential
    return given
  }
  return { ...identity, headers }
}

const askVersion = async (connection: Connection, context: string, { signal }: ExistingOptions): Promise<string> => {
  const answer = await call(connection, { method: 'GET', path: 'version', timeout: VERSION_MS, signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    if (!(error instanceof ScanError) || error.code === 'CLUSTER_UNREACHABLE') throw error
    if (error instanceof ApiError && error.status === 401) throw unauthorized(connection, context, error)
    throw new ScanError(error.code, `${connection.server.url.host} refused us: ${error.message}`, {
      cause: error,
      hint: 'Are the credentials of this context still valid?'
    })
  })
  const version = Version.safeParse(answer)
  if (!version.success) throw new ScanError('CLUSTER_UNREACHABLE', `${connection.server.url.host} answered, but not as a Kubernetes API server does`)
  return version.data.gitVersion
}

const unauthorized = (connection: Connection, context: string, cause: ApiError): ScanError => {
  const about = connection.about?.()
  return about === undefined ? badCredentials(connection, context, cause) : unknownJob(connection, about, cause)
}

const unknownJob = ({ server }: Connection, about: string, cause: ApiError): ScanError =>
  new ScanError('ACCESS_DENIED', `The API server ${server.url.host} does not accept the identity token of this job (401), which says: ${about}`, {
    cause,
    hint: 'The reason is in the log of the API server alone. `kscan doctor` in this job prints what the server has to be told to accept it (--authentication-config).'
  })

const badCredentials = ({ server }: Connection, context: string, cause: ApiError): ScanError =>
  new ScanError(
    'ACCESS_DENIED',
    `The API server ${server.url.host} does not accept the credentials of the context ${context} (401): they are wrong, or have expired`,
    {
      cause,
      hint:
        context === 'in-cluster'
          ? 'The token is that of the pod: was its service account deleted?'
          : `Sign in again; then see who you are to it: kubectl --context ${printableLine(context)} auth whoami`
    }
  )
