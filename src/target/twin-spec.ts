import { type Marks, metadata } from '../cluster/manifests.ts'
import type { Mirror } from './mirror.ts'

/** A pod of ours that runs nothing of an image but shows its files: pure. Its fields are those of the Kubernetes API (core/v1 Pod). */
export interface TwinSpec extends Mirror {
  readonly namespace: string
  readonly name: string
  readonly container: string
  /** As a container names it; `onNode`: it was loaded there, and no registry has it. */
  readonly image: { readonly name: string; readonly onNode: boolean }
  /** The image of the toolbox. */
  readonly helper: string
  readonly user: { readonly uid: number; readonly gid: number } | undefined
  /** Where the image is. `only`: nowhere else can it be run, or would it be known to be of the same architecture. */
  readonly node: { readonly name: string; readonly only: boolean } | undefined
  /** Seconds that it runs, once it does, before it ends by itself. */
  readonly lifetime: number
  readonly marks: Marks
}

/** How long a pod of ours may take to run. */
export const READY_MS = 300_000

const FILLED = '/toolbox'
const HELPER_USER = { uid: 65532, gid: 65532 }
const CONFINED = { allowPrivilegeEscalation: false, seccompProfile: { type: 'RuntimeDefault' } }

/** `nonRoot`: for namespaces that ask for the promise where nobody says which user the image has. */
export const twinPod = (spec: TwinSpec, { nonRoot }: { nonRoot: boolean }): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata(spec.namespace, spec.name, spec.marks),
  spec: {
    restartPolicy: 'Never',
    activeDeadlineSeconds: READY_MS / 1000 + spec.lifetime,
    terminationGracePeriodSeconds: 1,
    serviceAccountName: 'default',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(spec.hostUsers === undefined ? {} : { hostUsers: spec.hostUsers }),
    nodeSelector: { 'kubernetes.io/os': 'linux', ...spec.nodeSelector },
    ...affinity(spec.node),
    tolerations: spec.tolerations,
    imagePullSecrets: spec.pullSecrets.map((name) => ({ name })),
    securityContext: spec.podSecurity,
    volumes: [{ name: 'kscan', emptyDir: { sizeLimit: '256Mi' } }],
    initContainers: [fillContainer(spec)],
    containers: [twinContainer(spec, nonRoot)]
  }
})

const fillContainer = ({ helper, user = HELPER_USER }: TwinSpec): Record<string, unknown> => ({
  name: 'kscan-fill',
  image: helper,
  command: ['/kscan/bin/fill', FILLED],
  terminationMessagePolicy: 'FallbackToLogsOnError', // so that its status says why it failed
  volumeMounts: [{ name: 'kscan', mountPath: FILLED }],
  securityContext: {
    ...CONFINED,
    runAsUser: user.uid,
    runAsGroup: user.gid,
    runAsNonRoot: user.uid !== 0,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] }
  }
})

/** The toolbox is mounted read-only: not even its owner, which the target's user is, can change it from there. */
const twinContainer = (spec: TwinSpec, nonRoot: boolean): Record<string, unknown> => ({
  name: spec.container,
  image: spec.image.name,
  imagePullPolicy: spec.image.onNode ? 'Never' : 'IfNotPresent',
  command: ['/kscan/bin/hold', String(spec.lifetime)],
  volumeMounts: [{ name: 'kscan', mountPath: '/kscan', subPath: 'kscan', readOnly: true }],
  securityContext: {
    ...spec.containerSecurity,
    ...CONFINED,
    ...(spec.user === undefined ? {} : { runAsUser: spec.user.uid, runAsGroup: spec.user.gid, runAsNonRoot: spec.user.uid !== 0 }),
    ...(nonRoot ? { runAsNonRoot: true } : {}),
    capabilities: { drop: nonRoot || (spec.user?.uid ?? 0) !== 0 ? ['ALL'] : spec.drop }
  }
})

const affinity = (node: TwinSpec['node']): Record<string, unknown> => {
  if (node === undefined) return {}
  const there = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node.name] }] }
  return {
    affinity: {
      nodeAffinity: node.only
        ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [there] } }
        : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: there }] }
    }
  }
}
