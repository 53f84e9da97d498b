import type { Check, Status } from './model.ts'
import type { RawControl, RawResult } from './schema.ts'

/** A result with a backtrace is an error, whatever its status says. */
export const checkStatus = (result: RawResult): Check['status'] => (result.backtrace === undefined || result.backtrace === null ? result.status : 'error')

/**
 * A control's status as inspecjs derives it, first match wins: error, waived or impact 0, no results, failed, passed, skipped. One divergence: a control
 * whose only_applicable_if was not met is not applicable, though the auditor notes it with a backtrace.
 */
export const statusOf = (control: RawControl): Status => (control.impact === 0 && unmet(control) ? 'no_impact' : safStatusOf(control))

/** The same without the divergence. */
export const safStatusOf = (control: RawControl): Status => {
  const results = control.results ?? []
  const statuses = results.map(checkStatus)
  if (statuses.includes('error')) return 'error'
  if (skippedByWaiver(control) || control.impact === 0) return 'no_impact'
  if (statuses.length === 0) return 'error'
  if (statuses.includes('failed')) return 'failed'
  return statuses.includes('passed') ? 'passed' : 'skipped'
}

/**
 * Whether the auditor left out the control's checks for a condition (or a waiver). It then writes one result of the class noop: skipped for an only_if, failed for
 * an only_applicable_if, which sets the impact to 0.
 */
export const unmet = ({ impact, results }: RawControl): boolean =>
  results?.[0] !== undefined && results.every(({ resource_class, status }) => resource_class === 'noop' && (impact === 0 || status === 'skipped'))

/** True, or the text that some versions write instead. */
export const skippedByWaiver = (control: RawControl): boolean => {
  const skipped = control.waiver_data?.skipped_due_to_waiver
  return skipped === true || (typeof skipped === 'string' && skipped !== '')
}
