import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { type Checked, inputProblems, runtimeProblems, unsupported } from '../../../src/profile/check.ts'
import { isConstraint, satisfies } from '../../../src/profile/constraint.ts'
import { parseMetadata } from '../../../src/profile/metadata.ts'
import { writeFiles } from '../../support/profile-repository.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-check-'))
afterAll(() => rmSync(root, { recursive: true }))

const profile = (text: string, code = ''): Checked => {
  const metadata = parseMetadata(text)
  const folder = writeFiles(mkdtempSync(join(root, 'p-')), { 'inspec.yml': text, 'controls/a.rb': code })
  return { way: metadata.name ?? '', metadata, folder }
}

describe('versions', () => {
  test.each<[string, string[], boolean]>([
    ['5.24.24', ['>= 4.0'], true],
    ['5.24.24', ['>= 6.0'], false],
    ['5.24.24', ['~> 5.2'], true],
    ['6.0.0', ['~> 5.2'], false],
    ['5.3.0', ['~> 5.2.1'], false],
    ['5.2.9', ['~>5.2.1'], true],
    ['6.8.1', ['~> 6'], true],
    ['7.0.0', ['~> 6'], false],
    ['1.10.0', ['> 1.9'], true],
    ['1.0', ['= 1.0.0'], true],
    ['1.0.0', ['1.0.0'], true],
    ['1.0.0', ['!= 1.0.0'], false],
    ['1.0.0-beta', ['< 1.0.0'], true],
    ['1.0.0-beta.2', ['> 1.0.0-beta.1'], true],
    ['2.0.0', ['>= 1.0', '< 2.0'], false],
    ['2.0.0', [], true],
    ['2.0.0', ['newest'], false],
    ['new', ['>= 0'], false]
  ])('%s meets %j: %s', (version, constraints, expected) => {
    expect(satisfies(version, constraints)).toBe(expected)
  })

  test.each(['>= 4', '~>6.0', '1.2.3', '= 1'])('%s is a constraint', (text) => expect(isConstraint(text)).toBe(true))
  test.each(['', 'latest', '>= x', '1 2', '=> 1'])('%j is none', (text) => expect(isConstraint(text)).toBe(false))
})

test('a profile for another auditor is told by what it wants, with those that it includes', () => {
  const old = profile('name: old\ninspec_version: ">= 4.0"\n')
  const newer = profile('name: newer\ninspec_version: "~>6.0"\n')
  expect(runtimeProblems([old, newer, profile('name: any\n')], '5.24.24')).toEqual([
    { name: 'profile', expected: 'profiles for auditor 5.24.24', got: 'newer, whose inspec_version is ~>6.0', hint: expect.stringContaining('cinc') }
  ])
  expect(runtimeProblems([profile('name: odd\ninspec_version: newest\n')], '5.24.24')).toMatchObject([{ got: 'newest (odd)' }])
})

test.each<[string, string | undefined]>([
  ['', undefined],
  ['supports:\n  - platform-family: redhat\n', undefined],
  ['supports:\n  - platform: windows\n  - os-family: linux\n', undefined],
  ['supports: [linux]\n', undefined],
  ['supports:\n  platform: unix\n', undefined],
  ['supports:\n  - platform: windows\n', 'platform: windows'],
  ['supports:\n  - platform: aws\n  - platform_name: azure\n', 'platform: aws, platform_name: azure'],
  ['supports:\n  - platform: k8s\n', 'platform: k8s']
])('what %j supports fits no container: %s', (text, expected) => {
  expect(unsupported(parseMetadata(`name: p\n${text}`))).toBe(expected)
})

describe('inputs', () => {
  const given = (values: Readonly<Record<string, unknown>>) => [{ source: 'in.yml', values: new Map(Object.entries(values)) }]
  const needs = (more = ''): string => `name: base\ninputs:\n  - name: site\n    required: true\n${more}`

  test('that are required want a value from somebody', () => {
    expect(inputProblems([profile(needs())], [])).toMatchObject([
      { name: 'profile-inputs', expected: 'a value for site, which the profile base requires', got: 'none' }
    ])
    expect(inputProblems([profile(needs('    value: x\n'))], [])).toEqual([])
    expect(inputProblems([profile(needs())], given({ site: 'x' }))).toEqual([])
    expect(inputProblems([profile('name: top\ninputs:\n  - {name: site, profile: base, value: x}\n'), profile(needs())], [])).toEqual([])
    expect(inputProblems([profile(needs(), "x = input('site', value: 'y')\n")], [])).toEqual([])
    expect(inputProblems([profile(needs(), "x = input('other', value: 'y')\n")], [])).toHaveLength(1)
  })

  test.each<[string, unknown, boolean]>([
    ['String', 'a', true],
    ['String', 1, false],
    ['Numeric', 1.5, true],
    ['Numeric', '12', true],
    ['numeric', 'twelve', false],
    ['num', 3, true],
    ['Boolean', false, true],
    ['Boolean', 'false', false],
    ['Array', ['a'], true],
    ['Array', 'a', false],
    ['Hash', { a: 1 }, true],
    ['Hash', ['a'], false],
    ['Regexp', '^a', true],
    ['Any', 1, true],
    ['String', null, true]
  ])('of type %s take %j: %s, and a value is never said', (type, value, good) => {
    const problems = inputProblems([profile(`name: p\ninputs:\n  - {name: x, type: ${type}}\n`)], given({ x: value }))
    expect(problems.map(({ name, got }) => [name, got])).toEqual(
      good ? [] : [['profile-inputs', expect.stringMatching(/^(?:a text|a number|a list|a mapping|true or false) \(in\.yml\)$/)]]
    )
  })

  test('of a type that is none are told', () => {
    expect(inputProblems([profile('name: p\ninputs:\n  - {name: x, type: Secret}\n')], [])).toMatchObject([{ name: 'profile', got: 'x: Secret (p)' }])
  })
})

describe('metadata', () => {
  test('is read as data: nothing in it is run, and numbers are as they are written', () => {
    const read = parseMetadata('name: p\nversion: 1.10\ninspec_version: 5.0\n<% File.write("/tmp/x", "") %>\ndepends:\n  - {name: a, path: ../a}\n')
    expect(read).toMatchObject({ name: 'p', version: '1.10', inspecVersion: ['5.0'], templated: true })
    expect(read.depends.map((entry) => Object.fromEntries(entry))).toEqual([{ name: ['a'], path: ['../a'] }])
  })

  test('has texts in quotes over several lines as Ruby takes them, and keys twice', () => {
    const read = parseMetadata(
      'name: p\nname: q\ninputs:\n  - name: banner\n    type: String\n    value: "one \\\n    two: three \\\n    four"\n  - name: other\n'
    )
    expect([read.name, read.inputs.map(({ name, value }) => [name, value])]).toEqual([
      'q',
      [
        ['banner', 'one two: three four'],
        ['other', undefined]
      ]
    ])
  })

  test.each([': [', 'a: "b'])('that is no YAML is refused: %s', (text) => expect(() => parseMetadata(text)).toThrow())
})
