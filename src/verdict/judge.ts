import { addCounts, complianceOf, showCompliance, targetVerdict, weigh, type Weighed } from './count.ts'
import type { Bound, Judged, TargetVerdict, Threshold, Verdict, Violation } from './model.ts'
import { safNotes } from './saf.ts'

export interface Policy {
  /** How many unjudged controls a run may have. */
  readonly maxUnjudged: number
  /** YYYY-MM-DD. */
  readonly today: string
}

/** Judges all targets by all thresholds: every violation at once. What could not be judged never passes. */
export const judge = (targets: readonly Judged[], thresholds: readonly Threshold[], policy: Policy): Verdict => {
  const judged = targets.toSorted((a, b) => (a.target < b.target ? -1 : 1)).map((target) => ({ target, weighed: weigh(target, policy.today) }))
  const verdicts = judged.map(({ target, weighed }) => targetVerdict(target, weighed))
  const violations = judged.flatMap(({ weighed }, index) => violationsOf(weighed, verdicts[index], thresholds))
  const counts = addCounts(verdicts.map((verdict) => verdict.counts))
  const unjudgedReasons = [...targets.flatMap(reasonsOf), ...runReasons(verdicts, policy)]
  const result = unjudgedReasons.length > 0 ? 'unjudged' : violations.length > 0 ? 'not-compliant' : 'passed'
  return {
    result,
    targets: verdicts,
    counts,
    compliance: complianceOf(counts),
    violations,
    unjudgedReasons,
    safDiffers: targets.flatMap((target) => safNotes(target, thresholds))
  }
}

/** Why one target's results as a whole cannot be judged. */
const reasonsOf = ({ target, results }: Judged): string[] => {
  const profiles = results.profiles.flatMap(({ name, status, statusMessage }) => {
    if (status === 'loaded') return []
    return [`${target}: the profile ${name} ${status === 'skipped' ? 'was skipped' : 'did not load'}${statusMessage === '' ? '' : `: ${statusMessage}`}`]
  })
  if (results.profiles.length === 0) return [`${target}: no profile was run`]
  return results.controls.length === 0 && profiles.length === 0 ? [`${target}: the profile has no controls to run`] : profiles
}

const runReasons = (verdicts: readonly TargetVerdict[], policy: Policy): string[] => {
  if (verdicts.length === 0) return ['there are no results']
  const controls = verdicts.flatMap(({ target, unjudged }) => [...new Set(unjudged.map(({ control }) => `${target} ${control}`))])
  if (controls.length <= policy.maxUnjudged) return []
  return [`${controls.length} controls passed without having seen what they asked for, max-unjudged allows ${policy.maxUnjudged}`]
}

const violationsOf = (weighed: readonly Weighed[], verdict: TargetVerdict | undefined, thresholds: readonly Threshold[]): Violation[] =>
  verdict === undefined ? [] : thresholds.flatMap(({ source, bounds }) => bounds.flatMap((bound) => violation(bound, { verdict, weighed, source })))

const violation = (bound: Bound, on: { verdict: TargetVerdict; weighed: readonly Weighed[]; source: string }): Violation[] => {
  const { verdict, weighed, source } = on
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
  const missing = wanted.filter((id) => !actual.includes(id))
  const extra = actual.filter((id) => !wanted.includes(id))
  if (missing.length === 0 && extra.length === 0) return []
  const parts = [...(missing.length > 0 ? [`without ${missing.join(', ')}`] : []), ...(extra.length > 0 ? [`also ${extra.join(', ')}`] : [])]
  return [{ ...base, expected: `exactly ${wanted.join(', ') || 'none'}`, actual: parts.join('; '), controls: [...missing, ...extra] }]
}

/** The controls that a bound speaks of; of a compliance bound those that lower it. */
const controlsOf = (bound: Bound, weighed: readonly Weighed[]): string[] => {
  const meant = weighed.filter(({ control, status }) =>
    bound.status === 'compliance'
      ? status === 'failed' || status === 'error' || status === 'skipped'
      : status === bound.status && (bound.severity === 'total' || control.severity === bound.severity)
  )
  return meant.map(({ control }) => control.id)
}
