import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { uploadReports } from '../../../src/command/upload.ts'
import type { Config } from '../../../src/config/config.ts'
import type { Host } from '../../../src/host/host.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { openReports } from '../../../src/report/open.ts'
import type { Outcome } from '../../../src/scan/scan.ts'
import { judge } from '../../../src/verdict/judge.ts'
import { scanWith } from '../config/load-support.ts'
import { question, record, transcripts } from '../report/sample.ts'
import { judged, many } from '../verdict/sample.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'upload-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The reports of one target in every kind of place. */
const outcome = (kept: 'hashes' | 'full'): Outcome => {
  const all = [judged('t', many(1, 'passed'))]
  const verdict = judge(all, [], { maxUnjudged: 0, today: '2026-11-24' })
  const reports = openReports(folder, ['hdf', 'cklb', 'html', 'run.json', 'transcript'])
  const done = record(['t'])
  const raw = new Map([['t', Buffer.from('{}')]])
  const paths = reports.write({ verdict, judged: all, record: done, raw, transcripts: transcripts('t', [question({}, 'what was printed')], kept) })
  return { verdict, judged: all, record: done, runs: [], paths, reports }
}

/** Which files go into the artifact, and what is said. */
const uploaded = async (kept: 'hashes' | 'full', config: Partial<Config> = {}): Promise<{ files: string[] | undefined; said: string[] }> => {
  let files: string[] | undefined
  const said: string[] = []
  const host = {
    env: {},
    name: 'github',
    tempFolder: tmpdir(),
    secrets: () => [],
    uploadByDefault: true,
    log: { ...silentLog, info: (line: string) => void said.push(line) },
    upload: (_name: string, paths: readonly string[], { root }: { root: string }) => {
      files = paths.map((path) => relative(root, path))
      return Promise.resolve({ id: '1', url: '', digest: '' })
    }
  } as unknown as Host
  await uploadReports(outcome(kept), { ...scanWith({ transcript: kept, upload: 'auto' }), ...config }, host)
  return { files, said }
}

test('the files of all reports are uploaded, and the transcript of hashes with them', async () => {
  const { files, said } = await uploaded('hashes')
  expect(files?.toSorted()).toEqual(['cklb/t.cklb', 'hdf/t.json', 'report.html', 'run.json', 'transcript/t.json'])
  expect(said).toEqual(['uploaded 5 files as kscan-a1-abcdefghij'])
})

test.each(['auto', 'always'] as const)('what commands printed is never uploaded (upload: %s)', async (upload) => {
  const { files, said } = await uploaded('full', { upload })
  expect(files?.toSorted()).toEqual(['cklb/t.cklb', 'hdf/t.json', 'run.json'])
  expect(said[0]).toMatch(/^not uploaded, .*: html, transcript$/)
})

test('nothing is uploaded where that is not wanted', async () => {
  expect((await uploaded('hashes', { upload: 'never' })).files).toBeUndefined()
})
