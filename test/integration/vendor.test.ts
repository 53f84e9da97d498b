import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { z } from 'zod'
import { digestOfBytes } from '../../src/profile/digest.ts'
import { readTarball } from '../../src/profile/tar.ts'
import { leftHere, startCommandLine } from '../support/command-line.ts'
import { profileFiles, writeFiles } from '../support/profile-repository.ts'
import { openVendorShop, type VendorShop } from '../support/vendor-shop.ts'

// gems are fetched: on a busy machine that takes its time
jest.setTimeout(400_000)

let shop: VendorShop
let archive = ''
beforeAll(async () => {
  shop = await openVendorShop()
  archive = join(shop.root, 'vendored.tgz')
})
afterAll(() => shop.close())

const Manifest = z.looseObject({
  profiles: z.array(z.looseObject({ name: z.string(), dependencies: z.array(z.object({ way: z.string(), source: z.string(), sha256: z.string() })) })),
  auditor: z.looseObject({ version: z.string(), gems: z.array(z.unknown()) }).optional()
})

test('one archive holds a profile, two levels of what git brings, and the gems of the auditor', async () => {
  const ran = await shop.vendor([shop.top, '--auditor', 'gems', '--output', archive])
  expect([ran.code, ran.stderr.match(/^error.*/gm)]).toEqual([0, null])
  const bytes = readFileSync(archive)
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(`profile: ${archive}#sha256=${digestOfBytes(bytes)}`)])
  const files = readTarball(bytes)
  const manifest = Manifest.parse(JSON.parse(Buffer.from(files.find(({ name }) => name === 'kscan-vendor.json')?.bytes ?? []).toString()))
  expect(manifest.profiles.map(({ name, dependencies }) => [name, dependencies.map(({ way, source }) => [way, source])])).toEqual([
    [
      'top',
      [
        ['top > middle', `git+${shop.git('middle')}@${shop.commits.middle}`],
        ['top > middle > base', `git+${shop.git('base')}@${shop.commits.base}`]
      ]
    ]
  ])
  expect([manifest.auditor?.gems.length, files.filter(({ name }) => name.startsWith('gems/')).length]).toEqual([33, 33])
  expect(leftHere(ran)).toEqual([])
})

test('the same profiles give the same bytes', async () => {
  const [one, other] = [join(shop.root, 'one.tgz'), join(shop.root, 'other.tgz')]
  const runs = [await shop.vendor([shop.top, '--output', one]), await shop.vendor([shop.top, '--output', other])]
  expect([runs.map(({ code }) => code), readFileSync(one).equals(readFileSync(other))]).toEqual([[0, 0], true])
})

test('all that is wrong is told at once, and nothing is written', async () => {
  const branch = writeFiles(
    join(shop.root, 'branch'),
    profileFiles('branch', { depends: `depends:\n  - {name: base, git: '${shop.git('base')}', branch: main}\n  - {name: x, supermarket: a/b}\n` })
  )
  const output = join(shop.root, 'none.tgz')
  const ran = await shop.vendor([branch, shop.top, '--output', output])
  expect([ran.code, ran.stderr.match(/^error: {3}\w+: .*/gm)?.length, existsSync(output)]).toEqual([2, 2, false])
  const inputs = await shop.vendor(['./nosuch', 'catalog/nosuch', '--auditor', 'cinc', '--output', join(shop.root, 'nosuch', 'x.tgz')])
  expect([
    inputs.code,
    ['profile: expected a folder', 'catalog/nosuch', 'auditor: expected gems', 'output: expected'].filter((text) => !inputs.stderr.includes(text))
  ]).toEqual([2, []])
  expect((await shop.vendor([])).stderr).toMatch(/output: expected[^]*PROFILE: expected|PROFILE: expected[^]*output: expected/)
})

test('an archive that was changed is not used', async () => {
  const bytes = readFileSync(archive)
  const changed = join(shop.root, 'changed.tgz')
  writeFileSync(changed, Buffer.concat([bytes, Buffer.from('x')]))
  const ran = await startCommandLine(['scan', '--pod', 'web', '--profile', `${changed}#sha256=${digestOfBytes(bytes)}`], {
    folder: mkdtempSync(join(shop.root, 'c-'))
  }).ended
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('nothing of it was run')])
})
