import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { readResults } from '../../../src/command/read-results.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { type Log, silentLog } from '../../../src/kernel/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-read-'))
for (const name of ['a.json', 'b.json']) copyFileSync('test/fixtures/hdf/one-profile.json', join(folder, name))
symlinkSync('a.json', join(folder, 'same.json'))
afterAll(() => rmSync(folder, { recursive: true }))

const read = (...words: string[]): { targets: string[]; warnings: string[] } => {
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (text) => warnings.push(text) }
  return { targets: readResults(words, log, { accepts: [] }).map(({ target }) => target), warnings }
}

const problemsOf = (...words: string[]): string[] => {
  try {
    readResults(words, silentLog, { accepts: [] })
    return []
  } catch (error) {
    return error instanceof ScanError ? error.problems.map(({ name, expected, got }) => `${name}: ${expected}: ${got}`) : [String(error)]
  }
}

describe('HDF files', () => {
  test('are targets by their paths', () =>
    expect(read(join(folder, 'b.json'), join(folder, 'a.json')).targets).toEqual([join(folder, 'b.json'), join(folder, 'a.json')]))

  test('are found by a pattern, each once, also behind a link', () => {
    const { targets, warnings } = read(join(folder, '*.json'), join(folder, 'a.json'))
    expect(targets).toEqual([join(folder, 'a.json'), join(folder, 'b.json')])
    expect(warnings.filter((text) => text.endsWith('is named twice: it is taken once'))).toHaveLength(2)
  })

  test('are found below folders, at any depth', () => {
    for (const each of ['deep/x', 'deep/y/z']) {
      mkdirSync(join(folder, each), { recursive: true })
      copyFileSync('test/fixtures/hdf/one-profile.json', join(folder, each, 'c.json'))
    }
    const found = (pattern: string): string[] => read(join(folder, pattern)).targets.map((path) => path.slice(folder.length))
    expect(found('deep/**/c.json')).toEqual(['/deep/x/c.json', '/deep/y/z/c.json'])
    expect(found('deep/*/c.json')).toEqual(['/deep/x/c.json'])
    expect(found('d[e]ep/?/c.*')).toEqual(['/deep/x/c.json'])
  })

  const tree = (...paths: readonly string[]): string => {
    const root = mkdtempSync(join(folder, 'tree-'))
    for (const path of paths) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      copyFileSync('test/fixtures/hdf/one-profile.json', join(root, path))
    }
    return root
  }
  const found = (root: string, pattern: string): string[] => read(join(root, pattern)).targets.map((path) => path.slice(root.length + 1))

  test.each([
    ['**/*.json', ['sub/eu/bad.json', 'sub/ok.json']],
    ['sub/**/*.json', ['sub/eu/bad.json', 'sub/ok.json']],
    ['sub/*/*.json', ['sub/eu/bad.json']],
    ['**/eu/*.json', ['sub/eu/bad.json']],
    ['**/bad.json', ['sub/eu/bad.json']]
  ])('behind a link to a folder are found: %s', (pattern, expected) => {
    const root = tree('sub/ok.json')
    symlinkSync(tree('bad.json'), join(root, 'sub/eu'))
    expect(found(root, pattern)).toEqual(expected)
  })

  test('behind links that lead around in a circle are found once, and at once', () => {
    const root = tree('a/x.json', 'b/y.json')
    for (let link = 0; link < 12; link += 1) symlinkSync(link % 2 === 0 ? '..' : '../b', join(root, 'a', `link-${link}`))
    symlinkSync('../a', join(root, 'b', 'back'))
    const { targets } = read(join(root, '**/*.json'))
    expect(targets.map((path) => basename(path)).toSorted()).toEqual(['x.json', 'y.json'])
  })

  test('in hidden folders are not found but by their name, as in shells', () => {
    const root = tree('.old/x.json', 'sub/.old/y.json', 'sub/z.json')
    expect(found(root, '**/*.json')).toEqual(['sub/z.json'])
    expect(found(root, '.*/*.json')).toEqual(['.old/x.json'])
    expect(found(root, '**/.old/*.json')).toEqual(['.old/x.json', 'sub/.old/y.json'])
  })

  test.each([
    ['**/*.json', 'that finds HDF files: .*ELOOP'],
    ['*/x.json', 'that finds HDF files: .*ELOOP']
  ])('behind a link to itself cannot be: %s', (pattern, problem) => {
    const root = tree('sub/x.json')
    symlinkSync('self', join(root, 'self'))
    expect(problemsOf(join(root, pattern))).toEqual([expect.stringMatching(problem)])
  })

  test('that are links to nothing, or folders, are problems', () => {
    const root = tree('sub/x.json')
    symlinkSync('nowhere', join(root, 'sub/gone.json'))
    mkdirSync(join(root, 'sub/folder.json'))
    expect(problemsOf(join(root, '**/*.json'))).toEqual([
      `${join(root, 'sub/folder.json')}: a readable file: a folder`,
      `${join(root, 'sub/gone.json')}: a readable file: it does not exist (ENOENT)`
    ])
  })

  test('of a pattern that cannot be followed everywhere are refused', () => {
    symlinkSync('around', join(folder, 'around'))
    expect(problemsOf(join(folder, 'around/*.json'))).toEqual([expect.stringMatching(/that finds HDF files: .*ELOOP/)])
    expect(problemsOf(join(folder, '{a,none}.json'))).toEqual([expect.stringMatching(/: alternatives in \{ \}: give each on its own$/)])
  })

  test('that are not there, or none, are all said at once', () => {
    expect(problemsOf(join(folder, 'x*.json'), join(folder, 'nosuch.json'), folder)).toEqual([
      `${join(folder, 'x*.json')}: a pattern of *, ? and [ ] that finds HDF files: nothing`,
      `${join(folder, 'nosuch.json')}: a readable file: it does not exist (ENOENT)`,
      `${folder}: a readable file: a folder`
    ])
    expect(problemsOf()).toEqual(['FILE: at least one HDF file: none'])
  })
})
