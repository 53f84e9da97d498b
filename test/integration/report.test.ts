import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { FORMATS } from '../../src/config/config.ts'
import { parseResults } from '../../src/hdf/parse.ts'
import { openReports } from '../../src/report/open.ts'
import type { Transcripts } from '../../src/report/transcript.ts'
import { attest, type AttestationEntry } from '../../src/verdict/attestation.ts'
import type { Judged } from '../../src/verdict/model.ts'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { hdf } from '../support/hdf.ts'
import { question, record, targetRecord, transcripts as transcriptsOf } from '../unit/report/sample.ts'
import { judgeBy } from '../unit/verdict/sample.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-report-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const results = (...statuses: readonly string[]): Buffer => Buffer.from(hdf(statuses.map((status, index) => [`c-${index}`, status])))

const ATTESTED: AttestationEntry = { control: 'c-2', status: 'passed', explanation: 'seen', by: 'me', updated: '2026-11-01', expires: '2027-11-01' }
const RAW = new Map([
  ['shop/web/app', results('passed', 'failed', 'skipped')],
  ['shop/db/main', results('passed', 'passed', 'passed')]
])
const LACK = { control: 'c-0', reason: 'no ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }

/** What a scan of two containers writes, with an attestation and an unjudged control. */
const scanned = (name: string, more: Parameters<typeof record>[1] = {}, transcripts: Transcripts = new Map()): string => {
  const folder = join(root, name)
  const read = [...RAW].map(([target, bytes]): Judged => ({ target, stableName: target, results: parseResults(bytes, target), unjudged: [LACK] }))
  const { judged } = attest(read, [ATTESTED], '2026-11-24')
  const verdict = judgeBy(judged, [], { maxUnjudged: 9 })
  const of = record([], { run: name, targets: [...RAW.keys()].map((target) => targetRecord(target)), attestations: [ATTESTED], ...more })
  openReports(folder, [...FORMATS, ...(transcripts.size > 0 ? (['transcript'] as const) : [])]).write({
    verdict,
    judged,
    record: of,
    raw: RAW,
    transcripts,
    secrets: []
  })
  return folder
}

const kscan = (...words: readonly string[]): Promise<Ran> => startCommandLine(words, {}).ended
const hdfOf = (folder: string): string[] => readdirSync(join(folder, 'hdf')).map((file) => join(folder, 'hdf', file))
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length)] : []))
    .toSorted()

