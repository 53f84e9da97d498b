import { existsSync } from 'node:fs'
import { cp, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { demandOwnWay } from '../kernel/own.ts'
import { findOnPath, isProgram } from '../process/find.ts'
import { type Ended, run } from '../process/run.ts'
import { CINC_CATALOG } from './cinc/catalog.ts'
import { auditorOfCinc, lookForCinc } from './cinc/source.ts'
import { findAuditor, givenAuditor } from './find.ts'
import { isWhole, makeWhole } from './gem-folder.ts'
import { type GemRoom, openGemRoom } from './gem-room.ts'
import { CATALOG, type Catalog, catalogDigest, gemFile, gemsRefusal, verifyGems } from './gems.ts'
import { type AuditorOptions, type AuditorPorts, type AuditorProgram, type AuditorSource, type Candidate, RUBY_FLAGS, RUBY_HEAP, unusable } from './program.ts'

const PROBE_MS = 10_000
const FETCH_MS = 180_000
const UNPACK_MS = 60_000

const HINT =
  'Install CINC Auditor so that `cinc-auditor` is on PATH; or add `gems` to the input auditor, with Ruby 3.1 or newer on PATH and a gem source that answers; or add `cinc`.'

/**
 * The first usable auditor of `options.order`; `gems` installs it if it is not there yet. Throws AUDITOR_MISSING with every candidate and why it was not
 * usable, or at once when the gems that came are not those of the catalog; the signal's reason when aborted.
 */
export const readyAuditor = async (options: AuditorOptions, ports: AuditorPorts = { run }, catalog: Catalog = CATALOG): Promise<AuditorProgram> => {
  const passedOver: string[] = []
  for (const source of options.order) {
    const candidate = await consider(source, { options, ports, catalog })
    options.signal.throwIfAborted()
    if (candidate.kind === 'usable') {
      options.log.info(announce(candidate.program, passedOver))
      return candidate.program
    }
    passedOver.push(...candidate.reasons)
  }
  throw new ScanError('AUDITOR_MISSING', `No usable auditor: ${passedOver.join('; ')}`, { hint: HINT })
}

interface Search {
  readonly options: AuditorOptions
  readonly ports: AuditorPorts
  readonly catalog: Catalog
}

/** What a run would do for its auditor. */
export type Foreseen =
  | { readonly kind: 'there'; readonly program: AuditorProgram }
  | { readonly kind: 'to-install'; readonly what: string; readonly version: string; readonly ruby?: string }
  | { readonly kind: 'none'; readonly reasons: readonly string[]; readonly hint: string }

/** Looks as `readyAuditor` does, and installs nothing: whether gems can be fetched is not known before. */
export const foreseeAuditor = async (options: AuditorOptions, ports: AuditorPorts = { run }, catalog: Catalog = CATALOG): Promise<Foreseen> => {
  const reasons: string[] = []
  const search = { options, ports, catalog }
  for (const source of options.order) {
    const found = await look(source, search)
    options.signal.throwIfAborted()
    if (found.kind === 'usable') return { kind: 'there', program: found.program }
    if (found.kind === 'to-install') return found
    reasons.push(...found.reasons)
  }
  return { kind: 'none', reasons, hint: HINT }
}

const look = async (source: AuditorSource, search: Search): Promise<Candidate | Extract<Foreseen, { kind: 'to-install' }>> => {
  if (source === 'gems') return await lookForGems(search)
  if (source !== 'cinc') return await consider(source, search)
  const found = await lookForCinc({ options: search.options, ports: search.ports })
  return found.kind === 'to-install' ? { kind: 'to-install', what: `CINC Auditor ${CINC_CATALOG.version}`, version: CINC_CATALOG.version } : found
}

const consider = async (source: AuditorSource, search: Search): Promise<Candidate> => {
  if (source === 'path') return await findAuditor(search.options, search.ports)
  if (source === 'cinc') return await auditorOfCinc({ options: search.options, ports: search.ports })
  if (source === 'gems') return await auditorOfGems(search)
  return await givenAuditor(source.path, search.options, search.ports)
}

const announce = (program: AuditorProgram, passedOver: readonly string[]): string =>
  `Auditor: ${program.product} ${program.version} (${program.source}: ${program.command.file}${program.prefix === undefined ? '' : `, ${program.prefix.way}`})${passedOver.length === 0 ? '' : `; not used: ${passedOver.join('; ')}`}`

const auditorOfGems = async (search: Search): Promise<Candidate> => {
  const ruby = await rubyForGems(search)
  if (typeof ruby === 'string') return unusable(ruby)
  const folder = folderFor(ruby, search)
  const failure = untrusted(folder, search.options) ?? (isWhole(folder, search.catalog.tree) ? undefined : await install(folder, ruby, search))
  return failure === undefined ? programOfGems(ruby, search) : unusable(failure)
}

const lookForGems = async (search: Search): Promise<Candidate | Extract<Foreseen, { kind: 'to-install' }>> => {
  const ruby = await rubyForGems(search)
  if (typeof ruby === 'string') return unusable(ruby)
  const folder = folderFor(ruby, search)
  const failure = untrusted(folder, search.options)
  if (failure !== undefined) return unusable(failure)
  if (isWhole(folder, search.catalog.tree)) return programOfGems(ruby, search)
  const { gem, version } = search.catalog.auditor
  return { kind: 'to-install', what: `${gem} ${version}`, version, ruby: ruby.file }
}

/** The Ruby that gems would run on, or why there can be none. */
const rubyForGems = async (search: Search): Promise<Ruby | string> => gemsRefusal(search.catalog, search.options.version) ?? (await findRuby(search))

const folderFor = (ruby: Ruby, { options, catalog }: Search): string =>
  join(options.toolFolder, 'auditor', `${catalog.auditor.version}-${ruby.abi}-${ruby.platform}-${catalogDigest(catalog)}`)

const programOfGems = (ruby: Ruby, search: Search): Extract<Candidate, { kind: 'usable' }> => {
  const { options, catalog } = search
  const folder = folderFor(ruby, search)
  const args = [...RUBY_FLAGS, join(options.pluginFolder, 'auditor.rb'), folder]
  return {
    kind: 'usable',
    program: { source: 'gems', product: 'kscan auditor', version: catalog.auditor.version, command: { file: ruby.file, args }, folder, env: RUBY_HEAP }
  }
}

/** Why others could change what is started from a folder of tools, between our look at it and its start. Whether it can be used at all is seen later. */
const untrusted = (folder: string, options: AuditorOptions): string | undefined => {
  try {
    demandOwnWay(options.toolFolder, dirname(folder))
    return undefined
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? undefined : `gems: ${messageOf(error)}`
  }
}

interface Ruby {
  /** The program itself, where PATH leads to one that chooses among several. */
  readonly file: string
  readonly abi: string
  readonly platform: string
}

/** The Ruby on PATH, or why it cannot be used. */
const findRuby = async ({ options, ports, catalog }: Search): Promise<Ruby | string> => {
  const file = await findOnPath('ruby', options.env['PATH'])
  if (file === undefined) return `gems: no ruby on PATH; Ruby ${catalog.ruby} or newer is needed`
  const script = 'require "rbconfig"; puts [RUBY_VERSION, RbConfig::CONFIG["ruby_version"], RUBY_PLATFORM].join(" "), RbConfig.ruby'
  const ended = await ports.run({ file, args: ['--disable-gems', '-e', script], env: options.env, timeout: PROBE_MS, signal: options.signal })
  const [, version, abi, platform, itself = file] = /^(\d+\.\d+\.\S+) ([-.+\w]+) ([-.\w]+)$(?:\n(\/.+)$)?/m.exec(ended.stdout) ?? []
  if (version === undefined || abi === undefined || platform === undefined) return `gems: ${file} did not tell its version: ${complaint(ended)}`
  if (isOlder(version, catalog.ruby)) return `gems: ${file} is Ruby ${version}; Ruby ${catalog.ruby} or newer is needed`
  return { file: (await isProgram(itself)) ? itself : file, abi, platform } // one that was moved tells of where it was built for
}

/** Compares the first two numbers. */
const isOlder = (version: string, oldest: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number)
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}

