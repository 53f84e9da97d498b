import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { leftHere, type Ran, startCommandLine } from '../support/command-line.ts'
import { profileFiles, writeFiles } from '../support/profile-repository.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

jest.setTimeout(180_000)

let shop: Shop
let auditor = ''
beforeAll(async () => {
  shop = await startShop()
  auditor = stubAuditor(shop.folder)
})
afterAll(() => shop.close())

/** In a folder of its own: profiles by name, each by its inspec.yml. */
const scan = (profiles: Readonly<Record<string, string>>, words: readonly string[] = []): Promise<Ran> => {
  const folder = mkdtempSync(join(shop.folder.path, 'run-'))
  for (const [name, text] of Object.entries(profiles)) writeFiles(join(folder, name), { ...profileFiles(name), 'inspec.yml': text })
  writeFileSync(join(folder, 'inputs.yml'), 'level: high\n')
  const given = ['--namespace', 'shop', '--pod', 'web', '--profile', './top', '--auditor', auditor, ...LENIENT, ...words]
  return startCommandLine(['scan', ...given], { folder, env: { KUBECONFIG: shop.kubeconfig } }).ended
}

const over = (more: string): string => `name: top\nversion: 1.0.0\ndepends:\n  - {name: base, path: ../base}\n${more}`
const BASE = 'name: base\nversion: 1.0.0\n'

test.each<[string, Readonly<Record<string, string>>, number, RegExp]>([
  [
    'an auditor that is another one',
    { top: over(''), base: `${BASE}inspec_version: '>= 6.0'\n` },
    2,
    /profiles for auditor 5\.24\.24; got top > base, whose inspec_version is >= 6\.0/
  ],
  [
    'an input that nobody gives, and one of another type',
    { top: over(''), base: `${BASE}inputs:\n  - {name: site, required: true}\n  - {name: level, type: Numeric}\n` },
    2,
    /2 inputs are not usable[^]*a value for site[^]*level of type Numeric.*got a text \(inputs\.yml\)/
  ],
  ['a platform that no container is', { top: over(''), base: `${BASE}supports:\n  - platform: windows\n` }, 3, /top > base supports platform: windows only/],
  ['a version that is not there', { top: over('').replace('../base}', "../base, version: '~> 2.0'}"), base: BASE }, 2, /base of version ~> 2\.0; got 1\.0\.0/],
  ['what nothing pins', { top: 'name: top\ndepends:\n  - {name: x, git: https://git.test/x, branch: main}\n' }, 2, /git\.test\/x at the branch main/]
])('a profile that wants %s is refused before anything is asked of the cluster', async (_what, profiles, code, words) => {
  const before = shop.server.requests.length
  const ran = await scan(profiles, ['--profile-inputs-file', 'inputs.yml'])
  expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(words)])
  expect([shop.server.requests.length, leftHere(ran)]).toEqual([before, []])
})

test('what a profile includes is in run.json, on the page and in the summary, each with its digest', async () => {
  const ran = await scan({ top: over(''), base: BASE }, ['--reports', 'hdf,html,markdown,run.json'])
  expect([ran.code, leftHere(ran)]).toEqual([0, []])
  const at = (name: string): string => readFileSync(join(ran.folder, 'kscan-reports', name), 'utf8')
  const { profiles } = JSON.parse(at('run.json')) as { profiles: { source: string; dependencies: { way: string; source: string; sha256: string }[] }[] }
  expect(profiles).toEqual([
    {
      source: './top',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      dependencies: [{ way: 'top > base', source: expect.stringMatching(/\/base$/), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]
    }
  ])
  const digest = profiles[0]?.dependencies[0]?.sha256 ?? ''
  expect([at('report.html').includes(digest), at('summary.md').includes(digest), ran.stderr.includes(digest)]).toEqual([true, true, true])
  expect(readdirSync(join(ran.folder, 'top')).toSorted()).toEqual(['controls', 'inspec.yml'])
})

test('the catalog is listed, and what fits a system stands first', async () => {
  const folder = mkdtempSync(join(shop.folder.path, 'catalog-'))
  writeFileSync(join(folder, 'os-release'), 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04"\n')
  const kscan = (...words: readonly string[]): Promise<Ran> => startCommandLine(['profiles', ...words], { folder }).ended
  const [plain, fitting, json, none] = [
    await kscan(),
    await kscan('--os-release', 'os-release'),
    await kscan('--os-release', 'os-release', '--json'),
    await kscan('--os-release', 'nosuch')
  ]
  expect([plain.code, plain.stdout]).toEqual([0, expect.stringMatching(/^PROFILE[^\n]*CONTROLS[^\n]*\n[^]*catalog\/ssh-baseline +OpenSSH +71 +Apache-2\.0/)])
  expect(fitting.stdout.split('\n').slice(0, 3)).toEqual([
    'System: Ubuntu 24.04',
    expect.stringContaining('PROFILE'),
    expect.stringMatching(/^fits +catalog\/canonical-ubuntu-24\.04 /)
  ])
  const { systems } = JSON.parse(json.stdout) as { systems: { profiles: { profile: string; fits: string }[] }[] }
  expect(systems.map(({ profiles }) => profiles.filter(({ fits }) => fits === 'yes').map(({ profile }) => profile))).toEqual([
    ['catalog/canonical-ubuntu-24.04', 'catalog/linux-baseline']
  ])
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('os-release: expected a file like /etc/os-release')])
})
