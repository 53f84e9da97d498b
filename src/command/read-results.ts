import { parseResults } from '../hdf/parse.ts'
import { badInput } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import { printableLine } from '../kernel/name.ts'
import type { Judged } from '../verdict/model.ts'
import { evidenceBeside } from './evidence-beside.ts'
import { namedFiles } from './named-files.ts'
import { DASH, nameProblem, readHdf } from './read-hdf.ts'
import { runsBeside } from './read-run.ts'

/**
 * Reads HDF files, each a target by its path; `-` is the standard input, and a pattern that the shell left as it is names the files that it finds. Throws
 * BAD_INPUT with every problem of the names, RESULTS_UNREADABLE for what a file holds.
 */
export const readResults = (words: readonly string[], log: Log): Judged[] => {
  const { files, problems } = namedFiles(words, { log, verb: 'judge' })
  problems.push(...files.flatMap(nameProblem))
  if (problems.length > 0) throw badInput(problems)
  const runBeside = runsBeside()
  return files.map((file) => {
    const results = parseResults(readHdf(file), file)
    const run = file === DASH ? undefined : runBeside(file)
    const target = file === DASH ? 'standard input' : file
    if (run !== undefined) return { target, results, ...evidenceBeside(run, results) }
    log.warn(`${printableLine(file)}: no run.json beside it tells what its controls could not see: they are judged by their results alone`)
    return { target, results, unjudged: [] }
  })
}
