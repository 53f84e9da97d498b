import type { HelperPod } from '../approach/ephemeral-container.ts'
import type { Connection } from '../cluster/connection.ts'
import type { Clock } from '../kernel/clock.ts'
import { podIfThere } from '../target/facts.ts'
import { ephemeralStateOf } from '../target/pod.ts'

/** How an approach sees a pod that has a helper. */
export const helperPod = (
  connection: Connection,
  at: { namespace: string; pod: string; podUid: string },
  ports: { clock: Clock; signal: AbortSignal }
): HelperPod => ({
  connection,
  namespace: at.namespace,
  pod: at.pod,
  podUid: at.podUid,
  stateOf: async (container) => {
    const pod = await podIfThere(connection, { namespace: at.namespace, name: at.pod, signal: ports.signal })
    return pod?.metadata.uid === at.podUid ? ephemeralStateOf(pod, container) : undefined
  },
  volumes: async () => (await podIfThere(connection, { namespace: at.namespace, name: at.pod, signal: ports.signal }))?.spec.volumes ?? [],
  ...ports
})