/** Fetches, verifies and unpacks; undefined when done, else why not. Throws when what came is not what was asked for. */
const install = async (folder: string, ruby: Ruby, search: Search): Promise<string | undefined> => {
  if (search.options.fetching.offline && search.options.gems === undefined)
    return `gems: they are not in ${dirname(folder)} as they should be, and are not fetched, for offline is true`
  if (existsSync(folder)) search.options.log.warn(`the auditor in ${folder} is not as it was installed: it is installed anew`)
  try {
    await makeWhole(folder, search.catalog.tree, async (workFolder, tree) => {
      const room = await openGemRoom(ruby.file, workFolder, search.options)
      const cache = await gemsIn(room, search)
      const unpacked = join(room.folder, 'tree')
      await runGems(['unpack', cache, unpacked], room, { search, stdin: '', timeout: UNPACK_MS })
      room.take()
      await rename(unpacked, tree)
    })
    return undefined
  } catch (error) {
    if (error instanceof ScanError) throw error
    return isClosed(error)
      ? `gems: ${search.options.toolFolder} cannot be written: ${messageOf(error)}. XDG_CACHE_HOME names another place`
      : `gems: ${messageOf(error)}`
  }
}

/** The folder of the gems' files, fetched or given, each the one of the catalog. */
const gemsIn = async (room: GemRoom, search: Search): Promise<string> => {
  const { catalog, options } = search
  const cache = join(room.folder, 'fetched', 'cache')
  if (options.gems === undefined) {
    const wanted = catalog.gems.map((gem) => `${gem.name} ${gem.version}\n`).join('')
    await runGems(['fetch', join(room.folder, 'fetched')], room, { search, stdin: wanted, timeout: FETCH_MS })
  } else await cp(options.gems, cache, { recursive: true })
  await verifyGems(cache, catalog)
  return cache
}

