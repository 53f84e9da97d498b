import { createHash } from 'node:crypto'
import type { Control, Severity, Status } from '../hdf/model.ts'
import type { AcceptedCause, Counts, Judged, TargetVerdict, Unjudged, WaiverUse } from './model.ts'

const STATUSES: readonly Status[] = ['passed', 'failed', 'skipped', 'no_impact', 'error']
const CELLS: readonly (Severity | 'total')[] = ['critical', 'high', 'medium', 'low', 'none', 'total']

/** A control as it counts, and whether a waiver is in force for it: what rests on missing evidence, did not fail, and is accepted by no waiver, counts as an error. */
export interface Weighed {
  readonly control: Control
  readonly status: Status
  readonly unjudged: readonly Unjudged[]
  /** Causes for which it would be unjudged, too, and that are accepted. */
  readonly accepted: readonly AcceptedCause[]
  readonly waived: boolean
}

/** A target as it was judged. */
export interface WeighedTarget {
  readonly judged: Judged
  readonly weighed: readonly Weighed[]
}

/** `today` is YYYY-MM-DD in local time, as the auditor reads expiry dates. */
export const weigh = ({ results, unjudged, accepts = [] }: Judged, today: string): Weighed[] => {
  const byControl = Map.groupBy(unjudged, ({ control }) => control)
  const causes = new Map(accepts.filter(({ expires }) => expires > today).map((each) => [each.cause, each]))
  return results.controls.map((control) => {
    const lacks = acceptsAll(control, today) ? [] : (byControl.get(control.id) ?? []).filter((entry) => matters(control, entry))
    const reasons = lacks.filter(({ cause }) => !causes.has(cause))
    const accepted = [...new Set(lacks.flatMap(({ cause }) => causes.get(cause) ?? []))]
    const waived = inForce(control, today) || accepted.length > 0
    return { control, status: reasons.length > 0 ? 'error' : control.status, unjudged: reasons, accepted, waived }
  })
}

/** A failure stands as it is, and so does an error that is the container's own; a pass, "not applicable" and "not reviewed" would rest on nothing. */
const matters = ({ status, waiver }: Control, { lost }: Unjudged): boolean => status !== 'failed' && waiver?.skipped !== true && (status !== 'error' || lost)

/** A waiver accepts missing evidence when it says why and `run: true`, ends some day, and that day has not come: on the day itself it has ended, as for the auditor. */
const acceptsAll = ({ waiver }: Control, today: string): boolean => waiver !== undefined && waiver.run && waiver.expires !== undefined && waiver.expires > today

/** A waiver that has ended waives nothing. */
const inForce = ({ waiver }: Control, today: string): boolean =>
  waiver !== undefined && (waiver.skipped || waiver.expires === undefined || waiver.expires > today)

const emptyRow = (): Record<Severity | 'total', number> => ({ critical: 0, high: 0, medium: 0, low: 0, none: 0, total: 0 })

/** What counts of a control. */
export interface Counting {
  readonly control: Pick<Control, 'id' | 'severity'>
  readonly status: Status
}

export const countOf = (weighed: readonly Counting[]): Counts => {
  const counts = { passed: emptyRow(), failed: emptyRow(), skipped: emptyRow(), no_impact: emptyRow(), error: emptyRow() }
  for (const { control, status } of weighed) {
    counts[status][control.severity] += 1
    counts[status].total += 1
  }
  return counts
}

export const addCounts = (all: readonly Counts[]): Counts => {
  const sum = { passed: emptyRow(), failed: emptyRow(), skipped: emptyRow(), no_impact: emptyRow(), error: emptyRow() }
  for (const counts of all) for (const status of STATUSES) addRow(sum[status], counts[status])
  return sum
}

const addRow = (sum: Record<Severity | 'total', number>, row: Readonly<Record<Severity | 'total', number>>): void => {
  for (const cell of CELLS) sum[cell] += row[cell]
}

/** Percent, unrounded: 100 × passed / (passed + failed + skipped + error); 0 when nothing counts. */
export const complianceOf = ({ passed, failed, skipped, error }: Counts): number => {
  const all = passed.total + failed.total + skipped.total + error.total
  return all === 0 ? 0 : (100 * passed.total) / all
}

/** Two decimals, never rounded up: 99.999 is 99.99. */
export const showCompliance = (percent: number): string => (Math.floor(percent * 100 + 1e-9) / 100).toFixed(2)

export const targetVerdict = (judged: Judged, weighed: readonly Weighed[], today: string): TargetVerdict => {
  const counts = countOf(weighed)
  return {
    target: judged.target,
    counts,
    compliance: complianceOf(counts),
    waived: weighed.filter(({ waived }) => waived).length,
    waivers: weighed.flatMap((each) => usesOf(each, today)),
    unjudged: weighed.flatMap(({ unjudged }) => unjudged),
    evidence: judged.unjudged,
    reasons: judged.reasons ?? [],
    statusSha256: statusDigest(judged, weighed)
  }
}

const usesOf = ({ control, status, unjudged, accepted }: Weighed, today: string): WaiverUse[] => {
  const { id, waiver } = control
  const counts = inForce(control, today)
  const idle = counts && waiver?.skipped === false && unjudged.length === 0 && (status === 'failed' || status === 'error')
  return [
    ...(waiver === undefined ? [] : [{ control: id, ...waiver, inForce: counts, idle }]),
    ...accepted.map((each) => ({ control: id, ...each, skipped: false, run: true, inForce: true, idle: false }))
  ]
}

/** The same for results that count the same, profile by profile and control by control, whatever their texts. */
export const statusDigest = ({ results }: Judged, weighed: readonly Weighed[]): string => {
  const profiles = results.profiles.map(({ name, sha256, status }) => [name, sha256, status])
  const controls = weighed.map(({ control: { profile, id, severity, impact, waiver }, status }) => [profile, id, severity, impact, waiver, status])
  return createHash('sha256')
    .update(JSON.stringify([profiles, controls]))
    .digest('hex')
}
