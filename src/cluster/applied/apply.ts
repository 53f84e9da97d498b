import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf, ScanError } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import { ApiError, call } from '../api.ts'
import type { Connection } from '../connection.ts'
import { CHANGING } from '../request.ts'
import type { KubeObject, Manifest } from './manifest.ts'

export interface ApplyPorts {
  readonly connection: Connection
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** An object in the cluster, as it is read again. */
export interface Applied {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** Empty for the cluster's own. */
  readonly namespace: string
  readonly path: string
}

/** What others refer to comes first; kinds that are not named come after these, and what starts pods last. */
const FIRST = [
  'Namespace',
  'CustomResourceDefinition',
  'PriorityClass',
  'StorageClass',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service'
]
const LAST = ['Pod', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']

export const inOrder = (manifests: readonly Manifest[]): Manifest[] => {
  const rank = ({ object: { kind } }: Manifest): number => {
    const [first, last] = [FIRST.indexOf(kind), LAST.indexOf(kind)]
    if (first >= 0) return first
    return last >= 0 ? FIRST.length + 1 + last : FIRST.length
  }
  return manifests.toSorted((a, b) => rank(a) - rank(b))
}

/** Applies all objects, those without a namespace into this one; what is missing of namespaces is made. Throws API_FAILED or ACCESS_DENIED with the server's words. */
export const applyAll = async (manifests: readonly Manifest[], namespace: string, ports: ApplyPorts): Promise<Applied[]> => {
  const kinds: Kinds = new Map()
  const applied: Applied[] = []
  const ready = new Set<string>()
  for (const manifest of inOrder(manifests)) {
    ports.signal.throwIfAborted()
    const resource = await resourceOf(manifest, kinds, ports)
    const own = resource.namespaced ? (manifest.object.metadata.namespace ?? namespace) : ''
    if (own !== '' && !ready.has(own)) await readyNamespace(own, ports)
    if (own !== '') ready.add(own)
    applied.push(await applyOne(manifest, { ...resource, namespace: own }, ports))
  }
  return applied
}

interface Resource {
  readonly plural: string
  readonly namespaced: boolean
}
/** By apiVersion, then by kind. */
type Kinds = Map<string, Map<string, Resource>>

const Resources = z.looseObject({ resources: z.array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() })) })

const DISCOVERY_MS = 30_000
const PAUSE_MS = 500

/** A kind that a definition has just brought is served a moment later. */
const resourceOf = async ({ object, source }: Manifest, kinds: Kinds, { connection, clock, signal }: ApplyPorts): Promise<Resource> => {
  const end = clock.now() + DISCOVERY_MS
  const { apiVersion, kind } = object
  for (;;) {
    const known = kinds.get(apiVersion)?.get(kind)
    if (known !== undefined) return known
    const found = await discover(connection, apiVersion, signal)
    kinds.set(apiVersion, found)
    if (found.has(kind)) continue
    if (clock.now() > end || !apiVersion.includes('.'))
      throw new ScanError('API_FAILED', printableLine(`The cluster knows no ${kind} of ${apiVersion} (${source})`), {
        hint: 'Add the definition (CustomResourceDefinition) to the manifests, or mind the apiVersion.'
      })
    await clock.sleep(PAUSE_MS, signal)
  }
}

const groupPath = (apiVersion: string): string =>
  apiVersion.includes('/') ? `apis/${apiVersion.split('/').map(encodeURIComponent).join('/')}` : `api/${encodeURIComponent(apiVersion)}`

const discover = async (connection: Connection, apiVersion: string, signal: AbortSignal): Promise<Map<string, Resource>> => {
  try {
    const { resources } = Resources.parse(await call(connection, { method: 'GET', path: groupPath(apiVersion), signal }))
    const own = resources.filter(({ name }) => !name.includes('/'))
    return new Map(own.map(({ name, kind, namespaced }) => [kind, { plural: name, namespaced }]))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return new Map()
    throw error
  }
}

const applyOne = async (
  { object, source }: Manifest,
  { plural, namespace }: Resource & { readonly namespace: string },
  { connection, signal }: ApplyPorts
): Promise<Applied> => {
  const { name } = object.metadata
  const within = namespace === '' ? '' : `namespaces/${encodeURIComponent(namespace)}/`
  const path = `${groupPath(object.apiVersion)}/${within}${plural}/${encodeURIComponent(name)}`
  try {
    await call(connection, {
      method: 'PATCH',
      path: `${path}?fieldManager=kscan&force=true`,
      body: inNamespace(object, namespace),
      applies: true,
      ...CHANGING,
      signal
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ScanError)) throw error
    throw new ScanError(error.code, `${printableLine(`${object.kind.toLowerCase()}/${name} of ${source}`, 200)} could not be applied: ${messageOf(error)}`, {
      cause: error
    })
  }
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace, path }
}

const inNamespace = (object: KubeObject, namespace: string): unknown => (namespace === '' ? object : { ...object, metadata: { ...object.metadata, namespace } })

const ACCOUNT_MS = 30_000

/** Makes a namespace unless it is there, and waits for its default account, without which it takes no pods. */
export const readyNamespace = async (name: string, { connection, clock, signal }: ApplyPorts): Promise<void> => {
  const path = `api/v1/namespaces/${encodeURIComponent(name)}`
  if (!(await exists(connection, path, signal))) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    await call(connection, { method: 'PATCH', path: `${path}?fieldManager=kscan`, body, applies: true, signal, ...CHANGING })
  }
  const end = clock.now() + ACCOUNT_MS
  while (!(await exists(connection, `${path}/serviceaccounts/default`, signal))) {
    if (clock.now() > end)
      throw new ScanError(
        'CLUSTER_FAILED',
        `The namespace ${name} got no default account within ${ACCOUNT_MS / 1000} s: is the controller manager of the cluster well?`
      )
    await clock.sleep(PAUSE_MS / 2, signal)
  }
}

const exists = async (connection: Connection, path: string, signal: AbortSignal): Promise<boolean> => {
  try {
    await call(connection, { method: 'GET', path, signal })
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}
