import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { makeFolder } from '../../../src/kernel/folder.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-folder-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a folder and those that lead to it are made, with the mode', () => {
  makeFolder(join(folder, 'a', 'b'), 0o700)
  expect(['a', 'a/b'].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o700, 0o700])
})

test('a folder that is there stays as it is', () => {
  mkdirSync(join(folder, 'open'), { mode: 0o755 })
  makeFolder(join(folder, 'open'), 0o700)
  expect(statSync(join(folder, 'open')).mode & 0o777).toBe(0o755)
})

test('a file in the way is an error', () => {
  writeFileSync(join(folder, 'file'), '')
  for (const path of ['file', 'file/below']) expect(() => makeFolder(join(folder, path))).toThrow(/EEXIST|ENOTDIR/)
})

test.each(['/proc/kscan', '/proc/kscan/below', '/proc/self/kscan/below'])('where the system makes none it ends at once: %s', (path) => {
  expect(() => makeFolder(path)).toThrow(/ENOENT/)
})
