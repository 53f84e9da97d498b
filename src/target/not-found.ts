import type { Connection } from '../cluster/connection.ts'
import { type Named, namedAt } from '../cluster/names.ts'
import { ScanError } from '../kernel/error.ts'
import { nearest } from '../kernel/nearest.ts'

export interface Missing {
  /** `pod`, or the kind of a workload. */
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** Where those that are there are listed. */
  readonly path: string
}

const SLIPS = 2

/** The error of a name that is not there, with the nearest one that is, where the caller may list them. */
export const notFound = async (
  { connection, signal }: { readonly connection: Connection; readonly signal?: AbortSignal | undefined },
  missing: Missing,
  cause: unknown
): Promise<ScanError> => {
  const { kind, name, namespace } = missing
  const meant = meantOf(missing, await namedAt(connection, missing.path, signal))
  const see = `See: kubectl get ${kind}s -n ${namespace}`
  const otherwise = kind === 'pod' ? `${see}. A Deployment renames its pods: give workload: deployment/NAME for those.` : see
  return new ScanError('TARGET_UNUSABLE', `There is no ${kind === 'pod' ? 'pod ' : `${kind}/`}${name} in the namespace ${namespace}`, {
    cause,
    hint: meant === undefined ? otherwise : `Did you mean ${meant}? ${see}`
  })
}

/** A near name; of a pod also the workload whose pods are called so. */
const meantOf = ({ kind, name }: Missing, items: readonly Named[]): string | undefined => {
  const names = items.map(({ metadata }) => metadata.name)
  const near = nearest(name, names, Math.min(SLIPS, Math.floor(name.length / 3)))
  if (near !== undefined) return kind === 'pod' ? near : `${kind}/${near}`
  const made = kind === 'pod' ? items.find(({ metadata }) => metadata.name.startsWith(`${name}-`)) : undefined
  const owner = made?.metadata.ownerReferences?.[0]
  if (owner === undefined) return made?.metadata.name
  return owner.kind === 'ReplicaSet' ? `workload: deployment/${name}` : `workload: ${owner.kind.toLowerCase()}/${owner.name}`
}
