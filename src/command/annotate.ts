import type { Host } from '../host/host.ts'
import { printableLine } from '../kernel/name.ts'
import { whyFailed, worstFindings } from '../report/findings.ts'
import { withoutSecrets } from '../report/redact.ts'
import type { Outcome } from '../scan/scan.ts'

const WARNINGS = 9

/** At most one error, the verdict, and nine warnings, the worst failures: a CI system shows no more. */
export const annotate = ({ verdict, judged, record }: Outcome, host: Pick<Host, 'annotate' | 'secrets'>): void => {
  const failed = record.targets.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name}: ${failure.message}`]))
  const reasons = [
    ...failed,
    ...verdict.unjudgedReasons,
    ...(record.strictCleanup ? record.leftovers.map((what) => `left over: ${what}`) : []),
    ...verdict.violations.map(({ target, bound, expected, actual }) => `${target}: ${bound}: expected ${expected}, got ${actual}`)
  ]
  if (reasons.length === 0) return
  const shown = (text: string, most: number): string => printableLine(withoutSecrets(text, host.secrets()), most)
  const word = failed.length > 0 ? 'could not scan' : verdict.result === 'unjudged' ? 'unjudged' : 'not compliant'
  host.annotate('error', `kscan: ${word}`, shown(reasons.join('; '), 3000))
  for (const { target, control } of worstFindings(judged, verdict).slice(0, WARNINGS)) {
    const { check, found } = whyFailed(control)
    host.annotate('warning', `kscan: ${shown(control.id, 100)}`, shown(`${target}: ${control.title}. Expected: ${check}. Found: ${found}`, 1000))
  }
}
