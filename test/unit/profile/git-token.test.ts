import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { fetchProfile, type Profile } from '../../../src/profile/fetch.ts'
import { type Certificates, makeCertificates } from '../../support/api-server/certificates.ts'
import { demand, type GitServer, leadTo, makeRepository, serve, serveOpen, startServer } from '../../support/git-server.ts'
import { Repositories } from '../../support/profile-repository.ts'

const TOKEN = 'a/token:of+one@host'
const SENT = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`

let pair: Certificates
let root = ''
let run = ''
const repository = makeRepository()
const servers: GitServer[] = []
beforeAll(() => {
  pair = makeCertificates()
  root = mkdtempSync(join(tmpdir(), 'kscan-git-token-'))
  writeFileSync(join(root, 'ca.pem'), pair.ca)
})
beforeEach(() => {
  run = mkdtempSync(join(root, 'run-'))
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
afterAll(() => {
  rmSync(root, { recursive: true })
  repository.remove()
})

const start = async (answer: RequestListener, plain = false): Promise<GitServer> => {
  const server = await startServer(answer, plain ? undefined : pair)
  servers.push(server)
  return server
}

const makeFolder = (path: string): string => {
  mkdirSync(path, { recursive: true })
  return path
}

const PATH = process.env['PATH'] ?? ''
const fetchFrom = (url: string, host: string, { env = {}, commit = repository.commit, signal = new AbortController().signal } = {}): Promise<Profile> => {
  const source = { kind: 'git', url: `${url}/${basename(repository.folder)}/.git`, commit } as const
  return fetchProfile(source, {
    folder: run,
    env: { PATH, GIT_SSL_CAINFO: join(root, 'ca.pem'), ...env },
    gitToken: { secret: new Secret(TOKEN), host },
    signal
  })
}
/** What a server was sent as Authorization. */
const sent = ({ asked }: GitServer): unknown[] => [...new Set(asked.flatMap(({ authorization = [] }) => authorization))]

test('the host that the token is for gets it, and the profile comes', async () => {
  const server = await start(serve(dirname(repository.folder)))
  expect((await fetchFrom(server.url, server.host)).sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(sent(server)).toEqual([SENT])
})

test('it is on no disk afterwards, also when the host refuses it or the run is interrupted', async () => {
  const server = await start(demand)
  await expect(fetchFrom(server.url, server.host)).rejects.toMatchObject({ code: 'PROFILE_FAILED' })
  expect([sent(server), existsSync(join(run, '.git-credentials'))]).toEqual([[SENT], false])
  const silent = await start(() => {})
  const interrupt = new AbortController()
  const ended = fetchFrom(silent.url, silent.host, { signal: interrupt.signal, commit: 'b'.repeat(40) })
  while (silent.asked.length === 0) await systemClock.sleep(20)
  interrupt.abort(new Error('interrupted'))
  await expect(ended).rejects.toThrow('interrupted')
  expect(readdirSync(run).filter((name) => !name.startsWith('profile-'))).toEqual([])
})

test.each<[string, (host: string) => string]>([
  ['another name of the same machine', (host) => host.replace('localhost', '127.0.0.1')],
  ['another port', (host) => host.replace(/\d+$/, '1')],
  ['no port', () => 'localhost'],
  ['a longer name', (host) => `my${host}`],
  ['the beginning of its name', (host) => host.slice(0, 5)]
])('a server that is not the host of the token (%s) does not get it', async (_what, other) => {
  const server = await start(demand)
  await expect(fetchFrom(server.url, other(server.host))).rejects.toMatchObject({ code: 'PROFILE_FAILED' })
  expect([server.asked.length > 0, sent(server)]).toEqual([true, []])
})

test.each([
  ['to another host', false],
  ['to plain http', true]
])('a host that leads %s is not followed', async (_what, plain) => {
  const other = await start(demand, plain)
  const server = await start(leadTo(other.url))
  await expect(fetchFrom(server.url, server.host)).rejects.toMatchObject({
    code: 'PROFILE_FAILED',
    hint: expect.stringContaining('no redirection is followed')
  })
  expect([server.asked.length > 0, other.asked]).toEqual([true, []])
})

test('a host that leads elsewhere once it has the token is not followed either', async () => {
  const other = await start(demand)
  const server = await start((request, response) => (request.headers.authorization === undefined ? demand : leadTo(other.url))(request, response))
  await expect(fetchFrom(server.url, server.host)).rejects.toMatchObject({ code: 'PROFILE_FAILED' })
  expect([sent(server), other.asked]).toEqual([[SENT], []])
})

test('plain http is not asked at all', async () => {
  const server = await start(demand, true)
  await expect(fetchFrom(server.url, server.host)).rejects.toMatchObject({ code: 'PROFILE_FAILED' })
  expect(server.asked).toEqual([])
})

test('submodules come at their commits, from another host without the token, and hooks of a template do not run', async () => {
  const repositories = new Repositories()
  const open = await start(serveOpen(repositories.root))
  const deep = repositories.commit('deep', { 'deep.rb': '# deep\n' })
  const more = repositories.commit('more', { 'more.rb': '# more\n' }, { deep: { url: '../../deep/.git', commit: deep } })
  const whole = repositories.commit('whole', { 'inspec.yml': 'name: p\n' }, { 'libraries/more': { url: `${open.url}/more/.git`, commit: more } })
  const template = join(root, 'template')
  const started = join(root, 'started')
  const hook = join(makeFolder(join(template, 'hooks')), 'post-checkout')
  writeFileSync(hook, `#!/bin/sh\ntouch ${started}\n`, { mode: 0o755 })
  const server = await start(serve(repositories.root))
  const source = { kind: 'git', url: `${server.url}/whole/.git`, commit: whole } as const
  const env = { PATH, GIT_SSL_CAINFO: join(root, 'ca.pem'), GIT_TEMPLATE_DIR: template }
  const token = { secret: new Secret(TOKEN), host: server.host }
  const { path } = await fetchProfile(source, { folder: run, env, gitToken: token, signal: new AbortController().signal })
  const text = readFileSync(join(path, 'libraries', 'more', 'deep', 'deep.rb'), 'utf8')
  repositories.remove()
  expect([sent(server), sent(open), existsSync(started), text]).toEqual([[SENT], [], false, '# deep\n'])
})

