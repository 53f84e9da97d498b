import type { V1Affinity } from '@kubernetes/client-node/dist/gen/models/V1Affinity.js'
import type { V1Container } from '@kubernetes/client-node/dist/gen/models/V1Container.js'
import type { V1ObjectMeta } from '@kubernetes/client-node/dist/gen/models/V1ObjectMeta.js'
import { type Marks, metadata } from '../cluster/manifests.ts'
import type { Mirror } from './mirror.ts'
import { resourcesOf, type TwinTemplate } from './twin-template.ts'

/** A pod of ours that runs nothing of an image but shows its files: pure. Its fields are those of the Kubernetes API (core/v1 Pod). */
export interface TwinSpec extends Mirror {
  readonly namespace: string
  readonly name: string
  readonly container: string
  /** As a container names it; `onNode`: it was loaded there, and no registry has it. */
  readonly image: { readonly name: string; readonly onNode: boolean }
  /** The image of the toolbox; `onNode` as above. */
  readonly helper: { readonly name: string; readonly onNode: boolean }
  readonly user: { readonly uid: number; readonly gid: number } | undefined
  /** Where the image is. `only`: nowhere else can it be run, or would it be known to be of the same architecture. */
  readonly node: { readonly name: string; readonly only: boolean } | undefined
  /** Seconds that it runs, once it does, before it ends by itself. */
  readonly lifetime: number
  readonly marks: Marks
  /** What the user adds. */
  readonly template?: TwinTemplate | undefined
}

/** What is not so at once, and is where the cluster asks for it. */
export interface TwinHow {
  /** The promise not to be root, where nobody says which user the image has. */
  readonly nonRoot: boolean
  /** Each container says how much it asks for. */
  readonly bounded: boolean
}

/** How long a pod of ours may take to run. */
export const READY_MS = 300_000

const FILLED = '/toolbox'
const HELPER_USER = { uid: 65532, gid: 65532 }
const CONFINED = { allowPrivilegeEscalation: false, seccompProfile: { type: 'RuntimeDefault' } }

export const twinPod = (spec: TwinSpec, how: TwinHow): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadataOf(spec),
  spec: {
    restartPolicy: 'Never',
    activeDeadlineSeconds: READY_MS / 1000 + spec.lifetime,
    terminationGracePeriodSeconds: 1,
    serviceAccountName: 'default',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(spec.hostUsers === undefined ? {} : { hostUsers: spec.hostUsers }),
    nodeSelector: { ...spec.nodeSelector, ...spec.template?.nodeSelector, 'kubernetes.io/os': 'linux' },
    ...affinity(spec.node),
    tolerations: [...spec.tolerations, ...(spec.template?.tolerations ?? [])],
    ...namesOf(spec.template),
    imagePullSecrets: spec.pullSecrets.map((name) => ({ name })),
    securityContext: spec.podSecurity,
    volumes: [{ name: 'kscan', emptyDir: { sizeLimit: '256Mi' } }],
    initContainers: [fillContainer(spec, how)],
    containers: [twinContainer(spec, how)]
  }
})

/** Our marks count, whatever else stands there. */
const metadataOf = ({ namespace, name, marks, template }: TwinSpec): V1ObjectMeta => {
  const own = metadata(namespace, name, marks)
  return { ...own, labels: { ...template?.labels, ...own.labels }, annotations: { ...template?.annotations, ...own.annotations } }
}

const namesOf = (template: TwinTemplate | undefined): Record<string, string> => ({
  ...(template?.priorityClassName === undefined ? {} : { priorityClassName: template.priorityClassName }),
  ...(template?.schedulerName === undefined ? {} : { schedulerName: template.schedulerName })
})

const fillContainer = ({ helper, user = HELPER_USER, template }: TwinSpec, how: TwinHow): V1Container => ({
  name: 'kscan-fill',
  image: helper.name,
  ...(helper.onNode ? { imagePullPolicy: 'Never' } : {}),
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
  },
  ...resourcesOf(template, how)
})

/** The toolbox is mounted read-only: not even its owner, which the target's user is, can change it from there. */
const twinContainer = (spec: TwinSpec, how: TwinHow): V1Container => ({
  name: spec.container,
  image: spec.image.name,
  imagePullPolicy: spec.image.onNode ? 'Never' : 'IfNotPresent',
  command: ['/kscan/bin/hold', String(spec.lifetime)],
  volumeMounts: [{ name: 'kscan', mountPath: '/kscan', subPath: 'kscan', readOnly: true }],
  securityContext: {
    ...spec.containerSecurity,
    ...CONFINED,
    ...(spec.user === undefined ? {} : { runAsUser: spec.user.uid, runAsGroup: spec.user.gid, runAsNonRoot: spec.user.uid !== 0 }),
    ...(how.nonRoot ? { runAsNonRoot: true } : {}),
    capabilities: { drop: how.nonRoot || (spec.user?.uid ?? 0) !== 0 ? ['ALL'] : [...spec.drop] }
  },
  ...resourcesOf(spec.template, how)
})

const affinity = (node: TwinSpec['node']): { affinity?: V1Affinity } => {
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
