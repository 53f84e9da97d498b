import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Problem, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import shipped from './catalog.json' with { type: 'json' }
import { EULA_MAJOR, isWanted, majorOf } from './program.ts'

/** One gem file; all are plain Ruby as far as the auditor needs them, so that one list serves every platform and nothing is compiled. */
export interface Gem {
  readonly name: string
  readonly version: string
  /** Of the file `NAME-VERSION.gem`, hexadecimal. */
  readonly sha256: string
}

/** What the auditor is made of; catalog.json is written by scripts/catalog.ts. */
export interface Catalog {
  readonly auditor: { readonly gem: string; readonly version: string }
  /** The oldest Ruby that all gems run on, as `3.1`. */
  readonly ruby: string
  readonly gems: readonly Gem[]
  /** Of all that is unpacked of them, as `contentDigest` gives it. */
  readonly tree: string
}

export const CATALOG: Catalog = shipped

/** Raised when what is unpacked of the same gems, or where to, changes. */
const LAYOUT = 2

export const gemFile = (gem: Gem): string => `${gem.name}-${gem.version}.gem`

/** Eight hexadecimal digits that differ for any other list of gems. */
export const catalogDigest = (catalog: Catalog): string =>
  createHash('sha256')
    .update(JSON.stringify([LAYOUT, catalog]))
    .digest('hex')
    .slice(0, 8)

/** Why the gems are not to be used for the version that the user wants, or in themselves; undefined if they may. */
export const gemsRefusal = (catalog: Catalog, wanted: string | undefined): string | undefined => {
  const { gem, version } = catalog.auditor
  const asked = [version, ...(wanted === undefined ? [] : [wanted])]
  if (asked.some((one) => majorOf(one) >= EULA_MAJOR))
    return `gems: ${gem} from ${EULA_MAJOR} on is published as a gem only under the Chef EULA and is never installed; CINC Auditor of that version can be used by \`path\``
  return isWanted(version, wanted) ? undefined : `gems: holds version ${version}, but auditor-version asks for ${wanted}`
}

/** Compares a folder of fetched files with the catalog. Throws AUDITOR_MISSING with every file that differs, is missing or is not of the catalog. */
export const verifyGems = async (folder: string, catalog: Catalog): Promise<void> => {
  const expected = new Map(catalog.gems.map((gem) => [gemFile(gem), gem.sha256]))
  const present = await readdir(folder)
  const extra = present.filter((file) => !expected.has(file)).map((file): Problem => ({ name: file, expected: 'no such file', got: 'a file' }))
  const differing = await Promise.all([...expected].map(async ([file, sha256]) => await compare(folder, file, sha256)))
  const problems = [...differing.filter((problem) => problem !== undefined), ...extra]
  if (problems.length === 0) return
  const lines = problems.map((problem) => `${printableLine(problem.name)}: expected ${problem.expected}, got ${problem.got}`)
  throw new ScanError('AUDITOR_MISSING', `The gems that came are not those of the catalog, and were not installed: ${lines.join('; ')}`, {
    hint: 'Another file under the same name means a damaged mirror or an attack: compare your gem sources (`gem sources`) with the checksum that the registry shows.',
    problems
  })
}

const compare = async (folder: string, file: string, sha256: string): Promise<Problem | undefined> => {
  const got = await sha256Of(join(folder, file))
  return got === sha256 ? undefined : { name: file, expected: `SHA-256 ${sha256}`, got: got === undefined ? 'no file' : `SHA-256 ${got}` }
}

const sha256Of = async (file: string): Promise<string | undefined> => {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  } catch {
    return undefined
  }
}
