import { readFileSync, statSync } from 'node:fs'
import { demandSize, parseResults } from '../hdf/parse.ts'
import { badInput, messageOf, type Problem, ScanError } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import { printableLine } from '../kernel/name.ts'
import type { Judged } from '../verdict/model.ts'
import { evidenceBeside } from './evidence-beside.ts'
import { namedFiles, STDIN } from './named-files.ts'

/**
 * Reads HDF files, each a target by its path; `-` is the standard input, and a pattern that the shell left as it is names the files that it finds. Throws
 * BAD_INPUT with every problem of the names, RESULTS_UNREADABLE for what a file holds.
 */
export const readResults = (words: readonly string[], log: Log): Judged[] => {
  const { files, problems } = namedFiles(words, { log, verb: 'judge' })
  const read = files.map((file) => ({ file, bytes: bytesOf(file, problems) }))
  if (problems.length > 0) throw badInput(problems)
  return read.map(({ file, bytes }) => {
    const { known, ...evidence } = file === STDIN ? NOTHING_BESIDE : evidenceBeside(file)
    if (!known) log.warn(`${printableLine(file)}: no run.json beside it tells what its controls could not see: they are judged by their results alone`)
    return { target: file === STDIN ? 'standard input' : file, results: parseResults(bytes, file), ...evidence }
  })
}

const NOTHING_BESIDE = { unjudged: [], known: false }

const bytesOf = (file: string, problems: Problem[]): Uint8Array => {
  try {
    if (file !== STDIN) demandSize(statSync(file).size, file)
    return readFileSync(file === STDIN ? 0 : file)
  } catch (error) {
    if (error instanceof ScanError) throw error
    problems.push({ name: file, expected: 'a readable file', got: printableLine(messageOf(error)) })
    return Buffer.alloc(0)
  }
}
