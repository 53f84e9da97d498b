import { complianceOf, countOf } from './count.ts'
import type { Judged, Threshold } from './model.ts'

/** One line for each reason why plain SAF may say otherwise of this target (docs/thresholds.md): it looks at the first profile, rounds compliance, and leaves some bounds out. */
export const safNotes = ({ target, results }: Judged, thresholds: readonly Threshold[]): string[] => {
  const counts = countOf(results.controls.map((control) => ({ control, status: control.status, unjudged: [] })))
  const exact = complianceOf(counts)
  const bounds = thresholds.flatMap((threshold) => threshold.bounds)
  const lies = (value: number): boolean => Math.round(exact) >= value && exact < value
  const notes = [
    bounds.some(({ status, kind, value }) => status === 'compliance' && kind === 'min' && typeof value === 'number' && lies(value))
      ? `rounds ${exact.toFixed(2)} % up and passes compliance.min`
      : undefined,
    bounds.some(({ key, value }) => key === 'compliance.max' && value === 0) ? 'does not check compliance.max when it is 0' : undefined,
    bounds.some(({ key }) => key.startsWith('no_impact.total.')) ? 'does not check bounds of no_impact.total' : undefined,
    new Set(results.controls.map(({ profile }) => profile)).size > 1 ? 'judges the first profile only' : undefined,
    results.profiles.some(({ status }) => status !== 'loaded') ? 'counts a profile that did not run as nothing failed' : undefined
  ]
  return notes.flatMap((note) => (note === undefined ? [] : [`${target}: plain SAF ${note}`]))
}
