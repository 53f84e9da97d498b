import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { KubeObject, Store } from './store.ts'

/** What exec finds in a pod: programs of this machine. */
export interface Place {
  /** The whole environment; PATH, HOME and HOSTNAME are there without being named. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Programs that this pod does not have, by the name or path they are started with. */
  readonly missing?: readonly string[]
  /** What is started in place of the argv that was asked for, as `unshare` or `chroot` before it. */
  readonly wrap?: (argv: readonly string[]) => readonly string[]
}

export interface ContainerFixture {
  readonly name: string
  readonly image?: string
  readonly imageID?: string
  readonly containerID?: string
  readonly restartCount?: number
  /** `Always` makes a native sidecar of an init container. */
  readonly restartPolicy?: 'Always'
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
  /** A container that does not run: why it waits or ended. */
  readonly waiting?: string
  readonly terminated?: string
}

export interface PodFixture {
  readonly namespace: string
  readonly name: string
  /** One container called main when not given. */
  readonly containers?: readonly (string | ContainerFixture)[]
  readonly initContainers?: readonly (string | ContainerFixture)[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  readonly nodeName?: string
  readonly uid?: string
  /** Of a container that does not give its own; for pods with one container. */
  readonly containerID?: string
  readonly os?: 'linux' | 'windows'
  readonly hostPID?: boolean
  readonly deletionTimestamp?: string
  /** More of spec. */
  readonly spec?: Readonly<Record<string, unknown>>
  readonly place?: Place
}

export interface WorkloadFixture {
  readonly plural: 'deployments' | 'statefulsets' | 'daemonsets' | 'replicasets' | 'jobs'
  readonly namespace: string
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  /** matchLabels of its pods. */
  readonly selects: Readonly<Record<string, string>>
  readonly uid?: string
}

/** Puts a namespace into the store, with the account that every namespace has; one that is there stays. */
export const putNamespace = (store: Store, name: string): void => {
  if (store.get('namespaces', '', name) !== undefined) return
  store.put('namespaces', {
    namespace: '',
    name,
    metadata: { labels: { 'kubernetes.io/metadata.name': name } },
    fields: { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
  })
  store.put('serviceaccounts', { namespace: name, name: 'default' })
}

/** Puts a pod into the store; one of the same name is replaced by a new incarnation with another uid. */
export const putPod = (store: Store, fixture: PodFixture): KubeObject => {
  putNamespace(store, fixture.namespace)
  const { labels, annotations, ownerReferences, deletionTimestamp, uid } = fixture
  const containers = (fixture.containers ?? ['main']).map(asContainer)
  const inits = (fixture.initContainers ?? []).map(asContainer)
  const phase = fixture.phase ?? 'Running'
  return store.put('pods', {
    namespace: fixture.namespace,
    name: fixture.name,
    metadata: defined({ labels, annotations, ownerReferences, deletionTimestamp, uid }),
    fields: {
      spec: defined({
        ...fixture.spec,
        containers: containers.map(specOf),
        initContainers: inits.length === 0 ? undefined : inits.map(specOf),
        nodeName: fixture.nodeName ?? 'node-1',
        os: fixture.os === undefined ? undefined : { name: fixture.os },
        hostPID: fixture.hostPID
      }),
      status: defined({
        phase,
        podIP: '10.244.0.9',
        containerStatuses: containers.map((one) => statusOf({ containerID: fixture.containerID, ...one }, phase)),
        initContainerStatuses: inits.length === 0 ? undefined : inits.map((one) => statusOf(one, one.restartPolicy === 'Always' ? phase : 'Succeeded'))
      })
    }
  })
}

export const putWorkload = (store: Store, { plural, namespace, name, labels, selects, uid }: WorkloadFixture): KubeObject => {
  putNamespace(store, namespace)
  const spec = { replicas: 1, selector: { matchLabels: selects }, template: { metadata: { labels: selects } } }
  return store.put(plural, { namespace, name, metadata: defined({ labels, uid }), fields: { spec, status: {} } })
}

type Fixture = Omit<ContainerFixture, 'containerID'> & { readonly containerID?: string | undefined }

const asContainer = (given: string | ContainerFixture): ContainerFixture => (typeof given === 'string' ? { name: given } : given)

const specOf = ({ name, image = 'registry.test/app:1', restartPolicy, volumeMounts }: ContainerFixture): Record<string, unknown> =>
  defined({ name, image, restartPolicy, volumeMounts })

const statusOf = (container: Fixture, phase: string): Record<string, unknown> => {
  const { name, image = 'registry.test/app:1', restartCount = 0, imageID = `${image.split(':')[0] ?? ''}@sha256:${'a'.repeat(64)}` } = container
  const state = stateOf(container, phase)
  const running = 'running' in state
  const id = 'waiting' in state ? undefined : (container.containerID ?? `containerd://${randomBytes(32).toString('hex')}`)
  return defined({ name, image, imageID, restartCount, containerID: id, ready: running, started: running, state })
}

const stateOf = ({ waiting, terminated }: Fixture, phase: string): Record<string, unknown> => {
  if (waiting !== undefined) return { waiting: { reason: waiting } }
  if (terminated !== undefined) return { terminated: { reason: terminated, exitCode: 1 } }
  if (phase === 'Pending') return { waiting: { reason: 'ContainerCreating' } }
  return phase === 'Running' ? { running: { startedAt: new Date().toISOString() } } : { terminated: { reason: 'Completed', exitCode: 0 } }
}

const defined = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const Applied = z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional() })) }) })

/** What becomes of an applied pod on a node that has its images. */
export const runningPod = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { spec } = Applied.parse(fields)
  const containers = spec.containers.map(({ name, image }) => statusOf(image === undefined ? { name } : { name, image }, 'Running'))
  const conditions = [{ type: 'Ready', status: 'True' }]
  return { spec: { ...spec, nodeName: 'node-1' }, status: { phase: 'Running', podIP: '10.244.0.9', conditions, containerStatuses: containers } }
}
