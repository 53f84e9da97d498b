import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { CATALOG, type Catalog, catalogDigest, gemFile, gemsRefusal, verifyGems } from '../../../src/auditor/gems.ts'
import { ScanError } from '../../../src/kernel/error.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const catalog: Catalog = {
  auditor: { gem: 'one', version: '5.1.0' },
  ruby: '3.1',
  gems: [
    { name: 'one', version: '5.1.0', sha256: sha256('first') },
    { name: 'two', version: '2.0', sha256: sha256('second') }
  ],
  tree: sha256('both')
}

describe('the shipped catalog', () => {
  test('names each gem once, with a version and a SHA-256', () => {
    expect(new Set(CATALOG.gems.map((gem) => gem.name)).size).toBe(CATALOG.gems.length)
    for (const gem of CATALOG.gems) {
      expect(gem.version).toMatch(/^\d[.\w]*$/)
      expect(gem.sha256).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  test('holds the auditor itself, and rexml, which STIG profiles need', () => {
    const files = CATALOG.gems.map(gemFile)
    expect(files).toContain(`${CATALOG.auditor.gem}-${CATALOG.auditor.version}.gem`)
    expect(CATALOG.gems.map((gem) => gem.name)).toEqual(expect.arrayContaining(['rexml', 'rspec-core', 'train-core']))
  })

  test('holds nothing of InSpec that is under the Chef EULA', () => {
    for (const gem of CATALOG.gems.filter(({ name }) => name.startsWith('inspec'))) expect(Number.parseInt(gem.version, 10)).toBeLessThan(6)
    expect(gemsRefusal(CATALOG, undefined)).toBeUndefined()
  })
})

describe('which versions are refused', () => {
  test.each([
    ['no wish', '5.1.0', undefined, undefined],
    ['the very version', '5.1.0', '5.1.0', undefined],
    ['its major version', '5.1.0', '5', undefined],
    ['another minor version', '5.1.0', '5.2', /holds version 5\.1\.0, but auditor-version asks for 5\.2/],
    ['a number that only begins alike', '5.10.0', '5.1', /asks for 5\.1/],
    ['a version under the Chef EULA', '5.1.0', '7.0.95', /Chef EULA and is never installed/],
    ['a catalog with such a version', '6.8.24', undefined, /Chef EULA and is never installed/]
  ])('%s', (_, version, wanted, expected) => {
    const refusal = gemsRefusal({ ...catalog, auditor: { gem: 'inspec-core', version } }, wanted)
    if (expected === undefined) expect(refusal).toBeUndefined()
    else expect(refusal).toMatch(expected)
  })
})

test('the digest differs for another checksum, version or order', () => {
  const [first, second] = catalog.gems
  if (first === undefined || second === undefined) throw new Error('the catalog has two gems')
  const others = [[second, first], [first], [first, { ...second, sha256: sha256('x') }], [first, { ...second, version: '2.1' }], catalog.gems]
  expect(new Set(others.map((gems) => catalogDigest({ ...catalog, gems }))).size).toBe(5)
})

describe('verification', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gems-'))
    await writeFile(join(folder, 'one-5.1.0.gem'), 'first')
    await writeFile(join(folder, 'two-2.0.gem'), 'second')
  })
  afterEach(async () => await rm(folder, { recursive: true }))

  const problemsOf = async (): Promise<ScanError> => {
    try {
      await verifyGems(folder, catalog)
    } catch (error) {
      if (error instanceof ScanError) return error
      throw error
    }
    throw new Error('nothing was thrown')
  }

  test('accepts exactly the files of the catalog', async () => {
    await expect(verifyGems(folder, catalog)).resolves.toBeUndefined()
  })

  test('names a truncated file with the checksum that was expected and the one that it has', async () => {
    await writeFile(join(folder, 'two-2.0.gem'), 'secon')
    const error = await problemsOf()
    expect(error.code).toBe('AUDITOR_MISSING')
    expect(error.problems).toEqual([{ name: 'two-2.0.gem', expected: `SHA-256 ${sha256('second')}`, got: `SHA-256 ${sha256('secon')}` }])
    expect(error.message).toContain('two-2.0.gem')
  })

  test('names every missing, other and additional file at once', async () => {
    await rm(join(folder, 'one-5.1.0.gem'))
    await writeFile(join(folder, 'two-2.0.gem'), 'other')
    await writeFile(join(folder, 'three-1.gem'), '')
    const error = await problemsOf()
    expect(error.problems.map(({ name, got }) => [name, got])).toEqual([
      ['one-5.1.0.gem', 'no file'],
      ['two-2.0.gem', `SHA-256 ${sha256('other')}`],
      ['three-1.gem', 'a file']
    ])
  })
})
