import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
// The parts of the client library that read a kubeconfig; its whole loads a model of every API object: 70 MB and a fifth of a second.
import { type Cluster, type Context, newClusters, newContexts, newUsers, type User } from '@kubernetes/client-node/dist/config_types.js'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { badInput, messageOf, type Problem, type ScanError } from '../kernel/error.ts'
import { nearest } from '../kernel/nearest.ts'
import { printableLine } from '../kernel/name.ts'
import type { Server } from './connection.ts'

/** One context of a kubeconfig with its cluster and user; paths in them are absolute. */
export interface Chosen {
  readonly context: Context
  readonly cluster: Cluster
  readonly user: User
  /** `tokenFile` of the user, which the client library does not read. */
  readonly tokenFile: string | undefined
}

const Kubeconfig = z.looseObject({
  clusters: z.array(z.unknown()).nullish(),
  users: z.array(z.looseObject({ name: z.string().optional(), user: z.looseObject({ tokenFile: z.string().optional() }).nullish() })).nullish(),
  contexts: z.array(z.unknown()).nullish()
})
type Kubeconfig = z.infer<typeof Kubeconfig>

/** Letters that may be wrong in a name. */
const SLIPS = 2
const didYouMean = (name: string, known: readonly string[]): string => {
  const meant = nearest(name, known, SLIPS)
  return meant === undefined ? 'Look at `kubectl config get-contexts`.' : `Did you mean ${meant}?`
}

/** Loads a kubeconfig and chooses its context; the file's own current context is never used by itself. Throws BAD_INPUT. */
export const loadKubeconfig = (path: string, wanted: string | undefined): Chosen => {
  const { config, contexts, clusters, users } = read(path)
  const names = contexts.map(({ name }) => name)
  const name = wanted ?? (names.length === 1 ? names[0] : undefined)
  const context = contexts.find((each) => each.name === name)
  if (context === undefined) {
    throw wrong({
      name: 'context',
      expected: `one of ${names.join(', ') || '(the kubeconfig has none)'}`,
      got: wanted ?? 'none',
      hint: wanted === undefined ? 'The current context is not used by itself: name the one that you mean.' : didYouMean(wanted, names)
    })
  }
  const cluster = clusters.find((each) => each.name === context.cluster)
  const user = users.find((each) => each.name === context.user)
  if (cluster === undefined || user === undefined)
    throw wrong({ name: 'context', expected: 'a context whose cluster and user the kubeconfig has', got: context.name })
  return { context, cluster: rebaseCluster(cluster, path), user: rebaseUser(user, path), tokenFile: rebase(path, tokenFileOf(config, user.name)) }
}

interface Read {
  readonly config: Kubeconfig
  readonly contexts: Context[]
  readonly clusters: Cluster[]
  readonly users: User[]
}

const read = (path: string): Read => {
  try {
    const config = Kubeconfig.parse(parseYaml(readFileSync(path, 'utf8')))
    return { config, contexts: newContexts(config.contexts), clusters: newClusters(config.clusters), users: newUsers(config.users) }
  } catch (error) {
    throw wrong({
      name: 'kubeconfig',
      expected: 'a readable kubeconfig',
      got: `${path}: ${error instanceof z.ZodError ? 'it is no kubeconfig' : messageOf(error)}`
    })
  }
}

const tokenFileOf = (config: Kubeconfig, user: string): string | undefined => config.users?.find(({ name }) => name === user)?.user?.tokenFile

/** Relative paths in a kubeconfig are meant from its own folder. */
const rebase = (kubeconfig: string, file: string | undefined): string | undefined =>
  file === undefined || file === null ? undefined : resolve(dirname(kubeconfig), file)

const rebaseCluster = (cluster: Cluster, path: string): Cluster => {
  const caFile = rebase(path, cluster.caFile)
  return caFile === undefined ? cluster : { ...cluster, caFile }
}

const rebaseUser = (user: User, path: string): User => {
  const [certFile, keyFile] = [rebase(path, user.certFile), rebase(path, user.keyFile)]
  const exec = rebaseExec(user.exec, path)
  return { ...user, ...(certFile === undefined ? {} : { certFile }), ...(keyFile === undefined ? {} : { keyFile }), ...(exec === undefined ? {} : { exec }) }
}

const Exec = z.looseObject({ command: z.string() })

/** Like paths of files, but a bare name is looked for on PATH: so kubectl starts credential plugins. */
const rebaseExec = (exec: unknown, path: string): z.infer<typeof Exec> | undefined => {
  const { data } = Exec.safeParse(exec)
  return data?.command.includes('/') ? { ...data, command: resolve(dirname(path), data.command) } : undefined
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The service account of the pod that we run in. Throws BAD_INPUT outside of a pod. */
export const loadInCluster = (env: Readonly<Record<string, string | undefined>>): Chosen => {
  const host = env['KUBERNETES_SERVICE_HOST']
  if (host === undefined || host === '') {
    throw wrong({
      name: 'context',
      expected: 'KUBERNETES_SERVICE_HOST, as every pod has it',
      got: 'no such variable',
      hint: '`in-cluster` works inside a pod only.'
    })
  }
  const name = 'in-cluster'
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`
  const namespace = readNamed('namespace of the service account', `${ACCOUNT}/namespace`).toString('utf8').trim()
  return {
    context: { name, cluster: name, user: name, namespace },
    cluster: { name, server, caFile: `${ACCOUNT}/ca.crt`, skipTLSVerify: false },
    user: { name },
    tokenFile: `${ACCOUNT}/token`
  }
}

/** The server of the chosen context. Throws BAD_INPUT. */
export const serverOf = ({ cluster }: Chosen, proxy: Server['proxy']): Server => {
  const url = URL.canParse(cluster.server) ? new URL(cluster.server) : undefined
  if (url?.protocol !== 'https:')
    throw wrong({ name: 'kubeconfig', expected: 'a server that begins with https://', got: cluster.server, hint: 'Tokens are never sent over plain HTTP.' })
  if (url.username !== '' || url.password !== '')
    throw wrong({
      name: 'kubeconfig',
      expected: 'a server without a user or password in its address',
      got: `https://***@${url.host}`,
      hint: 'Put them into the user of the context.'
    })
  return {
    url,
    ca: fileOrData('certificate-authority', cluster.caFile, cluster.caData),
    serverName: cluster.tlsServerName,
    skipVerify: cluster.skipTLSVerify,
    proxy: cluster.proxyUrl === undefined ? proxy : { HTTPS_PROXY: cluster.proxyUrl }
  }
}

/** What a kubeconfig gives as a path or as base64. Throws BAD_INPUT when the file cannot be read. */
export const fileOrData = (name: string, file: string | undefined, data: string | undefined): Buffer | undefined => {
  if (data !== undefined && data !== null) return Buffer.from(data, 'base64')
  return file === undefined || file === null ? undefined : readNamed(name, file)
}

/** Reads a file that the kubeconfig names. Throws BAD_INPUT. */
export const readNamed = (name: string, path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    throw wrong({ name: 'kubeconfig', expected: `a readable ${name}`, got: messageOf(error) })
  }
}

export const wrong = (problem: Problem): ScanError => badInput([{ ...problem, got: printableLine(problem.got) }])
