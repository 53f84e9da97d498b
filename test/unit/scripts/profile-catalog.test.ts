import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CatalogEntry } from '../../../src/profile/catalog.ts'
import { digestOf } from '../../../src/profile/digest.ts'
import { filesBelow } from '../../../src/profile/walk.ts'
import { makeCertificates } from '../../support/api-server/certificates.ts'
import { type GitServer, serveOpen, startServer } from '../../support/git-server.ts'
import { Repositories } from '../../support/profile-repository.ts'

const repositories = new Repositories()
const pair = makeCertificates()
let root = ''
let server: GitServer
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kscan-update-'))
  writeFileSync(join(root, 'ca.pem'), pair.ca)
  server = await startServer(serveOpen(repositories.root), pair)
})
afterAll(async () => {
  await server.close()
  repositories.remove()
  rmSync(root, { recursive: true })
})

const entry = (name: string, commit = 'a'.repeat(40)): CatalogEntry => ({
  name,
  title: 'old',
  repository: `https://git.example/team/${name}.git`,
  commit,
  sha256: 'b'.repeat(64),
  version: '0',
  license: '',
  controls: 0,
  auditor: '',
  platform: 'Linux',
  systems: []
})

const update = async (entries: readonly CatalogEntry[], ...more: readonly string[]): Promise<{ code: number; said: string; entries: CatalogEntry[] }> => {
  const file = join(root, 'catalog.json')
  writeFileSync(file, JSON.stringify(entries))
  const env = { PATH: process.env['PATH'] ?? '', GIT_SSL_CAINFO: join(root, 'ca.pem') }
  const child = spawn(process.execPath, ['scripts/profile-catalog.ts', '--file', file, '--server', server.url, ...more], {
    env,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const [said, , [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number]>])
  return { code, said, entries: JSON.parse(readFileSync(file, 'utf8')) as CatalogEntry[] }
}

const FILES = {
  'inspec.yml': 'name: web\ntitle: Web\nversion: 1.2.0\nlicense: Apache-2.0\ninspec_version: ">= 5.0"\n',
  'controls/a.rb': "control 'a' do\nend\n  control('b') do\nend\n# control 'c' do\n",
  'libraries/x.rb': "control 'no' do\nend\n"
}

test('an entry gets the newest commit of its repository, the digest of a scan, and what the profile says of itself', async () => {
  const first = repositories.commit('team/web.git', FILES)
  const updated = await update([entry('web')])
  const sha256 = digestOf(filesBelow(join(repositories.root, 'team/web.git')))
  const expected = { ...entry('web'), commit: first, sha256, title: 'Web', version: '1.2.0', license: 'Apache-2.0', controls: 2, auditor: '>= 5.0' }
  expect(updated).toMatchObject({ code: 0, said: `web: aaaaaaaaaaaa → ${first.slice(0, 12)}\n`, entries: [expected] })
  const second = repositories.commit('team/web.git', { ...FILES, 'controls/d.rb': "control 'd' do\nend\n" })
  expect(await update(updated.entries, '--keep')).toMatchObject({ code: 0, said: 'web: as it was\n', entries: [expected] })
  expect((await update(updated.entries)).entries).toMatchObject([{ commit: second, controls: 3 }])
})

test('one that is not there, or is no profile, changes nothing', async () => {
  repositories.commit('team/none.git', { 'README.md': '' })
  for (const name of ['nosuch', 'none']) {
    const failed = await update([entry(name)])
    expect([failed.code, failed.entries]).toEqual([1, [entry(name)]])
  }
})
