import { basename } from 'node:path'
import { parseResults } from '../hdf/parse.ts'
import { badInput } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import { printableLine } from '../kernel/name.ts'
import type { AcceptedCause, Judged } from '../verdict/model.ts'
import { type Claimed, evidenceBeside, missingOf } from './evidence-beside.ts'
import { namedFiles } from './named-files.ts'
import { DASH, nameProblem, onlyRecord, readHdf } from './read-hdf.ts'
import { isRun } from './read-run.ts'
import { runsBeside } from './run-beside.ts'

/** What is known of all files. */
export interface Beyond {
  /** The run.json of the scan that wrote them; undefined where it may lie beside them. */
  readonly run?: string | undefined
  readonly accepts: readonly AcceptedCause[]
}

/**
 * Reads HDF files, each a target by its path; `-` is the standard input, and a pattern that the shell left as it is names the files that it finds. Throws
 * BAD_INPUT with every problem of the names, RESULTS_UNREADABLE for what a file holds.
 */
export const readResults = (words: readonly string[], log: Log, { run, accepts }: Beyond): Judged[] => {
  const files = hdfFiles(words, log, run)
  const runsOf = runsBeside(run)
  const claimed: Claimed = new Set()
  const read = files.map((word) => {
    const file = word === DASH ? undefined : word
    const results = parseResults(readHdf(word), word)
    const runs = runsOf(file)
    return { file, runs, results, known: evidenceBeside(runs, { file, results: () => results }, claimed) }
  })
  return read.map(({ file, runs: [first], results, known }) => {
    const target = file ?? 'standard input'
    if (first !== undefined && known !== undefined)
      return { ...known, target, accepts: [...(known.accepts ?? []), ...accepts], reasons: [...(known.reasons ?? []), ...missingOf(first, { file, claimed })] }
    log.warn(`${printableLine(target)}: no run.json beside it tells what its controls could not see: they are judged by their results alone`)
    return { target, results, accepts, unjudged: [] }
  })
}

/** What the words name, but for the run.json of a folder: a pattern finds it, too. */
const hdfFiles = (words: readonly string[], log: Log, run: string | undefined): string[] => {
  const { files, problems } = namedFiles(words, { log, verb: 'judge' })
  problems.push(...[...files, ...(run === undefined ? [] : [run])].flatMap(nameProblem))
  const found = problems.length > 0 ? [] : files.filter((file) => basename(file).toLowerCase() !== 'run.json' || !isRun(file))
  if (found.length === 0 && problems.length === 0) problems.push(onlyRecord(files[0] ?? 'run.json'))
  if (problems.length > 0) throw badInput(problems)
  return found
}
