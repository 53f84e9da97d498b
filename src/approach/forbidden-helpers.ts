import { helperContainer, helperSecurity, type HelperSpec } from './helper-spec.ts'

type Container = Readonly<Record<string, unknown>>

/** The pod that a helper would join. */
export interface ProbedPod {
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: unknown }[]
}

interface Probed {
  readonly spec: HelperSpec
  readonly good: Container
  readonly pod: ProbedPod
}

/** Something that no scanner should be able to add: whoever may, reads what it must not or leaves the container. */
interface Way {
  readonly what: string
  /** The containers of a patch; where there are several ways, one after the other. None where this pod has nothing to be got so. */
  readonly patches: (probed: Probed) => readonly (readonly Container[])[]
}

/** Why whoever sets a field gets nothing by it. */
type Harmless = string

const one = (what: string, change: (probed: Probed) => Container): Way => ({ what, patches: (probed) => [[{ ...probed.good, ...change(probed) }]] })
const set = (what: string, fields: Container): Way => one(what, () => fields)
const secure = (what: string, fields: Container): Way => one(what, ({ spec }) => ({ securityContext: { ...helperSecurity(spec), ...fields } }))
const variable = (what: string, valueFrom: Container): Way => set(what, { env: [{ name: 'KSCAN_ANY', valueFrom }] })
const RUN = { exec: { command: ['/bin/sh'] } }

const ANY = 'kscan-any'
const KEY = { name: ANY, key: 'any', optional: true }
const SOURCE = { name: ANY, optional: true }

/** The name of an image without its tag and digest. */
const repositoryOf = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')

/**
 * Each field of an ephemeral container as the Kubernetes API has it (core/v1 EphemeralContainer, 1.32 to 1.37), the fields below one that is named with it: what
 * must be refused, or why nothing is got by it. A field that is not here is not known: the test against a real server fails. What gives
 * most stands first, and is told first.
 */
