import type { AttestationEntry } from './attestation.ts'
import { compare } from './baseline.ts'
import { type Against, violation } from './bound.ts'
import { addCounts, complianceOf, targetVerdict, weigh, type Weighed, type WeighedTarget } from './count.ts'
import type { AcceptedCause, Baseline, Judged, Threshold, Verdict, Violation } from './model.ts'
import { reasonsOf, type UnjudgedOk } from './reasons.ts'
import { safNote } from './saf.ts'
import { DEFAULT_THRESHOLD } from './threshold.ts'

/** How violations name all targets together. */
const WHOLE = 'all containers'

/** By what results are judged. */
export interface Rules {
  readonly thresholds: readonly Threshold[]
  /** Of all targets together. */
  readonly totals: readonly Threshold[]
  /** An earlier run: no control may be worse than in it. */
  readonly baseline: Baseline | undefined
  readonly attestations: readonly AttestationEntry[]
  /** Of unjudged-ok-file. */
  readonly acceptedCauses: readonly AcceptedCause[]
}

/** What of them the results must meet, attestations being part of the results then. */
export type Demands = Omit<Rules, 'attestations' | 'acceptedCauses'>

/** What of a run may be missing, and for how long waivers and attestations hold. */
export interface Limits {
  /** How many unjudged controls a run may have. */
  readonly maxUnjudged: number
  /** How many waivers may be in force in a run. */
  readonly maxWaived: number
  readonly unjudgedOk: readonly UnjudgedOk[]
  /** YYYY-MM-DD. */
  readonly today: string
}

/** Where nothing is given that judges, the default threshold holds. */
export const demanded = ({ thresholds, totals, baseline }: Demands): readonly Threshold[] =>
  thresholds.length + totals.length === 0 && baseline === undefined ? [DEFAULT_THRESHOLD] : thresholds

/** Judges each target by all thresholds and against a baseline, and all by the totals: every violation at once. What could not be judged never passes. */
export const judge = (targets: readonly Judged[], demands: Demands, limits: Limits): Verdict => {
  const thresholds = demanded(demands)
  const judged = targets.toSorted((a, b) => (a.target < b.target ? -1 : 1)).map((target) => judgeOne(target, thresholds, limits))
  const verdicts = judged.map(({ verdict }) => verdict)
  const compared = compare(judged, demands.baseline)
  const counts = addCounts(verdicts.map((verdict) => verdict.counts))
  const compliance = complianceOf(counts)
  const whole = { verdict: { target: WHOLE, counts, compliance }, weighed: onceEach(judged.flatMap(({ weighed }) => weighed)) }
  const violations = [
    ...judged.flatMap((each) => each.violations),
    ...violated(demands.totals, whole),
    ...compared.violations,
    ...waivedViolation(judged, limits)
  ]
  const tooMany = runReasons(judged, limits)
  const unjudgedReasons = [...judged.flatMap(({ reasons }) => reasons), ...compared.reasons, ...tooMany]
  return {
    result: unjudgedReasons.length > 0 ? 'unjudged' : violations.length > 0 ? 'not-compliant' : 'passed',
    targets: verdicts,
    counts,
    compliance,
    violations,
    unjudgedReasons,
    accepted: judged.flatMap((each) => [...each.accepted, ...acceptedCauses(each)]),
    safDiffers: thresholds.length === 0 ? [] : judged.flatMap((each) => safNote(each, thresholds, tooMany.length > 0 && each.verdict.unjudged.length > 0)),
    baseline: compared.comparison
  }
}

const judgeOne = (target: Judged, thresholds: readonly Threshold[], { today, unjudgedOk }: Limits) => {
  const weighed = weigh(target, today)
  const verdict = targetVerdict(target, weighed, today)
  const violations = violated(thresholds, { verdict, weighed })
  return { judged: target, weighed, verdict, violations, ...reasonsOf({ judged: target, weighed }, unjudgedOk) }
}

const violated = (thresholds: readonly Threshold[], what: Omit<Against, 'source'>): Violation[] =>
  thresholds.flatMap(({ source, bounds }) => bounds.flatMap((bound) => violation(bound, { ...what, source })))

/** For lists of ids: a control that several targets have alike is one. */
const onceEach = (weighed: readonly Weighed[]): Weighed[] => [
  ...new Map(weighed.map((each) => [JSON.stringify([each.control.id, each.status, each.control.severity]), each])).values()
]

const waivedViolation = (targets: readonly WeighedTarget[], { maxWaived }: Limits): Violation[] => {
  const controls = targets.flatMap(({ weighed }) => weighed.filter(({ waived }) => waived).map(({ control }) => control.id))
  if (controls.length <= maxWaived) return []
  const base = { target: WHOLE, source: 'max-waived', bound: 'max-waived' }
  return [{ ...base, expected: `at most ${maxWaived}`, actual: String(controls.length), controls: [...new Set(controls)] }]
}

/** In one sentence for each cause of a target. */
const acceptedCauses = ({ judged, weighed }: WeighedTarget): string[] => {
  const controls = weighed.flatMap(({ control, accepted }) => accepted.map((cause) => ({ id: control.id, cause })))
  return [...Map.groupBy(controls, ({ cause }) => cause)].map(
    ([{ cause, justification, expires }, all]) =>
      `${judged.target}: ${all.length} ${all.length === 1 ? 'control' : 'controls'} could not see all (${cause}), accepted until ${expires}: ${justification}`
  )
}

const runReasons = (targets: readonly WeighedTarget[], { maxUnjudged }: Limits): string[] => {
  if (targets.length === 0) return ['there are no results']
  const controls = targets.flatMap(({ weighed }) => weighed).filter(({ unjudged }) => unjudged.length > 0).length
  if (controls <= maxUnjudged) return []
  return [`${controls} ${controls === 1 ? 'control rests' : 'controls rest'} on what could not be seen, max-unjudged allows ${maxUnjudged}`]
}
