import { z } from 'zod'
import { call, ApiError } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import { ScanError } from '../kernel/error.ts'
import { waitingContainers } from './deployed.ts'
import { factsOf, imageTarget, notRunning, readPod, refusal, type Target } from './facts.ts'
import { list, type Place } from './list.ts'
import { notFound } from './not-found.ts'
import { notRunningHint } from './not-running.ts'
import { lastingContainers, Pod } from './pod.ts'

export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset' | 'job'

/** What the user asked to scan. */
export type Wanted =
  | { readonly kind: 'pod'; readonly pod: string }
  | { readonly kind: 'workload'; readonly workload: WorkloadKind; readonly name: string }
  | { readonly kind: 'selector'; readonly selector: string; readonly select: 'pods' | 'deployments' | 'statefulsets' | 'daemonsets' | 'jobs' }
  | { readonly kind: 'image'; readonly image: string }

export interface SelectOptions {
  readonly namespace: string
  readonly wanted: Wanted
  /** Empty: all that keep running. */
  readonly containers: readonly string[]
  readonly exclude: readonly string[]
  readonly maxTargets: number
  /** Ends all questions. */
  readonly signal?: AbortSignal
}

export interface Selection {
  readonly targets: readonly Target[]
  /** What was found and left out. */
  readonly skipped: readonly Skipped[]
}

/** A pod that is not scanned, or a container of one, with why. */
export interface Skipped {
  readonly pod: string
  readonly container?: string
  readonly why: string
}

/** For people: `web-0`, or `web-0/app`. */
export const showSkipped = ({ pod, container, why }: Skipped): string => `${container === undefined ? pod : `${pod}/${container}`}: ${why}`

interface Found {
  readonly pod: Pod
  /** Name of the workload that the pods belong to, else the pod's own. */
  readonly owner: string
  /** Why it is none of those that were asked for; undefined when it is. */
  readonly foreign?: string
}

const WORKLOAD: Readonly<Record<WorkloadKind, string>> = {
  deployment: 'apis/apps/v1|deployments',
  statefulset: 'apis/apps/v1|statefulsets',
  daemonset: 'apis/apps/v1|daemonsets',
  job: 'apis/batch/v1|jobs'
}
const KIND_OF = { deployments: 'deployment', statefulsets: 'statefulset', daemonsets: 'daemonset', jobs: 'job' } as const

/** Resolves what was asked for to containers, with the caller's own rights. Throws TARGET_UNUSABLE: none, or more than allowed. */
export const selectTargets = async (connection: Connection, options: SelectOptions): Promise<Selection> => {
  const { wanted } = options
  if (wanted.kind === 'image') return { targets: [imageTarget(wanted.image, options.namespace)], skipped: [] }
  const found = await find(connection, { ...options, wanted })
  const skipped: Skipped[] = []
  const targets: Target[] = []
  for (const { pod, owner, foreign } of found) {
    const { name } = pod.metadata
    const why = foreign ?? refusal(pod)
    if (why !== undefined) skipped.push({ pod: name, why })
    if (why !== undefined) continue
    const idle = idleIn(pod, options)
    skipped.push(...idle)
    const running = containersOf(pod, options).filter((container) => !idle.some((each) => each.container === container))
    targets.push(...running.map((container) => factsOf(pod, container, owner)))
  }
  if (targets.length === 0)
    throw nothing(
      options,
      skipped,
      found.map(({ pod }) => pod)
    )
  if (targets.length > options.maxTargets) {
    throw new ScanError('TARGET_UNUSABLE', `${targets.length} containers were found, max-targets allows ${options.maxTargets}`, {
      hint: 'Narrow the selector, name a container, or raise max-targets.'
    })
  }
  return { targets: unique(targets), skipped }
}

/** Containers of a pod that do not run; one that was named is none of them, but an error. */
const idleIn = (pod: Pod, options: SelectOptions): Skipped[] =>
  containersOf(pod, options).flatMap((container) => {
    const why = options.containers.includes(container) ? undefined : notRunning(pod, container)
    return why === undefined ? [] : [{ pod: pod.metadata.name, container, why }]
  })

const nothing = (options: SelectOptions, skipped: Selection['skipped'], pods: readonly Pod[]): ScanError => {
  const [only, ...others] = skipped
  if (only !== undefined && others.length === 0 && options.wanted.kind === 'pod')
    return new ScanError(
      'TARGET_UNUSABLE',
      `The pod ${options.namespace}/${only.pod} cannot be scanned: ${only.container === undefined ? '' : `${only.container}: `}${only.why}`,
      {
        hint: notRunningHint(pods, options.namespace)
      }
    )
  const reasons = skipped.map(showSkipped)
  return new ScanError(
    'TARGET_UNUSABLE',
    [`No container to scan was found for ${describe(options.wanted)} in the namespace ${options.namespace}`, ...reasons].join('\n  '),
    {
      hint: reasons.length === 0 ? `Look at \`kubectl get pods -n ${options.namespace} --show-labels\`.` : notRunningHint(pods, options.namespace)
    }
  )
}

type WantedPods = Exclude<Wanted, { kind: 'image' }>

