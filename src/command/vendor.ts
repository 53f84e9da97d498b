import { randomBytes } from 'node:crypto'
import { lstatSync, statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CATALOG } from '../auditor/gems.ts'
import { fetchGems } from '../auditor/install.ts'
import type { Config } from '../config/config.ts'
import type { RawInputs } from '../config/raw.ts'
import { listText } from '../config/values.ts'
import { systemClock } from '../kernel/clock.ts'
import { badInput, EXIT, type ExitCode, messageOf, type Problem, ScanError } from '../kernel/error.ts'
import { inertJson, newRunId, printableLine } from '../kernel/name.ts'
import { writeBundle } from '../profile/bundle.ts'
import { digestOfBytes } from '../profile/digest.ts'
import { readMetadata } from '../profile/metadata.ts'
import { type PackManifest, type Packing, writePack } from '../profile/pack.ts'
import { auditorOptions } from '../scan/auditor-options.ts'
import type { Ports } from '../scan/ports.ts'
import { bringProfiles, type Brought } from '../scan/profiles.ts'
import { trustingPorts, withRunFolder } from '../scan/run-folder.ts'
import { Scope } from '../undo/scope.ts'
import { showFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

/** `kscan vendor`: one archive of profiles, of all that they include, and, asked for, of the auditor's gems. No cluster is asked anything. */
export const vendorCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const flags = withWords(request)
    const { config, raw } = readConfig('vendor', { ...request, flags }, [...outputProblems(request.output), ...profileProblem(flags, request)])
    const ports: Ports = { host, clock: systemClock, signal, version: request.version, plugin: request.plugin }
    const { bytes, manifest } = await pack(config, { gems: raw.has('auditor'), ports })
    const file = request.output ?? ''
    await put(file, bytes)
    const sha256 = digestOfBytes(bytes)
    host.print(request.json ? inertJson({ archive: file, sha256, ...manifest }) : told(file, sha256, manifest).join('\n'))
    return EXIT.passed
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return failure.exitCode
  }
}

/** The words of the command line are the input profile. */
const withWords = ({ files, flags }: Request): RawInputs =>
  files.length === 0 ? flags : new Map([...flags, ['profile', { value: listText(files), origin: 'flag' }]])

const profileProblem = (flags: RawInputs, { files, flags: given }: Request): Problem[] => {
  const auditor = flags.get('auditor')?.value.trim() ?? 'gems'
  return [
    ...(files.length > 0 && given.has('profile') ? [{ name: 'profile', expected: 'profiles as words, or by --profile', got: 'both' }] : []),
    ...(files.length === 0 && !given.has('profile')
      ? [{ name: 'PROFILE', expected: 'at least one profile', got: 'none', hint: 'For example: kscan vendor ./profiles/baseline --output profiles.tgz' }]
      : []),
    ...(auditor === 'gems' ? [] : [{ name: 'auditor', expected: 'gems, which alone can be put into an archive', got: JSON.stringify(auditor) }])
  ]
}

const outputProblems = (file: string | undefined): Problem[] => {
  const problem = (got: string): Problem[] => [{ name: 'output', expected: 'the file to write, as --output FILE.tgz', got: printableLine(got) }]
  if (file === undefined || file.trim() === '') return problem('none')
  if (!/\.(?:tgz|tar\.gz)$/.test(file)) return problem(file)
  if (statSync(dirname(resolve(file)), { throwIfNoEntry: false })?.isDirectory() !== true) return problem(`${file}: there is no such folder`)
  const there = lstatSync(file, { throwIfNoEntry: false })
  return there === undefined || there.isFile() ? [] : problem(`${file}: something else is there`)
}

const pack = async (config: Config, { gems, ports: given }: { gems: boolean; ports: Ports }): Promise<ReturnType<typeof writePack>> => {
  const scope = new Scope()
  return await withRunFolder(config, { run: newRunId(), ports: given, scope }, async (own) => {
    const ports = trustingPorts(given, own)
    const { brought } = await bringProfiles(config, { own, ports })
    demandFolders(brought)
    const files = gems ? await ports.host.phase('Fetch the auditor', () => fetchGems(auditorOptions(config, ports, own), own.folder)) : undefined
    return writePack({
      profiles: brought.map((each, index) => packed(each, join(own.folder, 'vendored', String(index + 1)))),
      auditor: files === undefined ? undefined : { ...CATALOG.auditor, files }
    })
  })
}

const demandFolders = (brought: readonly Brought[]): void => {
  const problems = brought.flatMap(({ folder, profile: { source } }) =>
    folder === undefined ? [{ name: 'profile', expected: 'profiles with an inspec.yml', got: printableLine(source) }] : []
  )
  if (problems.length > 0) throw badInput(problems)
}

const packed = ({ folder = '', profile, dependencies }: Brought, bundle: string): Packing['profiles'][number] => {
  writeBundle(folder, dependencies, bundle)
  const { name = '', version = '' } = readMetadata(folder)
  return { name, version, source: profile.source, sha256: profile.sha256, bundle, dependencies: profile.dependencies ?? [] }
}

/** In one step, so that nobody ever sees half of it. */
const put = async (file: string, bytes: Uint8Array): Promise<void> => {
  const half = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(half, bytes, { flag: 'wx' })
    await rename(half, file)
  } catch (error) {
    await rm(half, { force: true })
    throw new ScanError('REPORT_FAILED', `${printableLine(file)} could not be written: ${messageOf(error)}`, { cause: error })
  }
}

const told = (file: string, sha256: string, { profiles, auditor }: PackManifest): string[] => [
  ...profiles.flatMap(({ name, version, source, sha256: digest, dependencies }) => [
    `${printableLine(name)} ${printableLine(version)}: ${printableLine(source)}, SHA-256 ${digest}`,
    ...dependencies.map((each) => `  ${printableLine(each.way)}: ${printableLine(each.source)}, SHA-256 ${each.sha256}`)
  ]),
  ...(auditor === undefined ? [] : [`${auditor.gem} ${auditor.version}: ${auditor.gems.length} gems`]),
  `profile: ${printableLine(file)}#sha256=${sha256}`
]
