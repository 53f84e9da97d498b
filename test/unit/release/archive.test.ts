import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { archiveOf, entriesOf } from '../../../scripts/release/archive.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-archive-'))
  mkdirSync(join(folder, 'from/sub'), { recursive: true })
  writeFileSync(join(folder, 'from/b.txt'), 'b')
  writeFileSync(join(folder, 'from/.hidden'), Buffer.from([0, 255, 10]))
  writeFileSync(join(folder, 'from/sub/run'), '#!/bin/sh\n')
  chmodSync(join(folder, 'from/sub/run'), 0o700)
})
afterEach(() => rmSync(folder, { recursive: true }))

const unpacked = (bytes: Buffer): string => {
  writeFileSync(join(folder, 'x.tar.gz'), bytes)
  mkdirSync(join(folder, 'to'))
  execFileSync('tar', ['-xzf', join(folder, 'x.tar.gz'), '-C', join(folder, 'to')])
  return join(folder, 'to')
}

test('holds the files of a folder, hidden ones too, with their bytes and whether they can be run', () => {
  const to = unpacked(archiveOf(entriesOf(join(folder, 'from'), '.', 'kscan/')))
  execFileSync('diff', ['--recursive', join(folder, 'from'), join(to, 'kscan')])
  expect([statSync(join(to, 'kscan/sub/run')).mode & 0o111, statSync(join(to, 'kscan/b.txt')).mode & 0o111]).toEqual([0o111, 0])
})

test('has the same bytes at another time, by another mask, in another order', () => {
  const entries = entriesOf(join(folder, 'from'), '.')
  const one = archiveOf(entries)
  utimesSync(join(folder, 'from/b.txt'), 1, 1)
  chmodSync(join(folder, 'from/b.txt'), 0o600)
  expect(archiveOf(entriesOf(join(folder, 'from'), '.').toReversed()).equals(one)).toBe(true)
  writeFileSync(join(folder, 'from/b.txt'), 'c')
  expect(archiveOf(entriesOf(join(folder, 'from'), '.')).equals(one)).toBe(false)
})

test('has long paths where they fit, and no others', () => {
  const path = `${'a'.repeat(90)}/${'b'.repeat(60)}/${'c'.repeat(99)}`
  const entry = { path, bytes: Buffer.from('x'), executable: false }
  expect(readFileSync(join(unpacked(archiveOf([entry])), path), 'utf8')).toBe('x')
  expect(() => archiveOf([{ ...entry, path: 'd'.repeat(101) }])).toThrow('this path is too long')
})

test('has no links', () => {
  symlinkSync('/etc/passwd', join(folder, 'from/sub/link'))
  expect(() => entriesOf(join(folder, 'from'), '.')).toThrow('expected files and folders, got link')
})
