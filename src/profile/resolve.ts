import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isBelow } from '../kernel/below.ts'
import { badInput, type Problem, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { isArchive } from './archive.ts'
import { satisfies } from './constraint.ts'
import { readDepend, type Refusal, type Wanted } from './depend.ts'
import { digestOf } from './digest.ts'
import { fetchProfile, type Fetched, type FetchPorts, filesOf } from './fetch.ts'
import { type Locked, readLock } from './lock.ts'
import { type Depend, type Metadata, readMetadata } from './metadata.ts'
import type { ProfileSource } from './source.ts'

/** A profile that another one includes, brought here. */
export interface Dependency {
  readonly name: string
  /** The names that lead to it: `overlay > base`. */
  readonly way: string
  readonly source: string
  readonly sha256: string
  readonly folder: string
  readonly constraints: readonly string[]
  readonly metadata: Metadata
  readonly dependencies: readonly Dependency[]
}

export interface ResolvePorts extends FetchPorts {
  /** What may be another tomorrow is taken as it is today. */
  readonly allowUnpinned: boolean
  readonly warn: (text: string) => void
}

/** More than any profile has. */
const MOST = { depth: 8, profiles: 64 } as const

interface Place {
  readonly folder: string
  /** What a path in the metadata may lead to. */
  readonly homes: readonly string[]
  readonly name: string
  /** Of the profiles above it, and its own. */
  readonly way: readonly string[]
  readonly keys: readonly string[]
  /** What an inspec.lock above it says of its dependencies. */
  readonly locked: readonly Locked[] | undefined
  /** Folders of fetched profiles that somebody has put beside: `vendor` of the profile that is run. */
  readonly vendor: string
}

/**
 * Fetches what a profile includes, and what that includes, until nothing is left: each is pinned, fits its version constraints, and leads back to none above it. What
 * is wrong is told at once. Throws BAD_INPUT, or PROFILE_FAILED where something could not be fetched.
 */
export const resolveDependencies = async (profile: Fetched, ports: ResolvePorts): Promise<Dependency[]> => {
  const { folder } = profile
  if (folder === undefined) return []
  const resolver = new Resolver(ports)
  const metadata = readMetadata(folder)
  const name = metadata.name ?? profile.source
  const homes = profile.home === undefined ? [dirname(realpathSync(folder)), process.cwd()] : [profile.home]
  const found = await resolver.below(metadata, {
    folder,
    homes,
    name,
    way: [name],
    keys: [digestOf(withoutVendor(folder))],
    locked: readLock(folder),
    vendor: join(folder, 'vendor')
  })
  resolver.demandAll(profile.source)
  return found
}

class Resolver {
  readonly #ports: ResolvePorts
  readonly #problems: Problem[] = []
  readonly #failures: ScanError[] = []
  readonly #fetched = new Map<string, Promise<Fetched>>()
  #count = 0

  constructor(ports: ResolvePorts) {
    this.#ports = ports
  }

  demandAll(source: string): void {
    if (this.#problems.length > 0) throw badInput(this.#problems)
    const [first] = this.#failures
    if (first === undefined) return
    const messages = this.#failures.map(({ message }) => message).join('; ')
    throw new ScanError('PROFILE_FAILED', `What the profile ${printableLine(source)} includes could not be fetched: ${messages}`, {
      cause: first,
      ...(first.hint === undefined ? {} : { hint: first.hint })
    })
  }

  async below({ depends }: Metadata, place: Place): Promise<Dependency[]> {
    if (depends.length > 0 && place.way.length > MOST.depth) {
      this.#problem(place, { expected: `at most ${MOST.depth} levels of dependencies`, got: 'more' })
      return []
    }
    const found: Dependency[] = []
    for (const entry of depends) {
      const name = entry.get('name')?.[0]
      const twice = name !== undefined && found.some((each) => each.name === name)
      if (twice) this.#problem(place, { expected: 'each dependency once', got: `${name} twice` })
      found.push(...(await this.#read(entry, place)))
    }
    return found
  }

  async #read(entry: Depend, place: Place): Promise<Dependency[]> {
    const locked = place.locked?.find((each) => each.name === entry.get('name')?.[0])
    const wanted = readDepend(entry, locked)
    if (!('expected' in wanted)) return await this.#bring(wanted, locked, place)
    this.#problem(place, wanted)
    return []
  }

  #problem({ way }: Pick<Place, 'way'>, { expected, got, hint }: Refusal): void {
    const problem = { name: 'profile', expected, got: printableLine(`${got} (in ${way.join(' > ')})`), ...(hint === undefined ? {} : { hint }) }
    this.#problems.push(problem)
  }

  async #bring(wanted: Wanted, locked: Locked | undefined, place: Place): Promise<Dependency[]> {
    this.#count += 1
    if (this.#count === MOST.profiles + 1) this.#problem(place, { expected: `at most ${MOST.profiles} dependencies`, got: 'more' })
    if (this.#count > MOST.profiles) return []
    const shown = wanted.name ?? 'one without a name'
    try {
      const fetched = vendored(wanted, locked, place.vendor) ?? (await this.#fetch(wanted, place))
      if (fetched === undefined) return []
      return await this.#take(fetched, { wanted, locked, place, shown })
    } catch (error) {
      this.#ports.signal.throwIfAborted()
      if (!(error instanceof ScanError)) throw error
      for (const problem of error.problems) this.#problem(place, { ...problem, got: `${shown}: ${problem.got}` })
      if (error.problems.length === 0) this.#failures.push(error)
      return []
    }
  }

  async #fetch({ source, unpinned, name }: Wanted, place: Place): Promise<Fetched | undefined> {
    if (source.kind === 'path') return await this.#local(source.path, place)
    if (this.#ports.fetching?.offline === true) {
      this.#problem(place, { expected: 'dependencies on this machine', got: `${name ?? ''}: ${source.kind === 'archive' ? '' : source.url}`, hint: OFFLINE })
      return undefined
    }
    if (unpinned !== undefined && !this.#ports.allowUnpinned) {
      const expected = 'dependencies that are pinned: git with a whole commit id as ref, url with sha256'
      this.#problem(place, { expected, got: `${name ?? ''}: ${unpinned}`, hint: UNPINNED })
      return undefined
    }
    if (unpinned !== undefined) this.#ports.warn(printableLine(`not pinned: ${name ?? ''}: ${unpinned}`))
    const key = JSON.stringify(source)
    const begun = this.#fetched.get(key) ?? fetchProfile(source, this.#ports)
    this.#fetched.set(key, begun)
    return await begun
  }

  async #local(path: string, place: Place): Promise<Fetched | undefined> {
    const found = resolve(place.folder, path)
    const real = existsSync(found) ? realpathSync(found) : found
    if (!place.homes.some((home) => isBelow(real, existsSync(home) ? realpathSync(home) : home))) {
      this.#problem(place, { expected: 'paths to profiles beside it, or below the working folder', got: path })
      return undefined
    }
    return await fetchProfile(isArchive(real) ? { kind: 'archive', path: real, sha256: undefined } : { kind: 'path', path: real }, this.#ports)
  }

  async #take(
    fetched: Fetched,
    { wanted, locked, place, shown }: { wanted: Wanted; locked: Locked | undefined; place: Place; shown: string }
  ): Promise<Dependency[]> {
    const { folder, source, home } = fetched
    if (folder === undefined) {
      this.#problem(place, { expected: 'a folder or an archive with inspec.yml', got: `${shown}: ${source}` })
      return []
    }
    const metadata = readMetadata(folder)
    const name = wanted.name ?? metadata.name ?? shown
    const sha256 = digestOf(withoutVendor(folder))
    if (place.keys.includes(sha256)) {
      this.#problem(place, { expected: 'no cycle', got: `${shown} includes itself` })
      return []
    }
    this.#demandVersion(metadata, { wanted, place, shown, source })
    const way = [...place.way, name]
    const homes = home === undefined ? place.homes : [home]
    const below = { folder, homes, name, way, keys: [...place.keys, sha256], vendor: place.vendor, locked: locked?.dependencies ?? readLock(folder) }
    const dependencies = await this.below(metadata, below)
    return [{ name, way: way.join(' > '), source, sha256, folder, constraints: wanted.constraints, metadata, dependencies }]
  }

  #demandVersion({ version }: Metadata, { wanted, place, shown, source }: { wanted: Wanted; place: Place; shown: string; source: string }): void {
    if (wanted.constraints.length === 0 || satisfies(version ?? '0.0.0', wanted.constraints)) return
    this.#problem(place, { expected: `${shown} of version ${wanted.constraints.join(', ')}`, got: `${version ?? 'one without a version'} (${source})` })
  }
}

const OFFLINE = 'offline: true fetches nothing. `kscan vendor` puts a profile and all that it includes into one archive.'
const UNPINNED =
  '`git ls-remote ADDRESS REVISION` tells the commit. allow-unpinned-profiles: true takes what is there today; `kscan vendor` with it keeps that in an archive.'

/** As the auditor's own `vendor` has put it beside the profile: by commit or digest. */
const vendored = (wanted: Wanted, locked: Locked | undefined, vendor: string): Fetched | undefined => {
  const { source } = wanted
  const key = locked?.source['sha256'] ?? locked?.source['ref'] ?? pinOf(source)
  if (key === undefined || !/^[0-9a-f]{40,64}$/.test(key)) return undefined
  const folder = join(vendor, key)
  const subdir = source.kind === 'git' ? source.subdir : undefined
  const root = [folder, ...(subdir === undefined ? [] : [join(folder, subdir)])].find((each) => existsSync(join(each, 'inspec.yml')))
  return root === undefined ? undefined : { source: `vendor/${key} (${cameFrom(source, locked)})`, path: root, sha256: key, folder: root, home: folder }
}

const pinOf = (source: ProfileSource): string | undefined => {
  if (source.kind === 'git') return source.commit
  return source.kind === 'download' ? source.sha256 : undefined
}

const cameFrom = (source: ProfileSource, locked: Locked | undefined): string => {
  const { git, url, path } = locked?.source ?? {}
  return git ?? url ?? path ?? ('url' in source ? source.url : source.path)
}

/** What a profile brings of others does not count: which of them run is told by what they are here. */
export const withoutVendor = (folder: string): ReturnType<typeof filesOf> =>
  filesOf(folder).filter(({ name }) => name !== 'inspec.lock' && !name.startsWith('vendor/'))
