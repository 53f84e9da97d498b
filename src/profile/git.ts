import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isBelow } from '../kernel/below.ts'
import { messageOf, ScanError } from '../kernel/error.ts'
import { gitUrl, isCommit } from '../kernel/git-address.ts'
import { printableLine } from '../kernel/name.ts'
import type { Secret } from '../kernel/secret.ts'
import { type Ended, type Job, run } from '../process/run.ts'
import { type GitSource, hostOf } from './source.ts'
import { withSsh } from './ssh.ts'

export interface GitPorts {
  /** A private folder for what is fetched. */
  readonly folder: string
  /** The allow-listed environment for git. */
  readonly env: Readonly<Record<string, string>>
  /** What ssh gets besides: HOME, and the socket of the agent. */
  readonly sshEnv?: Readonly<Record<string, string>> | undefined
  readonly gitToken: GitToken | undefined
  /** Starts git, which talks to a host that nobody vouches for; without it git starts like every other program. */
  readonly run?: ((job: Job) => Promise<Ended>) | undefined
  /** Makes that where it is needed; gives the same each time. */
  readonly isolate?: (() => Promise<GitPorts['run']>) | undefined
  readonly signal: AbortSignal
}

/** A token, and the one host to which it is sent, with its port where that is not 443. */
export interface GitToken {
  readonly secret: Secret
  readonly host: string
}

/** The files of one commit, those of its submodules too. */
export interface Checkout {
  readonly path: string
  readonly commit: string
}

const GIT_MS = 120_000
/** Of submodules in submodules. */
const DEEPEST = 4
const MOST_SUBMODULES = 50

/** Nothing of git's leads elsewhere, and what is fetched starts no program: there are no hooks, and no submodule but those that we fetch as we fetch the rest. */
const SETTINGS = [
  ['http.followRedirects', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['fetch.recurseSubmodules', 'false'],
  ['submodule.recurse', 'false'],
  ['protocol.ext.allow', 'always']
] as const

/** Git's own helper: it reads a file that only we can, and answers for the one host in it, over https alone. */
const HELPER = ['credential.helper', 'store'] as const
const CREDENTIALS = '.git-credentials'

const gitEnvironment = (settings: readonly (readonly [string, string])[], protocol: string): Record<string, string> =>
  Object.fromEntries([
    ['GIT_TERMINAL_PROMPT', '0'],
    ['GIT_CONFIG_NOSYSTEM', '1'],
    ['GIT_ALLOW_PROTOCOL', protocol],
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value]
    ])
  ])

/** Brings one commit here, without its history, and the submodules that the profile's folder has. Throws PROFILE_FAILED, or the signal's reason. */
export const checkoutGit = async (source: GitSource, ports: GitPorts): Promise<Checkout> => {
  const path = join(ports.folder, `profile-${createHash('sha256').update(`${source.url}\0${source.commit}`).digest('hex').slice(0, 16)}`)
  await mkdir(path, { recursive: true, mode: 0o700 })
  const commit = await fetchInto(path, source, ports)
  await fetchSubmodules(path, { source, ports, depth: 1, left: { count: MOST_SUBMODULES } })
  return { path, commit }
}

type Repository = Pick<GitSource, 'url' | 'commit'>

/** The commit that came. */
const fetchInto = async (path: string, source: Repository, ports: GitPorts): Promise<string> => {
  const git = gitIn(path, source, ports)
  await git(['init', '--quiet'])
  const fetch = ['fetch', '--quiet', '--depth=1', '--no-tags', '--']
  if (source.url.startsWith('ssh:')) await overSsh(source, { ports, fetched: (address) => git([...fetch, address, source.commit]) })
  else await withToken(source, ports, () => git([...fetch, source.url, source.commit]))
  const commit = isCommit(source.commit) ? source.commit : (await git(['rev-parse', '--verify', 'FETCH_HEAD^{commit}'])).stdout.trim()
  await git(['checkout', '--quiet', '--detach', commit])
  return commit
}

type Git = (args: readonly string[]) => Promise<Ended>

/** The token is neither in an argument nor in the environment, and in a file only as long as git talks to its host. */
const withToken = async (source: Repository, ports: GitPorts, work: () => Promise<unknown>): Promise<void> => {
  const credentials = join(ports.folder, CREDENTIALS)
  const token = tokenFor(source, ports)
  try {
    if (token !== undefined) await writeFile(credentials, credentialOf(token), { mode: 0o600, flag: 'wx' })
    await work()
  } finally {
    await rm(credentials, { force: true })
  }
}

const tokenFor = (source: Repository, { gitToken }: GitPorts): GitToken | undefined =>
  source.url.startsWith('https:') && gitToken?.host === hostOf(source) ? gitToken : undefined

const USER = 'x-access-token'

const credentialOf = ({ secret, host }: GitToken): string => `https://${USER}:${encodeURIComponent(secret.reveal())}@${host}\n`

interface OverSsh {
  readonly ports: GitPorts
  readonly fetched: (address: string) => Promise<unknown>
}

const overSsh = async (source: Repository, { ports, fetched }: OverSsh): Promise<void> => {
  const work = (folder: string): Promise<Error | undefined> =>
    fetched(pipesAt(folder)).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(messageOf(error)))
    )
  const { done: failure, said } = await withSsh(source.url, { ...ports, env: { ...ports.env, ...ports.sshEnv } }, work)
  ports.signal.throwIfAborted()
  if (failure instanceof ScanError) throw failedWith(source, `${said === '' ? '' : `ssh: ${said}; `}${failure.message}`, SSH_HINT)
  if (failure !== undefined) throw failure
}

