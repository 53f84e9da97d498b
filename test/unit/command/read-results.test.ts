import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  return { targets: readResults(words, log).map(({ target }) => target), warnings }
}

const problemsOf = (...words: string[]): string[] => {
  try {
    readResults(words, silentLog)
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

  test('that are not there, or none, are all said at once', () => {
    expect(problemsOf(join(folder, 'x*.json'), join(folder, 'nosuch.json'), folder)).toEqual([
      `${join(folder, 'x*.json')}: a pattern that finds HDF files: nothing`,
      `${join(folder, 'nosuch.json')}: a readable file: it does not exist (ENOENT)`,
      `${folder}: a readable file: a folder`
    ])
    expect(problemsOf()).toEqual(['FILE: at least one HDF file: none'])
  })
})
