import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { FETCHING } from '../../../src/kernel/fetching.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { pinsOf, writeBundle } from '../../../src/profile/bundle.ts'
import { digestOf, digestOfBytes } from '../../../src/profile/digest.ts'
import { fetchProfile } from '../../../src/profile/fetch.ts'
import { type Dependency, resolveDependencies } from '../../../src/profile/resolve.ts'
import { writeTarball } from '../../../src/profile/tar.ts'
import { filesBelow } from '../../../src/profile/walk.ts'
import { makeCertificates } from '../../support/api-server/certificates.ts'
import { type GitServer, serveOpen, startServer } from '../../support/git-server.ts'
import { profileFiles, Repositories, writeFiles } from '../../support/profile-repository.ts'

let root = ''
let run = ''
let warned: string[] = []
let server: GitServer
const repositories = new Repositories()
let archive: Buffer = Buffer.alloc(0)
const pair = makeCertificates()

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kscan-resolve-'))
  writeFileSync(join(root, 'ca.pem'), pair.ca)
  archive = tarball('far', profileFiles('far', { version: '3.2.1' }))
  server = await startServer((request, response) => {
    if (request.url === '/far.tgz') return void response.end(archive)
    if (request.url === '/page.tgz') return void response.end('<html>')
    serveOpen(repositories.root)(request, response)
  }, pair)
})
beforeEach(() => {
  run = mkdtempSync(join(root, 'run-'))
  warned = []
})
afterAll(async () => {
  await server.close()
  repositories.remove()
  rmSync(root, { recursive: true })
})

const tarball = (top: string, files: Readonly<Record<string, string>>): Buffer =>
  writeTarball(Object.entries(files).map(([name, text]) => ({ name: `${top}/${name}`, bytes: Buffer.from(text) })))

interface How {
  readonly allowUnpinned?: boolean
  readonly offline?: boolean
}

/** What a profile of these files includes. */
const resolved = async (files: Readonly<Record<string, string>>, how: How = {}): Promise<Dependency[]> =>
  await resolvedAt(writeFiles(mkdtempSync(join(run, 'top-')), files), how)

const resolvedAt = async (path: string, { allowUnpinned = false, offline = false }: How = {}): Promise<Dependency[]> => {
  const folder = mkdtempSync(join(run, 'fetched-'))
  const unpacked = mkdtempSync(join(run, 'unpacked-'))
  const fetching = { ...FETCHING, ca: pair.ca, offline }
  const env = { PATH: process.env['PATH'] ?? '', GIT_SSL_CAINFO: join(root, 'ca.pem') }
  const ports = {
    folder,
    unpacked,
    env,
    gitToken: undefined,
    fetching,
    signal: new AbortController().signal,
    allowUnpinned,
    warn: (text: string) => warned.push(text)
  }
  return await resolveDependencies(await fetchProfile({ kind: 'path', path }, ports), ports)
}

const top = (...entries: readonly string[]): Readonly<Record<string, string>> =>
  profileFiles('top', { depends: `depends:\n${entries.map((entry) => `  - ${entry}\n`).join('')}` })

/** What was wrong: expected, and what came. */
const problemsOf = async (work: Promise<unknown>): Promise<string[]> => {
  try {
    await work
    return []
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    expect(error.exitCode).toBe(error.problems.length > 0 ? 2 : 3)
    return error.problems.length > 0 ? error.problems.map(({ expected, got }) => `${expected}; ${got}`) : [error.message]
  }
}

const git = (name: string): string => `${server.url}/${name}/.git`

