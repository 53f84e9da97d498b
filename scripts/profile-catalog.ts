// Brings the catalog of public profiles (src/profile/catalog.json) up to date: for each entry the newest commit of its repository, or with --keep the commit that it has,
// the digest of all its files as a scan computes it, its title, version, licence and number of controls. --server URL asks that server in place of each repository's own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CatalogEntry } from '../src/profile/catalog.ts'
import { controlsIn } from '../src/profile/controls.ts'
import { fetchProfile } from '../src/profile/fetch.ts'
import { readMetadata } from '../src/profile/metadata.ts'

const { values } = parseArgs({
  options: { file: { type: 'string', default: 'src/profile/catalog.json' }, server: { type: 'string' }, keep: { type: 'boolean', default: false } }
})

const PASSED_ON = ['PATH', 'GIT_SSL_CAINFO', 'HTTPS_PROXY', 'NO_PROXY']
const env = Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))

/** Where an entry is fetched from: `owner/name.git` of the server that was named. */
const addressOf = (repository: string): string =>
  values.server === undefined ? repository : `${values.server.replace(/\/+$/, '')}${new URL(repository).pathname}`

const newest = (url: string): string => {
  const listing = execFileSync('git', ['ls-remote', '--', url, 'HEAD'], {
    env: { ...env, GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'https' },
    encoding: 'utf8'
  })
  const [, commit] = /^([0-9a-f]{40,64})\tHEAD$/m.exec(listing) ?? []
  if (commit === undefined) throw new Error(`${url} has no HEAD`)
  return commit
}

const updated = async (entry: CatalogEntry, folder: string): Promise<CatalogEntry> => {
  const url = addressOf(entry.repository)
  const commit = values.keep ? entry.commit : newest(url)
  const profile = await fetchProfile({ kind: 'git', url, commit }, { folder, env, gitToken: undefined, signal: new AbortController().signal })
  const { title = '', version = '', license = '', inspecVersion } = readMetadata(profile.path)
  const found = { title: title.trim(), version, license, controls: controlsIn(profile.path), auditor: inspecVersion.join(', ') }
  return { ...entry, commit, sha256: profile.sha256, ...found }
}

const folder = mkdtempSync(join(tmpdir(), 'kscan-catalog-'))
try {
  const entries = JSON.parse(readFileSync(values.file, 'utf8')) as CatalogEntry[]
  const fresh: CatalogEntry[] = []
  for (const entry of entries) {
    fresh.push(await updated(entry, folder))
    console.log(`${entry.name}: ${entry.commit === fresh.at(-1)?.commit ? 'as it was' : `${entry.commit.slice(0, 12)} → ${fresh.at(-1)?.commit.slice(0, 12)}`}`)
  }
  writeFileSync(values.file, `${JSON.stringify(fresh, undefined, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true })
}
