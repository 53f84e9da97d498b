import { z } from 'zod'
import { call, ApiError } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import { LISTING } from '../cluster/request.ts'
import { ScanError } from '../kernel/error.ts'
import { waitingContainers } from './deployed.ts'
import { factsOf, imageTarget, readPod, refusal, type Target } from './facts.ts'
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
}

export interface Selection {
  readonly targets: readonly Target[]
  /** Pods that were found and left out, each with why. */
  readonly skipped: readonly { readonly pod: string; readonly why: string }[]
}

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
  const skipped: { pod: string; why: string }[] = []
  const targets: Target[] = []
  for (const { pod, owner, foreign } of found) {
    const why = foreign ?? refusal(pod)
    if (why === undefined) targets.push(...containersOf(pod, options).map((container) => factsOf(pod, container, owner)))
    else skipped.push({ pod: pod.metadata.name, why })
  }
  if (targets.length === 0) throw nothing(options, skipped)
  if (targets.length > options.maxTargets) {
    throw new ScanError('TARGET_UNUSABLE', `${targets.length} containers were found, max-targets allows ${options.maxTargets}`, {
      hint: 'Narrow the selector, name a container, or raise max-targets.'
    })
  }
  return { targets: unique(targets), skipped }
}

const nothing = (options: SelectOptions, skipped: Selection['skipped']): ScanError => {
  const reasons = skipped.map(({ pod, why }) => `${pod}: ${why}`)
  return new ScanError(
    'TARGET_UNUSABLE',
    [`No container to scan was found for ${describe(options.wanted)} in the namespace ${options.namespace}`, ...reasons].join('\n  '),
    {
      hint: reasons.length === 0 ? `Look at \`kubectl get pods -n ${options.namespace} --show-labels\`.` : 'Scan it once its pods run.'
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
  if (wanted.kind === 'pod') {
    const pod = await readPod(connection, { namespace, name: wanted.pod })
    return [{ pod, owner: pod.metadata.name }]
  }
  if (wanted.kind === 'workload') return await podsOf(connection, namespace, { kind: wanted.workload, name: wanted.name })
  if (wanted.select === 'pods') return (await listPods(connection, namespace, wanted.selector)).map((pod) => ({ pod, owner: pod.metadata.name }))
  const kind = KIND_OF[wanted.select]
  const names = await listNames(connection, namespace, { kind, selector: wanted.selector })
  return (await Promise.all(names.map((name) => podsOf(connection, namespace, { kind, name })))).flat()
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
const podsOf = async (connection: Connection, namespace: string, wanted: { kind: WorkloadKind; name: string }): Promise<Found[]> => {
  const workload = Workload.parse(
    await get(connection, `${pathOf(namespace, wanted.kind)}/${encodeURIComponent(wanted.name)}`, `${wanted.kind}/${wanted.name} in the namespace ${namespace}`)
  )
  const { matchLabels = {}, matchExpressions = [] } = workload.spec.selector ?? {}
  const parts = [...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`), ...matchExpressions.map(expression)]
  if (parts.length === 0) throw new ScanError('TARGET_UNUSABLE', `${wanted.kind}/${wanted.name} has no selector, so that its pods are not known`)
  return (await listPods(connection, namespace, parts.join(','))).map((pod) => ({
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

const get = async (connection: Connection, path: string, what: string): Promise<unknown> => {
  try {
    return await call(connection, { method: 'GET', path })
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw new ScanError('TARGET_UNUSABLE', `There is no ${what}`, { cause: error })
    throw error
  }
}

const listNames = async (connection: Connection, namespace: string, wanted: { kind: WorkloadKind; selector: string }): Promise<string[]> =>
  (await list(connection, pathOf(namespace, wanted.kind), wanted.selector)).map((item) => Workload.parse(item).metadata.name)

const listPods = async (connection: Connection, namespace: string, selector: string): Promise<Pod[]> =>
  (await list(connection, `api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, selector)).map((item) => Pod.parse(item))

const List = z.looseObject({ metadata: z.looseObject({ continue: z.string().optional() }).default({}), items: z.array(z.unknown()) })
const PAGE = 500

/** All items, page by page. */
const list = async (connection: Connection, path: string, selector: string): Promise<unknown[]> => {
  const items: unknown[] = []
  let next = ''
  do {
    const query = new URLSearchParams({ labelSelector: selector, limit: String(PAGE), ...(next === '' ? {} : { continue: next }) })
    const page = List.parse(await call(connection, { method: 'GET', path: `${path}?${query.toString()}`, ...LISTING }))
    items.push(...page.items)
    next = page.metadata.continue ?? ''
  } while (next !== '')
  return items
}
