import { parseResults } from '../hdf/parse.ts'
import { badInput } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import { printableLine } from '../kernel/name.ts'
import type { Judged } from '../verdict/model.ts'
import { evidenceBeside } from './evidence-beside.ts'
import { namedFiles } from './named-files.ts'
import { DASH, nameProblem, readHdf } from './read-hdf.ts'

/**
 * Reads HDF files, each a target by its path; `-` is the standard input, and a pattern that the shell left as it is names the files that it finds. Throws
 * BAD_INPUT with every problem of the names, RESULTS_UNREADABLE for what a file holds.
 */
export const readResults = (words: readonly string[], log: Log): Judged[] => {
  const { files, problems } = namedFiles(words, { log, verb: 'judge' })
  problems.push(...files.flatMap(nameProblem))
  if (problems.length > 0) throw badInput(problems)
  return files.map((file) => {
    const results = parseResults(readHdf(file), file)
    const { known, ...evidence } = file === DASH ? NOTHING_BESIDE : evidenceBeside(file, results)
    if (!known) log.warn(`${printableLine(file)}: no run.json beside it tells what its controls could not see: they are judged by their results alone`)
    return { target: file === DASH ? 'standard input' : file, results, ...evidence }
  })
}

const NOTHING_BESIDE = { unjudged: [], known: false }
