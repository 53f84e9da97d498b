import { isUnjudged } from '../kernel/error.ts'
import type { Verdict } from '../verdict/model.ts'
import type { RunRecord } from './record.ts'

/** What a run came to, in one word for all reports. */
export type Ending = Verdict['result'] | 'not-scanned' | 'not-cleaned-up'

/** The worst first: a container that was not scanned, what was left where that counts, what could not be judged, then the bounds. */
export const endingOf = ({ result }: Pick<Verdict, 'result'>, { targets, strictCleanup, leftovers }: RunRecord): Ending => {
  const failures = targets.flatMap(({ failure }) => failure ?? [])
  if (failures.some(({ code }) => !isUnjudged(code))) return 'not-scanned'
  if (strictCleanup && leftovers.length > 0) return 'not-cleaned-up'
  return failures.length > 0 ? 'unjudged' : result
}
