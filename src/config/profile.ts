import { gitUrl, isCommit, isRevision, isSubdir } from '../kernel/git-address.ts'
import { OWN_PROFILE, type ProfileChoice } from './config.ts'
import type { Reader } from './reader.ts'

const ARCHIVE = /\.(?:zip|tar\.gz|tgz)$/

/** Where the profiles come from; whether they are there is looked at later. */
export const readProfiles = (reader: Reader): ProfileChoice[] => {
  const unpinned = reader.flag('allow-unpinned-profiles')
  return reader.list('profile').flatMap((text) => {
    const choice = readProfile(text, unpinned)
    if (typeof choice !== 'string') return [choice]
    reader.problem('profile', choice, [JSON.stringify(withoutCredentials(text)), gitHint(text)])
    return []
  })
}

/** People put tokens into addresses: rather too much is hidden than too little. */
const withoutCredentials = (text: string): string => text.replace(/:\/\/[^/@]*(:.*)?@/, '://***@').replace(/\?.*/, '?***')

/** An address as a browser shows it. */
const gitHint = (text: string): string | undefined => {
  const url = /^https:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || ARCHIVE.test(url.pathname)) return undefined
  const [, owner = '', name = '', , ref = ''] = url.pathname.split('/')
  const path = owner === '' || name === '' ? url.pathname : `/${owner}/${name}`
  const commit = /^[0-9a-f]{40}$/.test(ref) ? ref : 'COMMIT'
  return `Did you mean git+https://${url.host}${path}@${commit}? COMMIT is all 40 characters, as git ls-remote prints them.`
}

/** As addresses have it: without the port that https has by itself. */
export const readHost = (reader: Reader): string | undefined => {
  const text = reader.text('git-token-host')
  if (text === '') return undefined
  const address = `https://${text}`
  if (/^[\w.:[\]-]+$/.test(text) && URL.canParse(address)) return new URL(address).host
  reader.problem('git-token-host', 'a host such as git.example or git.example:8443', [JSON.stringify(withoutCredentials(text))])
  return undefined
}

const ANY = 'a path, FILE#sha256=DIGEST, https://…#sha256=DIGEST, git+https://HOST/PATH@COMMIT or catalog/NAME'

/** A choice, or what was expected. */
const readProfile = (text: string, unpinned: boolean): ProfileChoice | string => {
  if (text === OWN_PROFILE) return { kind: 'own' }
  if (text.startsWith('-')) return 'a path that does not begin with -'
  if (text.startsWith('catalog/')) return readName(text.slice('catalog/'.length))
  if (text.startsWith('git+')) return readGit(text, unpinned)
  if (text.startsWith('https://')) return readDownload(text, unpinned)
  if (/^[a-z]+:\/\//.test(text)) return ANY
  return readPath(text, unpinned)
}

const readName = (name: string): ProfileChoice | string =>
  /^[a-z0-9][a-z0-9.-]*$/.test(name) ? { kind: 'catalog', name } : 'catalog/NAME with a name that `kscan profiles` lists'

const readPath = (text: string, unpinned: boolean): ProfileChoice | string => {
  if (!text.includes('#')) return unpinned && ARCHIVE.test(text) ? { kind: 'archive', path: text, sha256: undefined } : { kind: 'path', path: text }
  const match = /^(.+)#sha256=([0-9a-f]{64})$/.exec(text)
  return match === null ? 'FILE#sha256=DIGEST with 64 hexadecimal digits' : { kind: 'archive', path: match[1] ?? '', sha256: match[2] ?? '' }
}

const readDownload = (text: string, unpinned: boolean): ProfileChoice | string => {
  const [, url = '', sha256] = /^(https:\/\/[^@\s#]+?)(?:#sha256=([0-9a-f]{64}))?$/.exec(text) ?? []
  if (URL.canParse(url) && (sha256 !== undefined || unpinned)) return { kind: 'download', url, sha256 }
  return text.includes('#') || ARCHIVE.test(text) ? 'https://HOST/FILE#sha256=DIGEST with 64 hexadecimal digits and no user in the address' : ANY
}

const GIT = /^git\+(https:\/\/[^@\s?#]+|ssh:\/\/(?:[\w.-]+@)?[^@\s?#]+)@([^\s?#@]+)(?:#subdir=([^\s?#]+))?$/

const readGit = (text: string, unpinned: boolean): ProfileChoice | string => {
  const match = GIT.exec(text)
  const [, url = '', commit = '', subdir] = match ?? []
  if (match === null || gitUrl(url) === undefined || !(isCommit(commit) || (unpinned && isRevision(commit))))
    return 'git+https://HOST/PATH@COMMIT or git+ssh://HOST/PATH@COMMIT with all 40 characters of the commit id, and no password or query in the address'
  if (subdir !== undefined && !isSubdir(subdir)) return '#subdir=PATH with a folder of the repository'
  return { kind: 'git', url, commit, ...(subdir === undefined ? {} : { subdir }) }
}
