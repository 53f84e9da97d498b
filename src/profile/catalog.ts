import shipped from './catalog.json' with { type: 'json' }
import type { Problem } from '../kernel/error.ts'
import { nearest } from '../kernel/nearest.ts'
import type { GitSource } from './source.ts'

/** A well-known public profile: where it lies, and what it is to be. Nothing of it is part of kscan. */
export interface CatalogEntry {
  readonly name: string
  readonly title: string
  readonly repository: string
  readonly commit: string
  /** Of all its files, as kscan computes it for a profile that was fetched. */
  readonly sha256: string
  readonly version: string
  readonly license: string
  readonly controls: number
  /** The auditors that it runs on, as its inspec_version says; empty: all. */
  readonly auditor: string
  /** The system, or the program, that it is for. */
  readonly platform: string
  /** Systems that it fits, as /etc/os-release names them; empty: it is for a program, and fits all that have it. */
  readonly systems: readonly System[]
}

export interface System {
  readonly id: string
  /** The beginning of VERSION_ID; empty: all. */
  readonly version: string
}

export const CATALOG: readonly CatalogEntry[] = shipped

/** A slip of the pen may lack a word of a long name. */
const SLIPS = 4

/** The entry of a name, or what is wrong with the name. */
export const entryOf = (name: string, catalog: readonly CatalogEntry[] = CATALOG): CatalogEntry | Problem => {
  const entry = catalog.find((each) => each.name === name)
  if (entry !== undefined) return entry
  const meant = nearest(
    name,
    catalog.map((each) => each.name),
    SLIPS
  )
  const hint = meant === undefined ? '`kscan profiles` lists them.' : `Did you mean catalog/${meant}?`
  return { name: 'profile', expected: 'the name of a profile of the catalog', got: `catalog/${name}`, hint }
}

export const sourceOfEntry = ({ repository, commit }: CatalogEntry): GitSource => ({ kind: 'git', url: repository, commit })
