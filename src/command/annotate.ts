import type { Host } from '../host/host.ts'
import { printableLine } from '../kernel/name.ts'
import type { Ending } from '../report/ending.ts'
import { whyFailed, worstFindings } from '../report/findings.ts'
import { withoutSecrets } from '../kernel/redact/redact.ts'
import type { Outcome } from '../scan/scan.ts'

type Annotator = Pick<Host, 'annotate' | 'secrets'>

const WARNINGS = 9
/** Characters: a CI system cuts a longer annotation, and with it what to do. */
const REASONS = 2500
const REMEDY = 500

/** The one error of a run that did not pass: why, and what to do about it. */
export const annotateEnding = ({ word, reasons, remedy }: Ending, host: Annotator): void => {
  if (reasons.length === 0) return
  const text = [shown(reasons.join('; '), REASONS, host), shown(remedy, REMEDY, host)].filter((part) => part !== '')
  host.annotate('error', `kscan: ${word.toLowerCase()}`, text.join(' – '))
}

/** At most nine warnings, the worst failures, each with its mend where the profile tells one: a CI system shows no more. */
export const annotateFindings = ({ verdict, judged }: Outcome, host: Annotator): void => {
  for (const { target, control } of worstFindings(judged, verdict).slice(0, WARNINGS)) {
    const { check, found } = whyFailed(control)
    const parts = [
      `${target}: ${control.title}. Expected: ${shown(check, 300, host)}. Found: ${shown(found, 300, host)}`,
      ...(control.fixText === '' ? [] : [`Fix: ${control.fixText}`])
    ]
    host.annotate('warning', `kscan: ${shown(control.id, 100, host)}`, shown(parts.join(' – '), 1500, host))
  }
}

const shown = (text: string, most: number, host: Annotator): string => printableLine(withoutSecrets(text, host.secrets()), most)
