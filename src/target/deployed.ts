import type { Pod } from './pod.ts'

/** A helper that the owner of a pod has deployed with it: a toolbox in a volume of the target, or a container that waits in a process namespace shared by all. */
export type DeployedHelper =
  | {
      readonly kind: 'volume'
      /** The target itself cannot change the toolbox. */
      readonly readOnly: boolean
    }
  | { readonly kind: 'sidecar'; readonly container: string }

const TOOLBOX = '/kscan'
const HOLDER = '/kscan/bin/hold'

/** What lends a shell to a container of this pod, by its spec alone; undefined when nothing does. A volume comes first: it needs no second container. */
export const deployedHelper = (pod: Pod, container: string): DeployedHelper | undefined => {
  const mount = everyContainer(pod)
    .find(({ name }) => name === container)
    ?.volumeMounts?.find(({ mountPath }) => mountPath.replace(/\/$/, '') === TOOLBOX)
  if (mount !== undefined && isFilled(pod, mount.name)) return { kind: 'volume', readOnly: mount.readOnly === true }
  const [sidecar] = pod.spec.shareProcessNamespace === true ? waitingContainers(pod).filter((name) => name !== container) : []
  return sidecar === undefined ? undefined : { kind: 'sidecar', container: sidecar }
}

/** Containers that only wait to lend: no targets. */
export const waitingContainers = (pod: Pod): string[] =>
  [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')]
    .filter(({ command }) => command?.[0] === HOLDER)
    .map(({ name }) => name)

/** An emptyDir that an init container fills: who knows what other volumes hold, and from whom. */
const isFilled = ({ spec }: Pod, volume: string): boolean =>
  (spec.volumes ?? []).some(({ name, emptyDir }) => name === volume && emptyDir !== undefined) &&
  (spec.initContainers ?? []).some(({ volumeMounts = [] }) => volumeMounts.some(({ name }) => name === volume))

const everyContainer = ({ spec }: Pod): Pod['spec']['containers'] => [...spec.containers, ...(spec.initContainers ?? [])]