export const FIELDS: Readonly<Record<string, Harmless | readonly Way[]>> = {
  'envFrom.secretRef': [set('a helper with the variables of any Secret', { envFrom: [{ secretRef: SOURCE }] })],
  'env.valueFrom.secretKeyRef': [variable('a helper with a variable of any Secret', { secretKeyRef: KEY })],
  volumeMounts: [
    {
      what: 'a helper with a volume of the pod',
      patches: ({ good, pod }) => pod.volumes.map(({ name }) => [{ ...good, volumeMounts: [{ name, mountPath: '/any' }] }])
    }
  ],
  'securityContext.privileged': [secure('a privileged helper', { privileged: true, allowPrivilegeEscalation: undefined })],
  'securityContext.runAsUser': [
    {
      what: 'a helper that is root',
      patches: ({ spec, good }) => (spec.uid === 0 ? [] : [[{ ...good, securityContext: { ...helperSecurity(spec), runAsUser: 0, runAsNonRoot: false } }]])
    }
  ],
  image: [
    set('a helper of any other image', { image: 'kscan.invalid/other:1' }),
    one('a helper of any other version of its image', ({ spec }) => ({ image: `${repositoryOf(spec.image)}:kscan-other` }))
  ],
  command: [set('a helper with any other command', { command: ['/bin/sh'] })],
  args: [set('a helper with any arguments', { args: ['more'] })],
  'env.name': 'a name',
  'env.value': 'whoever sets it knows it already, and it is for the program of the helper alone',
  'env.valueFrom.configMapKeyRef': [variable('a helper with a variable of any ConfigMap', { configMapKeyRef: KEY })],
  'env.valueFrom.fieldRef': 'facts of the pod, which the scanner may read',
  'env.valueFrom.fileKeyRef': [
    one("a helper with a variable out of the pod's volume", ({ pod }) => {
      const volumeName = pod.volumes.find(({ emptyDir }) => emptyDir !== undefined)?.name ?? ANY
      return { env: [{ name: 'KSCAN_ANY', valueFrom: { fileKeyRef: { volumeName, path: 'any', key: 'any', optional: true } } }] }
    })
  ],
  'env.valueFrom.resourceFieldRef': 'facts of the pod, which the scanner may read',
  'envFrom.configMapRef': [set('a helper with the variables of any ConfigMap', { envFrom: [{ configMapRef: SOURCE }] })],
  'envFrom.prefix': 'a part of the names',
  imagePullPolicy: 'whether it is pulled, not what it is',
  lifecycle: [
    set('a helper with a hook at its start', { lifecycle: { postStart: RUN } }),
    set('a helper with a hook at its end', { lifecycle: { preStop: RUN } })
  ],
  livenessProbe: [set('a helper with a liveness probe', { livenessProbe: RUN })],
  name: [one('a helper of any other name', ({ spec }) => ({ name: `any-${spec.name}`.slice(0, 63).replace(/-+$/, '') }))],
  ports: [set('a helper with a port of the node', { ports: [{ containerPort: 65_000, hostPort: 65_000 }] })],
  readinessProbe: [set('a helper with a readiness probe', { readinessProbe: RUN })],
  resizePolicy: 'how resources change, which gives no right',
  'resources.claims': [set('a helper with a resource claim of the pod', { resources: { claims: [{ name: ANY }] } })],
  'resources.limits': 'a share of what the node has, and no right',
  'resources.requests': 'a share of what the node has, and no right',
  restartPolicy: 'the same program again',
  restartPolicyRules: 'the same program again',
  'securityContext.allowPrivilegeEscalation': [
    secure('a helper whose programs may get more rights', { allowPrivilegeEscalation: true }),
    set('a helper without bounds', { securityContext: undefined })
  ],
  'securityContext.appArmorProfile': [secure('a helper without AppArmor', { appArmorProfile: { type: 'Unconfined' } })],
  'securityContext.capabilities.add': [secure('a helper with more capabilities', { capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] } })],
  'securityContext.capabilities.drop': [secure("a helper with the runtime's capabilities", { capabilities: undefined })],
  'securityContext.procMount': [secure('a helper that sees all of /proc', { procMount: 'Unmasked' })],
  'securityContext.readOnlyRootFilesystem': [secure('a helper that can write to its files', { readOnlyRootFilesystem: false })],
  'securityContext.runAsGroup': 'a group other than that of the target reaches less of it',
  'securityContext.runAsNonRoot': 'what counts is the user',
  'securityContext.seLinuxOptions': [secure('a helper with another SELinux context', { seLinuxOptions: { type: 'spc_t' } })],
  'securityContext.seccompProfile': [
    secure('a helper with all system calls', { seccompProfile: { type: 'Unconfined' } }),
    secure('a helper without a seccomp profile', { seccompProfile: undefined })
  ],
  'securityContext.windowsOptions': [secure('a helper that is a process of the node', { windowsOptions: { hostProcess: true } })],
  startupProbe: [set('a helper with a startup probe', { startupProbe: RUN })],
  stdin: 'to attach is a right of its own, which the scanner has not',
  stdinOnce: 'to attach is a right of its own, which the scanner has not',
  targetContainerName: 'the scanner may open a shell in each container of the pod',
  terminationMessagePath: 'what the helper writes is read, by those who may read the pod',
  terminationMessagePolicy: 'what the helper writes is read, by those who may read the pod',
  tty: 'to attach is a right of its own, which the scanner has not',
  volumeDevices: [
    {
      what: 'a helper with a block device of the pod',
      patches: ({ good, pod }) => pod.volumes.map(({ name }) => [{ ...good, volumeDevices: [{ name, devicePath: '/dev/any' }] }])
    }
  ],
  workingDir: 'where the program of the helper begins'
}

/** What a policy must look at beside the fields of one container. */
const BESIDE: readonly Way[] = [
  {
    what: 'a second helper beside it',
    patches: ({ spec, good }) => {
      const bad = { ...good, name: `${spec.name.slice(0, 61)}-x`, envFrom: [{ secretRef: SOURCE }] }
      return [
        [good, bad],
        [bad, good]
      ]
    }
  }
]

/** More volumes than these are not asked for one by one. */
const MOST_PATCHES = 16

/** Patches that must be refused, each with what it would give. */
export const forbiddenHelpers = (spec: HelperSpec, pod: ProbedPod): { readonly what: string; readonly containers: readonly Container[] }[] => {
  const probed = { spec, good: helperContainer(spec), pod }
  const ways = [...Object.values(FIELDS).flatMap((field) => (typeof field === 'string' ? [] : field)), ...BESIDE]
  return ways.flatMap(({ what, patches }) =>
    patches(probed)
      .slice(0, MOST_PATCHES)
      .map((containers) => ({ what, containers }))
  )
}
