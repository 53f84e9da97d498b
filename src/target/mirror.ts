import { ScanError } from '../kernel/error.ts'
import type { Pod } from './pod.ts'

/** What a pod of ours takes over of a container, so that its image looks to a scanner there as it does to the container. Wire fields, untouched. */
export interface Mirror {
  /** What of the original's security contexts decides how files look: of the pod, of the container. */
  readonly podSecurity: Readonly<Record<string, unknown>>
  readonly containerSecurity: Readonly<Record<string, unknown>>
  /** Capabilities that the original drops; who isn't root loses all. */
  readonly drop: readonly string[]
  readonly hostUsers: boolean | undefined
  readonly pullSecrets: readonly string[]
  readonly nodeSelector: Readonly<Record<string, string>>
  readonly tolerations: readonly unknown[]
}

export const NO_MIRROR: Mirror = {
  podSecurity: {},
  containerSecurity: {},
  drop: [],
  hostUsers: undefined,
  pullSecrets: [],
  nodeSelector: {},
  tolerations: []
}

/** Users and groups decide what can be read. Privileges, capabilities and profiles of the original are not taken over: reading files needs none. */
const POD_FIELDS = ['runAsUser', 'runAsGroup', 'runAsNonRoot', 'fsGroup', 'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxOptions']
const CONTAINER_FIELDS = ['runAsUser', 'runAsGroup', 'runAsNonRoot', 'readOnlyRootFilesystem', 'seLinuxOptions']

export const mirrorOf = ({ spec }: Pod, container: string): Mirror => {
  const security = [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === container)?.securityContext
  return {
    podSecurity: picked(spec.securityContext, POD_FIELDS),
    containerSecurity: picked(security, CONTAINER_FIELDS),
    drop: security?.capabilities?.drop ?? [],
    hostUsers: spec.hostUsers,
    pullSecrets: (spec.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [name])),
    nodeSelector: spec.nodeSelector ?? {},
    tolerations: spec.tolerations ?? []
  }
}

const picked = (from: Readonly<Record<string, unknown>> | undefined, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(fields.flatMap((field) => (from?.[field] === undefined ? [] : [[field, from[field]]])))

/** The very image of a running container, as another can name it: by a registry's digest, or by its bare id where it was loaded into the node. */
export const imageOf = ({ name, imageId }: { name: string; imageId: string }): { readonly name: string; readonly onNode: boolean } => {
  const id = imageId.replace(/^[a-z-]+:\/\//, '')
  if (/^\S+@sha256:[0-9a-f]{64}$/.test(id)) return { name: id, onNode: false }
  if (/^sha256:[0-9a-f]{64}$/.test(id)) return { name: id, onNode: true }
  throw new ScanError('TARGET_UNUSABLE', `Which image ${name} runs is not known: its status says ${JSON.stringify(imageId)}`, {
    hint: 'Name the image with target-image.'
  })
}
