import { showCompliance, type Counting } from './count.ts'
import type { Bound, TargetVerdict, Violation } from './model.ts'

/** What a bound is held against: one target's numbers, its controls, and where the bound is from. */
export interface Against {
  readonly verdict: Pick<TargetVerdict, 'target' | 'counts' | 'compliance'>
  readonly weighed: readonly Counting[]
  readonly source: string
}

/** Empty when the bound holds, else the one violation. */
export const violation = (bound: Bound, { verdict, weighed, source }: Against): Violation[] => {
  const controls = controlsOf(bound, weighed)
  const base = { target: verdict.target, source, bound: bound.key }
  if (typeof bound.value !== 'number') return setViolation(base, bound.value, controls)
  const actual = bound.status === 'compliance' || bound.severity === undefined ? verdict.compliance : verdict.counts[bound.status][bound.severity]
  if (holds(bound.kind, actual, bound.value)) return []
  const word = { min: 'at least', max: 'at most', exact: 'exactly', controls: '' }[bound.kind]
  return [{ ...base, expected: `${word} ${bound.value}`, actual: bound.status === 'compliance' ? showCompliance(actual) : String(actual), controls }]
}

const holds = (kind: Bound['kind'], actual: number, value: number): boolean => {
  if (kind === 'min') return actual >= value
  return kind === 'max' ? actual <= value : actual === value
}

/** A list of ids is the exact set: both what is missing and what is too many is said. */
const setViolation = (base: Pick<Violation, 'target' | 'source' | 'bound'>, wanted: readonly string[], actual: readonly string[]): Violation[] => {
  const [want, have] = [new Set(wanted), new Set(actual)]
  const missing = wanted.filter((id) => !have.has(id))
  const extra = actual.filter((id) => !want.delete(id)) // also an id twice: of two profiles
  if (missing.length === 0 && extra.length === 0) return []
  const parts = [...(missing.length > 0 ? [`without ${missing.join(', ')}`] : []), ...(extra.length > 0 ? [`also ${extra.join(', ')}`] : [])]
  return [{ ...base, expected: `exactly ${wanted.join(', ') || 'none'}`, actual: parts.join('; '), controls: [...missing, ...extra] }]
}

/** The controls that a bound speaks of; of a compliance bound those that lower it. */
const controlsOf = (bound: Bound, weighed: readonly Counting[]): string[] => {
  const meant = weighed.filter(({ control, status }) =>
    bound.status === 'compliance'
      ? status === 'failed' || status === 'error' || status === 'skipped'
      : status === bound.status && (bound.severity === 'total' || control.severity === bound.severity)
  )
  return meant.map(({ control }) => control.id)
}
