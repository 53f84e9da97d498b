import type { Attestation } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { idsOf } from './control-ids.ts'
import { csvCell } from './escape.ts'
import { whyFailed } from './findings.ts'
import type { RunRecord } from './record.ts'
import { acceptedLine, type Row, rowsOf } from './rows.ts'

const COLUMNS = [
  'target',
  'profile',
  'control',
  'title',
  'severity',
  'impact',
  'outcome',
  'why',
  'expected',
  'found',
  'waiver',
  'waiver expires',
  'attestation',
  'attested by',
  'attested until',
  'node',
  'check',
  'fix',
  'cci',
  'nist',
  'srg',
  'stig id',
  'rule id',
  'profile title',
  'profile version'
] as const

type Cells = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>

/**
 * A line for each control of each target, for spreadsheets; what could not be scanned or judged at all is a line without a control. UTF-8 without a byte order
 * mark: most readers take it for a part of the first heading.
 */
export const csv = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): string =>
  [headings, ...withoutControl(verdict, record), ...rowsOf(verdict, judged).map(ofControl)].map(line).join('')

const headings: Cells = Object.fromEntries(COLUMNS.map((column) => [column, column]))
const line = (cells: Cells): string => `${COLUMNS.map((column) => csvCell(cells[column] ?? '')).join(',')}\r\n`

/** Without them, a target that has no results would not be in the table, and nothing in it would be wrong. */
const withoutControl = (verdict: Verdict, record: RunRecord): Cells[] => [
  ...record.targets.flatMap(({ name, failure }) => (failure === undefined ? [] : [{ target: name, outcome: 'error', why: failure.message }])),
  ...verdict.unjudgedReasons.map((why) => ({ outcome: 'unjudged', why }))
]

const ofControl = (row: Row): Cells => {
  const { target, control, outcome, why, command, accepted } = row
  const { waiver, attestations } = control
  const waivers = [...(waiver === undefined ? [] : [waiver.justification]), ...accepted.map(acceptedLine)]
  const ends = [...(waiver === undefined ? [] : [waiver.expires ?? 'never']), ...accepted.map(({ expires }) => expires ?? '')]
  return {
    target,
    profile: control.profile,
    control: control.id,
    title: control.title,
    severity: control.severity,
    impact: String(control.impact),
    outcome,
    why: command === '' ? why : `${why} (command: ${command})`,
    ...(outcome === 'failed' || outcome === 'error' ? failure(row) : {}),
    waiver: waivers.join('; '),
    'waiver expires': ends.join('; '),
    ...attested(attestations),
    node: control.node ? 'yes' : 'no',
    check: control.checkText,
    fix: control.fixText,
    ...numbered(row)
  }
}

/** What others know the control by. */
const numbered = ({ control, profile }: Row): Cells => {
  const { cci, nist, srg, stig, rule } = idsOf(control)
  return {
    cci: cci.join('; '),
    nist: nist.join('; '),
    srg: srg.join('; '),
    'stig id': stig,
    'rule id': rule,
    'profile title': profile.title,
    'profile version': profile.version
  }
}

/** The worst first. */
const attested = (all: readonly Attestation[]): Cells => ({
  attestation: all.map(({ status, explanation }) => `${status}: ${explanation}`).join('; '),
  'attested by': all.map(({ by }) => by).join('; '),
  'attested until': all.map(({ expires }) => expires).join('; ')
})

const failure = ({ control }: Row): Cells => {
  const { check, found } = whyFailed(control)
  return { expected: check, found }
}
