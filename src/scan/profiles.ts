import { mkdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type Config, OWN_PROFILE, type ProfileChoice } from '../config/config.ts'
import { badInput, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { pinsOf, flat, writeBundle } from '../profile/bundle.ts'
import { type CatalogEntry, entryOf, sourceOfEntry } from '../profile/catalog.ts'
import type { Checked } from '../profile/check.ts'
import { variablesRead } from '../profile/environment.ts'
import { demandEachOnce, fetchProfile, type Fetched, type Profile } from '../profile/fetch.ts'
import { basicOf, type GitToken } from '../profile/git.ts'
import { readMetadata } from '../profile/metadata.ts'
import { resolveDependencies, type Dependency, type ResolvePorts } from '../profile/resolve.ts'
import { hostOf, type ProfileSource } from '../profile/source.ts'
import { readText } from '../kernel/read-file.ts'
import { demandControls } from '../profile/control-ids.ts'
import { type InputsText, unknownInputs } from '../profile/unknown-inputs.ts'
import { isolateGit } from './isolate.ts'
import { childEnvironment, type Ports } from './ports.ts'
import type { RunFolder } from './run-folder.ts'

export type FetchConfig = Pick<
  Config,
  'profiles' | 'allowUnpinned' | 'gitToken' | 'gitTokenHost' | 'profileEnv' | 'isolation' | 'kubeconfig' | 'reportsPath' | 'fetching'
>

/** What is asked of them, too. */
type ReadyConfig = FetchConfig & Pick<Config, 'controls' | 'profileInputs' | 'profileInputFiles'>

/** A profile of the run with all that it includes. */
export interface Brought {
  readonly profile: Profile
  /** Unpacked; undefined for one file. */
  readonly folder: string | undefined
  readonly dependencies: readonly Dependency[]
  readonly checked: readonly Checked[]
}

export interface ReadyProfiles {
  readonly profiles: readonly Profile[]
  /** The profiles and what they include, for what is looked at before anything is started. */
  readonly checked: readonly Checked[]
  /** A folder with files of the auditor's gems, where an archive has brought them. */
  readonly gems: string | undefined
}

interface Room {
  readonly own: Pick<RunFolder, 'folder'>
  readonly ports: Ports
}

/** Brings all profiles here with what they include, before anything is asked of the cluster. Throws BAD_INPUT for what is not pinned, or named twice. */
export const readyProfiles = async (config: ReadyConfig, room: Room): Promise<ReadyProfiles> => {
  const { ports, own } = room
  if (config.profiles.some(({ kind }) => kind === 'own')) ports.host.log.info(`Profile: ${OWN_PROFILE}, which is part of kscan; the input profile names others`)
  const { brought, gems } = await bringProfiles(config, room)
  const profiles = brought.map((each, index) => runnable(each, join(own.folder, 'vendored', String(index + 1))))
  for (const profile of profiles) {
    tellOfDependencies(profile, ports)
    tellOfVariables(profile, { ...childEnvironment(ports.host.env), ...config.profileEnv }, ports)
  }
  demandControls(profiles, config.controls)
  for (const sentence of unknownInputs(profiles, inputTexts(config))) ports.host.log.warn(sentence)
  return { profiles, checked: brought.flatMap(({ checked }) => checked), gems }
}

/** What is fetched, unpacked and resolved; what is wrong with several profiles is told at once. */
export const bringProfiles = async (config: FetchConfig, { own, ports }: Room): Promise<{ brought: Brought[]; gems: string | undefined }> => {
  const folder = join(own.folder, 'profiles')
  const unpacked = join(own.folder, 'unpacked')
  for (const path of [folder, unpacked]) await mkdir(path, { mode: 0o700 })
  const fetchPorts: ResolvePorts = {
    folder,
    unpacked,
    env: gitEnvironment(ports),
    sshEnv: sshEnvironment(ports),
    gitToken: tokenOf(config, ports),
    isolate: once(() => isolateGit(config, { folder: own.folder, own: folder }, ports)),
    fetching: config.fetching,
    signal: ports.signal,
    allowUnpinned: config.allowUnpinned,
    warn: (text) => ports.host.log.warn(text)
  }
  const failures: ScanError[] = []
  const brought: Brought[] = []
  let gems: string | undefined
  for (const choice of config.profiles) {
    const done = await bringChoice(choice, fetchPorts, ports).catch(failureOf(ports))
    if (done instanceof ScanError) failures.push(done)
    else {
      gems ??= done.gems
      brought.push(...done.brought)
    }
  }
  demandNone(failures)
  demandEachOnce(brought.map(({ profile }) => profile))
  return { brought, gems }
}

const failureOf =
  ({ signal }: Ports) =>
  (error: unknown): ScanError => {
    signal.throwIfAborted()
    if (error instanceof ScanError) return error
    throw error
  }

const bringChoice = async (choice: ProfileChoice, fetchPorts: ResolvePorts, ports: Ports): Promise<{ brought: Brought[]; gems: string | undefined }> => {
  const fetched = await fetchChoice(choice, fetchPorts, ports)
  const brought: Brought[] = []
  for (const each of fetched.pack?.profiles ?? [fetched]) brought.push(await bring(each, fetchPorts))
  return { brought, gems: fetched.pack?.gems }
}

const demandNone = (failures: readonly ScanError[]): void => {
  const problems = failures.flatMap((failure) => failure.problems)
  if (problems.length > 0) throw badInput(problems)
  const [first, ...more] = failures
  if (first === undefined) return
  if (more.length === 0) throw first
  throw new ScanError('PROFILE_FAILED', failures.map(({ message }) => message).join('; '), {
    cause: first,
    ...(first.hint === undefined ? {} : { hint: first.hint })
  })
}

const fetchChoice = async (choice: ProfileChoice, fetchPorts: ResolvePorts, ports: Ports): Promise<Fetched> => {
  if (choice.kind === 'catalog') return await fetchEntry(entryFor(choice.name), fetchPorts)
  const fetched = await fetchProfile(sourceOf(choice, ports), fetchPorts)
  const shown = shownSource(choice)
  return shown === undefined ? fetched : { ...fetched, source: shown }
}

const fetchEntry = async (entry: CatalogEntry, fetchPorts: ResolvePorts): Promise<Fetched> => {
  const fetched = await fetchProfile(sourceOfEntry(entry), fetchPorts)
  demandDigest(entry, fetched)
  return { ...fetched, source: `catalog/${entry.name} (${fetched.source})` }
}

const entryFor = (name: string): CatalogEntry => {
  const entry = entryOf(name)
  if ('expected' in entry) throw badInput([entry])
  return entry
}

const demandDigest = ({ name, sha256 }: CatalogEntry, fetched: Fetched): void => {
  if (fetched.sha256 === sha256) return
  throw badInput([
    {
      name: 'profile',
      expected: `catalog/${name} with SHA-256 ${sha256}`,
      got: fetched.sha256,
      hint: 'What came is not what the catalog names: nothing of it was run.'
    }
  ])
}

const bring = async (fetched: Fetched, ports: ResolvePorts): Promise<Brought> => {
  const dependencies = await resolveDependencies(fetched, ports)
  const { source, path, sha256, folder } = fetched
  const known = new Map(fetched.dependencies?.map((each) => [each.way, each.source]))
  const pins = pinsOf(dependencies).map((each) => ({ ...each, source: known.get(each.way) ?? each.source }))
  const profile = { source, path, sha256, ...(pins.length === 0 ? {} : { dependencies: pins }) }
  return { profile, folder, dependencies, checked: folder === undefined ? [] : checkedOf(folder, dependencies) }
}

const checkedOf = (folder: string, dependencies: readonly Dependency[]): Checked[] => {
  const metadata = readMetadata(folder)
  return [{ way: metadata.name ?? basename(folder), metadata, folder }, ...flat(dependencies)]
}

/** With all that it includes in one folder, where it includes any. */
const runnable = ({ profile, folder, dependencies }: Brought, target: string): Profile => {
  if (folder === undefined || dependencies.length === 0) return profile
  writeBundle(folder, dependencies, target)
  return { ...profile, path: target }
}

/** What is not needed is not started. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return async () => await (made ??= make())
}

/** They were read and checked before. */
const inputTexts = ({ profileInputs, profileInputFiles }: Pick<Config, 'profileInputs' | 'profileInputFiles'>): InputsText[] => [
  { source: 'profile-inputs', text: profileInputs },
  ...profileInputFiles.map((path) => ({ source: printableLine(path), text: readText(path, INPUTS_BYTES) }))
]
const INPUTS_BYTES = 1024 * 1024

/** Git asks for the authorities by a name of its own. */
const gitEnvironment = ({ host }: Ports): Record<string, string> => {
  const env = childEnvironment(host.env)
  return env['SSL_CERT_FILE'] === undefined ? env : { ...env, GIT_SSL_CAINFO: env['SSL_CERT_FILE'] }
}

const SSH = ['HOME', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK']

/** The caller's own ssh finds its configuration, its known hosts and its agent by these. */
const sshEnvironment = ({ host: { env } }: Ports): Record<string, string> =>
  Object.fromEntries(SSH.flatMap((name) => (env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]])))

