import { existsSync, globSync, realpathSync } from 'node:fs'
import { badInput, type Problem } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import { printableLine } from '../kernel/name.ts'
import { DASH } from './read-hdf.ts'

/**
 * The files that words of a command line mean, each once: a pattern that the shell left as it is names those that it finds, one that finds nothing is a problem.
 * Throws BAD_INPUT where there is no word.
 */
export const namedFiles = (words: readonly string[], { log, verb }: { log: Log; verb: string }): { files: string[]; problems: Problem[] } => {
  if (words.length === 0)
    throw badInput([{ name: 'FILE', expected: 'at least one HDF file', got: 'none', hint: `For example: kscan ${verb} kscan-reports/hdf/*.json` }])
  const problems: Problem[] = []
  const files = unique(
    words.flatMap((word) => filesOf(word, problems)),
    log
  )
  return { files, problems }
}

const filesOf = (word: string, problems: Problem[]): string[] => {
  if (word === DASH || existsSync(word) || !/[*?[{]/.test(word)) return [word]
  const found = globSync(word).toSorted()
  if (found.length === 0) problems.push({ name: word, expected: 'a pattern that finds HDF files', got: 'nothing' })
  return found
}

/** A file that is named twice would count twice. */
const unique = (files: readonly string[], log: Log): string[] => {
  const seen = new Map<string, string>()
  for (const file of files) {
    const place = existsSync(file) ? realpathSync(file) : file
    if (seen.has(place)) log.warn(`${printableLine(file)} is named twice: it is taken once`)
    else seen.set(place, file)
  }
  return [...seen.values()]
}
