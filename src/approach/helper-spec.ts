import type { UserIds } from '../cluster/container-state.ts'

/** The helper, an ephemeral container: pure. Its fields are those of the Kubernetes API (core/v1 EphemeralContainer). */
export interface HelperSpec extends UserIds {
  readonly name: string
  readonly image: string
  /** The container whose process namespace it joins. */
  readonly target: string
  /** Seconds after which it ends by itself. */
  readonly lifetime: number
  /** The image was loaded into the nodes: it is not pulled. */
  readonly onNode?: boolean
  /** What it runs meanwhile; by default the toolbox's own waiting program. */
  readonly command?: readonly string[]
}

/** Programs of the toolbox that are executed in the helper, and nothing else: admission policies may admit exactly these. */
export const HELPER_PID = ['/kscan/bin/pid'] as const
export const HELPER_END = ['/kscan/bin/end'] as const
export const HELPER_IDS = ['/kscan/bin/ids'] as const

/** The shell of a helper, as its target reaches it. */
export const lentShellArgv = (pid: number | 'PID'): readonly string[] => [`/proc/${pid}/root/kscan/bin/sh`]

/** The shell of a toolbox that is mounted in the target. */
export const MOUNTED_SHELL = ['/kscan/bin/sh'] as const

/** No right more than Pod Security's `restricted` level allows, but for the user that the target has itself. */
export const helperContainer = (spec: HelperSpec): Record<string, unknown> => ({
  name: spec.name,
  image: spec.image,
  ...(spec.onNode === true ? { imagePullPolicy: 'Never' } : {}),
  command: spec.command ?? ['/kscan/bin/hold', String(spec.lifetime)],
  targetContainerName: spec.target,
  securityContext: helperSecurity(spec)
})

export const helperSecurity = ({ uid, gid }: UserIds): Record<string, unknown> => ({
  runAsUser: uid,
  runAsGroup: gid,
  runAsNonRoot: uid !== 0,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' }
})

/** A strategic merge patch that adds containers to a pod's ephemeral ones; the server refuses it where another pod has the name by now. */
export const ephemeralPatch = (podUid: string, containers: readonly unknown[]): unknown => ({
  metadata: { uid: podUid },
  spec: { ephemeralContainers: containers }
})