describe('what a profile includes', () => {
  test('is fetched by git several levels deep, each at its commit, and known by name, address and digest', async () => {
    const base = repositories.commit('base', profileFiles('base'))
    const middle = repositories.commit('middle', profileFiles('middle', { depends: `depends:\n  - {name: base, git: '${git('base')}', ref: ${base}}\n` }))
    const found = await resolved(top(`{name: middle, git: '${git('middle')}', ref: ${middle}, version: '~> 1.0'}`))
    expect(pinsOf(found)).toEqual([
      { way: 'top > middle', source: `git+${git('middle')}@${middle}`, sha256: digestOf(filesBelow(join(repositories.root, 'middle'))) },
      { way: 'top > middle > base', source: `git+${git('base')}@${base}`, sha256: digestOf(filesBelow(join(repositories.root, 'base'))) }
    ])
  })

  test('comes once where two need it, also from a folder of its repository', async () => {
    const many = repositories.commit('many', { 'a/inspec.yml': 'name: a\nversion: 1.0.0\n', 'deep/b/inspec.yml': 'name: b\nversion: 2.0.0\n' })
    const before = server.asked.length
    const entry = (name: string, path: string): string => `{name: ${name}, git: '${git('many')}', ref: ${many}, relative_path: ${path}}`
    const found = await resolved(top(entry('a', 'a'), entry('b', 'deep/b')))
    expect(found.map(({ name, source, metadata }) => [name, source, metadata.version])).toEqual([
      ['a', `git+${git('many')}@${many}#subdir=a`, '1.0.0'],
      ['b', `git+${git('many')}@${many}#subdir=deep/b`, '2.0.0']
    ])
    expect(server.asked.length - before).toBeGreaterThan(0)
  })

  test('comes as an archive by its digest, and beside it by path', async () => {
    const sha256 = digestOfBytes(archive)
    mkdirSync(join(run, 'beside'))
    writeFiles(join(run, 'beside'), profileFiles('beside'))
    writeFileSync(join(run, 'beside.tgz'), tarball('x', profileFiles('packed')))
    const found = await resolved(
      top(
        `{name: far, url: '${server.url}/far.tgz', sha256: ${sha256}, version: ['>= 3.0', '< 4']}`,
        '{name: beside, path: ../beside}',
        '{path: ../beside.tgz}'
      )
    )
    expect(found.map(({ name, source }) => [name, source])).toEqual([
      ['far', `${server.url}/far.tgz#sha256=${sha256}`],
      ['beside', join(run, 'beside')],
      ['packed', join(run, 'beside.tgz')]
    ])
  })

  test('is pinned by the inspec.lock of the profile, and taken from its vendor folder', async () => {
    const commit = repositories.commit('locked', profileFiles('locked'))
    const lock = `lockfile_version: 1\ndepends:\n- name: locked\n  resolved_source:\n    git: '${git('locked')}'\n    ref: ${commit}\n  version_constraints: []\n`
    const files = { ...top(`{name: locked, git: '${git('locked')}', branch: main}`), 'inspec.lock': lock }
    expect((await resolved(files)).map(({ source }) => source)).toEqual([`git+${git('locked')}@${commit}`])
    const brought = { ...files, [`vendor/${commit}/inspec.yml`]: 'name: locked\nversion: 9.9.9\n' }
    const found = await resolved(brought, { offline: true })
    expect(found.map(({ metadata, source }) => [metadata.version, source])).toEqual([['9.9.9', `vendor/${commit} (${git('locked')})`]])
  })

  test('may be what nothing pins where that is allowed, at the commit of today, with a warning', async () => {
    const commit = repositories.commit('moving', profileFiles('moving'))
    const found = await resolved(top(`{name: moving, git: '${git('moving')}', branch: main}`, `{name: far, url: '${server.url}/far.tgz'}`), {
      allowUnpinned: true
    })
    expect(found.map(({ source }) => source)).toEqual([
      `git+${git('moving')}@${commit} (main)`,
      `${server.url}/far.tgz#sha256=${digestOfBytes(archive)} (not pinned)`
    ])
    expect(warned).toEqual([`not pinned: moving: ${git('moving')} at the branch main`, `not pinned: far: ${server.url}/far.tgz without its sha256`])
  })
})

