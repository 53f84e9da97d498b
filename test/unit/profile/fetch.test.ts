import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { demandEachOnce, profileProblems, type ProfileSource } from '../../../src/profile/fetch.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-profiles-'))
  for (const name of ['one', 'two']) {
    mkdirSync(join(root, name, 'controls'), { recursive: true })
    writeFileSync(join(root, name, 'inspec.yml'), `name: ${name}\n`)
  }
  cpSync(join(root, 'one'), join(root, 'copy'), { recursive: true })
  symlinkSync('one', join(root, 'link'))
  for (const name of ['a.tgz', 'copy.tgz']) writeFileSync(join(root, name), 'an archive')
  writeFileSync(join(root, 'b.tgz'), 'another')
  for (const name of ['x.rb', 'y.rb']) writeFileSync(join(root, name), "describe file('/') { it { should exist } }\n")
})
afterAll(() => rmSync(root, { recursive: true }))

const path = (name: string): ProfileSource => ({ kind: 'path', path: `${root}/${name}` })
const archive = (name: string, content = 'an archive'): ProfileSource => ({
  kind: 'archive',
  path: join(root, name),
  sha256: createHash('sha256').update(content).digest('hex')
})
const git = (url: string, digit = 'a'): ProfileSource => ({ kind: 'git', url: `https://git.test/${url}`, commit: digit.repeat(40) })

test.each<[string, () => ProfileSource[]]>([
  ['one spelling of a path', () => [path('one'), path('one')]],
  ['two spellings of a path', () => [path('one'), path('./two/..//one/')]],
  ['a path from here and one from the root', () => [path('one'), { kind: 'path', path: relative(process.cwd(), join(root, 'one')) }]],
  ['a link to a folder and the folder', () => [path('one'), path('link')]],
  ['a copy', () => [path('one'), path('two'), path('copy')]],
  ['one archive', () => [archive('a.tgz'), archive('a.tgz')]],
  ['an archive and its copy', () => [archive('a.tgz'), archive('copy.tgz')]],
  ['one file and its copy', () => [path('x.rb'), path('y.rb')]],
  ['one commit', () => [git('p'), git('p')]],
  ['one commit by two addresses', () => [git('p'), git('p.git')]]
])('a profile that is named twice, by %s, is a problem', (_, sources) => {
  expect(profileProblems(sources())).toEqual([{ name: 'profile', expected: 'each profile once', got: expect.stringMatching(/^the same one as .* and /) }])
})

test('each that is named twice is a problem of its own, beside those of profiles that are none', () => {
  const problems = profileProblems([path('one'), path('link'), archive('a.tgz'), archive('copy.tgz'), path('nothing')])
  expect(problems.map(({ expected }) => expected)).toEqual(['a folder with inspec.yml, or a .rb file', 'each profile once', 'each profile once'])
})

test('different profiles are none', () => {
  expect(profileProblems([path('one'), path('two'), path('x.rb'), archive('a.tgz'), archive('b.tgz', 'another'), git('p'), git('p', 'b')])).toEqual([])
})

test('what only its content shows once it was fetched is refused then', () => {
  const profile = { source: 'git+https://git.test/p@a', path: '/p', sha256: 'ff' }
  expect(() => demandEachOnce([profile, { ...profile, source: './p' }])).toThrow('An input is not usable')
  expect(() => demandEachOnce([profile, { ...profile, source: './p', sha256: 'ee' }])).not.toThrow()
})
