import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../kernel/error.ts'
import { readText } from '../kernel/read-file.ts'
import { parseYaml } from '../kernel/yaml.ts'
import { notA } from './digest.ts'

/** An entry of inspec.lock: what the auditor once found behind a name. */
export interface Locked {
  readonly name: string
  readonly source: Readonly<Record<string, string>>
  readonly dependencies: readonly Locked[]
}

const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const Entry: z.ZodType<Locked> = z.lazy(() =>
  z
    .looseObject({
      name: Scalar,
      resolved_source: z
        .looseObject({})
        .transform((source) => Object.fromEntries(Object.entries(source).map(([key, value]) => [key.replace(/^:/, ''), String(value)]))),
      dependencies: z.array(Entry).nullish()
    })
    .transform(({ name, resolved_source: source, dependencies }): Locked => ({ name, source, dependencies: dependencies ?? [] }))
)
const Lockfile = z.looseObject({ lockfile_version: z.coerce.number().int().min(1).max(1), depends: z.array(Entry).nullish() })

const LOCK_BYTES = 4 * 1024 * 1024
export const LOCK = 'inspec.lock'

/** The entries of a profile's inspec.lock; undefined where it has none. Throws BAD_INPUT for one that cannot be read. */
export const readLock = (folder: string): readonly Locked[] | undefined => {
  const file = join(folder, LOCK)
  if (!existsSync(file)) return undefined
  try {
    const document = parseYaml(readText(file, LOCK_BYTES), {})
    const [fault] = document.errors
    if (fault !== undefined) throw fault
    return Lockfile.parse(document.toJS({ maxAliasCount: 10 })).depends ?? []
  } catch (error) {
    throw notA('a profile with a readable inspec.lock', `${file}: ${messageOf(error)}`)
  }
}

/** A dependency as the lockfile of its profile has it: by the digest that is its folder's name in `vendor`. */
export interface Vendored {
  readonly name: string
  readonly key: string
  readonly constraints: readonly string[]
  readonly dependencies: readonly Vendored[]
}

/** The text of an inspec.lock in which nothing is left to be fetched. */
export const lockText = (dependencies: readonly Vendored[]): string =>
  stringify({ lockfile_version: 1, depends: dependencies.map(entryOf) }, { aliasDuplicateObjects: false, lineWidth: 0 })

const entryOf = ({ name, key, constraints, dependencies }: Vendored): Record<string, unknown> => ({
  name,
  resolved_source: { path: `vendor/${key}`, sha256: key },
  version_constraints: [...constraints],
  ...(dependencies.length === 0 ? {} : { dependencies: dependencies.map(entryOf) })
})
