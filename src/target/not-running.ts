import { printableLine } from '../kernel/name.ts'
import type { Pod } from './pod.ts'

const ENDED = new Set(['Succeeded', 'Failed'])

export const hasEnded = ({ status }: Pod): boolean => ENDED.has(status.phase ?? '')

/** Why a pod that is not running is not, as its containers say; undefined for one that runs. */
export const whyNotRunning = (pod: Pod): string | undefined => {
  const { phase } = pod.status
  if (phase === 'Running') return undefined
  if (hasEnded(pod)) return `it has ended (${phase ?? ''}), and what has ended cannot be scanned`
  return `it is not running${waitsFor(pod) ?? ` (${phase ?? 'no phase'}${unscheduled(pod)})`}`
}

const waitsFor = ({ status: { containerStatuses = [], initContainerStatuses = [] } }: Pod): string | undefined => {
  const waiting = [...initContainerStatuses, ...containerStatuses].find(({ state }) => state?.waiting !== undefined)
  const { reason = 'no reason given' } = waiting?.state?.waiting ?? {}
  return waiting === undefined ? undefined : `: the container ${waiting.name} is waiting (${printableLine(reason, 80)})`
}

/** What keeps it from any node. */
const unscheduled = ({ status: { conditions = [] } }: Pod): string => {
  const words = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')?.message
  return words === undefined ? '' : `: ${printableLine(words, 200)}`
}

/** What to do about pods none of which runs. */
export const notRunningHint = (pods: readonly Pod[], namespace: string): string => {
  const [one, ...more] = pods
  if (one === undefined || more.length > 0) return `See: kubectl get pods -n ${namespace}`
  const { name } = one.metadata
  if (!hasEnded(one)) return `See: kubectl describe pod ${name} -n ${namespace}; then scan again.`
  const image = one.spec.containers.length === 1 ? (one.spec.containers[0]?.image ?? 'IMAGE') : 'IMAGE'
  return `Its image can be scanned in a pod of ours: --target-image ${printableLine(image, 200)} --approach twin-pod --allow scan-pod --helper-image TOOLBOX`
}
