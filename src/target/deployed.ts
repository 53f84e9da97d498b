import { rightsOf } from '../cluster/container-rights.ts'
import { type ContainerRights, mostOf } from '../kernel/container-rights.ts'
import { lastingContainers, type Pod } from './pod.ts'

/** Who brought the toolbox: an image, and what its container may do. */
interface Lender {
  /** As the pod's spec names it. */
  readonly image: string
  readonly rights: ContainerRights
}

/** A helper that the owner of a pod has deployed with it: a toolbox in a volume of the target, or a container that waits in a process namespace shared by all. */
export type DeployedHelper = Lender &
  (
    | {
        readonly kind: 'volume'
        /** No container that keeps running can change the toolbox. */
        readonly readOnly: boolean
      }
    | { readonly kind: 'sidecar'; readonly container: string }
  )

const TOOLBOX = '/kscan'
const HOLDER = '/kscan/bin/hold'

/** What lends a shell to a container of this pod, by its spec alone; undefined when nothing does. A volume comes first: it needs no second container. */
export const deployedHelper = (pod: Pod, container: string): DeployedHelper | undefined => {
  const mount = everyContainer(pod)
    .find(({ name }) => name === container)
    ?.volumeMounts?.find(({ mountPath }) => mountPath.replace(/\/$/, '') === TOOLBOX)
  if (mount !== undefined && isFilled(pod, mount.name))
    return { kind: 'volume', readOnly: isReadOnly(pod, mount.name), ...lenderOf(pod, fillersOf(pod, mount.name)) }
  const [sidecar] = pod.spec.shareProcessNamespace === true ? waitingContainers(pod).filter((name) => name !== container) : []
  if (sidecar === undefined) return undefined
  const lender = everyContainer(pod).filter(({ name }) => name === sidecar)
  return { kind: 'sidecar', container: sidecar, ...lenderOf(pod, lender) }
}

/** Where several fill a volume, what the strongest may do counts. */
const lenderOf = ({ spec }: Pod, lenders: Pod['spec']['containers']): Lender => ({
  image: lenders[0]?.image ?? '',
  rights: mostOf(lenders.map(({ securityContext }) => rightsOf(securityContext, spec.securityContext))) ?? 'wider'
})

/** An ordinary init container has ended before there is anything to scan. */
const isReadOnly = (pod: Pod, volume: string): boolean => {
  const lasting = lastingContainers(pod)
  return everyContainer(pod)
    .filter(({ name }) => lasting.includes(name))
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .every(({ name, readOnly }) => name !== volume || readOnly === true)
}

/** Containers that only wait to lend: no targets. */
export const waitingContainers = (pod: Pod): string[] =>
  [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')]
    .filter(({ command }) => command?.[0] === HOLDER)
    .map(({ name }) => name)

/** An emptyDir that an init container fills: who knows what other volumes hold, and from whom. */
const isFilled = (pod: Pod, volume: string): boolean =>
  (pod.spec.volumes ?? []).some(({ name, emptyDir }) => name === volume && emptyDir !== undefined) && fillersOf(pod, volume).length > 0

const fillersOf = ({ spec }: Pod, volume: string): Pod['spec']['containers'] =>
  (spec.initContainers ?? []).filter(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === volume))

const everyContainer = ({ spec }: Pod): Pod['spec']['containers'] => [...spec.containers, ...(spec.initContainers ?? [])]
