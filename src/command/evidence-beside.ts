import type { Judged } from '../verdict/model.ts'
import { attest } from '../verdict/attestation.ts'
import { demandSame, judgedOf, knownOf, runBeside } from './read-run.ts'

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
  const { unjudged, reasons = [] } = knownOf(target.name, verdict)
  return { stableName: target.stableName, unjudged, reasons: [...reasons, ...failed], known: true }
}

/** Throws RESULTS_UNREADABLE when the run.json beside a file is of other results: what it knew of them would be taken for knowledge of these. */
export const demandOwn = (file: string, results: Judged['results']): void => {
  const run = runBeside(file)
  if (run === undefined) return
  const { record, verdict, target } = run
  demandSame(attest([judgedOf(target, verdict, results)], record.attestations, record.judgedOn).judged, verdict, record)
}
