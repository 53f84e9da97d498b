import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Config } from '../../../src/config/config.ts'
import type { Ports } from '../../../src/scan/ports.ts'
import { type RunFolder, withRunFolder } from '../../../src/scan/run-folder.ts'
import { FETCHING } from '../../../src/kernel/fetching.ts'

const RUN = 'abcdefghij'
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-run-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const within = <T>(work: (own: RunFolder) => Promise<T>, more: Partial<Config> = {}, tempFolder = root): Promise<T> => {
  const config = { profileInputs: '', profileInputFiles: [], waiverFiles: [], fetching: FETCHING, ...more } as Partial<Config> as Config
  const host = { tempFolder, journalFolder: join(root, 'journals'), remember: () => {} } as Partial<Ports['host']> as Ports['host']
  return withRunFolder(config, { run: RUN, scope: { leftovers: [] }, ports: { host, signal: new AbortController().signal } as Partial<Ports> as Ports }, work)
}
const mode = (path: string): number => statSync(path).mode & 0o777

test('the folder of a run is its own alone, and gone with its journal when it ends, after an error too', async () => {
  const seen = (own: RunFolder): Promise<unknown[]> => Promise.resolve([own.folder, mode(own.folder), readdirSync(join(root, 'journals'))])
  expect(await within(seen)).toEqual([join(root, `kscan-${RUN}`), 0o700, [`${RUN}.jsonl`]])
  expect([existsSync(join(root, `kscan-${RUN}`)), readdirSync(join(root, 'journals'))]).toEqual([false, []])
  await expect(within(() => Promise.reject(new Error('in the middle')))).rejects.toThrow('in the middle')
  expect([existsSync(join(root, `kscan-${RUN}`)), readdirSync(join(root, 'journals'))]).toEqual([false, []])
})

test('inline inputs are a file that nobody else can read, behind those that were named', async () => {
  await within(
    ({ inputFiles: [named, inline = ''] }) => {
      expect([named, readFileSync(inline, 'utf8'), mode(inline)]).toEqual([resolve('a.yml'), 'secret: x', 0o600])
      return Promise.resolve()
    },
    { profileInputs: 'secret: x', profileInputFiles: ['a.yml'] }
  )
})

test('there always is a waiver file, which waives nothing where none was named: inputs are never taken for waivers', async () => {
  await within(({ inputFiles, waiverFiles }) => {
    expect([inputFiles, waiverFiles.map((file) => readFileSync(file, 'utf8'))]).toEqual([[], ['{}\n']])
    return Promise.resolve()
  })
  expect(await within(({ waiverFiles }) => Promise.resolve(waiverFiles), { waiverFiles: ['w.yml'] })).toEqual([resolve('w.yml')])
})

test.each([
  ['too long for a socket', () => join(root, 'x'.repeat(100))],
  ['not there', () => join(root, 'nosuch')]
])('a TMPDIR that is %s is bad input, and leaves no journal', async (_what, folder) => {
  await expect(within(() => Promise.resolve(), {}, folder())).rejects.toMatchObject({ code: 'BAD_INPUT', problems: [{ name: 'TMPDIR' }] })
  expect(existsSync(join(root, 'journals')) ? readdirSync(join(root, 'journals')) : []).toEqual([])
})
