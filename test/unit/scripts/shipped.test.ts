import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { billOf, type Product } from '../../../scripts/shipped/bom.ts'
import { licenseProblems, licensesText } from '../../../scripts/shipped/licenses.ts'
import { type Shipped, shippedPackages } from '../../../scripts/shipped/packages.ts'
import { cycloneDx } from '../../support/cyclonedx.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-shipped-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Writes a package of the bundle, and gives the module that the bundler would name. */
const made = (folder: string, manifest: object, files: Readonly<Record<string, string>> = {}): { nameForCondition: string } => {
  const place = join(root, folder)
  mkdirSync(place, { recursive: true })
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) writeFileSync(join(place, name), text)
  return { nameForCondition: join(place, 'lib', 'index.js') }
}

const one: Shipped = { name: '@a/one', version: '1.0.0', license: 'MIT', text: 'Copyright one', needs: ['two@2.0.0'] }
const two: Shipped = { name: 'two', version: '2.0.0', license: '(Apache-2.0 AND BSD-3-Clause)', text: 'Copyright two', needs: [] }
const PRODUCT: Product = { name: 'kscan', version: '1.2.3', description: 'scans', license: 'Apache-2.0', asksFor: ['@a/one@1.0.0', 'jest@30.0.0'] }

describe('what is in a bundle', () => {
  test('is read from the packages of its modules, the nested and the doubled ones too', () => {
    const old = made(
      'node_modules/asks/node_modules/two',
      { name: 'two', version: '1.0.0', license: 'ISC' },
      { 'README.md': '# two\n\n## License\n\nCopyright old\n' }
    )
    const asks = made(
      'node_modules/asks',
      { name: 'asks', version: '3.0.0', license: 'MIT', dependencies: { two: '1', not: '1' } },
      { 'LICENSE.md': 'Copyright asks\n' }
    )
    const also = made('node_modules/@b/also', { name: '@b/also', version: '4.0.0', license: 'MIT', dependencies: { two: '2' } }, { LICENSE: 'a', NOTICE: 'b' })
    const fresh = made('node_modules/two', { name: 'two', version: '2.0.0' }, { 'README.md': 'MIT' })
    const ours = { nameForCondition: join(root, 'lib', 'index.js') }
    expect(shippedPackages({ modules: [fresh, { modules: [asks, old, ours] }, { nameForCondition: null }, also, also] })).toEqual([
      { name: '@b/also', version: '4.0.0', license: 'MIT', text: 'a\n\nb', needs: ['two@2.0.0'] },
      { name: 'asks', version: '3.0.0', license: 'MIT', text: 'Copyright asks', needs: ['two@1.0.0'] },
      { name: 'two', version: '1.0.0', license: 'ISC', text: 'Copyright old', needs: [] },
      { name: 'two', version: '2.0.0', license: '', text: '', needs: [] }
    ])
  })

  test.each([
    ['none', { license: '' }, '@a/one@1.0.0 declares no license'],
    ['another', { license: 'GPL-3.0-only' }, 'expected 0BSD'],
    ['one that is no SPDX name', { license: 'MIT/X11' }, 'has the license MIT/X11'],
    ['one of two that would do', { license: '(MIT OR GPL-2.0)' }, 'has the license (MIT OR GPL-2.0)'],
    ['a file that is somewhere', { license: 'SEE LICENSE IN x' }, 'has the license SEE LICENSE IN x'],
    ['no text', { text: '' }, 'without the text of its license (MIT)']
  ])('must not ship a license that is %s', (_what, change, said) => {
    expect(licenseProblems([{ ...one, ...change }, two])).toEqual([expect.stringContaining(said)])
  })

  test('has a copy of each license', () => {
    expect(licenseProblems([one, two])).toEqual([])
    expect(licensesText([one, two])).toMatch(
      /^@a\/one@1\.0\.0\nMIT\n\nCopyright one\n\n-+\n\ntwo@2\.0\.0\n\(Apache-2\.0 AND BSD-3-Clause\)\n\nCopyright two\n$/
    )
  })
})

const fits = cycloneDx()

interface Bill {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } }
  readonly components: readonly { readonly 'bom-ref': string; readonly purl: string; readonly licenses: unknown }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/** What can be reached from the product. */
const reached = ({ metadata, dependencies }: Bill): string[] => {
  const found = new Set([metadata.component['bom-ref']])
  for (const ref of found) for (const next of dependencies.find((each) => each.ref === ref)?.dependsOn ?? []) found.add(next)
  return [...found].toSorted()
}

describe('the bill of materials', () => {
  test('names packages, licenses and who needs whom', () => {
    const bill = JSON.parse(billOf(PRODUCT, [one, two])) as Bill
    expect([fits(bill), fits.errors]).toEqual([true, null])
    expect(bill.components).toMatchObject([
      { group: '@a', name: 'one', version: '1.0.0', purl: 'pkg:npm/%40a/one@1.0.0', licenses: [{ license: { id: 'MIT' } }] },
      { name: 'two', version: '2.0.0', purl: 'pkg:npm/two@2.0.0', licenses: [{ expression: 'Apache-2.0 AND BSD-3-Clause' }] }
    ])
    expect(bill.dependencies).toEqual([
      { ref: 'pkg:npm/kscan@1.2.3', dependsOn: ['pkg:npm/%40a/one@1.0.0'] },
      { ref: 'pkg:npm/%40a/one@1.0.0', dependsOn: ['pkg:npm/two@2.0.0'] },
      { ref: 'pkg:npm/two@2.0.0', dependsOn: [] }
    ])
  })

  test('is told from one that the schema does not allow', () => {
    expect(fits(JSON.parse(billOf(PRODUCT, [{ ...one, license: 'MIT/X11' }])))).toBe(false)
  })

  test('of dist fits the schema, and leads from kscan to each package of it', () => {
    const bill = JSON.parse(readFileSync('dist/sbom.cdx.json', 'utf8')) as Bill
    expect([fits(bill), fits.errors]).toEqual([true, null])
    expect(reached(bill)).toEqual([bill.metadata.component['bom-ref'], ...bill.components.map((each) => each['bom-ref'])].toSorted())
    const headings = readFileSync('dist/licenses.txt', 'utf8')
      .split(/^-{80}$/m)
      .map((part) => part.trim().split('\n')[0] ?? '')
    expect(headings.map((id) => `pkg:npm/${id.replace(/^@/, '%40')}`)).toEqual(bill.components.map(({ purl }) => purl))
  })
})
