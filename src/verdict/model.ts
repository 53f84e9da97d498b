import type { Results, Severity, Status, Waiver } from '../hdf/model.ts'

/** Evidence that a control could not be judged (DESIGN §5): why, and the command that showed it. Text from outside. */
export interface Unjudged {
  readonly control: string
  readonly reason: string
  /** No answer came at all, so that an error of the control says nothing of the container. */
  readonly lost: boolean
  readonly command: string
}

/** One target, ready for judgement. */
export interface Judged {
  /** Stable name, `namespace/workload-or-pod/container`. */
  readonly target: string
  readonly results: Results
  readonly unjudged: readonly Unjudged[]
  /** Why the target cannot be judged, known before its results were looked at; one sentence each. */
  readonly reasons?: readonly string[]
}

export interface Bound {
  /** As in the threshold file: `failed.high.max`. */
  readonly key: string
  readonly status: Status | 'compliance'
  readonly severity: Severity | 'total' | undefined
  readonly kind: 'min' | 'max' | 'exact' | 'controls'
  /** A number, or for `controls` the exact set of ids. */
  readonly value: number | readonly string[]
}

/** One threshold with where it came from, for messages. */
export interface Threshold {
  readonly source: string
  readonly bounds: readonly Bound[]
}

export interface Violation {
  readonly target: string
  readonly source: string
  readonly bound: string
  readonly expected: string
  readonly actual: string
  readonly controls: readonly string[]
}

/** Controls of one target by status and severity; `total` over the severities. Unjudged controls count as `error`. */
export type Counts = Readonly<Record<Status, Readonly<Record<Severity | 'total', number>>>>

/** A waiver as it counts. */
export interface WaiverUse extends Waiver {
  readonly control: string
  /** A waiver that has ended waives nothing. */
  readonly inForce: boolean
}

export interface TargetVerdict {
  readonly target: string
  readonly counts: Counts
  /** Percent, unrounded: 100 × passed / (passed + failed + skipped + error); 0 when nothing counts. */
  readonly compliance: number
  /** Waivers of its controls, also those that have ended. */
  readonly waivers: readonly WaiverUse[]
  /** Unjudged controls that no waiver accepts. */
  readonly unjudged: readonly Unjudged[]
}

export interface Verdict {
  readonly result: 'passed' | 'not-compliant' | 'unjudged'
  readonly targets: readonly TargetVerdict[]
  readonly counts: Counts
  readonly compliance: number
  readonly violations: readonly Violation[]
  /** Why the run as a whole is unjudged, one sentence each; empty otherwise. */
  readonly unjudgedReasons: readonly string[]
  /** What plain SAF would have said otherwise, one line each. */
  readonly safDiffers: readonly string[]
}
