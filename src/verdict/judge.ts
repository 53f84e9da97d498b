import type { AttestationEntry } from './attestation.ts'
import { compare } from './baseline.ts'
import { type Against, violation } from './bound.ts'
import { addCounts, complianceOf, targetVerdict, weigh, type Weighed } from './count.ts'
import type { Baseline, Judged, TargetVerdict, Threshold, Verdict, Violation } from './model.ts'
import { reasonsOf, type UnjudgedOk } from './reasons.ts'
import { safNote } from './saf.ts'
import { DEFAULT_THRESHOLD } from './threshold.ts'

/** How violations name all targets together. */
const WHOLE = 'all containers'

/** By what results are judged. */
export interface Rules {
  readonly thresholds: readonly Threshold[]
  /** Of all targets together. */
  readonly totals?: readonly Threshold[] | undefined
  readonly attestations: readonly AttestationEntry[]
  /** An earlier run: no control may be worse than in it. */
  readonly baseline?: Baseline | undefined
}

export interface Policy extends Pick<Rules, 'baseline' | 'totals'> {
  /** How many unjudged controls a run may have. */
  readonly maxUnjudged: number
  /** How many waivers may be in force in a run; undefined: there is no limit. */
  readonly maxWaived?: number
  readonly unjudgedOk?: readonly UnjudgedOk[]
  /** YYYY-MM-DD. */
  readonly today: string
}

/** Judges each target by all thresholds and against a baseline, and all by the totals: every violation at once. What could not be judged never passes; without any of these the default threshold holds. */
export const judge = (targets: readonly Judged[], thresholds: readonly Threshold[], policy: Policy): Verdict => {
  const { baseline, totals = [] } = policy
  const all = thresholds.length + totals.length === 0 && baseline === undefined ? [DEFAULT_THRESHOLD] : thresholds
  const judged = targets.toSorted((a, b) => (a.target < b.target ? -1 : 1)).map((target) => judgeOne(target, all, policy))
  const verdicts = judged.map(({ verdict }) => verdict)
  const compared = compare(judged, baseline)
  const counts = addCounts(verdicts.map((verdict) => verdict.counts))
  const compliance = complianceOf(counts)
  const whole = { verdict: { target: WHOLE, counts, compliance }, weighed: onceEach(judged.flatMap(({ weighed }) => weighed)) }
  const violations = [...judged.flatMap((each) => each.violations), ...violated(totals, whole), ...compared.violations, ...waivedViolation(verdicts, policy)]
  const tooMany = runReasons(verdicts, policy)
  const unjudgedReasons = [...judged.flatMap(({ reasons }) => reasons), ...compared.reasons, ...tooMany]
  return {
    result: unjudgedReasons.length > 0 ? 'unjudged' : violations.length > 0 ? 'not-compliant' : 'passed',
    targets: verdicts,
    counts,
    compliance,
    violations,
    unjudgedReasons,
    accepted: judged.flatMap(({ accepted }) => accepted),
    safDiffers: all.length === 0 ? [] : judged.flatMap((each) => safNote(each, all, tooMany.length > 0 && each.verdict.unjudged.length > 0)),
    baseline: compared.comparison
  }
}

const judgeOne = (target: Judged, thresholds: readonly Threshold[], policy: Policy) => {
  const weighed = weigh(target, policy.today)
  const verdict = targetVerdict(target, weighed)
  const violations = violated(thresholds, { verdict, weighed })
  return { judged: target, results: target.results, weighed, verdict, violations, ...reasonsOf(target, policy.unjudgedOk ?? []) }
}

const violated = (thresholds: readonly Threshold[], what: Omit<Against, 'source'>): Violation[] =>
  thresholds.flatMap(({ source, bounds }) => bounds.flatMap((bound) => violation(bound, { ...what, source })))

/** For lists of ids: a control that several targets have alike is one. */
const onceEach = (weighed: readonly Weighed[]): Weighed[] => [
  ...new Map(weighed.map((each) => [JSON.stringify([each.control.id, each.status, each.control.severity]), each])).values()
]

const waivedViolation = (verdicts: readonly TargetVerdict[], { maxWaived = Infinity }: Policy): Violation[] => {
  const controls = verdicts.flatMap(({ waivers }) => waivers.filter(({ inForce }) => inForce).map(({ control }) => control))
  if (controls.length <= maxWaived) return []
  const base = { target: WHOLE, source: 'max-waived', bound: 'max-waived' }
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
