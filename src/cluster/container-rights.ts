import { z } from 'zod'
import type { ContainerRights } from '../kernel/container-rights.ts'

/** The parts of a pod's or container's securityContext that say what its processes may do; field by field as the Kubernetes API (core/v1) has it. */
export const Security = z.looseObject({
  runAsUser: z.number().optional(),
  runAsGroup: z.number().optional(),
  runAsNonRoot: z.boolean().optional(),
  privileged: z.boolean().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  seccompProfile: z.looseObject({ type: z.string().optional() }).optional(),
  capabilities: z.looseObject({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() }).optional()
})
export type Security = z.infer<typeof Security>

/** By what the API has of a container, and of its pod for what the container leaves to it. */
export const rightsOf = (container: Security = {}, pod: Security = {}): ContainerRights => {
  if (container.privileged === true) return 'privileged'
  const { type = '' } = container.seccompProfile ?? pod.seccompProfile ?? {}
  if (!isBounded(container) || !CONFINED.has(type)) return 'wider'
  return mayBeRoot(container.runAsUser ?? pod.runAsUser, container.runAsNonRoot ?? pod.runAsNonRoot) ? 'root' : 'restricted'
}

/** Who names no user and promises nothing leaves it to the image. */
const mayBeRoot = (user: number | undefined, promised: boolean | undefined): boolean => user === 0 || (user === undefined && promised !== true)

const CONFINED: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost'])

const isBounded = ({ allowPrivilegeEscalation, capabilities }: Security): boolean =>
  allowPrivilegeEscalation === false && capabilities?.drop?.includes('ALL') === true && (capabilities.add ?? []).length === 0