test.each([
  ['by plain http', 'http://a.test/more'],
  ['of this machine', '/srv/more'],
  ['that starts a program', 'ext::sh -c touch% /tmp/x']
])('a submodule %s is not fetched, and the profile is not used', async (_what, url) => {
  const repositories = new Repositories()
  const whole = repositories.commit('whole', { 'inspec.yml': 'name: p\n' }, { more: { url, commit: 'a'.repeat(40) } })
  const server = await start(serve(repositories.root))
  const source = { kind: 'git', url: `${server.url}/whole/.git`, commit: whole } as const
  const token = { secret: new Secret(TOKEN), host: server.host }
  const fetched = fetchProfile(source, {
    folder: run,
    env: { PATH, GIT_SSL_CAINFO: join(root, 'ca.pem') },
    gitToken: token,
    signal: new AbortController().signal
  })
  await expect(fetched).rejects.toMatchObject({ code: 'PROFILE_FAILED', message: expect.stringContaining('no address of https or ssh') })
  repositories.remove()
})

test('no process that git starts has it in its environment or among its arguments', async () => {
  const server = await start(serve(dirname(repository.folder)))
  const bin = makeFolder(join(run, 'bin'))
  const git = join(bin, 'git')
  writeFileSync(git, `#!/bin/sh\n{ echo "$@"; env; } >>'${root}/seen'\nPATH='${PATH}' exec git "$@"\n`, { mode: 0o755 })
  await fetchFrom(server.url, server.host, { env: { PATH: `${bin}:${PATH}`, GIT_TRACE2_ENV_VARS: '', GIT_TRACE: join(root, 'seen') } })
  const seen = readFileSync(join(root, 'seen'), 'utf8')
  expect([seen.includes('credential-store'), [TOKEN, encodeURIComponent(TOKEN), SENT.slice(6)].filter((form) => seen.includes(form))]).toEqual([true, []])
})
