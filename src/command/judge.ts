import { readFileSync } from 'node:fs'
import { parseResults } from '../hdf/parse.ts'
import type { Host } from '../host/host.ts'
import { localDay } from '../kernel/clock.ts'
import { badInput, EXIT, type ExitCode, messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { worstFindings, whyFailed } from '../report/findings.ts'
import { showCompliance } from '../verdict/count.ts'
import { judge } from '../verdict/judge.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { evidenceBeside } from './evidence-beside.ts'
import { showFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

/** `kscan judge`: thresholds against HDF files, without a cluster. Each file is a target by its path. */
export const judgeCommand = (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { config, thresholds } = readConfig('judge', request)
    const judged = readFiles(request.files, host)
    const verdict = judge(judged, thresholds, { maxUnjudged: config.maxUnjudged, today: localDay(Date.now()) })
    host.print(request.json ? JSON.stringify(verdict) : lines(verdict, judged).join('\n'))
    if (verdict.result === 'unjudged') return Promise.resolve(EXIT.unjudged)
    return Promise.resolve(verdict.result === 'not-compliant' && config.enforce ? EXIT.notCompliant : EXIT.passed)
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return Promise.resolve(failure.exitCode)
  }
}

const readFiles = (files: readonly string[], host: Host): Judged[] => {
  if (files.length === 0)
    throw badInput([{ name: 'FILE', expected: 'at least one HDF file', got: 'none', hint: 'For example: kscan judge kscan-reports/hdf/*.json' }])
  const read = files.map((file) => {
    try {
      return { file, bytes: readFileSync(file) }
    } catch (error) {
      return { file, problem: printableLine(messageOf(error)) }
    }
  })
  const problems = read.flatMap(({ file, problem }) => (problem === undefined ? [] : [{ name: file, expected: 'a readable file', got: problem }]))
  if (problems.length > 0) throw badInput(problems)
  const judged = read.flatMap(({ file, bytes }) => (bytes === undefined ? [] : [{ target: file, results: parseResults(bytes, file), ...evidenceBeside(file) }]))
  for (const { target, known } of judged)
    if (!known) host.log.warn(`${printableLine(target)}: no run.json beside it tells what its controls could not see: they are judged by their results alone`)
  return judged
}

const lines = (verdict: Verdict, judged: readonly Judged[]): string[] => [
  ...verdict.targets.map(
    ({ target, counts, compliance }) =>
      `${printableLine(target)}: ${counts.passed.total} passed, ${counts.failed.total} failed, ${counts.error.total} error, ${counts.skipped.total} not reviewed, ${counts.no_impact.total} not applicable; compliance ${showCompliance(compliance)} %`
  ),
  ...verdict.violations.map(
    ({ target, bound, expected, actual, controls }) =>
      `violated: ${bound} of ${printableLine(target)}: expected ${expected}, got ${actual} (${printableLine(controls.slice(0, 8).join(', '))})`
  ),
  ...worstFindings(judged)
    .slice(0, 5)
    .map(({ control }) => `worst: ${control.severity} ${printableLine(control.id)}: ${printableLine(whyFailed(control).check, 160)}`),
  ...verdict.safDiffers.map((note) => `note: ${printableLine(note)}`),
  ...verdict.unjudgedReasons.map((reason) => `unjudged: ${printableLine(reason)}`),
  { passed: 'PASSED', 'not-compliant': 'NOT COMPLIANT', unjudged: 'UNJUDGED' }[verdict.result]
]
