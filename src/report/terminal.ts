import { printableLine } from '../kernel/name.ts'
import { showCompliance } from '../verdict/count.ts'
import type { Judged, Verdict, Violation } from '../verdict/model.ts'
import { comparisonLine } from './comparison.ts'
import { causesOf, controlsIn, idleWaivers, WAYS_ON } from './causes.ts'
import { endingOf, incomplete } from './ending.ts'
import { type Finding, type WorstFinding, whyFailed, worstFindings } from './findings.ts'
import { HEADINGS } from './marks.ts'
import { notScanned, type RunRecord, type TargetRecord, withoutManager } from './record.ts'

export interface TerminalOptions {
  readonly width: number
  readonly reportsPath: string
  /** Repeats the run for one control; undefined where that has no sense. */
  readonly repeat?: (finding: Finding) => Repeat
}

/** A command as the user would type it, and the inputs that are not shown in it. */
export interface Repeat {
  readonly command: string
  readonly hidden: readonly string[]
}

const WORST = 5
/** Controls of a cause that are named. */
const SHOWN = 6

/** The end of a run in a terminal: who was scanned how, what came of it, what to do next. */
export const terminalEnd = (verdict: Verdict, what: { judged: readonly Judged[]; record: RunRecord }, options: TerminalOptions): string => {
  const { judged, record } = what
  const findings = worstFindings(judged, verdict)
  const head = [
    ...record.targets.flatMap((target) => targetLines(target, verdict)),
    ...notScanned(record).map((line) => `not scanned: ${line}`),
    ...withoutManager(record.targets),
    ...accessLines(record),
    ...violationLines(verdict.violations),
    ...(verdict.baseline === undefined ? [] : [comparisonLine(verdict.baseline)]),
    ...worstLines(findings)
  ]
  const end = [
    ...unjudgedLines(verdict),
    ...[...verdict.accepted, ...verdict.safDiffers].map((note) => `note: ${note}`),
    ...endedWaivers(verdict),
    ...idleWaivers(verdict).map((note) => `note: ${note}`),
    ...record.unusedWaivers.map((id) => `note: the waiver of ${id} waives nothing: no control has that id`),
    ...(record.leftovers.length > 0 ? [`left over: ${record.leftovers.join('; ')} – run kscan cleanup`] : []),
    `reports: ${options.reportsPath}`,
    lastLine(verdict, record)
  ]
  const fitted = (lines: readonly string[]): string[] => lines.map((line) => fit(line, options.width))
  return [...fitted(head), ...repeatLines(findings, options), ...fitted(end)].join('\n')
}

/** A line that is too long goes on below, indented. */
const fit = (line: string, width: number): string => {
  const clean = printableLine(line, 2000)
  const indent = /^ */.exec(line)?.[0] ?? ''
  const room = Math.max(20, width - indent.length - 2)
  const words = clean.split(' ')
  const rows: string[] = []
  for (const word of words) {
    const last = rows.at(-1)
    if (last !== undefined && last.length + word.length + 1 <= room) rows[rows.length - 1] = `${last} ${word}`
    else rows.push(word)
  }
  return rows.map((row, index) => `${indent}${index === 0 ? '' : '  '}${row}`).join('\n')
}

const targetLines = (target: TargetRecord, verdict: Verdict): string[] => {
  const judged = verdict.targets.find((other) => other.target === target.name)
  const head = [`${target.name}: ${target.approach} (${target.why})`, ...target.kept.map((what) => `  kept: ${what}`)]
  if (target.failure !== undefined) return [...head, `  could not be scanned: ${firstLine(target.failure.message)}`]
  if (judged === undefined) return head
  const { counts } = judged
  return [
    ...head,
    `  ${counts.passed.total} passed, ${counts.failed.total} failed, ${counts.error.total} error, ${counts.skipped.total} not reviewed, ${counts.no_impact.total} not applicable, ${judged.waived} waived; compliance ${showCompliance(judged.compliance)} %`
  ]
}

const accessLines = ({ access, isolation }: RunRecord): string[] => [
  `access: ${access.mode}; held ${access.rules.join('; ') || 'nothing'}; revoked ${access.removed.join(', ') || 'nothing'}`,
  `isolation of the auditor: ${isolation.kind}`
]

const violationLines = (violations: readonly Violation[]): string[] =>
  violations.length === 0
    ? []
    : [
        HEADINGS.violated,
        ...violations.map(
          ({ target, bound, expected, actual, controls }) =>
            `  ${bound} of ${target}: expected ${expected}, got ${actual}${controls.length === 0 ? '' : ` (${controls.slice(0, 6).join(', ')}${controls.length > 6 ? ', …' : ''})`}`
        )
      ]

const worstLines = (findings: readonly WorstFinding[]): string[] => {
  if (findings.length === 0) return []
  const rows = findings.slice(0, WORST).flatMap(({ target, control, worse }) => {
    const { check, found } = whyFailed(control)
    return [
      `  ${worse ? 'worse: ' : ''}${control.severity} ${control.id} (${target}): ${printableLine(control.title, 120)}`,
      `    expected: ${printableLine(check, 200)}`,
      `    got: ${printableLine(found, 200)}`
    ]
  })
  const more = findings.length > WORST ? [`  … ${findings.length - WORST} more in the report`] : []
  return [HEADINGS.worst, ...rows, ...more]
}

/** Longer commands are no help. */
const LONGEST_COMMAND = 4000

/** The command is on one line, however long: broken, it would be another. */
const repeatLines = ([first]: readonly WorstFinding[], { repeat }: TerminalOptions): string[] => {
  if (first === undefined || repeat === undefined) return []
  const { command, hidden } = repeat(first)
  const shown = command.length > LONGEST_COMMAND ? '(the command is too long to be shown)' : printableLine(command, Infinity)
  const add = hidden.length === 0 ? [] : [`  set ${hidden.join(' and ')} as in this run: what may hold a secret is not shown`]
  return [HEADINGS.repeat, `  ${shown}`, ...add]
}

const unjudgedLines = (verdict: Verdict): string[] => {
  const rows = causesOf(verdict).map(
    ({ cause, reason, controls }) => `  ${printableLine(reason, 200)}: ${controlsIn(controls.length)} (${printableLine(cause, 120)}): ${someOf(controls)}`
  )
  return rows.length === 0 ? [] : [HEADINGS.unjudged, ...rows, `  ways on: ${WAYS_ON}`]
}

const someOf = (controls: readonly { readonly control: string }[]): string => {
  const ids = [...new Set(controls.map(({ control }) => control))]
  return `${ids
    .slice(0, SHOWN)
    .map((id) => printableLine(id, 80))
    .join(', ')}${ids.length > SHOWN ? ', …' : ''}`
}

const endedWaivers = ({ targets }: Verdict): string[] =>
  targets.flatMap(({ target, waivers }) =>
    waivers
      .filter(({ inForce }) => !inForce)
      .map(({ control, expires }) => `note: the waiver of ${control} (${target}) ended on ${expires ?? ''}: it waives nothing`)
  )

const lastLine = (verdict: Verdict, record: RunRecord): string => {
  const { kind, word, sentence } = endingOf(verdict, record)
  const facts = `compliance ${showCompliance(verdict.compliance)} %, container detection ${record.containerDetection}`
  const bare = sentence.replace(/\.$/, '')
  const said = { passed: facts, 'not-compliant': `${bare}, ${facts}`, unjudged: [...new Set(incomplete(verdict, record).map(firstLine))].join('; ') }
  return `${word.toUpperCase()}: ${kind === 'passed' || kind === 'not-compliant' || kind === 'unjudged' ? said[kind] : bare}`
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
