import type { Control } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { incomplete } from './ending.ts'
import { xml } from './escape.ts'
import { byTarget } from './findings.ts'
import type { RunRecord } from './record.ts'
import { acceptedLine, type Row, rowsOf } from './rows.ts'

/** JUnit XML as CI systems read it: a suite for each target, a case for each control; what could not be scanned or judged at all is an error of the suite `kscan`. */
export const junit = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): string => {
  const rows = rowsOf(verdict, judged)
  const suites = byTarget(judged).map((target) =>
    suite(
      target,
      rows.filter((row) => row.target === target.target)
    )
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kscan">\n${runSuite(verdict, record)}${suites.join('')}</testsuites>\n`
}

/** Without it, a target that has no results would be no case, and no case is green. */
const runSuite = (verdict: Verdict, record: RunRecord): string => {
  const reasons = incomplete(verdict, record)
  if (reasons.length === 0) return ''
  const cases = reasons.map(
    (reason, index) => `    <testcase classname="kscan" name="run ${index + 1}">\n      ${element('error', reason, reason)}\n    </testcase>\n`
  )
  return `  <testsuite name="kscan" tests="${cases.length}" failures="0" errors="${cases.length}" skipped="0">\n${cases.join('')}  </testsuite>\n`
}

const suite = ({ target, results }: Judged, rows: readonly Row[]): string => {
  const cases = rows.map(testCase)
  const count = (word: string): number => cases.filter((text) => text.includes(`<${word}`)).length
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
  return `  <testsuite name="${xml(target)}" ${totals} time="${results.duration.toFixed(3)}">\n${cases.join('')}  </testsuite>\n`
}

const testCase = (row: Row): string => {
  const { target, control } = row
  const name = control.title === '' ? control.id : `${control.id} ${control.title}`
  const accepted = row.accepted.map((each) => `<system-out>could not be seen, and ${xml(acceptedLine(each))}</system-out>`)
  const outcome = [outcomeOf(row), ...accepted].filter((text) => text !== '').join('\n      ')
  const open = `    <testcase classname="${xml(`${target}.${control.profile}`)}" name="${xml(name)}"`
  return outcome === '' ? `${open}/>\n` : `${open}>\n      ${outcome}\n    </testcase>\n`
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
