import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { readAtMost, readText } from '../../../src/kernel/read-file.ts'

const work = mkdtempSync(join(tmpdir(), 'kscan-read-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const file = (bytes: Uint8Array): string => {
  const path = join(work, 'file')
  writeFileSync(path, bytes)
  return path
}

test.each([
  [0, 0],
  [9, 10],
  [10, 10]
])('%i bytes of at most %i are read', (size, most) => expect(readAtMost(file(Buffer.alloc(size, 'a')), most)).toEqual(Buffer.alloc(size, 'a')))

test.each([
  [1, 0],
  [11, 10],
  [3_000_000, 2_999_999]
])('%i bytes of at most %i are too many', (size, most) => {
  const path = file(Buffer.alloc(size, 'a'))
  expect(readAtMost(path, most)).toBeUndefined()
  expect(() => readText(path, most)).toThrow(`it has more than ${most} bytes`)
})

/** Its size is 0 for the kernel, whatever it holds. */
test('a file that does not know its size is read, and no more of it than is allowed', () => {
  const whole = readAtMost('/proc/self/status', 1_000_000)?.length ?? 0
  expect([whole > 100, readAtMost('/proc/self/status', 50)]).toEqual([true, undefined])
  expect(readAtMost('/dev/zero', 5_000_000)).toBeUndefined()
})

test('what is no UTF-8 is no text', () => {
  expect(readText(file(Buffer.from('\ufeffcafé')), 100)).toBe('\ufeffcafé')
  for (const bytes of [Buffer.of(0x63, 0xe9), Buffer.of(0xc0, 0x80), Buffer.of(0xed, 0xa0, 0x80)]) expect(() => readText(file(bytes), 100)).toThrow()
})
