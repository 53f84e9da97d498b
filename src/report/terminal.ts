import { printableLine } from '../kernel/name.ts'
import { showCompliance, waivedOf } from '../verdict/count.ts'
import type { Judged, Verdict, Violation } from '../verdict/model.ts'
import { comparisonLine } from './comparison.ts'
import { endingOf } from './ending.ts'
import { causesOf, controlsIn, idleWaivers, WAYS_ON } from './causes.ts'
import { type Finding, type WorstFinding, whyFailed, worstFindings } from './findings.ts'
import type { RunRecord, TargetRecord } from './record.ts'

export interface TerminalOptions {
  readonly width: number
  readonly reportsPath: string
  /** Repeats the run for one control, as the user would type it; undefined where that has no sense. */
  readonly repeat?: (finding: Finding) => string
}

const WORST = 5
/** Controls of a cause that are named. */
const SHOWN = 6

/** The end of a run in a terminal: who was scanned how, what came of it, what to do next. */
export const terminalEnd = (verdict: Verdict, what: { judged: readonly Judged[]; record: RunRecord }, options: TerminalOptions): string => {
  const { judged, record } = what
  const findings = worstFindings(judged, verdict)
  const lines = [
    ...record.targets.flatMap((target) => targetLines(target, verdict)),
    ...accessLines(record),
    ...violationLines(verdict.violations),
    ...(verdict.baseline === undefined ? [] : [comparisonLine(verdict.baseline)]),
    ...worstLines(findings, options),
    ...unjudgedLines(verdict),
    ...[...verdict.accepted, ...verdict.safDiffers].map((note) => `note: ${note}`),
    ...endedWaivers(verdict),
    ...idleWaivers(verdict).map((note) => `note: ${note}`),
    ...record.unusedWaivers.map((id) => `note: the waiver of ${id} waives nothing: no control has that id`),
    ...(record.leftovers.length > 0 ? [`left over: ${record.leftovers.join('; ')} – run kscan cleanup`] : []),
    `reports: ${options.reportsPath}`,
    lastLine(verdict, record)
  ]
  return lines.map((line) => fit(line, options.width)).join('\n')
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
  const head = [`${target.name}: ${target.approach} (${target.why})`, ...target.kept.map((what) => `  kept: ${what} (its process has ended)`)]
  if (target.failure !== undefined) return [...head, `  could not be scanned: ${target.failure.message.split('\n', 1)[0]}`]
  if (judged === undefined) return head
  const { counts } = judged
  return [
    ...head,
    `  ${counts.passed.total} passed, ${counts.failed.total} failed, ${counts.error.total} error, ${counts.skipped.total} not reviewed, ${counts.no_impact.total} not applicable, ${waivedOf(judged)} waived; compliance ${showCompliance(judged.compliance)} %`
  ]
}

const accessLines = ({ access }: RunRecord): string[] => [
  `access: ${access.mode}; held ${access.rules.join('; ') || 'nothing'}; revoked ${access.removed.join(', ') || 'nothing'}`
]

const violationLines = (violations: readonly Violation[]): string[] =>
  violations.length === 0
    ? []
    : [
        'violated bounds:',
        ...violations.map(
          ({ target, bound, expected, actual, controls }) =>
            `  ${bound} of ${target}: expected ${expected}, got ${actual}${controls.length === 0 ? '' : ` (${controls.slice(0, 6).join(', ')}${controls.length > 6 ? ', …' : ''})`}`
        )
      ]

const worstLines = (findings: readonly WorstFinding[], options: TerminalOptions): string[] => {
  const [first] = findings
  if (first === undefined) return []
  const rows = findings.slice(0, WORST).flatMap(({ target, control, worse }) => {
    const { check, found } = whyFailed(control)
    return [
      `  ${worse ? 'worse: ' : ''}${control.severity} ${control.id} (${target}): ${printableLine(control.title, 120)}`,
      `    expected: ${printableLine(check, 200)}`,
      `    got: ${printableLine(found, 200)}`
    ]
  })
  const more = findings.length > WORST ? [`  … ${findings.length - WORST} more in the report`] : []
  return ['worst failures:', ...rows, ...more, ...(options.repeat === undefined ? [] : [`repeat the first: ${options.repeat(first)}`])]
}

const unjudgedLines = (verdict: Verdict): string[] => {
  const rows = causesOf(verdict).map(
    ({ cause, reason, controls }) => `  ${printableLine(reason, 200)}: ${controlsIn(controls.length)} (${printableLine(cause, 120)}): ${someOf(controls)}`
  )
  return rows.length === 0 ? [] : ['unjudged, and so errors:', ...rows, `  ways on: ${WAYS_ON}`]
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
  const failures = record.targets.flatMap(({ failure }) => (failure === undefined ? [] : [failure.message.split('\n', 1)[0] ?? '']))
  const compliance = `compliance ${showCompliance(verdict.compliance)} %, container detection ${record.containerDetection}`
  switch (endingOf(verdict, record)) {
    case 'not-scanned':
      return `COULD NOT SCAN ${failures.length} of ${record.targets.length} containers`
    case 'not-cleaned-up':
      return `NOT CLEANED UP: ${record.leftovers.length} left over, and strict-cleanup is set`
    case 'unjudged':
      return `UNJUDGED: ${[...new Set(failures.length > 0 ? failures : verdict.unjudgedReasons)].join('; ')}`
    case 'passed':
      return `PASSED: ${compliance}`
    case 'not-compliant':
      return `NOT COMPLIANT: ${verdict.violations.length} bound${verdict.violations.length === 1 ? '' : 's'} violated, ${compliance}`
  }
}
