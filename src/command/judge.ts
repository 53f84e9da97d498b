import { localDay } from '../kernel/clock.ts'
import { EXIT, type ExitCode } from '../kernel/error.ts'
import { inertJson, printableLine } from '../kernel/name.ts'
import { causesOf, controlsIn, idleWaivers } from '../report/causes.ts'
import { comparisonLine } from '../report/comparison.ts'
import { endingOf, NO_RUN } from '../report/ending.ts'
import { worstFindings, whyFailed } from '../report/findings.ts'
import { marksOf } from '../report/marks.ts'
import { showCompliance } from '../verdict/count.ts'
import { unusedCauses } from '../verdict/accepted-cause.ts'
import { attest } from '../verdict/attestation.ts'
import { judge } from '../verdict/judge.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { tellFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import { readResults } from './read-results.ts'
import type { Request } from './request.ts'

/** `kscan judge`: thresholds against HDF files, without a cluster. Each file is a target by its path. */
export const judgeCommand = (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { config, rules } = readConfig('judge', request)
    const today = localDay(Date.now())
    const { judged, unused } = attest(readResults(request.files, host.log, { run: config.runJson, accepts: rules.acceptedCauses }), rules.attestations, today)
    for (const sentence of unused) host.log.warn(printableLine(sentence))
    const verdict = judge(judged, rules, { ...config, today })
    for (const sentence of unusedCauses(verdict, rules.acceptedCauses, today)) host.log.warn(printableLine(sentence))
    if (request.json) host.print(inertJson(verdict))
    else host.print(lines(verdict, judged).join('\n'), marksOf)
    const { exitCode } = endingOf(verdict, NO_RUN)
    if (exitCode !== EXIT.notCompliant || config.enforce) return Promise.resolve(exitCode)
    host.log.warn('not compliant, and passed because of enforce: false')
    return Promise.resolve(EXIT.passed)
  } catch (error) {
    const failure = toFailure(error, signal)
    tellFailure(failure, request)
    return Promise.resolve(failure.exitCode)
  }
}

const named = (controls: readonly string[]): string => `${printableLine(controls.slice(0, 8).join(', '))}${controls.length > 8 ? ', …' : ''}`

const lines = (verdict: Verdict, judged: readonly Judged[]): string[] => [
  ...verdict.targets.map(
    ({ target, counts, compliance }) =>
      `${printableLine(target)}: ${counts.passed.total} passed, ${counts.failed.total} failed, ${counts.error.total} error, ${counts.skipped.total} not reviewed, ${counts.no_impact.total} not applicable; compliance ${showCompliance(compliance)} %`
  ),
  ...verdict.violations.map(
    ({ target, bound, expected, actual, controls }) =>
      `violated: ${bound} of ${printableLine(target)}: expected ${expected}, got ${actual}${controls.length === 0 ? '' : ` (${named(controls)})`}`
  ),
  ...(verdict.baseline === undefined ? [] : [printableLine(comparisonLine(verdict.baseline))]),
  ...worstFindings(judged, verdict)
    .slice(0, 5)
    .map(
      ({ target, control, worse }) =>
        `${worse ? 'worse' : 'worst'}: ${control.severity} ${printableLine(control.id)} (${printableLine(target)}): ${printableLine(whyFailed(control).check, 160)}`
    ),
  ...causesOf(verdict).map(
    ({ cause, reason, controls }) =>
      `unjudged: ${printableLine(reason, 200)}: ${controlsIn(controls.length)} (${printableLine(cause, 120)}): ${named(controls.map(({ control }) => control))}`
  ),
  ...[...verdict.accepted, ...verdict.safDiffers, ...idleWaivers(verdict)].map((note) => `note: ${printableLine(note)}`),
  ...verdict.unjudgedReasons.map((reason) => `unjudged: ${printableLine(reason)}`),
  endingOf(verdict, NO_RUN).word.toUpperCase()
]
