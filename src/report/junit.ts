import type { Control } from '../hdf/model.ts'
import type { Judged, Unjudged, Verdict } from '../verdict/model.ts'
import { xml } from './escape.ts'
import { byTarget } from './findings.ts'
import type { RunRecord } from './record.ts'

/** JUnit XML as CI systems read it: a suite for each target, a case for each control; what could not be scanned or judged at all is an error of the suite `kscan`. */
export const junit = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): string => {
  const suites = byTarget(judged).map((target) => suite(target, verdict.targets.find((other) => other.target === target.target)?.unjudged ?? []))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kscan">\n${runSuite(verdict, record)}${suites.join('')}</testsuites>\n`
}

/** Without it, a target that has no results would be no case, and no case is green. */
const runSuite = (verdict: Verdict, record: RunRecord): string => {
  const failures = record.targets.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name}: ${failure.message}`]))
  const reasons = [...failures, ...verdict.unjudgedReasons, ...(record.strictCleanup ? record.leftovers.map((what) => `left over: ${what}`) : [])]
  if (reasons.length === 0) return ''
  const cases = reasons.map(
    (reason, index) => `    <testcase classname="kscan" name="run ${index + 1}">\n      ${element('error', reason, reason)}\n    </testcase>\n`
  )
  return `  <testsuite name="kscan" tests="${cases.length}" failures="0" errors="${cases.length}" skipped="0">\n${cases.join('')}  </testsuite>\n`
}

const suite = ({ target, results }: Judged, unjudged: readonly Unjudged[]): string => {
  const cases = results.controls.map((control) =>
    testCase(target, control, control.status === 'failed' ? undefined : unjudged.find((entry) => entry.control === control.id))
  )
  const count = (word: string): number => cases.filter((text) => text.includes(`<${word}`)).length
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
  return `  <testsuite name="${xml(target)}" ${totals} time="${results.duration.toFixed(3)}">\n${cases.join('')}  </testsuite>\n`
}

const testCase = (target: string, control: Control, unjudged: Unjudged | undefined): string => {
  const name = control.title === '' ? control.id : `${control.id} ${control.title}`
  const outcome = outcomeOf(control, unjudged)
  const open = `    <testcase classname="${xml(`${target}.${control.profile}`)}" name="${xml(name)}"`
  return outcome === '' ? `${open}/>\n` : `${open}>\n      ${outcome}\n    </testcase>\n`
}

const outcomeOf = (control: Control, unjudged: Unjudged | undefined): string => {
  if (unjudged !== undefined) return element('error', `unjudged: ${unjudged.reason}`, `command: ${unjudged.command}`)
  const bad = control.checks.filter(({ status }) => status === 'failed' || status === 'error').map(({ description, message }) => `${description}\n${message}`)
  switch (control.status) {
    case 'passed':
      return ''
    case 'failed':
      return element('failure', `severity ${control.severity}`, bad.join('\n\n'))
    case 'error':
      return element('error', control.checks.length === 0 ? 'no check was run' : 'a check could not be carried out', bad.join('\n\n'))
    case 'skipped':
      return skipped(`not reviewed: ${control.checks[0]?.message ?? ''}`)
    case 'no_impact':
      return skipped(control.waiver?.skipped === true ? `waived: ${control.waiver.justification}` : 'not applicable')
  }
}

const element = (name: string, message: string, text: string): string => `<${name} message="${xml(message)}">${xml(text)}</${name}>`
const skipped = (message: string): string => `<skipped message="${xml(message)}"/>`
