import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { type Shop, startShop } from '../support/shop.ts'
import { debianRoot, insideOf } from './debian.ts'

// packages and gems come from afar
jest.setTimeout(300_000)

let shop: Shop
let root: string
beforeAll(async () => {
  root = debianRoot('trixie')
  shop = await startShop()
})
afterAll(() => shop.close())

/** The built command line, on this machine or in that root. */
const kscan = (name: string, before: readonly string[]): Promise<{ code: number | null; said: string }> => {
  const { folder, kubeconfig } = shop
  const reports = join(folder.path, name)
  const scan = [
    'scan',
    '--namespace',
    'shop',
    '--pod',
    'web',
    '--auditor',
    'gems',
    '--profile',
    resolve('test/fixtures/profiles/resources'),
    '--profile',
    resolve('test/fixtures/profiles/first')
  ]
  const [file, ...args] = [...before, process.execPath, resolve('dist/cli.js'), ...scan, '--reports-path', reports]
  const env = {
    PATH: before.length === 0 ? (process.env['PATH'] ?? '') : '/usr/sbin:/usr/bin',
    HOME: folder.path,
    XDG_CACHE_HOME: join(folder.path, 'cache'),
    KUBECONFIG: kubeconfig,
    TMPDIR: '/tmp'
  }
  const proxies = Object.fromEntries(Object.entries(process.env).filter(([key]) => /_proxy$/i.test(key)))
  const child = spawn(file, args, { env: { ...env, ...proxies }, cwd: folder.path })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)))
  return new Promise((done) => child.once('close', (code) => done({ code, said })))
}

/** What each check came to. */
const answers = (name: string): unknown => {
  const folder = join(shop.folder.path, name, 'hdf')
  return readdirSync(folder).map((file) => {
    const { profiles } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      profiles: { name: string; controls: { id: string; results: { status: string; code_desc: string }[] }[] }[]
    }
    return profiles.map((profile) => [
      profile.name,
      profile.controls.map(({ id, results }) => [id, results.map(({ status, code_desc: what }) => [status, what])])
    ])
  })
}

test("Debian 13's Ruby 3.3 gives the answers of this machine's Ruby", async () => {
  const inside = insideOf(root, shop.folder.path)
  const [file, ...args] = [...inside, 'ruby', '--version']
  expect(execFileSync(file, args, { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin' } })).toMatch(/^ruby 3\.3\./)
  const [here, there] = [await kscan('here', []), await kscan('there', inside)]
  expect([there.code, there.said]).toEqual([here.code, expect.stringContaining('Auditor: kscan auditor')])
  expect(answers('there')).toEqual(answers('here'))
  expect(JSON.stringify(answers('here')).length).toBeGreaterThan(10_000)
})
