import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const READS = /\bENV(?:\.fetch\(|\[)\s*(['"])([A-Za-z_]\w*)\1/g
/** Of one file, in bytes; code is smaller. */
const MOST = 1024 * 1024

/** Names of the variables of the environment that a profile's metadata and code read by a plain name; of an archive none is known. */
export const variablesRead = (path: string): ReadonlySet<string> => {
  const files = path.endsWith('.rb') ? [path] : sourcesIn(path)
  return new Set(files.flatMap((file) => [...readFileSync(file, 'latin1').matchAll(READS)].map(([, , name = '']) => name)))
}

const sourcesIn = (folder: string): string[] => {
  if (!statSync(folder).isDirectory()) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (entry.name === 'inspec.yml' || entry.name.endsWith('.rb')))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => statSync(file).size <= MOST)
}
