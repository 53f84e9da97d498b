import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentDigest } from '../src/auditor/gem-folder.ts'
import { type Catalog, type Gem, gemFile } from '../src/auditor/gems.ts'
import { run } from '../src/process/run.ts'

/*
 * Writes src/auditor/catalog.json anew: node scripts/catalog.ts [VERSION]
 * Versions are what RubyGems resolves for the auditor; run it on the oldest Ruby that is supported, so that all of them still run there.
 */

const AUDITOR = { gem: 'inspec-core', version: process.argv[2] ?? '5.24.24' }
const OLDEST_RUBY = '3.1'
/** What profiles and the auditor need beside it: default gems of Ruby that newer ones or other builds do not bring. */
const BESIDE = ['rexml', 'racc', 'base64', 'csv', 'logger', 'ostruct']
/**
 * Of what it resolves to, what `exec` of a profile can load. Left out: linting and parsing (cookstyle, rubocop, parser, prism), the shell (pry, reline),
 * prompts and tables (tty-*), telemetry, remote transports (net-ssh, ffi), and default gems of every supported Ruby (json, uri, net-http, timeout …).
 */
const KEPT = [
  'addressable',
  'base64',
  'csv',
  'diff-lcs',
  'faraday',
  'faraday-follow_redirects',
  'faraday-net_http',
  'hashie',
  'inspec-core',
  'license-acceptance',
  'logger',
  'method_source',
  'mixlib-log',
  'mixlib-shellout',
  'multipart-post',
  'ostruct',
  'parallel',
  'parslet',
  'public_suffix',
  'racc',
  'rexml',
  'rspec',
  'rspec-core',
  'rspec-expectations',
  'rspec-its',
  'rspec-mocks',
  'rspec-support',
  'rubyzip',
  'semverse',
  'sslshake',
  'thor',
  'tomlrb',
  'train-core'
]
const SCRIPT = join(import.meta.dirname, '..', 'src', 'auditor', 'plugin', 'gems.rb')
const CATALOG = join(import.meta.dirname, '..', 'src', 'auditor', 'catalog.json')

const environment = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

const start = async (file: string, args: readonly string[], stdin = ''): Promise<string> => {
  const ended = await run({ file, args, env: environment(), stdin, timeout: 300_000 })
  if (ended.exitCode !== 0) throw new Error(`${file} ${args.join(' ')}: ${ended.stdout}${ended.stderr}${ended.error?.message ?? ''}`)
  return ended.stdout
}

/** Name and version of each gem that an installation into an empty folder would bring, and that is kept. */
const resolve = async (folder: string): Promise<[string, string][]> => {
  const wanted = [`${AUDITOR.gem}:${AUDITOR.version}`, ...BESIDE]
  const explained = await start('gem', ['install', '--explain', '--install-dir', join(folder, 'empty'), ...wanted])
  const versions = new Map([...explained.matchAll(/^\s+([-\w]+?)-(\d[.\w]*)$/gm)].map(([, name = '', version = '']) => [name, version]))
  return KEPT.map((name) => {
    const version = versions.get(name)
    if (version === undefined) throw new Error(`not resolved: ${name}`)
    return [name, version]
  })
}

/** All gems share one tree: no two may bring the same file. */
const refuseCollisions = async (folder: string, files: readonly string[]): Promise<void> => {
  const owner = new Map<string, string>()
  for (const file of files) {
    const from = join(folder, 'one', file)
    await mkdir(from, { recursive: true })
    await rename(join(folder, 'cache', file), join(from, file))
    await start('ruby', [SCRIPT, 'unpack', from, join(from, 'tree')])
    const entries = await readdir(join(from, 'tree'), { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name).slice(from.length)
      if (owner.has(path)) throw new Error(`${path} is in ${owner.get(path)} and in ${file}`)
      owner.set(path, file)
    }
  }
}

/** What an installation comes to. */
const treeOf = async (folder: string, files: readonly string[]): Promise<string> => {
  await mkdir(join(folder, 'all'))
  for (const file of files) await rename(join(folder, 'one', file, file), join(folder, 'all', file))
  await start('ruby', [SCRIPT, 'unpack', join(folder, 'all'), join(folder, 'tree')])
  return contentDigest(join(folder, 'tree'))
}

const folder = await mkdtemp(join(tmpdir(), 'catalog-'))
try {
  const resolved = await resolve(folder)
  await start('ruby', [SCRIPT, 'fetch', folder], resolved.map((pair) => `${pair.join(' ')}\n`).join(''))
  const gems: Gem[] = []
  for (const [name, version] of resolved) {
    const bytes = await readFile(join(folder, 'cache', `${name}-${version}.gem`))
    gems.push({ name, version, sha256: createHash('sha256').update(bytes).digest('hex') })
  }
  await refuseCollisions(folder, gems.map(gemFile))
  const catalog: Catalog = { auditor: AUDITOR, ruby: OLDEST_RUBY, gems, tree: await treeOf(folder, gems.map(gemFile)) }
  await writeFile(CATALOG, `${JSON.stringify(catalog, null, 2)}\n`)
  console.log(`${gems.length} gems`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
