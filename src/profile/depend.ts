import { gitUrl, isCommit, isRevision, isSubdir } from '../kernel/git-address.ts'
import { isConstraint } from './constraint.ts'
import type { Locked } from './lock.ts'
import type { Depend } from './metadata.ts'
import type { ProfileSource } from './source.ts'

/** What an entry of `depends` asks for; `path` is still relative to the profile. */
export interface Wanted {
  /** Undefined: as the profile itself is called. */
  readonly name: string | undefined
  readonly constraints: readonly string[]
  readonly source: ProfileSource
  /** It names something that may be another tomorrow. */
  readonly unpinned: string | undefined
}

/** Why an entry cannot be used: what was expected, and what to do. */
export interface Refusal {
  readonly expected: string
  readonly got: string
  readonly hint?: string | undefined
}

const WAYS = ['path', 'git', 'url', 'supermarket', 'compliance', 'automate'] as const

/** Reads an entry, with what the profile's inspec.lock says of it. */
export const readDepend = (entry: Depend, locked: Locked | undefined): Wanted | Refusal => {
  const one = (key: string): string | undefined => entry.get(key)?.[0]
  const name = one('name')
  const constraints = entry.get('version') ?? []
  const found = malformed(entry, constraints) ?? sourceOf(entry, locked)
  return 'expected' in found ? { ...found, got: `${name ?? 'one without a name'}: ${found.got}` } : { name, constraints, ...found }
}

const malformed = (entry: Depend, constraints: readonly string[]): Refusal | undefined => {
  const bad = constraints.find((text) => !isConstraint(text))
  if (bad !== undefined) return { expected: 'version constraints like ~> 2.1 or >= 1.0', got: bad }
  const ways = WAYS.filter((way) => entry.has(way))
  if (ways.length > 1) return { expected: 'one of path, git and url for each dependency', got: ways.join(' and ') }
  if (!entry.has('username') && !entry.has('password')) return undefined
  return { expected: 'no credentials in inspec.yml', got: 'a user or a password', hint: 'Fetch it with git, and give the token with git-token.' }
}

type One = (key: string) => string | undefined

const sourceOf = (entry: Depend, locked: Locked | undefined): Found | Refusal => {
  const one = (key: string): string | undefined => entry.get(key)?.[0]
  const way = WAYS.find((each) => entry.has(each))
  if (way === 'path') return pathOf(one('path') ?? '')
  if (way === 'git') return gitOf(one, locked)
  return way === 'url' ? urlOf(one, locked) : unfetchable(way)
}

const unfetchable = (way: string | undefined): Refusal => ({
  expected: 'dependencies by path, git or url',
  got: way === undefined ? 'a name alone, which is one of the supermarket' : `one of ${way}`,
  hint: 'kscan fetches nothing from servers of profiles: name the repository with git and its commit with ref.'
})

type Found = Pick<Wanted, 'source' | 'unpinned'>

const pathOf = (path: string): Found | Refusal =>
  path === '' ? { expected: 'a path', got: 'an empty one' } : { source: { kind: 'path', path }, unpinned: undefined }

const gitOf = (one: One, locked: Locked | undefined): Found | Refusal => {
  const given = one('git') ?? ''
  const url = gitUrl(given)
  if (url === undefined)
    return {
      expected: 'an address of https or ssh, without password',
      got: given.replace(/:\/\/[^/@]*@/, '://***@'),
      hint: 'Other ways of git are not encrypted, or not of another machine.'
    }
  const subdir = one('relative_path')
  if (subdir !== undefined && !isSubdir(subdir)) return { expected: 'a folder of the repository as relative_path', got: subdir }
  const revision = revisionOf(one, lockedCommit(given, locked))
  if (!isRevision(revision)) return { expected: 'a commit, a tag or a branch', got: revision }
  const source = { kind: 'git' as const, url, commit: revision, ...(subdir === undefined ? {} : { subdir }) }
  return { source, unpinned: isCommit(revision) ? undefined : `${given} at ${wordsOf(one, revision)}` }
}

const NAMES = ['ref', 'commit', 'tag', 'branch'] as const

const revisionOf = (one: One, locked: string | undefined): string => {
  const named = NAMES.map(one).find((each) => each !== undefined)
  return named !== undefined && isCommit(named) ? named : (locked ?? named ?? 'HEAD')
}

const wordsOf = (one: One, revision: string): string => {
  if (revision === 'HEAD') return 'its default branch'
  return `the ${NAMES.findLast((name) => one(name) === revision) ?? 'revision'} ${revision}`
}

const lockedCommit = (git: string, locked: Locked | undefined): string | undefined => {
  const ref = locked?.source['git'] === git ? locked.source['ref'] : undefined
  return ref !== undefined && isCommit(ref) ? ref : undefined
}

const urlOf = (one: One, locked: Locked | undefined): Found | Refusal => {
  const url = one('url') ?? ''
  const sha256 = one('sha256') ?? (locked?.source['url'] === url ? locked.source['sha256'] : undefined)
  if (!isArchiveUrl(url)) return { expected: 'an address of https without user and fragment', got: url.replace(/:\/\/[^/@]*@/, '://***@') }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) return { expected: 'a sha256 of 64 hexadecimal digits', got: sha256 }
  return { source: { kind: 'download', url, sha256 }, unpinned: sha256 === undefined ? `${url} without its sha256` : undefined }
}

/** Whether a text may be fetched as an archive. */
export const isArchiveUrl = (text: string): boolean => {
  if (!text.startsWith('https://') || !URL.canParse(text) || /[\s\p{C}]/u.test(text)) return false
  const { username, password, hash } = new URL(text)
  return [username, password, hash].every((part) => part === '')
}
