import type { Control } from '../hdf/model.ts'
import type { Judged, Verdict, WaiverUse } from '../verdict/model.ts'
import { lacksByControl } from './causes.ts'
import { byTarget } from './findings.ts'
import { profileOf, type ToldProfile } from './profile-of.ts'

/** What came of a control, as readers see it: what was not judged is never among the passes. */
export type Outcome = (typeof OUTCOMES)[number]

/** The worst first. */
export const OUTCOMES = ['failed', 'error', 'unjudged', 'not-reviewed', 'waived', 'not-applicable', 'passed'] as const

/** A control of a target. */
export interface Row {
  readonly target: string
  readonly control: Control
  readonly profile: ToldProfile
  readonly outcome: Outcome
  /** Why it neither passed nor failed; empty where it did. Text from outside. */
  readonly why: string
  /** The commands that could not see what they asked for; empty but for unjudged controls. Text from outside. */
  readonly command: string
  /** What it could not see, and what is accepted for a time. */
  readonly accepted: readonly WaiverUse[]
}

/** All controls of all targets: targets by name, controls as the auditor ordered them. */
export const rowsOf = (verdict: Verdict, judged: readonly Judged[]): Row[] =>
  byTarget(judged).flatMap(({ target, results }) => {
    const ofTarget = verdict.targets.find((other) => other.target === target)
    const reasons = lacksByControl(ofTarget?.unjudged ?? [])
    const accepted = Map.groupBy(
      (ofTarget?.waivers ?? []).filter(({ cause }) => cause !== undefined),
      ({ control }) => control
    )
    return results.controls.map((control) => ({
      target,
      control,
      profile: profileOf(control, results),
      ...told(control, reasons.get(control.id)),
      accepted: accepted.get(control.id) ?? []
    }))
  })

const told = (control: Control, lacks: Pick<Row, 'why' | 'command'> | undefined): Pick<Row, 'outcome' | 'why' | 'command'> => {
  if (lacks !== undefined && control.status !== 'failed') return { outcome: 'unjudged', ...lacks }
  return { ...plain(control), command: '' }
}

/** An accepted cause in words. Text from outside. */
export const acceptedLine = ({ cause = '', justification, expires }: WaiverUse): string => `accepted until ${expires ?? ''}: ${cause}: ${justification}`

const plain = (control: Control): Pick<Row, 'outcome' | 'why'> => {
  switch (control.status) {
    case 'passed':
    case 'failed':
      return { outcome: control.status, why: '' }
    case 'error':
      return { outcome: 'error', why: control.checks.length === 0 ? 'no check was run' : 'a check could not be carried out' }
    case 'skipped':
      return { outcome: 'not-reviewed', why: said(control) }
    case 'no_impact':
      return ofNoImpact(control)
  }
}

const ofNoImpact = (control: Control): Pick<Row, 'outcome' | 'why'> =>
  control.waiver?.skipped === true ? { outcome: 'waived', why: control.waiver.justification } : { outcome: 'not-applicable', why: said(control) }

const said = ({ checks }: Control): string => checks[0]?.message ?? ''
