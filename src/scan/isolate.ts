import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { atPrefix, PREFIX } from '../auditor/cinc/prefix.ts'
import { chooseIsolation, type Isolation } from '../auditor/isolation/isolation.ts'
import { type Needs, programOnPath, treesOf } from '../auditor/isolation/view.ts'
import type { AuditorProgram } from '../auditor/program.ts'
import type { Config } from '../config/config.ts'
import { isBelow } from '../kernel/below.ts'
import { printableLine } from '../kernel/name.ts'
import type { Checked } from '../profile/check.ts'
import type { FetchPorts, Profile } from '../profile/fetch.ts'
import { childEnvironment, type Ports } from './ports.ts'
import type { RunFolder } from './run-folder.ts'

/** What the isolation is of. */
export interface Isolated {
  readonly auditor: AuditorProgram
  readonly profiles: readonly Profile[]
  /** Their folders, and those of what they include, which are read ahead. */
  readonly checked: readonly Checked[]
  readonly own: RunFolder
}

/** The isolation of the auditor, tried with it before any right exists. Throws ISOLATION_FAILED. */
export const isolateAuditor = async (config: Config, { auditor, profiles, checked, own }: Isolated, ports: Ports): Promise<Isolation> => {
  const network = config.runnerResources === 'allow'
  const hidden = privatePlaces(config, ports)
  const env = childEnvironment(ports.host.env)
  const { file, args } = auditor.command
  const { prefix } = auditor
  const isolation = await chooseIsolation({
    what: 'the auditor',
    wish: config.isolation,
    needs: { ...seenOf(auditor, { path: env['PATH'] ?? '', hidden }), network, machine: network, hidden },
    data: [
      ...(auditor.folder === undefined ? [] : [[auditor.folder]]),
      ...[ports.plugin, ...(network ? certificates(env) : [])].map((path) => [path]),
      profiles.map(({ path }) => path),
      ...checked.map(({ folder }) => [folder]),
      ...own.inputFiles.concat(own.waiverFiles).map((path) => [isBelow(path, own.folder) ? dirname(path) : path])
    ],
    probe: { file, args: [...args, 'version'] },
    ...(prefix === undefined ? {} : { outside: (program) => atPrefix(prefix, program) }),
    env: { ...env, ...auditor.env },
    folder: own.folder,
    plugin: ports.plugin,
    seconds: config.scanTimeout / 1000,
    signal: ports.signal
  })
  tell(isolation, network, ports)
  return isolation
}

/** A package of CINC is put to its place in the isolation itself. */
const seenOf = ({ command, prefix }: AuditorProgram, options: Parameters<typeof treesOf>[1]): Pick<Needs, 'programs' | 'moved'> =>
  prefix === undefined || prefix.way === 'installed'
    ? { programs: treesOf(command.file, options) }
    : { programs: [], moved: [{ from: prefix.tree, path: PREFIX }] }

/** Of authorities that the user trusts. */
const certificates = (env: Readonly<Record<string, string>>): string[] =>
  [env['SSL_CERT_FILE'] ?? '', env['SSL_CERT_DIR'] ?? ''].filter((path) => existsSync(path))

/**
 * What git runs in: it sees its programs, certificates and the folder that it may write to, and has the network. Throws ISOLATION_FAILED. Where there is no
 * git, that is for whoever starts it to say.
 */
export const isolateGit = async (
  config: Pick<Config, 'isolation' | Private>,
  { folder, own }: { readonly folder: string; readonly own: string },
  ports: Ports
): Promise<FetchPorts['run']> => {
  const env = childEnvironment(ports.host.env)
  const hidden = privatePlaces(config, ports)
  const git = await programOnPath('git', { path: env['PATH'] ?? '', hidden })
  if (git === undefined) return undefined
  const isolation = await chooseIsolation({
    what: 'git',
    wish: config.isolation,
    needs: { programs: git.trees, network: true, machine: false, hidden },
    data: [ports.plugin, ...certificates(env)].map((path) => [path]),
    probe: { file: git.file, args: ['--version'] },
    env,
    folder,
    plugin: ports.plugin,
    seconds: GIT_SECONDS,
    signal: ports.signal
  })
  ports.host.log.info(printableLine(`Isolation of git: ${isolation.says}; with the network`, 1000))
  return (job) => isolation.run(job, own)
}

const GIT_SECONDS = 120

/** What tells where private things lie. */
type Private = 'kubeconfig' | 'reportsPath' | 'profiles'

/** What the auditor must not see, where it lies below what it sees. */
const privatePlaces = ({ kubeconfig, reportsPath, profiles }: Pick<Config, Private>, { host }: Ports): string[] => {
  const repositories = profiles.flatMap((profile) => (profile.kind === 'path' ? [join(profile.path, '.git')] : []))
  const places = [homedir(), process.cwd(), host.journalFolder, host.toolFolder, host.tempFolder, reportsPath, kubeconfig, '.git', ...repositories, '/run']
  return [...new Set(places.filter((path) => existsSync(path)).map((path) => realpathSync(path)))]
}

const tell = ({ kind, says }: Isolation, network: boolean, { host: { log } }: Ports): void => {
  const open = network && kind !== 'none' ? '; with the network and the files of this machine (runner-resources: allow)' : ''
  const line = printableLine(`Isolation of the auditor: ${says}${open}`, 1000)
  if (kind === 'none') log.warn(`${line}: run only profiles that you trust`)
  else log.info(line)
}
