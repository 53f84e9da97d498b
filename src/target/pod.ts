import { z } from 'zod'
import { Security } from '../cluster/container-rights.ts'
import type { UserIds } from '../cluster/container-state.ts'

/** The parts of a Pod that we read; everything else is left alone. Field by field as the Kubernetes API (core/v1) has it. */
const Mount = z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })
const ContainerSpec = z.looseObject({
  name: z.string(),
  command: z.array(z.string()).optional(),
  volumeMounts: z.array(Mount).optional(),
  image: z.string().optional(),
  restartPolicy: z.string().optional(),
  securityContext: Security.optional()
})
const ContainerStatus = z.looseObject({
  name: z.string(),
  restartCount: z.number().default(0),
  containerID: z.string().optional(),
  image: z.string().optional(),
  imageID: z.string().optional(),
  user: z.looseObject({ linux: z.looseObject({ uid: z.number(), gid: z.number() }).optional() }).optional(),
  state: z
    .looseObject({
      running: z.looseObject({}).optional(),
      waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
      terminated: z.looseObject({ reason: z.string().optional(), message: z.string().optional(), exitCode: z.number().optional() }).optional()
    })
    .optional()
})
const Owner = z.looseObject({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().optional() })

export const Pod = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    ownerReferences: z.array(Owner).optional(),
    deletionTimestamp: z.string().optional()
  }),
  spec: z.looseObject({
    nodeName: z.string().optional(),
    hostPID: z.boolean().optional(),
    os: z.looseObject({ name: z.string() }).optional(),
    nodeSelector: z.record(z.string(), z.string()).optional(),
    securityContext: Security.optional(),
    hostUsers: z.boolean().optional(),
    shareProcessNamespace: z.boolean().optional(),
    volumes: z.array(z.looseObject({ name: z.string(), emptyDir: z.looseObject({}).optional() })).optional(),
    imagePullSecrets: z.array(z.looseObject({ name: z.string().optional() })).optional(),
    tolerations: z.array(z.unknown()).optional(),
    containers: z.array(ContainerSpec),
    initContainers: z.array(ContainerSpec).optional()
  }),
  status: z
    .looseObject({
      phase: z.string().optional(),
      podIP: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() })).optional(),
      containerStatuses: z.array(ContainerStatus).optional(),
      initContainerStatuses: z.array(ContainerStatus).optional(),
      ephemeralContainerStatuses: z.array(ContainerStatus).optional()
    })
    .default({})
})
export type Pod = z.infer<typeof Pod>
export type ContainerStatus = z.infer<typeof ContainerStatus>

/** Names of the containers that keep running: the ordinary ones and native sidecars. */
export const lastingContainers = (pod: Pod): string[] => [
  ...pod.spec.containers.map(({ name }) => name),
  ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name)
]

export const statusOf = (pod: Pod, container: string): ContainerStatus | undefined =>
  [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find(({ name }) => name === container)

/** The state of an ephemeral container, once the kubelet has reported one. */
export const ephemeralStateOf = (pod: Pod, container: string): ContainerStatus['state'] =>
  pod.status.ephemeralContainerStatuses?.find(({ name }) => name === container)?.state

/** The ids that a container runs with, as its runtime says, else as its spec does; undefined where only its image knows. */
export const userOf = (pod: Pod, container: string): UserIds | undefined => {
  const linux = statusOf(pod, container)?.user?.linux
  const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === container)
  const { runAsUser: uid, runAsGroup: gid } = { ...pod.spec.securityContext, ...spec?.securityContext }
  if (linux !== undefined) return { uid: linux.uid, gid: linux.gid }
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}
