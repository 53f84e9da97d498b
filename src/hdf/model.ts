/** A control's status as SAF and inspecjs derive it. */
export type Status = 'passed' | 'failed' | 'skipped' | 'no_impact' | 'error'
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'none'

export interface Check {
  readonly status: 'passed' | 'failed' | 'skipped' | 'error'
  /** What was checked, as the auditor words it. Text from outside. */
  readonly description: string
  /** Expected and got, or why it was skipped. Text from outside. */
  readonly message: string
}

export interface Waiver {
  readonly justification: string
  /** YYYY-MM-DD or undefined. */
  readonly expires: string | undefined
  /** True when the waiver made the auditor skip the control. */
  readonly skipped: boolean
  /** The entry says `run: true`: only such a waiver accepts missing evidence. */
  readonly run: boolean
}

/** Somebody's word for a control that no check can judge. Texts from outside. */
export interface Attestation {
  readonly status: 'passed' | 'failed'
  readonly explanation: string
  readonly by: string
  /** YYYY-MM-DD: when it was given, and the day on which it ends. */
  readonly updated: string
  readonly expires: string
}

export interface Control {
  readonly id: string
  readonly profile: string
  readonly title: string
  readonly impact: number
  readonly severity: Severity
  readonly status: Status
  readonly checks: readonly Check[]
  /** A condition (only_if, only_applicable_if) was not met, so that none of its checks ran. */
  readonly unmet: boolean
  readonly waiver: Waiver | undefined
  /** Those in force, the worst first. */
  readonly attestations: readonly Attestation[]
  /** A check asks what the node's kernel is like, which says nothing of the container. */
  readonly node: boolean
  /** Path of the control's file, as the auditor names it. */
  readonly file: string
  /** Texts for reports; empty when the profile has none. */
  readonly description: string
  readonly checkText: string
  readonly fixText: string
  /** As the profile gives them. Values from outside. */
  readonly tags: Readonly<Record<string, unknown>>
}

/** A control as plain SAF counts it. */
export type SafControl = Pick<Control, 'id' | 'severity' | 'status'>

export interface ProfileResult {
  readonly name: string
  readonly version: string
  readonly title: string
  readonly sha256: string
  readonly status: 'loaded' | 'skipped' | 'failed'
  readonly statusMessage: string
  /** False for what another profile wraps or depends on. */
  readonly outermost: boolean
  /** How many controls count under its name, with those that it wraps; 0 for what is not outermost. */
  readonly controls: number
}

/** One target's results: read from the auditor's JSON, which itself stays untouched. */
export interface Results {
  readonly auditorVersion: string
  readonly platform: { readonly name: string; readonly release: string }
  readonly profiles: readonly ProfileResult[]
  /** Each control once: of an overlay tree the control whose results count. */
  readonly controls: readonly Control[]
  /** What plain SAF counts; undefined where it comes to no end, and passes. */
  readonly saf: readonly SafControl[] | undefined
  /** Seconds, as the auditor reports. */
  readonly duration: number
}
