import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { profileProblems } from '../../../src/profile/fetch.ts'
import { filesBelow } from '../../../src/profile/walk.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-walk-'))
  writeFileSync(join(root, 'inspec.yml'), 'name: p\n')
  mkdirSync(join(root, 'controls'))
  writeFileSync(join(root, 'controls', 'a.rb'), '')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const link = (target: string, name: string): void => symlinkSync(target, join(root, name))

/** Folders of which each has two links to the next one: what follows them all sees 2^40 files. */
const doubling = (): void => {
  for (let level = 0; level < 40; level += 1) {
    mkdirSync(join(root, `f${level}`))
    for (const name of ['a', 'b']) link(`../f${level + 1}`, join(`f${level}`, name))
  }
  mkdirSync(join(root, 'f40'))
}

test.each<[what: string, make: () => void, words: string]>([
  ['a link to itself', () => link('x', 'x'), 'x: it is a link that leads nowhere'],
  ['two links to each other', () => [link('y', 'x'), link('x', 'y')], 'it is a link that leads nowhere'],
  ['a link to nothing', () => link('nosuch', 'x'), 'x: it is a link that leads nowhere'],
  ['a link to its own folder', () => link('.', 'x'), 'x: it is a link to a folder that it lies in'],
  ['a link to a folder above', () => link('..', 'controls/x'), 'controls/x: it is a link to a folder that it lies in'],
  ['folders that link to each other', () => [mkdirSync(join(root, 'b')), link('../b', 'controls/x'), link('../controls', 'b/y')], 'a folder that it lies in'],
  ['links without end in number', doubling, 'it has more than'],
  ['a link to a file elsewhere', () => link('/etc/passwd', 'x'), 'x: it is a link that leads out of the profile'],
  ['a link to a folder elsewhere', () => link('/', 'x'), 'x: it is a link that leads out of the profile'],
  ['a link to the folder above', () => link('../', 'x'), 'x: it is a link that leads out of the profile'],
  ['a link to a device', () => link('/dev/zero', 'x'), 'x: it is a link that leads out of the profile'],
  ['a named pipe', () => execFileSync('mkfifo', [join(root, 'controls', 'b.rb')]), 'controls/b.rb: it is a named pipe'],
  [
    'a named pipe as its metadata',
    () => [rmSync(join(root, 'inspec.yml')), execFileSync('mkfifo', [join(root, 'inspec.yml')])],
    'inspec.yml: it is a named pipe'
  ],
  ['folders without end', () => mkdirSync(join(root, 'd/'.repeat(40)), { recursive: true }), 'it has more than 32 levels of folders'],
  ['a file without end', () => [writeFileSync(join(root, 'big'), ''), truncateSync(join(root, 'big'), 2 ** 40)], 'it has more than 536870912 bytes']
])('%s makes a folder no profile, before anything is read', (_what, make, words) => {
  make()
  expect(() => filesBelow(root)).toThrow(words)
  expect(profileProblems([{ kind: 'path', path: root }])).toEqual([
    expect.objectContaining({ name: 'profile', got: expect.stringContaining(words.slice(0, 40)) })
  ])
})

test('links within a profile are its own', () => {
  link('controls/a.rb', 'b.rb')
  mkdirSync(join(root, 'libraries'))
  link('../controls', 'libraries/x')
  expect(
    filesBelow(root)
      .map(({ name }) => name)
      .toSorted()
  ).toEqual(['b.rb', 'controls/a.rb', 'inspec.yml', 'libraries/x'])
  expect(profileProblems([{ kind: 'path', path: root }])).toEqual([])
})