const describe = (wanted: Wanted): string => {
  if (wanted.kind === 'pod') return `the pod ${wanted.pod}`
  if (wanted.kind === 'image') return `the image ${wanted.image}`
  return wanted.kind === 'workload' ? `${wanted.workload}/${wanted.name}` : `${wanted.select} with ${wanted.selector}`
}

const containersOf = (pod: Pod, options: SelectOptions): string[] => {
  const helpers = waitingContainers(pod)
  const wanted = options.containers.length === 0 ? lastingContainers(pod).filter((name) => !helpers.includes(name)) : options.containers
  return wanted.filter((name) => !options.exclude.includes(name))
}

/** Several pods of one workload would share a name: then the pod's goes into it. */
const unique = (targets: readonly Target[]): Target[] => {
  const shared = (target: Target): boolean => targets.some((other) => other !== target && other.name === target.name)
  return targets.map((target) => (shared(target) ? { ...target, name: `${target.namespace}/${target.pod}/${target.container}` } : target))
}

const find = async (connection: Connection, options: SelectOptions & { wanted: WantedPods }): Promise<Found[]> => {
  const { wanted, namespace } = options
  const place: Place = { connection, namespace, signal: options.signal }
  if (wanted.kind === 'pod') {
    const pod = await readWanted(place, wanted.pod)
    return [{ pod, owner: pod.metadata.name }]
  }
  if (wanted.kind === 'workload') return await podsOf(place, { kind: wanted.workload, name: wanted.name })
  if (wanted.select === 'pods') return (await listPods(place, wanted.selector)).map((pod) => ({ pod, owner: pod.metadata.name }))
  const kind = KIND_OF[wanted.select]
  const names = await listNames(place, { kind, selector: wanted.selector })
  return (await Promise.all(names.map((name) => podsOf(place, { kind, name })))).flat()
}

/** One that is not there is met with those that are. */
const readWanted = async (place: Place, name: string): Promise<Pod> => {
  const { connection, namespace, signal } = place
  try {
    return await readPod(connection, { namespace, name, signal })
  } catch (error) {
    if (!(error instanceof ScanError) || error.code !== 'TARGET_UNUSABLE') throw error
    throw await notFound(place, { kind: 'pod', name, namespace, path: podsPath(namespace) }, error)
  }
}

const Workload = z.looseObject({
  metadata: z.looseObject({ name: z.string(), uid: z.string() }),
  spec: z.looseObject({
    selector: z
      .looseObject({
        matchLabels: z.record(z.string(), z.string()).optional(),
        matchExpressions: z.array(z.looseObject({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() })).optional()
      })
      .optional()
  })
})

/** The pods of a workload: those that its own selector finds and that it has made. */
const podsOf = async (place: Place, wanted: { kind: WorkloadKind; name: string }): Promise<Found[]> => {
  const workload = Workload.parse(await get(place, wanted))
  const { matchLabels = {}, matchExpressions = [] } = workload.spec.selector ?? {}
  const parts = [...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`), ...matchExpressions.map(expression)]
  if (parts.length === 0) throw new ScanError('TARGET_UNUSABLE', `${wanted.kind}/${wanted.name} has no selector, so that its pods are not known`)
  return (await listPods(place, parts.join(','))).map((pod) => ({
    pod,
    owner: wanted.name,
    ...(madeBy(pod, wanted, workload.metadata.uid) ? {} : { foreign: `it has the labels of ${wanted.kind}/${wanted.name}, and was not made by it` })
  }))
}

/** A deployment makes its pods by replica sets, which it names after the hash of the pod's template. */
const madeBy = ({ metadata: { labels = {}, ownerReferences = [] } }: Pod, { kind, name }: { kind: WorkloadKind; name: string }, uid: string): boolean => {
  const maker = ownerReferences.find(({ controller }) => controller === true)
  if (kind !== 'deployment') return maker?.uid === uid
  return maker?.kind === 'ReplicaSet' && maker.name === `${name}-${labels['pod-template-hash'] ?? ''}`
}

const expression = ({ key, operator, values }: { key: string; operator: string; values?: readonly string[] | null | undefined }): string => {
  const list = `(${(values ?? []).join(',')})`
  if (operator === 'Exists') return key
  if (operator === 'DoesNotExist') return `!${key}`
  return `${key} ${operator === 'In' ? 'in' : 'notin'} ${list}`
}

const pathOf = (namespace: string, kind: WorkloadKind): string => {
  const [group = '', plural = ''] = WORKLOAD[kind].split('|')
  return `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`
}

const get = async (place: Place, { kind, name }: { kind: WorkloadKind; name: string }): Promise<unknown> => {
  const path = pathOf(place.namespace, kind)
  try {
    return await call(place.connection, { method: 'GET', path: `${path}/${encodeURIComponent(name)}`, signal: place.signal })
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw await notFound(place, { kind, name, namespace: place.namespace, path }, error)
    throw error
  }
}

const podsPath = (namespace: string): string => `api/v1/namespaces/${encodeURIComponent(namespace)}/pods`

const listNames = async (place: Place, wanted: { kind: WorkloadKind; selector: string }): Promise<string[]> =>
  (await list(place, pathOf(place.namespace, wanted.kind), wanted.selector)).map((item) => Workload.parse(item).metadata.name)

const listPods = async (place: Place, selector: string): Promise<Pod[]> =>
  (await list(place, podsPath(place.namespace), selector)).map((item) => Pod.parse(item))
