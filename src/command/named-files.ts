import { existsSync, globSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { badInput, messageOf, type Problem } from '../kernel/error.ts'
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
  const [found, wrong] = lookFor(word)
  if (wrong !== undefined) problems.push({ name: printableLine(word), expected: 'a pattern of *, ? and [ ] that finds HDF files', got: printableLine(wrong) })
  return found
}

/** What a pattern finds, and why that is not all. */
const lookFor = (pattern: string): [found: string[], wrong?: string] => {
  if (pattern.includes('{')) return [[], 'alternatives in { }: give each on its own']
  try {
    const found = walk(
      pattern.startsWith('/') ? '/' : '.',
      pattern.split('/').filter((part) => part !== '')
    )
    return found.length === 0 ? [[], 'nothing'] : [found.toSorted()]
  } catch (error) {
    const place = error instanceof Error && 'path' in error ? `${String(error.path)}: ` : ''
    return [[], `${place}${messageOf(error)}`]
  }
}

/** Goes down a pattern part by part. Throws for a folder on the way that cannot be looked into: what is in it would be missing. */
const walk = (folder: string, [part, ...rest]: readonly string[], seen = new Set<string>()): string[] => {
  if (part === undefined) return [folder]
  const inside = (name: string): string[] => (rest.length > 0 && !isFolder(join(folder, name)) ? [] : walk(join(folder, name), rest, seen))
  if (!/[*?[]/.test(part)) return lstatSync(join(folder, part), { throwIfNoEntry: false }) === undefined ? [] : inside(part)
  const names = readdirSync(folder)
  if (part !== '**') return globSync(part, { cwd: folder }).flatMap(inside)
  const place = `${rest.length} ${realpathSync(folder)}`
  if (seen.has(place)) return [] // links lead to it, too
  seen.add(place)
  const below = names.filter((name) => !name.startsWith('.') && isFolder(join(folder, name)))
  return [...walk(folder, rest, seen), ...below.flatMap((name) => walk(join(folder, name), [part, ...rest], seen))]
}

/** A link to a folder is one, too: shells differ in whether ** follows it, and what is behind it would be missing. */
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

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
