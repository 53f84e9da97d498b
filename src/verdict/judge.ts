import type { Results } from '../hdf/model.ts'
import type { AttestationEntry } from './attestation.ts'
import { violation } from './bound.ts'
import { compare } from './baseline.ts'
import { addCounts, complianceOf, targetVerdict, weigh } from './count.ts'
import type { Baseline, Judged, TargetVerdict, Threshold, Verdict, Violation } from './model.ts'
import { safNote } from './saf.ts'
import { DEFAULT_THRESHOLD } from './threshold.ts'

/** By what results are judged. */
export interface Rules {
  readonly thresholds: readonly Threshold[]
  readonly attestations: readonly AttestationEntry[]
  /** An earlier run: no control may be worse than in it. */
  readonly baseline?: Baseline | undefined
}

export interface Policy extends Pick<Rules, 'baseline'> {
  /** How many unjudged controls a run may have. */
  readonly maxUnjudged: number
  /** How many waivers may be in force in a run; undefined: there is no limit. */
  readonly maxWaived?: number
  /** YYYY-MM-DD. */
  readonly today: string
}

/** Judges all targets by all thresholds, and against a baseline: every violation at once. What could not be judged never passes; without either the default threshold holds. */
export const judge = (targets: readonly Judged[], thresholds: readonly Threshold[], policy: Policy): Verdict => {
  const all = thresholds.length === 0 && policy.baseline === undefined ? [DEFAULT_THRESHOLD] : thresholds
  const judged = targets.toSorted((a, b) => (a.target < b.target ? -1 : 1)).map((target) => judgeOne(target, all, policy))
  const verdicts = judged.map(({ verdict }) => verdict)
  const compared = policy.baseline === undefined ? undefined : compare(judged, policy.baseline)
  const violations = [...judged.flatMap((each) => each.violations), ...(compared?.violations ?? []), ...waivedViolation(verdicts, policy)]
  const counts = addCounts(verdicts.map((verdict) => verdict.counts))
  const tooMany = runReasons(verdicts, policy)
  const unjudgedReasons = [...judged.flatMap(({ reasons }) => reasons), ...(compared?.reasons ?? []), ...tooMany]
  return {
    result: unjudgedReasons.length > 0 ? 'unjudged' : violations.length > 0 ? 'not-compliant' : 'passed',
    targets: verdicts,
    counts,
    compliance: complianceOf(counts),
    violations,
    unjudgedReasons,
    safDiffers: all.length === 0 ? [] : judged.flatMap((each) => safNote(each, all, tooMany.length > 0 && each.verdict.unjudged.length > 0)),
    baseline: compared?.comparison
  }
}

const judgeOne = (target: Judged, thresholds: readonly Threshold[], policy: Policy) => {
  const weighed = weigh(target, policy.today)
  const verdict = targetVerdict(target, weighed)
  const violations = thresholds.flatMap(({ source, bounds }) => bounds.flatMap((bound) => violation(bound, { verdict, weighed, source })))
  return { judged: target, results: target.results, weighed, verdict, violations, reasons: reasonsOf(target) }
}

/** Why one target's results as a whole cannot be judged. */
const reasonsOf = ({ target, results, reasons: known = [] }: Judged): string[] => {
  if (results.profiles.length === 0) return [`${target}: no profile was run`]
  const reasons = results.profiles.flatMap(({ name, status, statusMessage, outermost, controls }) => {
    const empty = outermost && controls === 0
    if (status === 'loaded') return empty ? [`${target}: the profile ${name} has no controls to run`] : []
    return [`${target}: the profile ${name} ${status === 'skipped' ? 'was skipped' : 'did not load'}${statusMessage === '' ? '' : `: ${statusMessage}`}`]
  })
  return [...known.map((reason) => `${target}: ${reason}`), ...reasons, ...(reasons.length === 0 ? nothingJudged(target, results) : [])]
}

const nothingJudged = (target: string, { controls }: Results): string[] => {
  if (controls.length === 0) return [`${target}: the profiles have no controls to run`]
  const judged = controls.some(({ status }) => status !== 'skipped' && status !== 'no_impact')
  return judged ? [] : [`${target}: no control was judged: all are not reviewed, not applicable or waived`]
}

const waivedViolation = (verdicts: readonly TargetVerdict[], { maxWaived = Infinity }: Policy): Violation[] => {
  const controls = verdicts.flatMap(({ waivers }) => waivers.filter(({ inForce }) => inForce).map(({ control }) => control))
  if (controls.length <= maxWaived) return []
  const base = { target: 'all containers', source: 'max-waived', bound: 'max-waived' }
  return [{ ...base, expected: `at most ${maxWaived}`, actual: String(controls.length), controls: [...new Set(controls)] }]
}

const runReasons = (verdicts: readonly TargetVerdict[], policy: Policy): string[] => {
  if (verdicts.length === 0) return ['there are no results']
  const controls = verdicts.flatMap(({ target, unjudged }) => [...new Set(unjudged.map(({ control }) => `${target} ${control}`))])
  if (controls.length <= policy.maxUnjudged) return []
  return [
    `${controls.length} ${controls.length === 1 ? 'control rests' : 'controls rest'} on what could not be seen, max-unjudged allows ${policy.maxUnjudged}`
  ]
}
