import { call, ApiError } from '../cluster/api.ts'
import { reasonOf, type UserIds } from '../cluster/container-state.ts'
import type { Connection } from '../cluster/connection.ts'
import { ScanError } from '../kernel/error.ts'
import { type DeployedHelper, deployedHelper } from './deployed.ts'
import { type Mirror, mirrorOf, NO_MIRROR } from './mirror.ts'
import { lastingContainers, Pod, statusOf, userOf } from './pod.ts'
import { whyNotRunning } from './not-running.ts'

/** A container to scan, and what the API says of it before any command runs in it. */
export interface Target {
  /** Name in reports: `namespace/workload-or-pod/container`. */
  readonly name: string
  /** The same for all pods of a workload. */
  readonly stableName: string
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  /** Undefined where it has none yet, or there is no pod. */
  readonly podIp?: string | undefined
  readonly container: string
  readonly containerId: string
  readonly restarts: number
  readonly image: string
  readonly imageId: string
  readonly node: string
  /** Undefined where the API does not say. */
  readonly user: UserIds | undefined
  readonly mirror: Mirror
  /** What its owner has deployed with the pod to lend a shell. */
  readonly deployed: DeployedHelper | undefined
}

/** An image that need not run anywhere: it becomes a container in a pod of ours. */
export const imageTarget = (image: string, namespace: string): Target => ({
  name: image,
  stableName: image,
  namespace,
  pod: '',
  podUid: '',
  container: 'image',
  containerId: '',
  restarts: 0,
  image,
  imageId: '',
  node: '',
  user: undefined,
  mirror: NO_MIRROR,
  deployed: undefined
})

/** Reads a pod. Throws TARGET_UNUSABLE when there is none, with the API's reason otherwise. */
export const readPod = async (
  connection: Connection,
  { namespace, name, signal }: { namespace: string; name: string; signal?: AbortSignal | undefined }
): Promise<Pod> => {
  const path = `api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`
  try {
    return Pod.parse(await call(connection, { method: 'GET', path, signal }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      throw new ScanError('TARGET_UNUSABLE', `There is no pod ${name} in the namespace ${namespace}`, {
        cause: error,
        hint: `Look at \`kubectl get pods -n ${namespace}\`; a Deployment renames its pods: use \`workload\` for those.`
      })
    }
    throw error
  }
}

/** Reads a pod; undefined when there is none. */
export const podIfThere = async (connection: Connection, pod: Parameters<typeof readPod>[1]): Promise<Pod | undefined> => {
  try {
    return await readPod(connection, pod)
  } catch (error) {
    if (error instanceof ScanError && error.code === 'TARGET_UNUSABLE') return undefined
    throw error
  }
}

/** Why a pod cannot be scanned; undefined when it can. */
export const refusal = (pod: Pod): string | undefined => {
  if (pod.metadata.deletionTimestamp !== undefined) return 'it is being deleted'
  if (pod.spec.os?.name === 'windows' || pod.spec.nodeSelector?.['kubernetes.io/os'] === 'windows') return 'it is a Windows pod, which kscan cannot scan'
  if (pod.spec.hostPID === true) return "it shares the process namespace of its node (hostPID), so that its answers would be the node's"
  return whyNotRunning(pod)
}

/** The facts of one container. Throws TARGET_UNUSABLE when it does not run or is not there. */
export const factsOf = (pod: Pod, container: string, owner: string): Target => {
  const names = lastingContainers(pod)
  const where = `${pod.metadata.namespace}/${pod.metadata.name}`
  if (pod.spec.initContainers?.some(({ name }) => name === container) === true && !names.includes(container))
    throw new ScanError('TARGET_UNUSABLE', `${container} of ${where} is an init container, which ends before its pod runs`, {
      hint: `Name one that keeps running: ${names.join(', ')}. Of init containers those with restartPolicy Always do.`
    })
  if (!names.includes(container))
    throw new ScanError('TARGET_UNUSABLE', `The pod ${where} has no container ${container}`, { hint: `It has: ${names.join(', ')}.` })
  const status = statusOf(pod, container)
  const idle = notRunning(pod, container)
  if (status?.containerID === undefined || idle !== undefined)
    throw new ScanError('TARGET_UNUSABLE', `The container ${container} of ${where} cannot be scanned: ${idle ?? 'it has no id yet'}`, {
      hint: `Look at \`kubectl describe pod ${pod.metadata.name} -n ${pod.metadata.namespace}\`, and scan it once it runs.`
    })
  return {
    name: `${pod.metadata.namespace}/${owner}/${container}`,
    stableName: `${pod.metadata.namespace}/${owner}/${container}`,
    namespace: pod.metadata.namespace,
    pod: pod.metadata.name,
    podUid: pod.metadata.uid,
    podIp: pod.status.podIP,
    container,
    containerId: status.containerID,
    restarts: status.restartCount,
    image: status.image ?? '',
    imageId: status.imageID ?? '',
    node: pod.spec.nodeName ?? '',
    user: userOf(pod, container),
    mirror: mirrorOf(pod, container),
    deployed: deployedHelper(pod, container)
  }
}

/** Why a container that is to keep running does not, in words that follow its name; undefined when it does. */
export const notRunning = (pod: Pod, container: string): string | undefined => {
  const { state, restartCount = 0 } = statusOf(pod, container) ?? {}
  if (state?.running !== undefined) return undefined
  const restarts = restartCount === 0 ? '' : `, after ${restartCount === 1 ? 'one restart' : `${restartCount} restarts`}`
  if (state?.terminated !== undefined) return `it has ended (${reasonOf(state)}, exit code ${state.terminated.exitCode ?? 'unknown'})${restarts}`
  return `it is not running (${state?.waiting === undefined ? 'no status yet' : reasonOf(state)})${restarts}`
}

/** Throws TARGET_CHANGED when the container is no longer the one that the facts were taken of. */
export const sameAsBefore = async (connection: Connection, target: Target, signal?: AbortSignal): Promise<void> => {
  const changed = (what: string): ScanError =>
    new ScanError('TARGET_CHANGED', `${target.name} changed while it was scanned: ${what}`, {
      hint: 'Its answers may come from two containers, so there are no results. Scan it again.'
    })
  let pod: Pod
  try {
    pod = await readPod(connection, { namespace: target.namespace, name: target.pod, signal })
  } catch (error) {
    if (error instanceof ScanError && error.code === 'TARGET_UNUSABLE') throw changed('the pod is gone')
    throw error
  }
  if (pod.metadata.uid !== target.podUid) throw changed('another pod has its name')
  const status = statusOf(pod, target.container)
  if (status?.containerID !== target.containerId || status.restartCount !== target.restarts) throw changed('the container was restarted')
  if (pod.metadata.deletionTimestamp !== undefined) throw changed('the pod is being deleted')
}
