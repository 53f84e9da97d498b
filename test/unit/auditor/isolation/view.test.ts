import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { copyFor, partsOf, readableByAll } from '../../../../src/auditor/isolation/readable.ts'
import { placesOf, treesOf } from '../../../../src/auditor/isolation/view.ts'

let root = ''
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'kscan-view-')))
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text, { mode: 0o755 })
  }
  symlinkSync(join(root, 'opt/auditor/bin/auditor'), join(root, 'bin/linked'))
})
afterAll(() => rmSync(root, { recursive: true }))

const FILES = {
  'opt/auditor/bin/auditor': 'binary',
  'opt/wrapper/run': '#!/usr/bin/env ruby\n',
  'ruby/bin/ruby': 'binary',
  'home/bin/auditor': '#!/bin/sh\n',
  'home/work/auditor': '#! /nosuch/sh\n',
  'home/.kube/config': 'secret',
  'bin/other': 'binary'
}
const at = (...names: readonly string[]): string[] => names.map((name) => join(root, name))

describe('what belongs to a program', () => {
  test.each([
    ['in a bin', 'opt/auditor/bin/auditor', ['opt/auditor']],
    ['that is a link, beside something private', 'bin/linked', ['bin/linked', 'opt/auditor']],
    ['that env interprets by a program of PATH', 'opt/wrapper/run', ['opt/wrapper', 'ruby']],
    ['whose tree holds something private', 'home/bin/auditor', ['home/bin', '/']],
    ['beside something private, by an interpreter that is not there', 'home/work/auditor', ['home/work/auditor']]
  ])('%s', (_what, program, trees) => {
    const options = { path: join(root, 'ruby', 'bin'), hidden: at('home', 'home/work', 'bin/secret') }
    const own = treesOf(join(root, program), options).filter((tree) => tree.startsWith(root))
    expect(own).toEqual(at(...trees.filter((tree) => tree !== '/')))
  })
})

describe('what is seen', () => {
  const seen = (more: Partial<Parameters<typeof placesOf>[0]>): [string, string][] =>
    placesOf({ programs: [], data: [], own: join(root, 'own'), network: false, machine: false, hidden: [], ...more }).map(({ kind, path }) => [kind, path])
  const below = (places: [string, string][]): [string, string][] => places.filter(([, path]) => path.startsWith(`${root}/`))

  test('is what is needed, and leads there', () => {
    expect(below(seen({ programs: at('ruby'), data: at('opt/wrapper') }))).toEqual([
      ['folder', join(root, 'opt')],
      ['data', join(root, 'opt/wrapper')],
      ['own', join(root, 'own')],
      ['program', join(root, 'ruby')]
    ])
  })

  test('has what is private in it hidden, folders and files, but not what is needed in that', () => {
    expect(below(seen({ data: at('home', 'home/work/auditor'), hidden: at('home/.kube/config', 'home/work', 'opt') }))).toEqual([
      ['data', join(root, 'home')],
      ['nothing', join(root, 'home/.kube/config')],
      ['empty', join(root, 'home/work')],
      ['data', join(root, 'home/work/auditor')],
      ['own', join(root, 'own')]
    ])
  })

  test.each([
    ['/etc/resolv.conf', { network: true }, {}],
    ['/etc', { machine: true }, {}]
  ])('has %s only where it must', (path, more, less) => {
    const isSeen = (needs: Parameters<typeof seen>[0]): boolean => seen(needs).some(([kind, each]) => each === realpathSync(path) && kind !== 'folder')
    if (existsSync(path)) expect([isSeen(more), isSeen(less)]).toEqual([true, false])
  })

  test.each(['/root', '/home', '/run', '/var', '/etc/passwd', '/etc/shadow', '/etc/ssl/private', '/sys', '/dev/shm'])('never has %s', (path) => {
    expect(seen({ network: true }).map(([, each]) => each)).not.toContain(path)
  })
})

test('what another user cannot read his group gets as a copy that it can read and not write; what is no file or folder is left out', () => {
  const [from = '', copies = ''] = at('closed', 'copies')
  mkdirSync(join(from, '.git'), { recursive: true })
  writeFileSync(join(from, 'control.rb'), 'code', { mode: 0o600 })
  symlinkSync('control.rb', join(from, 'link.rb'))
  chmodSync(from, 0o700)
  expect([readableByAll(from), partsOf(from).toSorted()]).toEqual([false, [join(from, 'control.rb'), join(from, 'link.rb')]])
  const group = process.getgid?.() === 0 ? 0x7000_0000 : (process.getgid?.() ?? 0)
  copyFor(group, from, copies)
  const [folder, file] = [join(copies, from), join(copies, from, 'link.rb')].map((path) => statSync(path))
  expect([folder?.gid, folder?.mode, file?.gid, file?.mode]).toEqual([group, 0o040750, group, 0o100640])
  expect(existsSync(join(copies, from, '.git'))).toBe(false)
})
