import { join } from 'node:path'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Ended, run } from '../process/run.ts'
import { findAuditor, findOnPath, givenAuditor } from './find.ts'
import { isWhole, makeWhole } from './gem-folder.ts'
import { CATALOG, type Catalog, catalogDigest, gemsRefusal, verifyGems } from './gems.ts'
import { type AuditorOptions, type AuditorPorts, type AuditorProgram, type AuditorSource, type Candidate, RUBY_FLAGS, RUBY_HEAP, unusable } from './program.ts'

const PROBE_MS = 10_000
const FETCH_MS = 180_000
const UNPACK_MS = 60_000

const HINT =
  'Install CINC Auditor so that `cinc-auditor` is on PATH, or add `gems` to the input auditor, with Ruby 3.1 or newer on PATH and a gem source that answers.'

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

const consider = async (source: AuditorSource, search: Search): Promise<Candidate> => {
  if (source === 'path') return await findAuditor(search.options, search.ports)
  if (source === 'gems') return await auditorOfGems(search)
  return await givenAuditor(source.path, search.options, search.ports)
}

const announce = (program: AuditorProgram, passedOver: readonly string[]): string =>
  `Auditor: ${program.product} ${program.version} (${program.source}: ${program.command.file})${passedOver.length === 0 ? '' : `; not used: ${passedOver.join('; ')}`}`

const auditorOfGems = async (search: Search): Promise<Candidate> => {
  const { options, catalog } = search
  const refusal = gemsRefusal(catalog, options.version)
  if (refusal !== undefined) return unusable(refusal)
  const ruby = await findRuby(search)
  if (typeof ruby === 'string') return unusable(ruby)
  const folder = join(options.toolFolder, 'auditor', `${catalog.auditor.version}-${ruby.abi}-${ruby.platform}-${catalogDigest(catalog)}`)
  const failure = (await isWhole(folder)) ? undefined : await install(folder, ruby, search)
  if (failure !== undefined) return unusable(failure)
  const args = [...RUBY_FLAGS, join(options.pluginFolder, 'auditor.rb'), folder]
  return {
    kind: 'usable',
    program: { source: 'gems', product: 'kscan auditor', version: catalog.auditor.version, command: { file: ruby.file, args }, env: RUBY_HEAP }
  }
}

interface Ruby {
  readonly file: string
  readonly abi: string
  readonly platform: string
}

/** The Ruby on PATH, or why it cannot be used. */
const findRuby = async ({ options, ports, catalog }: Search): Promise<Ruby | string> => {
  const file = await findOnPath('ruby', options.env['PATH'])
  if (file === undefined) return `gems: no ruby on PATH; Ruby ${catalog.ruby} or newer is needed`
  const script = 'require "rbconfig"; puts [RUBY_VERSION, RbConfig::CONFIG["ruby_version"], RUBY_PLATFORM].join(" ")'
  const ended = await ports.run({ file, args: ['--disable-gems', '-e', script], env: options.env, timeout: PROBE_MS, signal: options.signal })
  const [, version, abi, platform] = /^(\d+\.\d+\.\S+) ([-.+\w]+) ([-.\w]+)$/m.exec(ended.stdout) ?? []
  if (version === undefined || abi === undefined || platform === undefined) return `gems: ${file} did not tell its version: ${complaint(ended)}`
  return isOlder(version, catalog.ruby) ? `gems: ${file} is Ruby ${version}; Ruby ${catalog.ruby} or newer is needed` : { file, abi, platform }
}

/** Compares the first two numbers. */
const isOlder = (version: string, oldest: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number)
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}

/** Fetches, verifies and unpacks; undefined when done, else why not. Throws when what came is not what was asked for. */
const install = async (folder: string, ruby: Ruby, search: Search): Promise<string | undefined> => {
  try {
    await makeWhole(folder, async (workFolder, tree) => {
      const wanted = search.catalog.gems.map((gem) => `${gem.name} ${gem.version}\n`).join('')
      await runGems(['fetch', workFolder], ruby, { ...search, stdin: wanted, timeout: FETCH_MS })
      await verifyGems(join(workFolder, 'cache'), search.catalog)
      await runGems(['unpack', join(workFolder, 'cache'), tree], ruby, { ...search, stdin: '', timeout: UNPACK_MS })
    })
    return undefined
  } catch (error) {
    if (error instanceof ScanError) throw error
    return `gems: ${messageOf(error)}`
  }
}

const runGems = async (args: readonly string[], ruby: Ruby, step: Search & { readonly stdin: string; readonly timeout: number }): Promise<void> => {
  const script = join(step.options.pluginFolder, 'gems.rb')
  const { env, signal } = step.options
  const ended = await step.ports.run({ file: ruby.file, args: [...RUBY_FLAGS, script, ...args], env, stdin: step.stdin, timeout: step.timeout, signal })
  if (ended.exitCode !== 0)
    throw new Error(`${args[0] === 'fetch' ? 'could not be fetched from your gem sources' : 'could not be unpacked'}: ${complaint(ended)}`)
}

const complaint = (ended: Ended): string => {
  if (ended.reason === 'timed-out') return 'it did not end in time'
  if (ended.reason === 'not-started') return messageOf(ended.error)
  return printableLine(ended.stdout.trim() || ended.stderr.trim() || `it ended with ${ended.exitCode ?? ended.signal}`, 600)
}
