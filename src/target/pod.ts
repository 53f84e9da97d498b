import { z } from 'zod'

/** The parts of a Pod that we read; everything else is left alone. Field by field as the Kubernetes API (core/v1) has it. */
const ContainerSpec = z.looseObject({ name: z.string(), image: z.string().optional(), restartPolicy: z.string().optional() })
const ContainerStatus = z.looseObject({
  name: z.string(),
  restartCount: z.number().default(0),
  containerID: z.string().optional(),
  image: z.string().optional(),
  imageID: z.string().optional(),
  state: z
    .looseObject({
      running: z.looseObject({}).optional(),
      waiting: z.looseObject({ reason: z.string().optional() }).optional(),
      terminated: z.looseObject({ reason: z.string().optional() }).optional()
    })
    .optional()
})
const Owner = z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), controller: z.boolean().optional() })

export const Pod = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    ownerReferences: z.array(Owner).optional(),
    deletionTimestamp: z.string().optional()
  }),
  spec: z.looseObject({
    nodeName: z.string().optional(),
    hostPID: z.boolean().optional(),
    os: z.looseObject({ name: z.string() }).optional(),
    nodeSelector: z.record(z.string(), z.string()).optional(),
    containers: z.array(ContainerSpec),
    initContainers: z.array(ContainerSpec).optional()
  }),
  status: z
    .looseObject({
      phase: z.string().optional(),
      containerStatuses: z.array(ContainerStatus).optional(),
      initContainerStatuses: z.array(ContainerStatus).optional()
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
