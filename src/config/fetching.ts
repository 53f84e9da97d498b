import { X509Certificate } from 'node:crypto'
import type { Fetching } from '../kernel/fetching.ts'
import { printableLine } from '../kernel/name.ts'
import type { Config } from './config.ts'
import type { FileReader } from './files.ts'
import type { Reader } from './reader.ts'

/** How this run fetches files, and whom it trusts for that. */
export const readFetching = (reader: Reader, readFile: FileReader): Fetching => ({
  mirror: readMirror(reader),
  ca: readAuthorities(reader, readFile),
  offline: reader.flag('offline')
})

const readMirror = (reader: Reader): string | undefined => {
  const text = reader.text('download-mirror')
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const fault =
    url === undefined || !['https:', 'http:'].includes(url.protocol)
      ? 'no such address'
      : [url.username, url.password, url.search, url.hash].some((part) => part !== '')
        ? 'one with a user, a query or a fragment'
        : undefined
  if (fault === undefined) return text
  reader.problem('download-mirror', 'an address like https://mirror.example/tools', [fault, 'What comes is compared with the digests that kscan knows.'])
  return undefined
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** Nothing of the file is quoted: somebody may have named that of a key. */
const readAuthorities = (reader: Reader, readFile: FileReader): string | undefined => {
  const path = reader.text('ca-file')
  if (path === '') return undefined
  const expected = 'a file with certificates (PEM)'
  try {
    const certificates = readFile(path).match(CERTIFICATE) ?? []
    if (certificates.length > 0 && certificates.every(isCertificate)) return certificates.join('\n')
    reader.problem('ca-file', expected, [printableLine(`${path}: ${certificates.length === 0 ? 'none in it' : 'one that cannot be read'}`)])
  } catch {
    reader.problem('ca-file', expected, [printableLine(`${path}: it cannot be read`)])
  }
  return undefined
}

const isCertificate = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

const VERSION = /^\d{1,4}(?:\.\d{1,4}){0,2}$/

/** `7` or `7.2.1`. */
export const readAuditorVersion = (reader: Reader): string | undefined => {
  const text = reader.text('auditor-version')
  if (text === '') return undefined
  if (!VERSION.test(text)) reader.problem('auditor-version', 'a version, or the beginning of one, like 7 or 7.0.107', [JSON.stringify(text)])
  return text
}

/** What names something far away contradicts `offline`. */
export const demandNothingToFetch = (reader: Reader, { fetching, profiles, cluster }: Pick<Config, 'fetching' | 'profiles' | 'cluster'>): void => {
  if (!fetching.offline) return
  const hint = 'offline: true fetches nothing.'
  for (const profile of profiles)
    if (profile.kind === 'git' || profile.kind === 'download' || profile.kind === 'catalog')
      reader.problem('profile', 'a folder or an archive on this machine', [
        printableLine(profile.kind === 'catalog' ? `catalog/${profile.name}` : profile.url),
        hint
      ])
  const manifests = cluster.kind === 'kind' ? cluster.manifests.filter((each) => /^https?:/.test(each)) : []
  for (const manifest of manifests) reader.problem('manifests', 'files on this machine', [printableLine(manifest), hint])
}
