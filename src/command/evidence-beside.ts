import type { Judged } from '../verdict/model.ts'
import { runBeside } from './read-run.ts'

/**
 * What the run that wrote an HDF file knew beyond it. Not known where there is no run.json beside it, or none of that target. Throws RESULTS_UNREADABLE for a
 * run.json that cannot be read.
 */
export const evidenceBeside = (file: string): Pick<Judged, 'stableName' | 'unjudged' | 'reasons'> & { known: boolean } => {
  const run = runBeside(file)
  if (run === undefined) return { unjudged: [], reasons: [], known: false }
  const { record, verdict, target } = run
  const failed = record.targets.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`in the same run ${name} could not be scanned: ${failure.message}`]
  )
  const unjudged = verdict.targets.find((each) => each.target === target.name)?.unjudged ?? []
  return { stableName: target.stableName, unjudged, reasons: failed, known: true }
}
