import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { z } from 'zod'
import { digestOfBytes } from '../../src/profile/digest.ts'
import { leftHere, startCommandLine } from '../support/command-line.ts'
import { startSshServer } from '../support/ssh-server.ts'
import { openVendorShop, type VendorShop } from '../support/vendor-shop.ts'

// gems are fetched, and a real auditor scans without network: on a busy machine that takes its time
jest.setTimeout(400_000)

let shop: VendorShop
let archive = ''
beforeAll(async () => {
  shop = await openVendorShop()
  archive = join(shop.root, 'vendored.tgz')
  const { code, stderr } = await shop.vendor([shop.top, '--auditor', 'gems', '--output', archive])
  if (code !== 0) throw new Error(stderr)
})
afterAll(() => shop.close())

test('a profile comes over ssh by the caller’s own key, while git is isolated and sees none', async () => {
  const ssh = await startSshServer()
  const output = join(shop.root, 'ssh.tgz')
  const source = `git+ssh://${ssh.user}@127.0.0.1:${ssh.port}${shop.repositories.root}/base/.git@${shop.commits.base}`
  const words = ['vendor', source, '--output', output]
  const ran = await startCommandLine(words, { folder: mkdtempSync(join(shop.root, 's-')), env: { HOME: ssh.home } }).ended
  await ssh.close()
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(`base 1.0.0: ${source.replace(/\/\/.*?@/, '//***@')}, SHA-256 `)])
  expect([ran.stderr, leftHere(ran)]).toEqual([expect.stringMatching(/Isolation of git: (?:bubblewrap|namespaces)/), []])
})

const Offline = z.object({
  code: z.number().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  made: z.array(z.unknown()),
  network: z.string(),
  interfaces: z.array(z.string())
})

const isRoot = process.getuid?.() === 0
/** A namespace in which there is nothing but its own loopback. */
const APART = isRoot ? ['-n'] : ['-rn']

const scanOffline = (folder: string, before: readonly string[] = []): z.infer<typeof Offline> => {
  const file = join(folder, 'vendored.tgz')
  const inputs = [
    '--profile',
    `${file}#sha256=${digestOfBytes(readFileSync(file))}`,
    '--auditor',
    'gems',
    '--offline',
    'true',
    '--namespace',
    'shop',
    '--pod',
    'web'
  ]
  const command = [process.execPath, resolve('test/support/offline-scan.ts'), folder, 'scan', ...inputs]
  const words = [...before, 'sh', '-c', 'ip link set lo up 2>/dev/null; exec "$@"', 'sh', ...command]
  const [program = '', ...args] = before.length > 0 ? words : ['unshare', ...APART, ...words]
  return Offline.parse(JSON.parse(execFileSync(program, args, { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder, HOME: folder } })))
}

const checked = (folder: string, ran: z.infer<typeof Offline>): void => {
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Auditor: kscan auditor 5.24.24')])
  expect([ran.network, ran.interfaces.filter((name) => name !== 'lo'), ran.made]).toEqual([expect.stringMatching(/ENETUNREACH/), [], []])
  const reports = join(folder, 'kscan-reports')
  const record = JSON.parse(readFileSync(join(reports, 'run.json'), 'utf8')) as { profiles: { dependencies: { way: string }[] }[]; offline: boolean }
  expect([record.offline, record.profiles.map(({ dependencies }) => dependencies.map(({ way }) => way))]).toEqual([
    true,
    [['top > middle', 'top > middle > base']]
  ])
  const hdf = JSON.parse(readFileSync(join(reports, 'hdf', readdirSync(join(reports, 'hdf'))[0] ?? ''), 'utf8')) as {
    profiles: { name: string; controls: { id: string }[] }[]
  }
  expect(hdf.profiles.map(({ name, controls }) => [name, controls.map(({ id }) => id).toSorted()])).toEqual([
    ['top', ['base-1', 'middle-1']],
    ['middle', ['base-1', 'middle-1']],
    ['base', ['base-1']]
  ])
}

const placeFor = (): string => {
  const folder = mkdtempSync(join(shop.root, 'o-'))
  cpSync(archive, join(folder, 'vendored.tgz'))
  mkdirSync(join(folder, 'tmp'))
  return folder
}

const NOBODY = 65534

test('where there is no network, a scan has its profiles and its auditor from it', () => {
  const folder = placeFor()
  checked(folder, scanOffline(folder))
})

// where the tests run as an ordinary user, the one above was an ordinary user's
if (isRoot)
  test('an ordinary user has them, too', () => {
    const folder = placeFor()
    for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) chownSync(path, NOBODY, NOBODY)
    const user = [
      'unshare',
      '-n',
      'sh',
      '-c',
      'ip link set lo up; exec "$@"',
      'sh',
      'setpriv',
      `--reuid=${NOBODY}`,
      `--regid=${NOBODY}`,
      '--clear-groups',
      '--'
    ]
    checked(folder, scanOffline(folder, user))
    expect(lstatSync(join(folder, 'kscan-reports', 'run.json')).uid).toBe(NOBODY)
  })
