import type { Check, Control, Severity } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'

/** A control with its target, for lists of what is worst. */
export interface Finding {
  readonly target: string
  readonly control: Control
}

/** One of the worst. */
export interface WorstFinding extends Finding {
  /** Than in the baseline. */
  readonly worse: boolean
}

/** The worst first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'none']

/** Failed and errored controls, the worst first: with a baseline those that are worse than in it, then by severity, impact, id. */
export const worstFindings = (judged: readonly Judged[], { baseline }: Pick<Verdict, 'baseline'>): WorstFinding[] => {
  const worse = new Set(baseline?.worse.map(({ target, profile, control }) => JSON.stringify([target, profile, control])))
  return judged
    .flatMap(({ target, results }) =>
      results.controls
        .filter(({ status }) => status === 'failed' || status === 'error')
        .map((control) => ({ target, control, worse: worse.has(JSON.stringify([target, control.profile, control.id])) }))
    )
    .toSorted((a, b) => Number(b.worse) - Number(a.worse) || byWorst(a, b))
}

/** The worse first: by severity, impact, id, target. */
export const byWorst = (a: Finding, b: Finding): number =>
  SEVERITIES.indexOf(a.control.severity) - SEVERITIES.indexOf(b.control.severity) || b.control.impact - a.control.impact || compare(key(a), key(b))

const key = ({ target, control }: Finding): string => `${control.id} ${target}`

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What was expected and found: the first check that did not pass. */
export const whyFailed = ({ checks }: Control): { readonly check: string; readonly found: string } => {
  const first = checks.find(({ status }) => status === 'error') ?? checks.find(({ status }) => status === 'failed')
  return { check: first?.description ?? 'no check was run', found: first === undefined ? '' : foundBy(first) }
}

/** A check's description says what was expected, so of a message with `got:` only that is kept. */
export const foundBy = ({ message }: Check): string => GOT.exec(message)?.[1]?.trimEnd() ?? message

// No blank can be matched in two ways: a container may write millions of them.
const GOT = /^[ \t]*got:[^\S\r\n\u2028\u2029]*(\S.*)/m

export const byTarget = (judged: readonly Judged[]): Judged[] => judged.toSorted((a, b) => compare(a.target, b.target))