/** The files of the catalog's gems, fetched as a run fetches them. Throws AUDITOR_MISSING. */
export const fetchGems = async (options: AuditorOptions, workFolder: string, catalog: Catalog = CATALOG): Promise<{ name: string; bytes: Buffer }[]> => {
  const search = { options: { ...options, gems: undefined }, ports: { run }, catalog }
  try {
    const ruby = await rubyForGems(search)
    if (typeof ruby === 'string') throw new Error(ruby)
    const cache = await gemsIn(await openGemRoom(ruby.file, workFolder, options), search)
    return await Promise.all(catalog.gems.map(async (gem) => ({ name: gemFile(gem), bytes: await readFile(join(cache, gemFile(gem))) })))
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof ScanError) throw error
    throw new ScanError('AUDITOR_MISSING', `The auditor's gems cannot be put into the archive: ${messageOf(error)}`, { cause: error })
  }
}

const CLOSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'])

const isClosed = (error: unknown): boolean => typeof error === 'object' && error !== null && 'code' in error && CLOSED.has(String(error.code))

const runGems = async (
  args: readonly string[],
  room: GemRoom,
  step: { readonly search: Search; readonly stdin: string; readonly timeout: number }
): Promise<void> => {
  const { pluginFolder, signal } = step.search.options
  const ended = await room.run([...RUBY_FLAGS, join(pluginFolder, 'gems.rb'), ...args], { stdin: step.stdin, timeout: step.timeout })
  signal.throwIfAborted()
  if (ended.exitCode !== 0)
    throw new Error(`${args[0] === 'fetch' ? 'could not be fetched from your gem sources' : 'could not be unpacked'}: ${complaint(ended)}`)
}

const complaint = (ended: Ended): string => {
  if (ended.reason === 'timed-out') return 'it did not end in time'
  if (ended.reason === 'not-started') return messageOf(ended.error)
  return printableLine(ended.stdout.trim() || ended.stderr.trim() || `it ended with ${ended.exitCode ?? ended.signal}`, 600)
}
