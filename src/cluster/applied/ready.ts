import { z } from 'zod'
import { ScanError } from '../../kernel/error.ts'
import type { Log } from '../../kernel/log.ts'
import { printableLine } from '../../kernel/name.ts'
import { call } from '../api.ts'
import type { Applied, ApplyPorts } from './apply.ts'
import { explainPods, type PodTrouble, troublesOf } from './explain.ts'

const count = z.number().default(0)
const Workload = z.looseObject({
  metadata: z.looseObject({ generation: count, labels: z.record(z.string(), z.string()).optional() }),
  spec: z
    .looseObject({
      replicas: z.number().optional(),
      completions: z.number().optional(),
      selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).optional() }).optional()
    })
    .default({}),
  status: z
    .looseObject({
      phase: z.string().optional(),
      observedGeneration: count,
      updatedReplicas: count,
      availableReplicas: count,
      readyReplicas: count,
      numberReady: count,
      desiredNumberScheduled: count,
      ready: count,
      succeeded: count,
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() })).nullish()
    })
    .prefault({})
})
type Workload = z.infer<typeof Workload>

/** How far something has come: undefined when it is ready, else in words. */
type Progress = (object: Workload) => string | undefined

const has = ({ status }: Workload, type: string): boolean => (status.conditions ?? []).some((each) => each.type === type && each.status === 'True')
const some = (ready: number, wanted: number): string | undefined => (ready >= wanted ? undefined : `${ready} of ${wanted} ready`)
const seen =
  (progress: Progress): Progress =>
  (object) =>
    object.status.observedGeneration < object.metadata.generation ? 'not looked at yet' : progress(object)

/** What starts pods; others, also of these names in other groups, are ready when they are there. */
const PROGRESS: Readonly<Record<string, Progress>> = {
  'v1 Pod': (pod) => (pod.status.phase === 'Succeeded' || has(pod, 'Ready') ? undefined : `not ready (${pod.status.phase ?? 'no phase'})`),
  'apps/v1 Deployment': seen(({ spec, status }) => some(Math.min(status.availableReplicas, status.updatedReplicas), spec.replicas ?? 1)),
  'apps/v1 ReplicaSet': seen(({ spec, status }) => some(status.readyReplicas, spec.replicas ?? 1)),
  'apps/v1 StatefulSet': seen(({ spec, status }) => some(Math.min(status.readyReplicas, status.updatedReplicas), spec.replicas ?? 1)),
  'apps/v1 DaemonSet': seen(({ status }) => some(status.numberReady, Math.max(1, status.desiredNumberScheduled))),
  'batch/v1 Job': (job) => (has(job, 'Complete') || job.status.ready + job.status.succeeded > 0 ? undefined : 'no pod is ready')
}

const progressOf = ({ apiVersion, kind }: Applied): Progress | undefined => {
  const key = `${apiVersion} ${kind}`
  return Object.hasOwn(PROGRESS, key) ? PROGRESS[key] : undefined
}

export interface ReadyPorts extends ApplyPorts {
  readonly log: Log
}

const LIMIT_MS = 300_000
const LOOK_MS = 1000
const TELL_MS = 5000
/** So long what hardly comes by waiting may take all the same: a registry that stumbles, a program whose database comes up. */
const HOPELESS_MS = 30_000

/**
 * Waits until all that was applied is ready, and is so once more a moment later: what ends at once looks ready, too. Throws TARGET_UNUSABLE that says what is
 * not, and why: states, events, last lines of logs.
 */
export const untilReady = async (applied: readonly Applied[], ports: ReadyPorts): Promise<void> => {
  const { clock, log, signal } = ports
  const starting = applied.filter((object) => progressOf(object) !== undefined)
  const end = clock.now() + LIMIT_MS
  const patience = patienceOf(starting.length)
  let told = clock.now()
  for (let seenReady = starting.length === 0; ;) {
    const waiting = (await Promise.all(starting.map((object) => look(object, ports)))).filter((each) => each !== undefined)
    if (waiting.length === 0 && seenReady) return
    seenReady = waiting.length === 0
    const over = patience(waiting.length, await troublesIn(waiting, ports), clock.now())
    if (over || clock.now() > end) throw await notReady(waiting, ports)
    if (clock.now() - told >= TELL_MS) {
      told = clock.now()
      tell(waiting, log)
    }
    await clock.sleep(LOOK_MS, signal)
  }
}

/** Whether waiting any longer is in vain, at one look after the other. Between two tries what is hopeless looks well for a moment. */
const patienceOf = (all: number): ((waiting: number, troubles: readonly PodTrouble[], now: number) => boolean) => {
  let least = all
  let since: number | undefined
  return (waiting, troubles, now) => {
    if (waiting < least) since = undefined // it goes forward
    least = Math.min(least, waiting)
    const hopeless = troubles.some((each) => each.hopeless)
    if (hopeless) since ??= now
    return troubles.some(({ final }) => final) || (hopeless && now - (since ?? now) > HOPELESS_MS)
  }
}

const tell = (waiting: readonly Waiting[], log: Log): void => {
  for (const { object, words } of waiting) log.info(`  waiting for ${nameOf(object)}: ${words}`)
}

interface Waiting {
  readonly object: Applied
  /** Labels of its pods; undefined for a pod. */
  readonly selector: Readonly<Record<string, string>> | undefined
  readonly words: string
}

const nameOf = ({ kind, name, namespace }: Applied): string => printableLine(`${kind.toLowerCase()} ${namespace}/${name}`, 200)

/** Undefined when it is ready. */
const look = async (object: Applied, { connection, signal }: ReadyPorts): Promise<Waiting | undefined> => {
  const read = Workload.parse(await call(connection, { method: 'GET', path: object.path, signal }))
  const words = progressOf(object)?.(read)
  return words === undefined ? undefined : { object, words, selector: object.kind === 'Pod' ? undefined : (read.spec.selector?.matchLabels ?? {}) }
}

const podsOf = ({ object, selector }: Waiting) => ({ namespace: object.namespace, ...(selector === undefined ? { name: object.name } : { selector }) })

const troublesIn = async (waiting: readonly Waiting[], ports: ReadyPorts): Promise<PodTrouble[]> =>
  (await Promise.all(waiting.map((each) => troublesOf(podsOf(each), ports)))).flat()

const notReady = async (waiting: readonly Waiting[], ports: ReadyPorts): Promise<ScanError> => {
  const lines: string[] = []
  for (const each of waiting) lines.push(`${nameOf(each.object)}: ${each.words}`, ...(await explainPods(podsOf(each), ports)).map((line) => `  ${line}`))
  return new ScanError('TARGET_UNUSABLE', ['What was deployed did not become ready:', ...lines].join('\n  '), {
    hint: 'Mend what the lines above name. An image of this machine gets into the cluster by load-images; keep-cluster: on-failure lets you look around.'
  })
}
