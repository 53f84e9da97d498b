// The tables of docs/troubleshooting.md: each code with which a run can end, and each exit code.
import { EXIT, exitCodeOf } from '../src/kernel/error.ts'
import { ERROR_TEXTS } from '../src/kernel/error-codes.ts'

/** As Markdown. */
export const errorTable = (): string =>
  [
    '| code | exit | cause | remedy |',
    '| --- | --- | --- | --- |',
    ...Object.entries(ERROR_TEXTS)
      .toSorted(([one], [other]) => exitCodeOf(one) - exitCodeOf(other))
      .map(([code, { cause, remedy }]) => `| \`${code}\` | ${exitCodeOf(code)} | ${cause} | ${remedy} |`)
  ].join('\n')

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  passed: 'passed: all was scanned and judged, and the result keeps the threshold',
  notCompliant: 'not compliant: all was judged, and the result misses the threshold, or is worse than the baseline',
  badInput: 'bad input: an input is not usable, and nothing was scanned',
  unjudged: 'unjudged: something could not be judged, so that neither a pass nor a failure can be trusted',
  scanFailed: 'could not scan: or something that the run made is still there (`strict-cleanup`)',
  interrupted: 'interrupted: by a signal, or because the job was cancelled'
}

/** As Markdown. */
export const exitTable = (): string =>
  ['| exit | |', '| --- | --- |', ...Object.entries(EXIT).map(([name, code]) => `| ${code} | ${new Map(Object.entries(MEANINGS)).get(name)} |`)].join('\n')
