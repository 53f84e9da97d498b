import type { Results, Severity, Status, Waiver } from '../hdf/model.ts'

/** Evidence that a control could not be judged (DESIGN §5): why, and the command that showed it. Text from outside. */
export interface Unjudged {
  readonly control: string
  readonly reason: string
  /** `KIND` or `KIND:WHAT`, for example `missing:systemctl`; the same for all that could not see the same. */
  readonly cause: string
  /** No answer came at all, so that an error of the control says nothing of the container. */
  readonly lost: boolean
  readonly command: string
}

/** A cause that may leave controls unjudged: they keep the status that the auditor gave them. */
export interface AcceptedCause {
  readonly cause: string
  readonly justification: string
  /** YYYY-MM-DD: the day on which it ends. */
  readonly expires: string
}

/** One target, ready for judgement. */
export interface Judged {
  /** Its name in this run, `namespace/workload-or-pod/container`. */
  readonly target: string
  /** The same for all pods of a workload, and from run to run; undefined where it is not known. */
  readonly stableName?: string | undefined
  /** The run that its results are of, and its name there; undefined where it is not known, or this one. */
  readonly of?: { readonly run: string; readonly name: string } | undefined
  readonly results: Results
  readonly unjudged: readonly Unjudged[]
  /** What of it is accepted. */
  readonly accepts?: readonly AcceptedCause[] | undefined
  /** Why the target cannot be judged, known before its results were looked at; one sentence each. */
  readonly reasons?: readonly string[]
  /** What would have made controls unjudged, and the user accepts; one sentence each. */
  readonly accepted?: readonly string[]
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
  /** Of an accepted cause: which; undefined for a waiver of the control. */
  readonly cause?: string | undefined
  /** A waiver that has ended waives nothing. */
  readonly inForce: boolean
  /** The control failed, or ended in an error of its own, and the waiver did not keep it from being run: that changes nothing. */
  readonly idle: boolean
}

export interface TargetVerdict {
  readonly target: string
  readonly counts: Counts
  /** Percent, unrounded: 100 × passed / (passed + failed + skipped + error); 0 when nothing counts. */
  readonly compliance: number
  /** How many of its controls have a waiver in force, or an accepted cause. */
  readonly waived: number
  /** Waivers of its controls, also those that have ended, and accepted causes. */
  readonly waivers: readonly WaiverUse[]
  /** Unjudged controls that no waiver accepts. */
  readonly unjudged: readonly Unjudged[]
  /** All that the controls could not see, whatever came of it: by it the results can be judged again. */
  readonly evidence: readonly Unjudged[]
  /** Why the target cannot be judged, known beside its results. */
  readonly reasons: readonly string[]
  /** SHA-256 over the profiles, and over each control's profile, id, severity, waiver and status as they count: by it the results are known again. */
  readonly statusSha256: string
}

/** An earlier run, to compare with. */
export interface Baseline {
  /** Path of its run.json, its SHA-256, and the run's id. */
  readonly source: string
  readonly sha256: string
  readonly run: string
  /** YYYY-MM-DD: the day on which its waivers are read. */
  readonly day: string
  readonly targets: readonly Judged[]
}

/** How a control counts in a comparison. */
export type ComparedStatus = Status | 'unjudged' | 'waived'

/** A control that the baseline and this run have otherwise, or failed in both. A status is left out where one of them does not have the control. */
export interface Change {
  readonly target: string
  readonly profile: string
  readonly control: string
  readonly before?: ComparedStatus | undefined
  readonly now?: ComparedStatus | undefined
}

/** This run against a baseline. */
export interface Comparison extends Pick<Baseline, 'source' | 'sha256' | 'run' | 'day'> {
  readonly worse: readonly Change[]
  readonly fixed: readonly Change[]
  /** Failed or ended in an error then, and is not well now. */
  readonly still: readonly Change[]
  /** Containers of the baseline that this run did not scan. */
  readonly absent: readonly string[]
}

export interface Verdict {
  readonly result: 'passed' | 'not-compliant' | 'unjudged'
  readonly targets: readonly TargetVerdict[]
  readonly counts: Counts
  readonly compliance: number
  readonly violations: readonly Violation[]
  /** Why the run as a whole is unjudged, one sentence each; empty otherwise. */
  readonly unjudgedReasons: readonly string[]
  /** What would have made the run or a control unjudged, and was accepted by unjudged-ok or runner-resources, one sentence each. */
  readonly accepted: readonly string[]
  /** What plain SAF would have said otherwise, one line each. */
  readonly safDiffers: readonly string[]
  /** Undefined without a baseline. */
  readonly baseline?: Comparison | undefined
}
