import type { Control } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { cut, digest, identifier, uriPath } from './escape.ts'
import { compare, foundBy, SEVERITIES } from './findings.ts'
import type { ToldProfile } from './profile-of.ts'
import type { RunRecord } from './record.ts'
import { type Row, rowsOf } from './rows.ts'

/** What a code host keeps open under its fingerprint until a later report no longer has it. */
export type Alert = RunAlert | ControlAlert

interface Identity {
  /** The same in each run: the control with its profile. */
  readonly rule: string
  /** A path that is safe in URIs; no such file exists. */
  readonly path: string
  /** The same in each run, unique in each report: of the rule and the target, not of what was found. */
  readonly fingerprint: string
  /** What is told of it, text from outside: with so many of the checks that did not pass, and of each text so many characters. */
  readonly tell: (size: Size) => string
}

interface Size {
  readonly checks: number
  readonly text: number
}

/** What could not be scanned or judged at all. */
export interface RunAlert extends Identity {
  readonly kind: 'run'
}

export interface ControlAlert extends Identity {
  readonly kind: 'failed' | 'error' | 'unjudged'
  readonly target: string
  readonly control: Control
  readonly profile: ToldProfile
}

export const RUN_RULE = 'kscan/run'
const KINDS: readonly Alert['kind'][] = ['run', 'failed', 'error', 'unjudged']

/** From the whole to the least. The first check stays to the end, with what was expected and found: it says what is wrong. */
const SIZES: readonly Size[] = [{ checks: 3, text: 300 }, { checks: 2, text: 300 }, ...[300, 200, 100, 50, 20, 5].map((text) => ({ checks: 1, text }))]

/** The fullest message that fits, as `write` writes it; what was left out is told. */
export const fitting = ({ tell }: Alert, write: (text: string) => string, longest: number): string => {
  let message = ''
  for (const size of SIZES) {
    message = write(tell(size))
    if (message.length <= longest) break
  }
  return message.slice(0, longest)
}

/** All alerts, the worst first: what could not be scanned, then controls by severity. What passed, was waived or is not applicable gives none. */
export const alertsOf = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): Alert[] => [
  ...runAlerts(verdict, record),
  ...numbered(rowsOf(verdict, judged)).flatMap(controlAlert).toSorted(byWorst)
]

/** Without these, the alerts of a target that has no results would only be closed. */
const runAlerts = (verdict: Verdict, record: RunRecord): RunAlert[] => {
  const failures = record.targets.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [runAlert({ path: pathOf(name), about: name, message: `${name} could not be scanned: ${failure.message}` })]
  )
  const reasons = new Set([...verdict.unjudgedReasons, ...(record.strictCleanup ? record.leftovers.map((what) => `left over: ${what}`) : [])])
  return [...failures, ...[...reasons].map((message) => runAlert({ path: 'k8s', about: message, message }))]
}

const runAlert = ({ path, about, message }: { readonly path: string; readonly about: string; readonly message: string }): RunAlert => ({
  kind: 'run',
  rule: RUN_RULE,
  path,
  fingerprint: digest(JSON.stringify([RUN_RULE, path, about])),
  tell: ({ text }) => cut(message, 3 * text)
})

interface NumberedRow {
  readonly row: Row
  readonly name: string
}

/** Two profiles may have one name: the second control of a name is told from the first, whatever came of either. */
const numbered = (rows: readonly Row[]): NumberedRow[] => {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const name = JSON.stringify([row.control.id, row.control.profile, row.target])
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return { row, name: before === 0 ? name : `${name} ${before}` }
  })
}

const controlAlert = ({ row, name }: NumberedRow): ControlAlert[] => {
  const { target, control, profile, outcome } = row
  if (outcome !== 'failed' && outcome !== 'error' && outcome !== 'unjudged') return []
  const rule = `${identifier(control.profile)}/${identifier(control.id)}`
  return [{ kind: outcome, rule, path: pathOf(target), fingerprint: digest(name), tell: (size) => told(row, size), target, control, profile }]
}

const byWorst = (a: ControlAlert, b: ControlAlert): number =>
  SEVERITIES.indexOf(a.control.severity) - SEVERITIES.indexOf(b.control.severity) ||
  KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
  compare(a.rule, b.rule) ||
  compare(a.target, b.target)

const pathOf = (target: string): string => `k8s/${uriPath(target.split('/').slice(0, 8))}`

const told = ({ target, control, outcome, why, command }: Row, { checks, text }: Size): string => {
  const bad = control.checks.filter(({ status }) => status === 'failed' || status === 'error')
  const reason = [cut(why, text), command === '' ? '' : `command: ${cut(command, text)}`].filter((part) => part !== '').join('; ')
  return [
    `${outcome} in ${cut(target, text)}${reason === '' ? '' : `: ${reason}`}`,
    ...bad.slice(0, checks).map((check) => `${cut(check.description.trim(), text)}; found: ${cut(foundBy(check).trim(), text)}`),
    ...(bad.length > checks ? [`${bad.length - checks} more ${bad.length - checks === 1 ? 'check' : 'checks'} did not pass.`] : []),
    ...(control.node ? ["This asks the node's kernel, not the container."] : [])
  ].join('\n')
}
