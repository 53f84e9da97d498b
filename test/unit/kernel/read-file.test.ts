import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { readAtMost, readLinked, readText } from '../../../src/kernel/read-file.ts'

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
})

test('what is no UTF-8 is no text', () => {
  expect(readText(file(Buffer.from('\ufeffcafé')), 100)).toBe('\ufeffcafé')
  for (const bytes of [Buffer.of(0x63, 0xe9), Buffer.of(0xc0, 0x80), Buffer.of(0xed, 0xa0, 0x80)]) expect(() => readText(file(bytes), 100)).toThrow()
})

const at = (name: string): string => join(work, name)
const link = (target: string, name: string): string => {
  symlinkSync(target, at(name))
  return at(name)
}

test.each([
  ['a named pipe', () => (execFileSync('mkfifo', [at('pipe')]), at('pipe')), 'it is a named pipe'],
  ['a device without end', () => '/dev/zero', 'it is a device'],
  ['a device of the disk', () => '/dev/loop0', /it is a device|ENOENT/],
  ['a terminal', () => '/dev/tty', 'it is a device'],
  ['a folder', () => work, 'it is a folder'],
  ['a link to a device', () => link('/dev/zero', 'zero'), 'it is a link to /dev/zero: name the file itself'],
  ['a link to a file elsewhere', () => link('/etc/passwd', 'passwd'), 'it is a link to /etc/passwd: name the file itself'],
  ['a link that leads out and in', () => link(`../${work.split('/').at(-1) ?? ''}/../../etc/passwd`, 'out'), 'name the file itself'],
  ['a link to a pipe beside it', () => (execFileSync('mkfifo', [at('beside')]), link('beside', 'to-pipe')), 'it is a named pipe'],
  ['a link to itself', () => link('loop', 'loop'), 'ELOOP'],
  ['a link to nothing', () => link('nosuch', 'nothing'), 'ENOENT']
])('%s is refused, and never waited for', (_what, make, words) => {
  const path = make()
  expect(() => readAtMost(path, 1000)).toThrow(words)
  expect(() => readText(path, 1000)).toThrow(words)
})

test('a socket is refused', async () => {
  const server = createServer().listen(at('socket'))
  await new Promise((resolve) => server.once('listening', resolve))
  expect(() => readAtMost(at('socket'), 1000)).toThrow('it is a socket')
  server.close()
})

/** As of a ConfigMap. */
test('a link within its own folder is followed, and one of the user to anywhere', () => {
  mkdirSync(at('..data'))
  writeFileSync(join(at('..data'), 'threshold.yaml'), 'a: 1')
  expect(readAtMost(link('..data/threshold.yaml', 'threshold.yaml'), 10)?.toString()).toBe('a: 1')
  mkdirSync(at('own'))
  symlinkSync(at('threshold.yaml'), join(at('own'), 'kubeconfig'))
  expect(readLinked(join(at('own'), 'kubeconfig'), 10).toString()).toBe('a: 1')
  expect(() => readLinked(join(at('own'), 'kubeconfig'), 3)).toThrow('it has more than 3 bytes')
  expect(() => readLinked('/dev/zero', 3)).toThrow('it is a device')
})

/** It is a regular file, whose reader waits for the kernel to say something. */
test('a file that gives nothing yet is not waited for', () => {
  expect(() => readAtMost('/proc/kmsg', 50_000_000)).toThrow(/EAGAIN|EACCES|EPERM/)
})
