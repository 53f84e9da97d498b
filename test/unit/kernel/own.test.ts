import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { demandOwnWay, folderFault, readOwn } from '../../../src/kernel/own.ts'

const OWN = join(import.meta.dirname, '../../../src/kernel/own.ts')
const inUserNamespace = (path: string): string =>
  execFileSync(
    'unshare',
    [
      '--user',
      '--map-current-user',
      process.execPath,
      '--input-type=module',
      '-e',
      `import { folderFault } from '${OWN}'; process.stdout.write(String(folderFault('${path}')))`
    ],
    { encoding: 'utf8' }
  )

let root = ''
let folder = ''
let file = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-own-'))
  folder = join(root, 'a')
  file = join(folder, 'file')
  mkdirSync(folder, { mode: 0o700 })
  writeFileSync(file, 'mine', { mode: 0o600 })
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

/** Whoever is not root can give nothing away, but be taken for another one. */
const IS_ROOT = process.getuid?.() === 0

describe('a folder', () => {
  test('of this user alone is one, whoever may look into it', () => {
    for (const mode of [0o700, 0o750, 0o755]) {
      chmodSync(folder, mode)
      expect(folderFault(folder)).toBeUndefined()
    }
  })

  test.each([0o770, 0o707, 0o777, 0o1777, 0o720, 0o702])('of mode %i is not', (mode) => {
    chmodSync(folder, mode)
    expect(folderFault(folder)).toBe('others may write to it')
  })

  test('of another user is not', () => {
    if (!IS_ROOT) return expect(inUserNamespace('/usr')).toBe('it belongs to the user 65534') // there root's are nobody's
    chownSync(folder, 65534, 0)
    expect(folderFault(folder)).toBe('it belongs to the user 65534')
  })

  test("of root's is one: it could be changed by root in any case", () => expect(folderFault('/usr')).toBeUndefined())

  test('behind a link is not, and neither is a file', () => {
    symlinkSync(folder, join(root, 'link'))
    expect([folderFault(join(root, 'link')), folderFault(file)]).toEqual(['it is a link', 'it is no folder'])
  })

  test('is judged with all that lead to it from a root, and those that are not there yet do not count', () => {
    const deep = join(folder, 'b', 'c')
    expect(() => demandOwnWay(root, deep)).not.toThrow()
    chmodSync(folder, 0o777)
    expect(() => demandOwnWay(root, deep)).toThrow(`${folder}: others may write to it`)
    expect(() => demandOwnWay(join(folder, 'b'), deep)).not.toThrow()
  })
})

describe('a file', () => {
  test('of this user alone is read', () => expect(readOwn(file, 4).toString()).toBe('mine'))

  test.each<[string, () => void, RegExp]>([
    ['that others may write to', () => chmodSync(file, 0o666), /others may write to it/],
    ['that is a link', () => (writeFileSync(join(root, 'other'), ''), rmSync(file), symlinkSync(join(root, 'other'), file)), /ELOOP/],
    ['that is a pipe which nobody writes to', () => (rmSync(file), execFileSync('mkfifo', ['-m', '600', file])), /it is no file/],
    ['that is a folder', () => (rmSync(file), mkdirSync(file)), /it is no file/],
    ['that is longer than it may be', () => writeFileSync(file, 'mine!'), /more than 4 bytes/]
  ])('%s is not', (_what, change, why) => {
    change()
    expect(() => readOwn(file, 4)).toThrow(why)
  })
})
