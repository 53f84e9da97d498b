import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { readAtMost } from '../kernel/read-file.ts'
import { filesBelow } from './walk.ts'

const READS = /\bENV(?:\.fetch\(|\[)\s*(['"])([A-Za-z_]\w*)\1/g
/** Of one file, in bytes; code is smaller. */
const MOST = 1024 * 1024

/** Names of the variables of the environment that a profile's metadata and code read by a plain name; of an archive none is known. */
export const variablesRead = (path: string): ReadonlySet<string> =>
  new Set(codeOf(path).flatMap((text) => [...text.matchAll(READS)].map(([, , name = '']) => name)))

/** The texts of a profile's metadata and code. */
export const codeOf = (path: string): string[] =>
  (path.endsWith('.rb') ? [path] : sourcesIn(path)).map((file) => readAtMost(file, MOST)?.toString('latin1') ?? '')

const sourcesIn = (folder: string): string[] => {
  if (!statSync(folder).isDirectory()) return []
  const sources = filesBelow(folder).filter(({ name, stat }) => stat.isFile() && (basename(name) === 'inspec.yml' || name.endsWith('.rb')))
  return sources.map(({ path }) => path)
}
