import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Results } from '../hdf/model.ts'
import { fileName } from '../report/formats.ts'
import { attest } from '../verdict/attestation.ts'
import type { Judged } from '../verdict/model.ts'
import { demandSame, judgedOf, type RunBeside } from './read-run.ts'

/**
 * What the run that wrote an HDF file knew beyond its results, and what is missing of that run. Throws RESULTS_UNREADABLE when it is of other results: what it knew of
 * them would be taken for knowledge of these.
 */
export const evidenceBeside = ({ record, verdict, target, path }: RunBeside, results: Results): Pick<Judged, 'stableName' | 'unjudged' | 'reasons'> => {
  const judged = judgedOf(target, verdict, results)
  demandSame(attest([judged], record.attestations, record.judgedOn).judged, verdict, record)
  const missing = record.targets.flatMap(({ name, failure }) => {
    if (failure !== undefined) return [`in the same run ${name} could not be scanned: ${failure.message}`]
    return existsSync(join(dirname(path), 'hdf', `${fileName(name)}.json`)) ? [] : [`in the same run ${name} was scanned, and its results are gone`]
  })
  return { stableName: judged.stableName, unjudged: judged.unjudged, reasons: [...(judged.reasons ?? []), ...missing] }
}
