import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { gitHub } from '../../../scripts/release/github.ts'
import { publish } from '../../../scripts/release/publish.ts'
import { GitHubServer } from '../../support/release/github-server.ts'

const COMMIT = 'c'.repeat(40)
const OLD = 'b'.repeat(40)
const FILES = { 'kscan-1.2.3.tgz': 'a package', SHA256SUMS: 'sums' }

let out: string
let server: GitHubServer
let said: string[]
beforeEach(async () => {
  out = mkdtempSync(join(tmpdir(), 'kscan-publish-'))
  mkdirSync(join(out, 'assets'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(out, 'assets', name), text)
  writeFileSync(join(out, 'notes.md'), 'What is new')
  server = new GitHubServer()
  await server.start()
  server.refs.set('tags/v1.2.3', COMMIT)
  server.refs.set('tags/v1', OLD)
  server.refs.set('tags/v1.2.2', OLD)
  said = []
})
afterEach(() => {
  server.stop()
  rmSync(out, { recursive: true })
})

const run = async (version = '1.2.3', token = 'the-token'): Promise<void> =>
  await publish(gitHub({ api: server.api, repository: 'org/kscan-action', token }), {
    version,
    commit: COMMIT,
    out,
    say: (text) => void said.push(text),
    pause: 1
  })

const sha = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
const moved = (): string | undefined => server.refs.get('tags/v1')

test('a release is a draft until all its files are there, then published, and the moving tag comes last', async () => {
  await run()
  expect(server.releases).toMatchObject([{ tag_name: 'v1.2.3', draft: false, immutable: true, body: 'What is new', make_latest: 'true' }])
  const kept = server.releases[0]?.assets.map(({ name, digest }) => [name, digest]) ?? []
  expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(Object.entries(FILES).map(([name, text]) => [name, sha(text)])))
  expect(moved()).toBe(COMMIT)
  const writes = server.asked.filter((each) => !each.startsWith('GET'))
  expect(writes.map((each) => each.replace(/\d+/, 'N'))).toEqual([
    'POST /releases',
    'POST /uploads/releases/N/assets',
    'POST /uploads/releases/N/assets',
    'PATCH /releases/N',
    'PATCH /git/refs/tags/vN'
  ])
  expect(said.at(-1)).toBe(`moved v1 to ${COMMIT}`)
})

test('the first of a line makes its moving tag', async () => {
  server.refs.delete('tags/v1')
  await run()
  expect(moved()).toBe(COMMIT)
})

test('a tag with a note is the commit that it names', async () => {
  server.refs.set('tags/v1.2.3', 'd'.repeat(40))
  server.notes.set('d'.repeat(40), COMMIT)
  await run()
  expect(moved()).toBe(COMMIT)
})

test('the draft of a run that failed is removed', async () => {
  server.faults = { fails: /POST \/uploads/ }
  await expect(run()).rejects.toThrow('GitHub answered 500')
  server.faults = {}
  await run()
  expect(server.releases.map(({ draft, assets }) => [draft, assets.length])).toEqual([[false, 2]])
})

describe('an older line', () => {
  test('of the same moving tag leaves it, and is not the latest', async () => {
    server.refs.set('tags/v1.10.0', OLD)
    await run()
    expect([moved(), server.releases[0]?.make_latest, said.at(-1)]).toEqual([OLD, 'false', 'v1 stays where it is: 1.10.0 is newer'])
  })

  test('of another moves its own', async () => {
    server.refs.set('tags/v2.0.0', OLD)
    server.refs.set('tags/v2', OLD)
    await run()
    expect([moved(), server.refs.get('tags/v2'), server.releases[0]?.make_latest]).toEqual([COMMIT, OLD, 'false'])
  })
})

describe('nothing moves, and nothing more is published, when', () => {
  test.each<[string, () => void, string, boolean]>([
    ['the tag has been moved', () => server.refs.set('tags/v1.2.3', OLD), `expected the commit ${COMMIT}`, false],
    ['there is no tag', () => server.refs.delete('tags/v1.2.3'), 'got no such tag', false],
    ['no draft can be made', () => (server.faults = { fails: /POST \/releases/ }), 'GitHub answered 500', false],
    ['a file does not arrive', () => (server.faults = { fails: /POST \/uploads/ }), 'GitHub answered 500', false],
    ['a file arrives as another', () => (server.faults = { spoils: 'SHA256SUMS' }), 'is not published: SHA256SUMS', false],
    ['the files cannot be listed', () => (server.faults = { fails: /GET \/releases\/1\/assets/ }), 'GitHub answered 500', false],
    ['it cannot be published', () => (server.faults = { fails: /PATCH \/releases/ }), 'GitHub answered 500', false],
    ['the release can be changed', () => (server.faults = { mutable: true }), 'expected an immutable release', true]
  ])('%s', async (_what, break_, message, published) => {
    break_()
    await expect(run()).rejects.toThrow(message)
    expect([moved(), server.releases.some(({ draft }) => !draft)]).toEqual([OLD, published])
  })

  test('it is published already', async () => {
    await run()
    server.refs.set('tags/v1', OLD)
    await expect(run()).rejects.toThrow('v1.2.3 is published')
    expect([moved(), server.releases.length]).toEqual([OLD, 1])
  })

  test('the token is refused, which the error does not tell', async () => {
    const error = await run('1.2.3', 'another-token').catch((reason: unknown) => String(reason))
    expect(error).toMatch(/GitHub answered 401/)
    expect(error).not.toContain('another-token')
    expect(moved()).toBe(OLD)
  })
})

test('a moving tag that cannot be moved is an error', async () => {
  server.faults = { fails: /PATCH \/git/ }
  await expect(run()).rejects.toThrow('GitHub answered 500')
  expect(moved()).toBe(OLD)
})
