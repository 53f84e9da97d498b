import type { Control } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { idLines } from './control-ids.ts'
import { incomplete } from './ending.ts'
import { xml } from './escape.ts'
import { byTarget, byWorst } from './findings.ts'
import type { RunRecord } from './record.ts'
import { acceptedLine, OUTCOMES, type Row, rowsOf } from './rows.ts'

/** GitLab reads no JUnit report of more than 30 MB, and shows nothing of it then. */
const MOST_BYTES = 30_000_000
/** For what stands around the cases, the case that tells of the cut among it. */
const FRAME_BYTES = 10_000

interface Writing {
  readonly record: RunRecord
  readonly mostBytes?: number | undefined
  readonly warn?: ((sentence: string) => void) | undefined
}

/**
 * JUnit XML as CI systems read it: a suite for each target, a case for each control; what could not be scanned or judged at all is an error of the suite `kscan`.
 * Beyond what they read the cases that did best are left out, and a case of that suite says so.
 */
export const junit = (verdict: Verdict, judged: readonly Judged[], { record, mostBytes = MOST_BYTES, warn }: Writing): string => {
  const all = rowsOf(verdict, judged).map((row): Case => ({ row, text: testCase(row) }))
  const own = runCases(verdict, record)
  const { kept, leftOut } = fittingCases(all, mostBytes - FRAME_BYTES - bytesOf([...own, ...byTarget(judged).map(({ target }) => suiteOpen(target))]))
  if (leftOut.length > 0) warn?.(`junit: ${cutSentence(leftOut)}`)
  const byName = Map.groupBy(kept, ({ row }) => row.target)
  const suites = byTarget(judged).map(({ target, results }) => suite(target, results.duration, byName.get(target) ?? []))
  const run = runSuite([...own, ...(leftOut.length === 0 ? [] : [cutCase(leftOut)])])
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kscan">\n${run}${suites.join('')}</testsuites>\n`
}

interface Case {
  readonly row: Row
  readonly text: string
}

const bytesOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)

/** The worst while there is room, in the order that they had. */
const fittingCases = (all: readonly Case[], room: number): { kept: readonly Case[]; leftOut: readonly Case[] } => {
  if (bytesOf(all.map(({ text }) => text)) <= room) return { kept: all, leftOut: [] }
  const worst = all.toSorted((a, b) => OUTCOMES.indexOf(a.row.outcome) - OUTCOMES.indexOf(b.row.outcome) || byWorst(a.row, b.row))
  let used = 0
  const end = worst.findIndex(({ text }) => (used += Buffer.byteLength(text)) > room)
  const left = new Set(worst.slice(end))
  return { kept: all.filter((each) => !left.has(each)), leftOut: worst.slice(end) }
}

/** Without it, a target that has no results would be no case, and no case is green. */
const runCases = (verdict: Verdict, record: RunRecord): string[] =>
  incomplete(verdict, record).map((reason, index) => runCase(`run ${index + 1}`, element('error', reason, reason)))

const runCase = (name: string, outcome: string): string => `    <testcase classname="kscan" name="${name}">\n      ${outcome}\n    </testcase>\n`

/** An error where something that did not pass is missing: who compares two reports would take it for mended. */
const cutCase = (leftOut: readonly Case[]): string => {
  const sentence = cutSentence(leftOut)
  return runCase('cut', leftOut.some(({ row }) => isBad(row)) ? element('error', sentence, sentence) : skipped(sentence))
}

const isBad = ({ outcome }: Row): boolean => outcome === 'failed' || outcome === 'error' || outcome === 'unjudged'

const cutSentence = (leftOut: readonly Case[]): string => {
  const bad = leftOut.filter(({ row }) => isBad(row)).length
  return `${leftOut.length} controls are left out of this report, ${bad} of them failed, in error or unjudged: it would be larger than the 30 MB that CI systems read. They are not fixed: see the other reports.`
}

const runSuite = (cases: readonly string[]): string => (cases.length === 0 ? '' : written('  <testsuite name="kscan"', cases, ''))

const suiteOpen = (target: string): string => `  <testsuite name="${xml(target)}"`

const suite = (target: string, duration: number, cases: readonly Case[]): string =>
  written(
    suiteOpen(target),
    cases.map(({ text }) => text),
    ` time="${duration.toFixed(3)}"`
  )

const written = (open: string, cases: readonly string[], time: string): string => {
  const count = (word: string): number => cases.filter((text) => text.includes(`<${word}`)).length
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
  return `${open} ${totals}${time}>\n${cases.join('')}  </testsuite>\n`
}

const testCase = (row: Row): string => {
  const { target, control } = row
  const name = control.title === '' ? control.id : `${control.id} ${control.title}`
  const accepted = row.accepted.map((each) => `<system-out>could not be seen, and ${xml(acceptedLine(each))}</system-out>`)
  const inside = [properties(row), outcomeOf(row), ...accepted].filter((text) => text !== '').join('\n      ')
  const open = `    <testcase classname="${xml(`${target}.${control.profile}`)}" name="${xml(name)}"`
  return inside === '' ? `${open}/>\n` : `${open}>\n      ${inside}\n    </testcase>\n`
}

/** Where pytest has them, so that readers know them there; a name stands once for each value. */
const properties = ({ control, profile }: Row): string => {
  const ids = idLines(control).flatMap(([word, all]) => all.map((id) => [word.toLowerCase(), id] as const))
  const told = [...ids, ['profile title', profile.title] as const, ['profile version', profile.version] as const].filter(([, value]) => value.trim() !== '')
  if (told.length === 0) return ''
  return `<properties>${told.map(([word, value]) => `<property name="${word}" value="${xml(value)}"/>`).join('')}</properties>`
}

const outcomeOf = ({ control, outcome, why, command }: Row): string => {
  switch (outcome) {
    case 'passed':
      return ''
    case 'failed':
      return element('failure', `severity ${control.severity}`, failedChecks(control))
    case 'error':
      return element('error', why, failedChecks(control))
    case 'unjudged':
      return element('error', `unjudged: ${why}`, `command: ${command}`)
    case 'not-reviewed':
      return skipped(`not reviewed: ${why}`)
    case 'waived':
      return skipped(`waived: ${why}`)
    case 'not-applicable':
      return skipped('not applicable')
  }
}

const failedChecks = ({ checks }: Control): string =>
  checks
    .filter(({ status }) => status === 'failed' || status === 'error')
    .map(({ description, message }) => `${description}\n${message}`)
    .join('\n\n')

const element = (name: string, message: string, text: string): string => `<${name} message="${xml(message)}">${xml(text)}</${name}>`
const skipped = (message: string): string => `<skipped message="${xml(message)}"/>`
