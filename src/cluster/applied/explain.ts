import { z } from 'zod'
import { printableLine } from '../../kernel/name.ts'
import { call } from '../api.ts'
import { isHopeless, reasonOf } from '../container-state.ts'
import type { ApplyPorts } from './apply.ts'

/** The pods that are meant: one, or those with these labels. */
export interface PodsWanted {
  readonly namespace: string
  readonly name?: string
  readonly selector?: Readonly<Record<string, string>>
}

/** A container that does not run as it should. */
export interface PodTrouble {
  readonly hopeless: boolean
  /** No waiting helps. */
  readonly final: boolean
}

const State = z.looseObject({
  running: z.looseObject({}).optional(),
  waiting: z.looseObject({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  terminated: z.looseObject({ reason: z.string().optional(), message: z.string().optional(), exitCode: z.number().optional() }).optional()
})
const Status = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: State.default({})
})
const PodView = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string(), uid: z.string() }),
  status: z
    .looseObject({
      phase: z.string().optional(),
      message: z.string().optional(),
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() })).nullish(),
      initContainerStatuses: z.array(Status).nullish(),
      containerStatuses: z.array(Status).nullish()
    })
    .default({})
})
type PodView = z.infer<typeof PodView>
const Pods = z.looseObject({ items: z.array(PodView) })
const Events = z.looseObject({
  items: z.array(z.looseObject({ type: z.string().optional(), reason: z.string().optional(), message: z.string().optional(), count: z.number().nullish() }))
})

const NEVER = /^(?:ErrImageNeverPull|InvalidImageName)$/
/** Restarts after which a program that has ended again is no accident. */
const SEVERAL = 2
const PODS = 3
const EVENTS = 4
const LOG_LINES = 5

const read = async ({ namespace, name, selector }: PodsWanted, { connection, signal }: ApplyPorts): Promise<PodView[]> => {
  const path = `api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  if (name !== undefined) return [PodView.parse(await call(connection, { method: 'GET', path: `${path}/${encodeURIComponent(name)}`, signal }))]
  const labels = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`)
  if (labels.length === 0) return []
  const query = new URLSearchParams({ labelSelector: labels.join(',') })
  return Pods.parse(await call(connection, { method: 'GET', path: `${path}?${query.toString()}`, signal })).items
}

const statuses = ({ status }: PodView): z.infer<typeof Status>[] => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]

export const troublesOf = async (wanted: PodsWanted, ports: ApplyPorts): Promise<PodTrouble[]> =>
  (await read(wanted, ports)).flatMap((pod) => [
    { hopeless: false, final: wanted.name !== undefined && pod.status.phase === 'Failed' },
    ...statuses(pod).map(({ state, restartCount }) => ({
      hopeless: isHopeless(state) || (state.terminated !== undefined && state.terminated.exitCode !== 0 && restartCount >= SEVERAL),
      final: NEVER.test(state.waiting?.reason ?? '')
    }))
  ])

/** Why pods are not ready, in lines for people; all of it is text from outside, made safe. What cannot be learnt is left out. */
export const explainPods = async (wanted: PodsWanted, ports: ApplyPorts): Promise<string[]> => {
  const pods = await read(wanted, ports).catch(() => undefined)
  if (pods === undefined) return ['its pods could not be read']
  if (pods.length === 0) return ['it has no pod']
  const lines: string[] = []
  for (const pod of pods.slice(0, PODS)) lines.push(...(await explainPod(pod, ports)))
  return pods.length > PODS ? [...lines, `and ${pods.length - PODS} pods more`] : lines
}

const explainPod = async (pod: PodView, ports: ApplyPorts): Promise<string[]> => {
  const scheduled = (pod.status.conditions ?? []).find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  const whole = [pod.status.message, scheduled?.message].filter((text) => text !== undefined)
  const lines = [`pod ${printableLine(pod.metadata.name, 100)}${whole.length === 0 ? '' : `: ${printableLine(whole.join('; '), 300)}`}`]
  for (const status of statuses(pod)) {
    if (status.ready || status.state.terminated?.exitCode === 0) continue
    const state = status.state.running === undefined ? reasonOf(status.state) : 'it runs, and is not ready'
    lines.push(
      `  container ${printableLine(status.name, 63)} (${printableLine(status.image, 200)}): ${state}${status.restartCount > 0 ? `, restarted ${status.restartCount} times` : ''}`
    )
    lines.push(...(await lastLines(pod, status, ports)).map((line) => `    | ${line}`))
  }
  return [...lines, ...(await eventsOf(pod, ports)).map((line) => `  ${line}`)]
}

const lastLines = async (
  { metadata: { namespace, name } }: PodView,
  { name: container, restartCount, state }: z.infer<typeof Status>,
  { connection, signal }: ApplyPorts
): Promise<string[]> => {
  if (restartCount === 0 && state.waiting !== undefined) return [] // it has not run
  const query = new URLSearchParams({ container, tailLines: String(LOG_LINES), ...(state.waiting === undefined ? {} : { previous: 'true' }) })
  const path = `api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log?${query.toString()}`
  const text = await call(connection, { method: 'GET', path, text: true, signal }).catch(() => '')
  return String(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-LOG_LINES)
    .map((line) => printableLine(line, 200))
}

const eventsOf = async ({ metadata: { namespace, uid } }: PodView, { connection, signal }: ApplyPorts): Promise<string[]> => {
  const query = new URLSearchParams({ fieldSelector: `involvedObject.uid=${uid},type=Warning` })
  const path = `api/v1/namespaces/${encodeURIComponent(namespace)}/events?${query.toString()}`
  const events = await call(connection, { method: 'GET', path, signal }).then(
    (answer) => Events.parse(answer).items,
    () => []
  )
  const texts = events.map(({ reason = '', message = '' }) => printableLine(`${reason}: ${message}`, 300))
  return [...new Set(texts)].slice(-EVENTS)
}
