import { copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { messageOf } from '../kernel/error.ts'
import { notA } from './digest.ts'
import type { PinnedDependency } from './fetch.ts'
import { LOCK, lockText, type Vendored } from './lock.ts'
import { type Dependency, withoutVendor } from './resolve.ts'
import type { Found } from './walk.ts'

/**
 * Writes a profile with all that it includes into a folder that is made: each included profile in `vendor` under its digest, and an inspec.lock by which the auditor finds
 * it there, so that it fetches nothing and reads nothing else.
 */
export const writeBundle = (profile: string, dependencies: readonly Dependency[], folder: string): void => {
  copyInto(profile, folder)
  for (const { sha256, folder: from } of new Map(flat(dependencies).map((each) => [each.sha256, each])).values()) copyInto(from, join(folder, 'vendor', sha256))
  writeFileSync(join(folder, LOCK), lockText(dependencies.map(vendoredOf)), { mode: 0o600 })
}

/** All, each below the one that includes it. */
export const flat = (dependencies: readonly Dependency[]): Dependency[] => dependencies.flatMap((each) => [each, ...flat(each.dependencies)])

/** What run.json tells of them. */
export const pinsOf = (dependencies: readonly Dependency[]): PinnedDependency[] =>
  flat(dependencies).map(({ way, source, sha256 }) => ({ way, source, sha256 }))

const vendoredOf = ({ name, sha256, constraints, dependencies }: Dependency): Vendored => ({
  name,
  key: sha256,
  constraints,
  dependencies: dependencies.map(vendoredOf)
})

const copyInto = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const found of withoutVendor(from)) {
    try {
      mkdirSync(dirname(join(to, found.name)), { recursive: true, mode: 0o700 })
      copy(found, { from, to })
    } catch (error) {
      throw notA('a profile that can be read', `${found.path}: ${messageOf(error)}`)
    }
  }
}

/** A link leads to the same file of the copy. */
const copy = ({ path, name, stat }: Found, { from, to }: { from: string; to: string }): void => {
  const target = join(to, name)
  if (stat.isSymbolicLink()) symlinkSync(relative(dirname(target), join(to, relative(realpathSync(from), realpathSync(path)))) || '.', target)
  else copyFileSync(path, target)
}
