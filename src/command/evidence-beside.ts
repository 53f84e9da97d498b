import type { Results } from '../hdf/model.ts'
import { attest } from '../verdict/attestation.ts'
import type { Judged } from '../verdict/model.ts'
import { demandSame, judgedOf, runBeside } from './read-run.ts'

/**
 * What the run that wrote an HDF file knew beyond its results. Not known where there is no run.json beside it, or none of that target. Throws RESULTS_UNREADABLE for
 * a run.json that cannot be read, or is of other results: what it knew of them would be taken for knowledge of these.
 */
export const evidenceBeside = (file: string, results: Results): Pick<Judged, 'stableName' | 'unjudged' | 'reasons'> & { known: boolean } => {
  const run = runBeside(file)
  if (run === undefined) return { unjudged: [], reasons: [], known: false }
  const { record, verdict, target } = run
  const { stableName, unjudged, reasons = [], ...judged } = judgedOf(target, verdict, results)
  demandSame(attest([{ ...judged, unjudged }], record.attestations, record.judgedOn).judged, verdict, record)
  const failed = record.targets.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`in the same run ${name} could not be scanned: ${failure.message}`]
  )
  return { stableName, unjudged, reasons: [...reasons, ...failed], known: true }
}
