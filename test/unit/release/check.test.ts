import { globSync, readFileSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { againstKnown, quickDisagreements } from '../../../scripts/release/check.ts'
import { notesOf, sectionsOf } from '../../../scripts/release/check/changelog.ts'
import { unpinnedIn } from '../../../scripts/release/check/digests.ts'
import { type Disagreement, type House, houseAt, told } from '../../../scripts/release/check/house.ts'
import { KNOWN } from '../../../scripts/release/check/known.ts'

const READ = [
  'package.json',
  'package-lock.json',
  'CHANGELOG.md',
  '*.md',
  'src/version.ts',
  'src/**/catalog.json',
  'scripts/gitlab/stamp.json',
  'dist/sbom.cdx.json',
  'docs/**/*.md',
  'gitlab/**/*.{md,yml}',
  'examples/**/*.{md,yml,yaml}',
  '.github/workflows/*.yml'
]

const here = new Map(globSync(READ).map((file) => [file, readFileSync(file, 'utf8')]))
const houseOf = (files: ReadonlyMap<string, string>): House => ({
  root: '/nowhere',
  read: (file) => files.get(file),
  list: (...patterns) => [...files.keys()].filter((file) => patterns.some((pattern) => matchesGlob(file, pattern)))
})

const { version } = JSON.parse(here.get('package.json') ?? '') as { version: string }
const RELEASED = '1.0.0'
const WITH_OTHERS = new Set(['package.json', 'package-lock.json', 'dist/sbom.cdx.json'])
const CHANGELOG = `# Changelog\n\n## [Unreleased]\n\n## [${RELEASED}] - 2027-01-31\n\n### Added\n\n- All of it.\n`

/** This tree as it would be released as 1.0.0: each place that has the version has that one, and the changelog has a section. */
const released = new Map(
  [...here].map(([file, text]) => {
    if (file === 'CHANGELOG.md') return [file, CHANGELOG]
    const own = WITH_OTHERS.has(file) ? new RegExp(`(?<="name": "kscan",\\s+"version": ")${version}(?=")`, 'g') : version
    return [file, file.endsWith('catalog.json') ? text : text.replaceAll(own, RELEASED)]
  })
)

let files: Map<string, string>
beforeEach(() => void (files = new Map(released)))
const change = (file: string, from: string | RegExp, to: string): void => {
  const text = files.get(file) ?? ''
  const changed = text.replace(from, to)
  if (changed === text) throw new Error(`${file} has no ${String(from)}`)
  files.set(file, changed)
}

const found = (tag?: string): Disagreement[] => quickDisagreements(houseOf(files), tag)

test('a tree in which all places agree may be released', () => {
  expect(found().map(told)).toEqual([])
  expect(found(`v${RELEASED}`).map(told)).toEqual([])
})

describe('one place that disagrees is told', () => {
  const DIGEST = /[0-9a-f]{64}/
  test.each<[what: string, where: string, got: string, () => unknown]>([
    ['the program', 'src/version.ts', '1.0.1', () => change('src/version.ts', RELEASED, '1.0.1')],
    ['the lock file', 'package-lock.json', '1.0.1', () => change('package-lock.json', `"version": "${RELEASED}"`, '"version": "1.0.1"')],
    ['the bill of materials', 'dist/sbom.cdx.json', '1.0.1', () => change('dist/sbom.cdx.json', `"version": "${RELEASED}"`, '"version": "1.0.1"')],
    ['the stamp', 'scripts/gitlab/stamp.json, version', '1.0.1', () => change('scripts/gitlab/stamp.json', `"version": "${RELEASED}"`, '"version": "1.0.1"')],
    ["the stamp's image", 'scripts/gitlab/stamp.json, image', '1.0.1', () => change('scripts/gitlab/stamp.json', `kscan:${RELEASED}`, 'kscan:1.0.1')],
    [
      "the stamp's bundle",
      'scripts/gitlab/stamp.json, bundle',
      '0.9.0',
      () => change('scripts/gitlab/stamp.json', '"url": ""', '"url": "https://example.test/releases/download/v0.9.0/kscan-0.9.0.tgz"')
    ],
    ["the template's image", 'gitlab/templates/kscan.yml', '1.0.1', () => change('gitlab/templates/kscan.yml', `org/kscan:${RELEASED}`, 'org/kscan:1.0.1')],
    [
      'the template',
      'gitlab/templates/kscan.yml, KSCAN_JOB_COMPONENT',
      '1.0.1',
      () => change('gitlab/templates/kscan.yml', `COMPONENT: ${RELEASED}`, 'COMPONENT: 1.0.1')
    ],
    ['a document, of the package', 'README.md', 'kscan-0.9.0.tgz', () => change('README.md', `kscan-${RELEASED}.tgz`, 'kscan-0.9.0.tgz')],
    ['a document, of the image', 'docs/quickstart.md', 'org/kscan:0.9.0', () => change('docs/quickstart.md', `org/kscan:${RELEASED}`, 'org/kscan:0.9.0')],
    [
      'an example',
      'examples/gitlab/single.yml',
      'kscan/kscan@0.9.0',
      () => change('examples/gitlab/single.yml', `kscan/kscan@${RELEASED}`, 'kscan/kscan@0.9.0')
    ],
    ["the action's tag", 'README.md', 'v2', () => change('README.md', 'org/kscan-action@v1', 'org/kscan-action@v2')],
    ['no section of the changelog', 'CHANGELOG.md', 'none', () => change('CHANGELOG.md', `## [${RELEASED}] - 2027-01-31\n`, '')],
    ['a section without a day', 'CHANGELOG.md', 'no day', () => change('CHANGELOG.md', ' - 2027-01-31', '')],
    ['a day that is none', 'CHANGELOG.md', 'the day 2027-02-31', () => change('CHANGELOG.md', '2027-01-31', '2027-02-31')],
    ['an empty section', 'CHANGELOG.md', 'an empty section', () => change('CHANGELOG.md', /### Added[^]*/, '')],
    ['what waits', 'CHANGELOG.md', 'entries', () => change('CHANGELOG.md', '## [Unreleased]\n', '## [Unreleased]\n\n- More.\n')],
    ['two sections', 'CHANGELOG.md', '2', () => change('CHANGELOG.md', /$/, `\n## [${RELEASED}] - 2027-01-31\n\n- More.\n`)],
    ['a gem without a digest', 'src/auditor/catalog.json', 'expected a SHA-256', () => change('src/auditor/catalog.json', DIGEST, 'abc')],
    [
      'a digest that is there twice',
      'src/cluster/kind/catalog.json',
      'twice',
      () => change('src/cluster/kind/catalog.json', /(": ")[0-9a-f]{64}(",\s+"linux-arm64": ")([0-9a-f]{64})/, '$1$3$2$3')
    ],
    ['a node image by a tag', 'src/cluster/kind/catalog.json', 'by its digest', () => change('src/cluster/kind/catalog.json', /@sha256:[0-9a-f]{64}/, '')],
    [
      'a package of another version',
      'src/auditor/cinc/catalog.json',
      'another version',
      () => change('src/auditor/cinc/catalog.json', /"path": "[\d.]+/, '"path": "1.0.0')
    ],
    ['a catalog that is none', 'src/auditor/cinc/catalog.json', 'no JSON', () => files.set('src/auditor/cinc/catalog.json', '{')],
    ['a catalog that is gone', 'src/auditor/cinc/catalog.json', 'no such file', () => files.delete('src/auditor/cinc/catalog.json')],
    [
      'an action by its tag',
      '.github/workflows/ci.yml',
      'actions/checkout@v5',
      () => change('.github/workflows/ci.yml', /actions\/checkout@.*/, 'actions/checkout@v5')
    ]
  ])('%s', (_what, where, got, mutate) => {
    mutate()
    expect(found().map(told)).toEqual([expect.stringContaining(where)])
    expect(found()[0]?.got).toContain(got)
    expect(told(found()[0] as Disagreement)).toMatch(/: expected .+, got [^]+\. \S.+\.$/)
  })

  test('the tag of another version', () => {
    expect(found('v1.0.1')).toMatchObject([{ topic: 'tag', expected: expect.stringContaining('v1.0.0'), got: 'v1.0.1' }])
    expect(found('1.0.0')).toMatchObject([{ topic: 'tag', got: '1.0.0' }])
  })

  test('a package.json that has no version', () => {
    change('package.json', `"version": "${RELEASED}"`, '"version": "next"')
    expect(found().map(({ where }) => where)).toContain('package.json')
  })

  test('package.json, by all the others', () => {
    change('package.json', `"version": "${RELEASED}"`, '"version": "2.0.0"')
    const topics = new Set(found().map(({ topic }) => topic))
    expect([found().length > 15, [...topics].toSorted()]).toEqual([true, ['action-tag', 'changelog', 'version']])
  })
})

describe('what is known to disagree', () => {
  const one: Disagreement = { topic: 'changelog', where: 'CHANGELOG.md', expected: 'x', got: 'y', remedy: 'Z.' }
  const other: Disagreement = { ...one, topic: 'digest' }
  const known = { changelog: 'nothing is released' }

  test.each<[string, readonly Disagreement[], boolean, RegExp]>([
    ['and does', [one, one], true, /^· known: nothing is released$/],
    ['beside what is not', [one, other], false, /^✗ CHANGELOG\.md: expected x, got y\. Z\.\n· known/],
    ['and does not', [other], false, /changelog: known to disagree, and does not any more/],
    ['where nothing disagrees', [], true, /^$/]
  ])('%s', (_what, disagreements, passed, said) => {
    const got = againstKnown(disagreements, known)
    expect([got.passed, got.lines.join('\n')]).toEqual([passed, expect.stringMatching(said)])
  })

  test('is all that keeps this tree from being released', () => {
    const ours = quickDisagreements(houseAt('.'))
    expect(againstKnown(ours, KNOWN)).toMatchObject({ passed: true })
    expect(ours.map(({ topic }) => topic)).toEqual(expect.arrayContaining(Object.keys(KNOWN)))
  })
})

test('a changelog is read by its sections', () => {
  const text = '# Changelog\n\n## [Unreleased]\n\n- b\n\n## [1.2.3] - 2027-01-31\n\n### Fixed\n\n- a\n\n## no version\n'
  expect(sectionsOf(text)).toEqual([
    { name: 'Unreleased', date: undefined, text: '- b' },
    { name: '1.2.3', date: '2027-01-31', text: '### Fixed\n\n- a' },
    { name: 'no version', date: undefined, text: '' }
  ])
  expect([notesOf(text, '1.2.3'), notesOf(text, '1.2')]).toEqual(['### Fixed\n\n- a', undefined])
})

test('an action of another repository is pinned by a commit, with its version beside it', () => {
  const commit = '0'.repeat(40)
  const good = `      - uses: actions/a@${commit} # v1.2.3\n        uses: a/b/c@${commit} # v1.2.3\n      - uses: ./x\n`
  expect(unpinnedIn(good)).toEqual([])
  const bad = [`a/b@v1`, `a/b@${commit}`, `a/b@${commit.slice(1)} # v1.2.3`, 'docker://alpine:3', `a/b@${commit} # main`]
  expect(unpinnedIn(bad.map((each) => `  - uses: ${each}\n`).join(''))).toEqual(bad)
})