/** For one host alone: that of the first profile of git where no other is named. What a profile includes does not choose it. */
const tokenOf = (
  { profiles, gitToken, gitTokenHost }: Pick<Config, 'profiles' | 'gitToken' | 'gitTokenHost'>,
  { host: { mask, log } }: Ports
): GitToken | undefined => {
  if (gitToken === undefined) return undefined
  for (const form of [gitToken.reveal(), encodeURIComponent(gitToken.reveal()), basicOf(gitToken)]) mask(form)
  const hosts = profiles.flatMap((choice) => (choice.kind === 'git' && choice.url.startsWith('https:') ? [hostOf(choice)] : []))
  const host = gitTokenHost ?? hosts[0]
  if (host === undefined) {
    log.warn('git-token goes to no host: no profile is named by git+https://, and git-token-host is not given')
    return undefined
  }
  const others = [...new Set(hosts)].filter((each) => each !== host)
  if (others.length > 0) log.info(`git-token goes to ${host} alone, not to ${others.join(', ')}`)
  return { secret: gitToken, host }
}

const sourceOf = (choice: Exclude<ProfileChoice, { kind: 'catalog' }>, { plugin }: Ports): ProfileSource => {
  if (choice.kind === 'own') return { kind: 'path', path: join(plugin, 'profiles', OWN_PROFILE) }
  return choice.kind === 'git' || choice.kind === 'download' ? choice : { ...choice, path: resolve(choice.path) }
}

/** As it was given; undefined where the address says more. */
const shownSource = (choice: Exclude<ProfileChoice, { kind: 'catalog' }>): string | undefined => {
  if (choice.kind === 'own') return OWN_PROFILE
  return choice.kind === 'git' || choice.kind === 'download' ? undefined : choice.path
}

const tellOfDependencies = ({ source, dependencies = [] }: Profile, { host }: Ports): void => {
  if (dependencies.length === 0) return
  host.log.info(printableLine(`Profile ${source} includes:`))
  for (const { way, source: from, sha256 } of dependencies) host.log.info(printableLine(`  ${way}: ${from}, SHA-256 ${sha256}`, 1000))
}

/** A profile may well do without; what it would do with them, only its author knows. */
const tellOfVariables = ({ source, path }: Profile, given: Readonly<Record<string, string>>, { host }: Ports): void => {
  const wanted = [...variablesRead(path)].filter((name) => name !== 'HOME' && !(name in given))
  if (wanted.length > 0)
    host.log.warn(
      `the profile ${printableLine(source)} reads ${wanted.join(', ')} of the environment, and does not get ${wanted.length === 1 ? 'it' : 'them'}: name in profile-env what it may read, and set it`
    )
}
