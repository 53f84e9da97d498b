import type { Control, Results, Status } from '../hdf/model.ts'
import { violation } from './bound.ts'
import { complianceOf, countOf, type WeighedTarget } from './count.ts'
import type { Bound, TargetVerdict, Threshold, Violation } from './model.ts'

/** One target as we judged it. */
export interface Ours extends WeighedTarget {
  readonly verdict: TargetVerdict
  readonly violations: readonly Violation[]
  /** Why the target is unjudged; empty when it is not. */
  readonly reasons: readonly string[]
}

/**
 * One line where plain SAF would have said otherwise of this target (docs/thresholds.md), with every known cause; empty where both agree. `tooMany`: the target has
 * unjudged controls in a run that has more of them than are allowed.
 */
export const safNote = (ours: Ours, thresholds: readonly Threshold[], tooMany: boolean): string[] => {
  const passes = ours.violations.length === 0 && ours.reasons.length === 0 && !tooMany
  const bounds = thresholds.flatMap((threshold) => threshold.bounds)
  if (passes === safPasses(ours, bounds)) return []
  const found = passes ? causesToFail(ours, bounds) : causesToPass(ours, bounds)
  const causes = found.length > 0 ? found : ['counts otherwise']
  return [`${ours.verdict.target}: plain SAF would have said ${passes ? 'failed' : 'passed'}: it ${causes.join('; it ')}`]
}

const safPasses = ({ judged }: Ours, bounds: readonly Bound[]): boolean => {
  const { saf } = judged.results
  if (saf === undefined) return true
  const weighed = saf.map((control) => ({ control, status: control.status }))
  const counts = countOf(weighed)
  const verdict = { target: '', counts, compliance: Math.round(complianceOf(counts)) }
  return bounds.filter(safChecks).every((bound) => !isEmptyList(bound) && violation(bound, { verdict, weighed, source: '' }).length === 0)
}

const unmet = ({ status, checks }: Control): boolean => status === 'no_impact' && checks.some((check) => check.status === 'error')

/** The bounds that SAF 1.6 looks at; it reads past the others. */
const safChecks = ({ status, severity, kind, value }: Bound): boolean => {
  if (status === 'compliance') return value !== 0
  if (severity === 'total') return kind === 'exact' || (kind !== 'controls' && status !== 'no_impact')
  return kind !== 'exact' && (severity !== 'none' || status === 'no_impact')
}

/** It holds where there are no such controls; SAF takes it for a list that is missing. */
const isEmptyList = ({ value }: Bound): boolean => typeof value !== 'number' && value.length === 0

const outermostCount = ({ profiles }: Results): number => profiles.filter(({ outermost }) => outermost).length

/** Why SAF passes what we do not. */
const causesToPass = ({ judged: { results }, verdict, violations, reasons }: Ours, bounds: readonly Bound[]): string[] => {
  const violated = new Set(violations.map(({ bound }) => bound))
  const unseen = bounds.filter((bound) => violated.has(bound.key) && !safChecks(bound)).map(({ key, value }) => (value === 0 ? `${key} of 0` : key))
  const unjudged = new Set(verdict.unjudged.map(({ control }) => control)).size
  return [
    ...(reasons.length > 0 ? ['does not ask whether each profile ran and judged anything'] : []),
    ...(unjudged > 0 ? [`counts ${unjudged} unjudged control${unjudged === 1 ? '' : 's'} as passed`] : []),
    ...(outermostCount(results) > 1 ? ['judges the first profile only'] : []),
    ...losses(results),
    ...(unseen.length > 0 ? [`does not check ${[...new Set(unseen)].join(', ')}`] : []),
    ...(violations.some(({ bound }) => bound.startsWith('compliance')) ? rounding(verdict) : [])
  ]
}

/** Why SAF fails what we pass. */
const causesToFail = ({ judged: { results }, verdict }: Ours, bounds: readonly Bound[]): string[] => [
  ...(bounds.some((bound) => safChecks(bound) && isEmptyList(bound)) ? ['fails every empty list of controls'] : []),
  ...(results.controls.some(unmet) ? ['counts controls whose only_applicable_if is not met as errors'] : []),
  ...(outermostCount(results) > 1 ? ['judges the first profile only'] : []),
  ...losses(results),
  ...rounding(verdict)
]

/** Where profiles depend on each other. */
const losses = ({ profiles, controls, saf }: Results): string[] => {
  if (profiles.every(({ outermost }) => outermost)) return []
  if (saf === undefined) return ['does not come to an end where a dependency has the name of what depends on it']
  const counted = (of: readonly { readonly status: Status }[], errors: boolean): number => of.filter(({ status }) => (status === 'error') === errors).length
  const many = counted(saf, true) - counted(controls, true)
  if (many > 0) return [`does not find the results of ${many} control${many === 1 ? '' : 's'} in dependencies, and counts them as errors`]
  return many === 0 && counted(saf, false) === counted(controls, false) ? [] : ['does not count each of the controls that several profiles have']
}

const rounding = ({ compliance }: TargetVerdict): string[] => (Number.isInteger(compliance) ? [] : [`rounds compliance (${compliance.toFixed(3)})`])
