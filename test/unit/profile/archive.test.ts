import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from '@jest/globals'
import { filesOfArchive, unpack } from '../../../src/profile/archive.ts'
import { readTarball, writeTarball } from '../../../src/profile/tar.ts'
import { writeFiles } from '../../support/profile-repository.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-archive-'))
afterAll(() => rmSync(root, { recursive: true }))

const LONG = `${'folder/'.repeat(20)}${'n'.repeat(60)}.rb`
const FILES = { 'inspec.yml': 'name: p\n', 'controls/ä.rb': 'x\n', [LONG]: 'long\n' }
const made = writeFiles(join(root, 'made'), FILES)
symlinkSync('inspec.yml', join(made, 'link'))

const texts = (bytes: Buffer): Record<string, string> =>
  Object.fromEntries(filesOfArchive(bytes, 'x').map(({ name, bytes: content }) => [name, Buffer.from(content).toString()]))
const start = (file: string, ...args: readonly string[]): void => void execFileSync(file, args, { cwd: root })

test.each(['ustar', 'gnu', 'pax'])('archives of tar are read, as %s', (format) => {
  const options = format === 'ustar' ? ['--exclude=*nnnn*'] : []
  start('tar', '--format', format, ...options, '-czf', `${format}.tgz`, '-C', 'made', '.')
  const { [LONG]: long, ...rest } = FILES
  expect(texts(readFileSync(join(root, `${format}.tgz`)))).toEqual(format === 'ustar' ? rest : { ...rest, [LONG]: long })
})

test('what we write tar reads, and is the same whatever the order', () => {
  const files = Object.entries(FILES).map(([name, text]) => ({ name, bytes: Buffer.from(text) }))
  const bytes = writeTarball(files)
  expect(writeTarball(files.toReversed()).equals(bytes)).toBe(true)
  const listed = execFileSync('tar', ['-tzf', '-'], { input: bytes, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } })
  expect(listed.trim().split('\n').length).toBe(3)
  expect(
    readTarball(bytes)
      .map(({ name }) => name)
      .toSorted()
  ).toEqual(Object.keys(FILES).toSorted())
})

test('archives of zip are read', () => {
  start(
    'python3',
    '-c',
    'import zipfile\nwith zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as z:\n  z.writestr("p/inspec.yml", "name: p\\n")\n  z.writestr("p/controls/", "")\n  z.writestr("p/controls/a.rb", "x" * 5000)'
  )
  const bytes = readFileSync(join(root, 'a.zip'))
  expect(texts(bytes)).toEqual({ 'p/inspec.yml': 'name: p\n', 'p/controls/a.rb': 'x'.repeat(5000) })
  const cut = Buffer.from(bytes)
  cut.fill(0, 40, 60)
  expect(() => filesOfArchive(cut, 'x')).toThrow('An input is not usable')
})

describe('what is no archive of a profile is refused', () => {
  const packed = (name: string): Buffer => writeTarball([{ name, bytes: Buffer.from('x') }])
  const bomb = gzipSync(Buffer.alloc(600 * 1024 * 1024), { level: 1 })
  test.each<[string, Buffer, RegExp]>([
    ['text', Buffer.from('no archive at all'), /no tar archive/],
    ['nothing', Buffer.alloc(0), /./],
    ['another in gzip', gzipSync('x'.repeat(2000)), /no tar archive/],
    ['a page', Buffer.from('<html>'), /no tar archive/],
    ['a cut one', packed('inspec.yml').subarray(0, 60), /no tar archive/],
    ['a path out of it', packed('../inspec.yml'), /leads out/],
    ['an absolute path', packed('/etc/inspec.yml'), /leads out/],
    ['what unpacks to more than any profile', bomb, /unpacks to more than/]
  ])('%s', (_what, bytes, words) => {
    try {
      filesOfArchive(bytes, 'x.tgz')
      throw new Error('it was taken')
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_INPUT', problems: [{ got: expect.stringMatching(words) }] })
    }
  })

  test('and one without inspec.yml where it belongs', () => {
    const files = [{ name: 'a/b/inspec.yml', bytes: Buffer.from('') }]
    expect(() => unpack(files, mkdtempSync(join(root, 'u-')), 'x.tgz')).toThrow('An input is not usable')
  })
})
