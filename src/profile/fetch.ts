import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { badInput, messageOf, type Problem, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { Secret } from '../kernel/secret.ts'
import { run } from '../process/run.ts'

/** Where a profile comes from. */
export type ProfileSource =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'archive'; readonly path: string; readonly sha256: string }
  | { readonly kind: 'git'; readonly url: string; readonly commit: string }

/** A profile on this machine, with the digest of what will run. */
export interface Profile {
  readonly source: string
  readonly path: string
  readonly sha256: string
}

export interface FetchPorts {
  /** A private folder for what is fetched. */
  readonly folder: string
  /** The allow-listed environment for git. */
  readonly env: Readonly<Record<string, string>>
  readonly gitToken: Secret | undefined
  readonly signal: AbortSignal
}

const GIT_MS = 120_000

/** Brings a profile here and checks that it is one. Throws BAD_INPUT for what is missing or no profile, PROFILE_FAILED when git cannot fetch it. */
export const fetchProfile = async (source: ProfileSource, ports: FetchPorts): Promise<Profile> => {
  if (source.kind === 'path') return folderOrFile(source.path)
  if (source.kind === 'archive') return archive(source.path, source.sha256)
  const path = await checkout(source, ports)
  return { ...folderOrFile(path), source: addressOf(source) }
}

/** What is wrong with profiles given by path or archive, and which of all are one and the same. For checks before anything else is done. */
export const profileProblems = (sources: readonly ProfileSource[]): Problem[] => {
  const looked = sources.map((source) => (source.kind === 'git' ? { source: addressOf(source), sha256: source.commit } : lookAt(source)))
  return [...looked.flatMap((each) => ('problem' in each ? each.problem : [])), ...named(looked.flatMap((each) => ('problem' in each ? [] : each)))]
}

const lookAt = (source: Exclude<ProfileSource, { kind: 'git' }>): Profile | { readonly problem: readonly Problem[] } => {
  try {
    return source.kind === 'path' ? folderOrFile(source.path) : archive(source.path, source.sha256)
  } catch (error) {
    return {
      problem: error instanceof ScanError ? error.problems : [{ name: 'profile', expected: 'a readable profile', got: printableLine(messageOf(error)) }]
    }
  }
}

/** Throws BAD_INPUT where two of the profiles that were brought here are the same: the auditor would mix up their controls. */
export const demandEachOnce = (profiles: readonly Profile[]): void => {
  const problems = named(profiles)
  if (problems.length > 0) throw badInput(problems)
}

/** Profiles are the same where what would run is: whatever way leads there, and copies too. */
const named = (profiles: readonly Pick<Profile, 'source' | 'sha256'>[]): Problem[] =>
  [...Map.groupBy(profiles, ({ sha256 }) => sha256).values()]
    .filter((same) => same.length > 1)
    .map((same) => ({
      name: 'profile',
      expected: 'each profile once',
      got: printableLine(`the same one as ${same.map(({ source }) => source).join(' and ')}`)
    }))

const addressOf = ({ url, commit }: { readonly url: string; readonly commit: string }): string => `git+${url}@${commit}`

const notA = (expected: string, got: string, hint?: string): ScanError =>
  new ScanError('BAD_INPUT', 'An input is not usable', {
    problems: [{ name: 'profile', expected, got: printableLine(got), ...(hint === undefined ? {} : { hint }) }]
  })

const folderOrFile = (path: string): Profile => {
  const kind = kindOf(path)
  if (kind === undefined) throw notA('a folder with inspec.yml, or a .rb file', `${path}: it does not exist`)
  if (kind === 'file') {
    if (!path.endsWith('.rb')) throw notA('a folder with inspec.yml, or a .rb file', path, 'An archive needs its digest: FILE#sha256=…')
    return { source: path, path, sha256: digestFile(path) }
  }
  checkMetadata(path)
  return { source: path, path, sha256: digestFolder(path) }
}

const kindOf = (path: string): 'file' | 'folder' | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return stat.isDirectory() ? 'folder' : 'file'
}

/** The auditor reads it as a template of Ruby (ERB): what such a file says is known only to it, and what is wrong with it, it says. */
const checkMetadata = (path: string): void => {
  const file = join(path, 'inspec.yml')
  let metadata: unknown
  try {
    const text = readFileSync(file, 'utf8')
    if (text.includes('<%')) return
    metadata = parseYaml(text, { uniqueKeys: false }) // as Ruby reads it: real profiles have keys twice
  } catch (error) {
    throw notA('a profile with a readable inspec.yml', `${file}: ${messageOf(error)}`)
  }
  if (typeof metadata !== 'object' || metadata === null || !('name' in metadata) || typeof metadata.name !== 'string')
    throw notA('an inspec.yml that names the profile', `${file} without a name`)
}

const archive = (path: string, sha256: string): Profile => {
  if (kindOf(path) !== 'file') throw notA('an archive of a profile', `${path}: it is not a file`)
  const actual = digestFile(path)
  if (actual !== sha256) throw notA(`${path} with SHA-256 ${sha256}`, actual, 'The archive is not the one that was named: nothing of it was run.')
  return { source: path, path, sha256 }
}

const digestFile = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Over every file's path and content, in order; a link counts by its text. */
const digestFolder = (root: string): string => {
  const hash = createHash('sha256')
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => !name.split('/').includes('.git'))
  for (const name of names.toSorted()) {
    const path = join(root, name)
    const stat = lstatSync(path)
    if (stat.isSymbolicLink()) hash.update(`link ${name}\0${readlinkSync(path)}\0`)
    else if (stat.isFile()) hash.update(`file ${name}\0${digestFile(path)}\0`)
  }
  return hash.digest('hex')
}

/** Exactly one commit, without its history; the token goes through git's environment, never through its arguments. */
const checkout = async (source: { url: string; commit: string }, ports: FetchPorts): Promise<string> => {
  const path = join(ports.folder, `profile-${source.commit.slice(0, 12)}`)
  await mkdir(path, { recursive: true, mode: 0o700 })
  const token = ports.gitToken === undefined ? {} : gitHeader(source.url, ports.gitToken)
  const env = { ...ports.env, HOME: ports.folder, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', ...token }
  const steps = [
    ['init', '--quiet'],
    ['fetch', '--quiet', '--depth=1', '--no-tags', '--', source.url, source.commit],
    ['checkout', '--quiet', '--detach', source.commit]
  ]
  for (const args of steps) {
    const ended = await run({ file: 'git', args, env, cwd: path, timeout: GIT_MS, signal: ports.signal })
    ports.signal.throwIfAborted()
    if (ended.reason !== 'exited' || ended.exitCode !== 0) {
      throw new ScanError(
        'PROFILE_FAILED',
        `The profile ${printableLine(source.url)} at ${source.commit} could not be fetched: git ${args[0]}: ${printableLine(ended.stderr || (ended.error?.message ?? ended.reason))}`,
        {
          hint: 'Is the address right, is the commit pushed, and does a private repository have its git-token?'
        }
      )
    }
  }
  return path
}

const gitHeader = (url: string, token: Secret): Record<string, string> => ({
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
  GIT_CONFIG_VALUE_0: `Authorization: Basic ${basicOf(token)}`
})

/** The form in which git sends the token, and may repeat it. */
export const basicOf = (token: Secret): string => Buffer.from(`x-access-token:${token.reveal()}`).toString('base64')
