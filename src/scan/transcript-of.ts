import type { Config } from '../config/config.ts'
import type { Results } from '../hdf/model.ts'
import type { AskedQuestion, Transcripts } from '../report/transcript.ts'
import type { Rest } from '../session/evidence.ts'
import type { Question } from '../session/transcript.ts'
import type { Judged } from '../verdict/model.ts'
import type { AuditRun } from './audit-target.ts'
import { restingOn } from './evidence-of.ts'

/** The transcripts of a run's targets, also of those without results. */
export const transcriptsOf = (
  read: readonly { readonly run: Pick<AuditRun, 'target' | 'questions'>; readonly judged: Pick<Judged, 'results'> | undefined }[],
  kept: Config['transcript']
): Transcripts => {
  if (kept === 'off') return new Map()
  return new Map(
    read.map(({ run: { target, questions }, judged }) => [
      target.name,
      { schema: 'kscan-transcript-1', target: target.name, kept, questions: questions.map((each) => told(each, judged?.results)) }
    ])
  )
}

const told = ({ asked, milliseconds, answer, reasons, ...rest }: Question, results: Results | undefined): AskedQuestion => ({
  asked,
  milliseconds,
  answer,
  ...whose(rest, results),
  unseen: reasons.length === 0 ? undefined : reasons.map(({ text }) => text).join('; ')
})

/** Without results nobody knows which controls a file has. */
const whose = (rest: Rest, results: Results | undefined): Pick<AskedQuestion, 'controls' | 'all'> => {
  if (results === undefined) {
    const askers = [rest, rest.skipped]
    return { controls: askers.flatMap(({ controls }) => [...controls]), all: rest.all || askers.some(({ files }) => files.size > 0) }
  }
  const { all, named } = restingOn(results, rest)
  return { controls: [...new Set(named.map(({ id }) => id))], all }
}