describe('what cannot be used is told at once, and is bad input', () => {
  test('each of several', async () => {
    const said = await problemsOf(
      resolved(
        top(
          `{name: branch, git: '${git('base')}', branch: main}`,
          `{name: tag, git: '${git('base')}', tag: v1}`,
          `{name: head, git: '${git('base')}'}`,
          '{name: archive, url: https://a.test/a.tgz}',
          '{name: market, supermarket: x/y}',
          '{name: server, compliance: x/y}',
          '{name: alone}',
          '{name: plain, git: http://a.test/a}',
          '{name: local, git: /srv/a}',
          `{name: password, git: 'https://u:p@a.test/a'}`,
          '{name: option, git: "ssh://-oProxyCommand=x/a"}',
          `{name: ref, git: '${git('base')}', ref: "--upload-pack=x"}`,
          `{name: out, git: '${git('base')}', ref: ${'a'.repeat(40)}, relative_path: ../x}`,
          '{name: away, path: /}',
          '{name: none, path: ../nosuch}',
          '{name: two, path: ../x, url: https://a.test/a.tgz}',
          '{name: user, url: https://a.test/a.tgz, username: u, password: p}',
          '{name: version, path: ../x, version: newest}'
        )
      )
    )
    expect(said.map((line) => /; (\w+)[:;]? ?/.exec(line)?.[1])).toEqual([
      'branch',
      'tag',
      'head',
      'archive',
      'market',
      'server',
      'alone',
      'plain',
      'local',
      'password',
      'option',
      'ref',
      'out',
      undefined,
      'none',
      'two',
      'user',
      'version'
    ])
    expect(said.join('\n')).not.toContain('u:p@')
    expect(said.every((line) => line.endsWith('(in top)'))).toBe(true)
  })

  test.each<[string, readonly string[], RegExp]>([
    ['a version that does not fit', ['{name: old, path: ../old, version: ">= 2.0"}'], /old of version >= 2\.0; 1\.0\.0/],
    ['a name twice', ['{name: old, path: ../old}', '{name: old, path: ../old}'], /each dependency once; old twice/],
    ['itself', ['{name: round, path: ../round}'], /no cycle; round includes itself/],
    ['a chain without end', ['{name: d0, path: ../d0}'], /at most 8 levels/],
    ['what is no profile', ['{name: empty, path: ../empty}'], /inspec\.yml.*; empty: /],
    ['a link out of it', ['{name: leads, path: ../leads}'], /leads: .*a link that leads out of the profile/],
    ['broken metadata', ['{name: broken, path: ../broken}'], /a readable inspec\.yml; broken: /]
  ])('%s', async (_what, entries, words) => {
    writeFiles(join(run, 'old'), profileFiles('old'))
    writeFiles(join(run, 'round'), profileFiles('round', { depends: 'depends:\n  - {name: round, path: ../round}\n' }))
    for (let level = 0; level < 12; level += 1)
      writeFiles(join(run, `d${level}`), profileFiles(`d${level}`, { depends: `depends:\n  - {name: d${level + 1}, path: ../d${level + 1}}\n` }))
    mkdirSync(join(run, 'empty'))
    writeFiles(join(run, 'leads'), profileFiles('leads'))
    symlinkSync('/etc/passwd', join(run, 'leads', 'controls', 'out.rb'))
    writeFiles(join(run, 'broken'), { 'inspec.yml': ': [\n' })
    expect((await problemsOf(resolved(top(...entries)))).join('\n')).toMatch(words)
  })

  test('more than a profile ever has', async () => {
    writeFiles(join(run, 'old'), profileFiles('old'))
    const said = await problemsOf(resolved(top(...Array.from({ length: 70 }, (_, index) => `{name: n${index}, path: ../old}`))))
    expect(said).toEqual(['at most 64 dependencies; more (in top)'])
  })

  test('what would be fetched when nothing may be', async () => {
    const said = await problemsOf(
      resolved(top(`{name: a, git: '${git('base')}', ref: ${'a'.repeat(40)}}`, '{name: b, url: https://a.test/b.tgz}'), { offline: true })
    )
    expect(said.map((line) => line.split(';')[0])).toEqual(['dependencies on this machine', 'dependencies on this machine'])
  })

  test('what cannot be fetched is told together, and leaves the run unjudged', async () => {
    const entries = [`{name: a, git: '${git('nosuch')}', ref: ${'a'.repeat(40)}}`, `{name: b, url: '${server.url}/page.tgz', sha256: ${'b'.repeat(64)}}`]
    const said = await problemsOf(resolved(top(...entries)))
    expect(said).toEqual([expect.stringMatching(/^What the profile .* includes could not be fetched: .*nosuch.*; .*page\.tgz.*a web page came/)])
  })
})

describe('the vendored copy', () => {
  test('holds each profile once under its digest, and an inspec.lock that names them and nothing far away', async () => {
    const base = repositories.commit('twice', profileFiles('twice'))
    const entry = `depends:\n  - {name: twice, git: '${git('twice')}', ref: ${base}}\n`
    writeFiles(join(run, 'one'), profileFiles('one', { depends: entry }))
    const folder = writeFiles(join(run, 'top'), {
      ...top('{name: one, path: ../one}', `{name: twice, git: '${git('twice')}', ref: ${base}}`),
      'vendor/old/x': '',
      'inspec.lock': 'lockfile_version: 1\n'
    })
    symlinkSync('all.rb', join(folder, 'controls', 'again.rb'))
    const found = await resolvedAt(folder)
    const target = join(run, 'bundle')
    writeBundle(folder, found, target)
    expect(readdirSync(join(target, 'vendor')).toSorted()).toEqual([...new Set(pinsOf(found).map(({ sha256 }) => sha256))].toSorted())
    for (const name of readdirSync(join(target, 'vendor'))) expect(digestOf(filesBelow(join(target, 'vendor', name)))).toBe(name)
    expect([existsSync(join(target, 'vendor', 'old')), readFileSync(join(target, 'controls', 'again.rb'), 'utf8')]).toEqual([
      false,
      profileFiles('top')['controls/all.rb']
    ])
    const lock = readFileSync(join(target, 'inspec.lock'), 'utf8')
    const twice = found.find(({ name }) => name === 'twice')
    const key = twice?.sha256 ?? ''
    const one = found[0]?.sha256 ?? ''
    const locked = { name: 'twice', resolved_source: { path: `vendor/${key}`, sha256: key }, version_constraints: [] }
    expect(parse(lock)).toEqual({
      lockfile_version: 1,
      depends: [{ name: 'one', resolved_source: { path: `vendor/${one}`, sha256: one }, version_constraints: [], dependencies: [locked] }, locked]
    })
    expect([lock.includes('localhost'), pinsOf(await resolvedAt(target, { offline: true })).map(({ sha256 }) => sha256)]).toEqual([
      false,
      pinsOf(found).map(({ sha256 }) => sha256)
    ])
  })
})
