import { printableLine } from '../kernel/name.ts'
import type { Severity } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { type Alert, alertsOf, fitting } from './alerts.ts'
import type { RunRecord } from './record.ts'

type Level = 'info' | 'minor' | 'major' | 'critical' | 'blocker'

const LEVELS: Readonly<Record<Severity, Level>> = { critical: 'blocker', high: 'critical', medium: 'major', low: 'minor', none: 'info' }
const LONGEST = 800

/** GitLab's Code Quality report: an issue for each control of each target that failed or could not be judged, and for what could not be scanned. */
export const codequality = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): string =>
  `${JSON.stringify(alertsOf(verdict, judged, record).map(issue), null, 2)}\n`

const issue = (alert: Alert): unknown => ({
  description: fitting(alert, (text) => printableLine(`${titleOf(alert)}${text}`, Infinity).toWellFormed(), LONGEST),
  check_name: alert.rule,
  fingerprint: alert.fingerprint,
  severity: levelOf(alert),
  location: { path: alert.path, lines: { begin: 1 } }
})

const titleOf = (alert: Alert): string => (alert.kind === 'run' ? '' : `${printableLine(alert.control.id, 100)} ${printableLine(alert.control.title, 200)}: `)

/** How bad it is that a target was not scanned nobody knows, so it is the worst; a control that was not judged is only told. */
const levelOf = (alert: Alert): Level => {
  switch (alert.kind) {
    case 'run':
      return 'blocker'
    case 'failed':
      return LEVELS[alert.control.severity]
    case 'error':
    case 'unjudged':
      return 'info'
  }
}