describe('kscan report', () => {
  test('makes each format as the scan made it, byte by byte', async () => {
    const folder = scanned('first')
    const made = join(root, 'made')
    const { code, stdout, stderr } = await kscan('report', '--reports', FORMATS.join(','), '--reports-path', made, ...hdfOf(folder))
    expect([code, stderr]).toEqual([0, expect.stringContaining('the verdict of the run first was: not-compliant')])
    expect(stdout.trim().split('\n')).toHaveLength(FORMATS.length)
    expect(filesOf(made)).toEqual(filesOf(folder))
    for (const file of filesOf(made)) expect([file, readFileSync(join(made, file), 'utf8')]).toEqual([file, readFileSync(join(folder, file), 'utf8')])
  })

  test('shows the evidence where the scan kept a transcript', async () => {
    const folder = scanned('kept', {}, transcriptsOf('shop/web/app', [question({ controls: ['c-1'] }, 'what was printed')], 'full'))
    const made = join(root, 'made-kept')
    expect((await kscan('report', '--reports', 'html', '--reports-path', made, ...hdfOf(folder))).code).toBe(0)
    expect(readFileSync(join(made, 'report.html'), 'utf8')).toBe(readFileSync(join(folder, 'report.html'), 'utf8'))
    expect(readFileSync(join(made, 'report.html'), 'utf8')).toContain('what was printed')
    writeFileSync(join(folder, 'transcript', 'shop_web_app.json'), '{}')
    expect(await kscan('report', '--reports', 'html', '--reports-path', made, ...hdfOf(folder))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is not the transcript of a scan')
    })
  })

  test("leaves the scan's own reports where it writes into their folder", async () => {
    const folder = scanned('same')
    const before = filesOf(folder)
    expect((await kscan('report', '--reports', 'csv', '--reports-path', folder, join(folder, 'hdf', '*.json'))).code).toBe(0)
    expect(filesOf(folder)).toEqual(before)
  })

  test('keeps results that the scan could not read, and says what came of the run', async () => {
    const target = 'shop/old/app'
    const broken = { code: 'RESULTS_UNREADABLE', message: 'its results cannot be read' }
    const targets = [...[...RAW.keys()].map((name) => targetRecord(name)), targetRecord(target, { approach: 'none', failure: broken })]
    const folder = scanned('unread', { targets })
    writeFileSync(join(folder, 'hdf', 'shop_old_app.json'), 'no JSON')
    const made = join(root, 'made-unread')
    const { code, stderr } = await kscan('report', '--reports', 'hdf,markdown', '--reports-path', made, ...hdfOf(folder))
    expect([code, stderr]).toEqual([0, expect.stringContaining('the verdict of the run unread was: unjudged')])
    expect(readFileSync(join(made, 'hdf', 'shop_old_app.json'), 'utf8')).toBe('no JSON')
    expect(readFileSync(join(made, 'summary.md'), 'utf8')).toMatch(/^## ⚠️ Unjudged/)
  })

  test('names the benchmark that is given in its checklists', async () => {
    const folder = scanned('benchmark')
    const made = join(root, 'made-benchmark')
    const benchmark = ['--stig-id', 'RHEL_9_STIG', '--stig-release', 'V2R1']
    const { code } = await kscan('report', '--reports', 'cklb', '--reports-path', made, ...benchmark, ...hdfOf(folder))
    expect(code).toBe(0)
    const checklist: unknown = JSON.parse(readFileSync(join(made, 'cklb', 'shop_web_app.cklb'), 'utf8'))
    expect(checklist).toMatchObject({ stigs: [{ stig_id: 'RHEL_9_STIG', version: '2', release_info: 'Release: 1 ' }] })
  })

  test('says in the log what a report had to leave out', async () => {
    const folder = scanned('cut', { leftovers: Array.from({ length: 6000 }, (_, index) => `role ${index}`), strictCleanup: true })
    const { code, stderr } = await kscan('report', '--reports', 'sarif', '--reports-path', join(root, 'made-cut'), ...hdfOf(folder))
    expect([code, stderr]).toEqual([0, expect.stringMatching(/warning: sarif: 100\d results are left out, the least severe/)])
  })

  test.each(['controls.csv', 'summary.md', 'hdf/other.json', 'run.json'])('removes and replaces no %s of somebody else', async (name) => {
    const folder = scanned(`beside-${name.replace('/', '-')}`)
    const made = join(folder, 'made')
    mkdirSync(dirname(join(made, name)), { recursive: true })
    writeFileSync(join(made, name), 'mine')
    const { code, stderr } = await kscan('report', '--reports', 'csv', '--reports-path', made, ...hdfOf(folder))
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${join(made, name)}: kscan did not write it. Nothing was removed.`)])
    expect([filesOf(made), readFileSync(join(made, name), 'utf8')]).toEqual([[`/${name}`], 'mine'])
  })

  test.each([
    ['results of one container only', (folder: string) => [join(folder, 'hdf', 'shop_web_app.json')], 2, /also shop\/db\/main/],
    ['results of two runs', (folder: string) => [...hdfOf(folder), ...hdfOf(scanned('other'))], 2, /a file of the same run as the first/],
    ['a pattern that finds nothing', (folder: string) => [join(folder, 'none', '*.json')], 2, /a pattern of .* that finds HDF files; got nothing/],
    ['a file that is not there', (folder: string) => [join(folder, 'hdf', 'none.json')], 2, /a readable file; got it does not exist/],
    [
      'results without a run.json',
      () => {
        const alone = join(root, 'alone.json')
        writeFileSync(alone, results('passed'))
        return [alone]
      },
      2,
      /an HDF file in a scan's folder of reports/
    ],
    [
      'results that were changed since',
      (folder: string) => {
        writeFileSync(join(folder, 'hdf', 'shop_web_app.json'), results('passed', 'passed', 'skipped'))
        return hdfOf(folder)
      },
      3,
      /are not those that were judged/
    ],
    [
      'a run.json that is something else',
      (folder: string) => {
        writeFileSync(join(folder, 'run.json'), '{}')
        return hdfOf(folder)
      },
      3,
      /cannot be read as the run.json of a scan/
    ]
  ])('%s are refused, and nothing is written', async (name, words, exit, sentence) => {
    const folder = scanned(name.replaceAll(' ', '-'))
    const made = join(root, `made-${name.replaceAll(' ', '-')}`)
    const { code, stderr } = await kscan('report', '--reports-path', made, ...words(folder))
    expect([code, stderr]).toEqual([exit, expect.stringMatching(sentence)])
    expect(existsSync(made)).toBe(false)
  })
})
