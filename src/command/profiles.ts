import { openExisting } from '../cluster/existing.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../kernel/clock.ts'
import { messageOf, badInput, EXIT, type ExitCode, type Problem } from '../kernel/error.ts'
import { inertJson, printableLine } from '../kernel/name.ts'
import { readAtMost, readLinked, STDIN } from '../kernel/read-file.ts'
import { CATALOG, type CatalogEntry } from '../profile/catalog.ts'
import { fits, type OsRelease, parseOsRelease } from '../profile/os-release.ts'
import { osReleaseOf } from '../scan/os-release.ts'
import { toldTo } from '../scan/ports.ts'
import { targetsOf } from '../scan/targets.ts'
import { showSkipped } from '../target/select.ts'
import { showFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import { DASH } from './read-hdf.ts'
import type { Request } from './request.ts'

/** What a system is, and the containers that it was read of. */
interface System {
  readonly release: OsRelease
  readonly containers: readonly string[]
}

/** `kscan profiles`: the catalog of public profiles, and which of them fit a system. Fetches nothing. */
export const profilesCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal, json, osRelease } = request
  try {
    const { config } = readConfig('profiles', request, osRelease === undefined ? [] : aloneProblems(request))
    const systems = osRelease === undefined ? await systemsOf(config, request) : [{ release: readRelease(osRelease), containers: [] }]
    host.print(json ? inertJson(jsonOf(systems)) : textOf(systems))
    return EXIT.passed
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return failure.exitCode
  }
}

const aloneProblems = ({ flags }: Request): Problem[] =>
  ['pod', 'workload', 'selector'].filter((name) => flags.has(name)).map((name) => ({ name, expected: 'either a target or --os-release', got: 'both' }))

/** The systems of the targets, each once; none where no target is named. */
const systemsOf = async (config: Config, { host, signal }: Request): Promise<System[]> => {
  if (config.target === undefined) return []
  const cluster = await openExisting({ ...config, env: host.env, signal, ...toldTo(host) })
  try {
    const { targets, skipped } = await targetsOf(cluster.connection, config, {
      namespace: config.namespace ?? cluster.namespace,
      wanted: config.target,
      signal
    })
    for (const each of skipped) host.log.info(`Not looked at: ${showSkipped(each)}`)
    const found = new Map<string, System>()
    for (const target of targets) {
      const release = await osReleaseOf(target, { connection: cluster.connection, clock: systemClock, signal })
      const key = JSON.stringify(release)
      found.set(key, { release, containers: [...(found.get(key)?.containers ?? []), target.name] })
    }
    return [...found.values()]
  } finally {
    cluster.connection.agent.destroy()
  }
}

const MOST_BYTES = 64 * 1024

const readRelease = (file: string): OsRelease => {
  try {
    const bytes = file === DASH ? readAtMost(STDIN, MOST_BYTES) : readLinked(file, MOST_BYTES)
    if (bytes === undefined) throw new Error(`it has more than ${MOST_BYTES} bytes`)
    return parseOsRelease(new TextDecoder().decode(bytes))
  } catch (error) {
    throw badInput([{ name: 'os-release', expected: 'a file like /etc/os-release', got: printableLine(`${file}: ${messageOf(error)}`) }])
  }
}

const catalogFor = (release: OsRelease | undefined): unknown =>
  CATALOG.map((entry) => ({ ...entry, profile: `catalog/${entry.name}`, ...(release === undefined ? {} : { fits: fits(entry, release) }) }))

const jsonOf = (systems: readonly System[]): unknown =>
  systems.length === 0
    ? { profiles: catalogFor(undefined) }
    : { systems: systems.map(({ release, containers }) => ({ system: release.name, containers, profiles: catalogFor(release) })) }

const textOf = (systems: readonly System[]): string =>
  systems.length === 0 ? table(undefined).join('\n') : systems.map((system) => systemLines(system).join('\n')).join('\n\n')

const systemLines = ({ release, containers }: System): string[] => [
  `System: ${printableLine(release.name)}${containers.length === 0 ? '' : ` (${containers.join(', ')})`}`,
  ...table(release)
]

const FITS = { yes: 'fits', program: 'if installed', no: '-' } as const
const ORDER = ['yes', 'program', 'no'] as const

const table = (release: OsRelease | undefined): string[] => {
  const ordered = release === undefined ? CATALOG : CATALOG.toSorted((one, other) => ORDER.indexOf(fits(one, release)) - ORDER.indexOf(fits(other, release)))
  const row = (entry: CatalogEntry): string[] => [
    ...(release === undefined ? [] : [FITS[fits(entry, release)]]),
    `catalog/${entry.name}`,
    entry.platform,
    String(entry.controls),
    entry.license,
    entry.auditor === '' ? 'any' : entry.auditor
  ]
  const head = [...(release === undefined ? [] : ['']), 'PROFILE', 'FOR', 'CONTROLS', 'LICENCE', 'AUDITOR']
  const rows = [head, ...ordered.map(row)]
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
}