/** An address of git for two pipes: a program that passes on what goes through them. */
const pipesAt = (folder: string): string => {
  const at = (name: string): string => `'${join(folder, name).replaceAll("'", "'\\''")}'`
  return `ext::/bin/sh -c ${`cat <${at('answers')} & exec cat >${at('requests')}`.replace(/[% ]/g, '%$&')}`
}

const SSH_HINT =
  'Is the host in known_hosts (kscan adds none: ssh-keyscan shows the key, its owner the fingerprint), is a key in the agent or named in ~/.ssh/config without a passphrase, and is the commit pushed?'
const HINT =
  'Is the address right (no redirection is followed: name where it leads, often with .git at the end), is the commit pushed, and does a private repository have its git-token, with git-token-host where several hosts are asked?'

const failedWith = ({ url, commit }: Repository, why: string, hint: string): ScanError =>
  new ScanError('PROFILE_FAILED', `The profile ${printableLine(url)} at ${printableLine(commit)} could not be fetched: ${printableLine(why)}`, { hint })

const gitIn = (path: string, source: Repository, ports: GitPorts): Git => {
  const settings = tokenFor(source, ports) === undefined ? SETTINGS : [...SETTINGS, HELPER]
  // by name, for an isolated program may start in another folder than it was told
  const place = { GIT_DIR: join(path, '.git'), GIT_WORK_TREE: path }
  const env = { ...ports.env, HOME: ports.folder, ...place, ...gitEnvironment(settings, source.url.startsWith('ssh:') ? 'ext' : 'https') }
  return async (args) => {
    const start = ports.run ?? (await ports.isolate?.()) ?? run
    const ended = await start({ file: 'git', args, env, cwd: path, ownHome: true, timeout: GIT_MS, signal: ports.signal })
    ports.signal.throwIfAborted()
    if (ended.reason === 'exited' && ended.exitCode === 0) return ended
    throw failedWith(source, `git ${args[0]}: ${ended.stderr || (ended.error?.message ?? ended.reason)}`, HINT)
  }
}

interface Submodules {
  readonly source: Pick<GitSource, 'url' | 'commit' | 'subdir'>
  readonly ports: GitPorts
  readonly depth: number
  readonly left: { count: number }
}

/** Each at the commit that the one above names. One without an address lies nowhere. */
const fetchSubmodules = async (path: string, { source, ports, depth, left }: Submodules): Promise<void> => {
  if (!existsSync(join(path, '.gitmodules'))) return
  const git = gitIn(path, source, ports)
  const links = linksIn((await git(['ls-tree', '-r', '-z', '--full-tree', 'HEAD'])).stdout).filter((link) => isWanted(link.path, source.subdir))
  if (links.length === 0) return
  const addresses = addressesIn((await git(['config', '--file', join(path, '.gitmodules'), '--null', '--list'])).stdout)
  for (const link of links) {
    const address = addresses.get(link.path)
    if (address === undefined) continue
    left.count -= 1
    if (depth > DEEPEST || left.count < 0)
      throw failedWith(source, `it has more submodules than ${MOST_SUBMODULES}, or more than ${DEEPEST} in each other`, HINT)
    const below = { url: submoduleUrl(address, source), commit: link.commit }
    const folder = folderFor(path, link.path, source)
    await fetchInto(folder, below, ports)
    await fetchSubmodules(folder, { source: below, ports, depth: depth + 1, left })
  }
}

const linksIn = (listing: string): { path: string; commit: string }[] =>
  listing.split('\0').flatMap((line) => {
    const [, commit, path] = /^160000 commit ([0-9a-f]{40,64})\t(.+)$/s.exec(line) ?? []
    return commit === undefined || path === undefined ? [] : [{ path, commit }]
  })

/** In the profile's folder, or around it. */
const isWanted = (path: string, subdir: string | undefined): boolean => subdir === undefined || isBelow(path, subdir) || isBelow(subdir, path)

const addressesIn = (listing: string): ReadonlyMap<string, string> => {
  const values = new Map(
    listing.split('\0').map((entry) => {
      const [key = '', value = ''] = entry.split(/\n(.*)/s, 2)
      return [key, value] as const
    })
  )
  const names = [...values.keys()].flatMap((key) => /^submodule\.(.+)\.path$/s.exec(key)?.[1] ?? [])
  return new Map(names.map((name) => [values.get(`submodule.${name}.path`) ?? '', values.get(`submodule.${name}.url`) ?? '']))
}

const submoduleUrl = (address: string, source: Repository): string => {
  const relative = /^\.\.?\//.test(address)
  const url = gitUrl(relative ? relativeTo(source.url, address) : address)
  if (url !== undefined) return url
  throw failedWith(source, `it has a submodule at ${address}, which is no address of https or ssh`, HINT)
}

/** As git reads it: the repository itself is one step of the path. */
const relativeTo = (url: string, address: string): string => {
  const base = new URL(url)
  const parts = base.pathname.replace(/\/+$/, '').split('/')
  let rest = address
  for (let step = /^(\.\.?)\//.exec(rest); step !== null; step = /^(\.\.?)\//.exec(rest)) {
    if (step[1] === '..') parts.pop()
    rest = rest.slice(step[0].length)
  }
  return `${base.protocol}//${base.username === '' ? '' : `${base.username}@`}${base.host}${[...parts, rest].join('/')}`
}

/** No link of the repository leads out of it. */
const folderFor = (path: string, name: string, source: Repository): string => {
  const folder = join(path, name)
  const parent = dirname(folder)
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  if (!isBelow(realpathSync(parent), realpathSync(path)) || !isBelow(folder, path)) throw failedWith(source, 'it has a submodule that leads out of it', HINT)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** The form in which git sends the token, and may repeat it. */
export const basicOf = (token: Secret): string => Buffer.from(`${USER}:${token.reveal()}`).toString('base64')
