import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { badInput, messageOf, type Problem, type ScanError } from '../kernel/error.ts'
import { nearest } from '../kernel/nearest.ts'
import { printableLine } from '../kernel/name.ts'
import { readLinked } from '../kernel/read-file.ts'
import { parseYaml } from '../kernel/yaml.ts'
import {
  type Cluster,
  ClusterFields,
  type Context,
  ContextFields,
  faultsOf,
  type Kubeconfig,
  KubeconfigShape,
  unknownFields,
  type User,
  UserFields
} from './kubeconfig-format.ts'
import { problemsOf } from './kubeconfig-rules.ts'

/** One context of a kubeconfig with its cluster and user; paths in them are absolute. */
export interface Chosen {
  readonly context: { readonly name: string; readonly namespace: string | undefined }
  readonly cluster: Cluster & { readonly server: string }
  readonly user: User
  /** What is not as it was meant, and does not stop a run; a line each. */
  readonly warnings: readonly string[]
}

/** Of a kubeconfig, and of a file that it names. */
const LARGEST_BYTES = 8 * 1024 * 1024

/** Letters that may be wrong in a name. */
const SLIPS = 2
const didYouMean = (name: string, known: readonly string[]): string => {
  const meant = nearest(name, known, SLIPS)
  return meant === undefined ? 'Look at `kubectl config get-contexts`.' : `Did you mean ${meant}?`
}

/** Loads a kubeconfig and chooses its context; the file's own current context is never used by itself. Throws BAD_INPUT. */
export const loadKubeconfig = (path: string, wanted: string | undefined): Chosen => {
  const config = read(path)
  const { name, fields: context } = chooseContext(config, wanted)
  const clusters = byName(
    'clusters',
    (config.clusters ?? []).map((each) => ({ name: each.name, fields: each.cluster ?? EMPTY.cluster }))
  )
  const users = byName(
    'users',
    (config.users ?? []).map((each) => ({ name: each.name, fields: each.user ?? EMPTY.user }))
  )
  const [cluster, user] = [clusters.get(context.cluster), users.get(context.user)]
  if (cluster === undefined || user === undefined) throw wrong({ name: 'context', expected: 'a context whose cluster and user the kubeconfig has', got: name })
  const { server = '' } = cluster
  const problems = problemsOf(cluster, user)
  if (problems.length > 0) throw badInput(problems.map((problem) => ({ ...problem, got: printableLine(problem.got) })))
  return {
    context: { name, namespace: context.namespace?.trim() },
    cluster: { ...cluster, ...rebased(cluster, ['certificate-authority'], path), server: server.replace(/\/$/, '') },
    user: { ...user, ...rebased(user, ['client-certificate', 'client-key', 'tokenFile'], path), ...rebasedExec(user, path) },
    warnings: [...unknownIn({ config, context, cluster, user }), ...(cluster['insecure-skip-tls-verify'] ? [UNVERIFIED] : [])]
  }
}

const EMPTY = { cluster: ClusterFields.parse({}), user: UserFields.parse({}), context: ContextFields.parse({}) }

const UNVERIFIED =
  'insecure-skip-tls-verify: nobody knows whether the server is the one that is meant; whoever is on the way can read the token and answer in its place'

const chooseContext = (config: Kubeconfig, wanted: string | undefined): { name: string; fields: Context } => {
  const contexts = byName(
    'contexts',
    (config.contexts ?? []).map((each) => ({ name: each.name, fields: each.context ?? EMPTY.context }))
  )
  const names = [...contexts.keys()].filter((each) => each !== undefined)
  const name = wanted ?? (names.length === 1 ? names[0] : undefined)
  const fields = name === undefined ? undefined : contexts.get(name)
  if (name !== undefined && fields !== undefined) return { name, fields }
  throw wrong({
    name: 'context',
    expected: `one of ${names.join(', ') || '(the kubeconfig has none)'}`,
    got: wanted ?? 'none',
    hint: wanted === undefined ? 'The current context is not used by itself: name the one that you mean.' : didYouMean(wanted, names)
  })
}

/** What a list of the file has; without what has no name, to which nothing can refer. Throws BAD_INPUT for a name that stands there twice. */
const byName = <Fields>(list: string, entries: readonly { name: string | undefined; fields: Fields }[]): Map<string | undefined, Fields> => {
  const found = new Map<string | undefined, Fields>()
  for (const { name, fields } of entries) {
    if (name === undefined) continue
    if (found.has(name)) throw wrong({ name: 'kubeconfig', expected: `different names among its ${list}`, got: `${name} twice` })
    found.set(name, fields)
  }
  return found
}

const read = (path: string): Kubeconfig => {
  try {
    const document = parseYaml(readLinked(path, LARGEST_BYTES).toString('utf8'), {})
    const [fault] = document.errors
    if (fault !== undefined) throw fault
    return KubeconfigShape.parse(document.toJS({ maxAliasCount: 100 }))
  } catch (error) {
    throw wrong({
      name: 'kubeconfig',
      expected: 'a readable kubeconfig',
      got: `${path}: ${error instanceof z.ZodError ? faultsOf(error) : messageOf(error)}`,
      ...(existsSync(path) ? {} : { hint: 'A scan can make its own cluster: cluster: kind, with target-image or manifests.' })
    })
  }
}

const unknownIn = ({ config, context, cluster, user }: { config: Kubeconfig; context: Context; cluster: Cluster; user: User }): string[] => [
  ...unknownFields('file', config, 'the kubeconfig'),
  ...unknownFields('context', context, 'its context'),
  ...unknownFields('cluster', cluster, 'its cluster'),
  ...unknownFields('user', user, 'its user'),
  ...unknownFields('exec', user.exec ?? {}, 'its credential plugin')
]

/** Relative paths in a kubeconfig are meant from its own folder. */
const rebased = (of: Readonly<Record<string, unknown>>, names: readonly string[], kubeconfig: string): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (typeof of[name] === 'string' ? [[name, resolve(dirname(kubeconfig), of[name])]] : [])))

/** Like paths of files, but a bare name is looked for on PATH: so kubectl starts credential plugins. */
const rebasedExec = ({ exec }: User, path: string): Pick<User, 'exec'> =>
  exec?.command.includes('/') ? { exec: { ...exec, command: resolve(dirname(path), exec.command) } } : {}

/** What a kubeconfig gives as a path or as base64. Throws BAD_INPUT when the file cannot be read. */
export const fileOrData = (name: string, of: Readonly<Record<string, unknown>>): Buffer | undefined => {
  const [file, data] = [of[name], of[`${name}-data`]]
  if (typeof data === 'string') return decoded(name, data)
  return typeof file === 'string' ? readNamed(name, file) : undefined
}

const decoded = (name: string, data: string): Buffer => {
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length > 0 && /^[\w+/\s-]*=*\s*$/.test(data)) return bytes
  throw wrong({ name: 'kubeconfig', expected: `base64 as ${name}-data`, got: 'something else' })
}

/** Reads a file that the kubeconfig names. Throws BAD_INPUT. */
export const readNamed = (name: string, path: string): Buffer => {
  try {
    return readLinked(path, LARGEST_BYTES)
  } catch (error) {
    throw wrong({ name: 'kubeconfig', expected: `a readable ${name}`, got: messageOf(error) })
  }
}

export const wrong = (problem: Problem): ScanError => badInput([{ ...problem, got: printableLine(problem.got) }])
