import { statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { badInput, messageOf, type Problem, ScanError } from '../kernel/error.ts'
import type { Fetching } from '../kernel/fetching.ts'
import { isCommit } from '../kernel/git-address.ts'
import { printableLine } from '../kernel/name.ts'
import { download } from '../process/download.ts'
import { filesOfArchive, isArchive, unpack, write } from './archive.ts'
import { bytesOf, digestFile, digestOf, digestOfBytes, MOST_BYTES, notA } from './digest.ts'
import { checkoutGit, type GitPorts } from './git.ts'
import { readMetadata } from './metadata.ts'
import { MANIFEST, openPack, type Pack } from './pack.ts'
import { addressOf, type ProfileSource } from './source.ts'
import { type Found, filesBelow } from './walk.ts'

/** A profile of another, as it was fetched. */
export interface PinnedDependency {
  /** The names that lead to it: `overlay > base`. */
  readonly way: string
  readonly source: string
  readonly sha256: string
}

/** A profile on this machine, with the digest of what will run. */
export interface Profile {
  readonly source: string
  readonly path: string
  readonly sha256: string
  readonly dependencies?: readonly PinnedDependency[] | undefined
}

export interface FetchPorts extends GitPorts {
  /** A private folder for what is unpacked, which no other program may write to. */
  readonly unpacked?: string
  readonly fetching?: Fetching
}

/** A profile that was brought here: `folder` is it unpacked, undefined where it is one file; `home` is what a path in its metadata may lead to. */
export interface Fetched extends Profile {
  readonly folder: string | undefined
  readonly home: string | undefined
  /** Where it is an archive of `kscan vendor`: what is in it. */
  readonly pack?: Pack
}

/** Brings a profile here and checks that it is one. Throws BAD_INPUT for what is missing or no profile, PROFILE_FAILED when it cannot be fetched. */
export const fetchProfile = async (source: ProfileSource, ports: FetchPorts): Promise<Fetched> => {
  switch (source.kind) {
    case 'path':
      return opened(source.path)
    case 'archive':
      return await unpacked(archive(source.path, source.sha256), source.path, ports)
    case 'download':
      return await downloaded(source, ports)
    case 'git':
      return await checkedOut(source, ports)
  }
}

const opened = (path: string): Fetched => {
  const profile = folderOrFile(path)
  return { ...profile, folder: kindOf(path) === 'folder' ? path : undefined, home: undefined }
}

const checkedOut = async (source: Extract<ProfileSource, { kind: 'git' }>, ports: FetchPorts): Promise<Fetched> => {
  const { path, commit } = await checkoutGit(source, ports)
  const folder = source.subdir === undefined ? path : join(path, source.subdir)
  const shown = addressOf({ ...source, commit })
  if (kindOf(folder) !== 'folder') throw notA('the folder of a profile', `${shown}: there is no folder ${source.subdir}`)
  return { ...folderOrFile(folder), source: isCommit(source.commit) ? shown : `${shown} (${source.commit})`, folder, home: path }
}

const downloaded = async (source: Extract<ProfileSource, { kind: 'download' }>, ports: FetchPorts): Promise<Fetched> => {
  const { url, sha256 } = source
  const bytes = await bytesFrom(source, ports)
  const digest = digestOfBytes(bytes)
  const shown = `${shownUrl(url)}#sha256=${digest}${sha256 === undefined ? ' (not pinned)' : ''}`
  return await unpackInto({ source: shown, path: url, sha256: digest }, bytes, ports)
}

const bytesFrom = async ({ url, sha256 }: Extract<ProfileSource, { kind: 'download' }>, { fetching, env, signal }: FetchPorts): Promise<Buffer> => {
  try {
    const options = {
      url,
      mostBytes: MOST_BYTES,
      timeout: DOWNLOAD_MS,
      signal,
      env,
      fetching: fetching ?? { mirror: undefined, ca: undefined, offline: false }
    }
    return await download({ ...options, sha256 })
  } catch (error) {
    signal.throwIfAborted()
    throw new ScanError('PROFILE_FAILED', `The profile ${shownUrl(url)} could not be fetched: ${printableLine(messageOf(error))}`, {
      cause: error,
      hint: 'Is the address right, and is it that of an archive? A repository is named with git+https://HOST/PATH@COMMIT.'
    })
  }
}

const DOWNLOAD_MS = 120_000

const shownUrl = (url: string): string => printableLine(url)

const unpacked = async (profile: Profile, path: string, ports: FetchPorts): Promise<Fetched> => {
  if (path.endsWith('.iaf')) return { ...profile, folder: undefined, home: undefined } // signed, and for the auditor to open
  const fetched = await unpackInto(profile, bytesOf(path), ports)
  return isArchive(path) ? { ...fetched, path } : fetched
}

const unpackInto = async (profile: Profile, bytes: Buffer, ports: FetchPorts): Promise<Fetched> => {
  const shown = profile.source
  const files = filesOfArchive(bytes, shown)
  const folder = await mkdtemp(join(ports.unpacked ?? ports.folder, 'archive-'))
  if (files.some(({ name }) => name === MANIFEST)) {
    write(files, folder, shown)
    return { ...profile, folder: undefined, home: undefined, pack: openPack(folder, shown) }
  }
  const root = unpack(files, folder, shown)
  readMetadata(root)
  return { ...profile, path: root, folder: root, home: folder }
}

/** What is wrong with profiles given by path or archive, and which of all are one and the same. For checks before anything else is done. */
export const profileProblems = (sources: readonly ProfileSource[]): Problem[] => {
  const looked = sources.map(lookAt)
  return [...looked.flatMap((each) => ('problem' in each ? each.problem : [])), ...named(looked.flatMap((each) => ('problem' in each ? [] : each)))]
}

type Looked = Pick<Profile, 'source' | 'sha256'> | { readonly problem: readonly Problem[] }

const lookAt = (source: ProfileSource): Looked => {
  if (source.kind === 'git') return { source: addressOf(source), sha256: `${source.commit} ${source.subdir ?? ''}` }
  if (source.kind === 'download') return { source: shownUrl(source.url), sha256: source.sha256 ?? source.url }
  try {
    return source.kind === 'path' ? folderOrFile(source.path) : archive(source.path, source.sha256)
  } catch (error) {
    return {
      problem: error instanceof ScanError ? error.problems : [{ name: 'profile', expected: 'a readable profile', got: printableLine(messageOf(error)) }]
    }
  }
}

/** Throws BAD_INPUT where two of the profiles that were brought here are the same: the auditor would mix up their controls. */
export const demandEachOnce = (profiles: readonly Pick<Profile, 'source' | 'sha256'>[]): void => {
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

const folderOrFile = (path: string): Profile => {
  const kind = kindOf(path)
  if (kind === undefined) throw notA('a folder with inspec.yml, or a .rb file', `${path}: it does not exist`)
  if (kind === 'file') {
    if (!path.endsWith('.rb'))
      throw notA('a folder with inspec.yml, or a .rb file', path, isArchive(basename(path)) ? 'An archive needs its digest: FILE#sha256=…' : undefined)
    return { source: path, path, sha256: digestFile(path) }
  }
  const files = filesOf(path)
  readMetadata(path)
  return { source: path, path, sha256: digestOf(files) }
}

/** Throws BAD_INPUT for what no profile may have. */
export const filesOf = (folder: string): Found[] => {
  try {
    return filesBelow(folder)
  } catch (error) {
    throw notA('a profile of files, folders and links within it', `${folder}: ${messageOf(error)}`)
  }
}

const kindOf = (path: string): 'file' | 'folder' | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  return stat.isDirectory() ? 'folder' : 'file'
}

const archive = (path: string, sha256: string | undefined): Profile => {
  if (kindOf(path) !== 'file') throw notA('an archive of a profile', `${path}: it is not a file`)
  const actual = digestFile(path)
  if (sha256 !== undefined && actual !== sha256)
    throw notA(`${path} with SHA-256 ${sha256}`, actual, 'The archive is not the one that was named: nothing of it was run.')
  return { source: path, path, sha256: actual }
}
