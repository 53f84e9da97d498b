import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { readBaseline } from '../../src/command/read-baseline.ts'
import { parseResults } from '../../src/hdf/parse.ts'
import { runJson } from '../../src/report/run-json.ts'
import { attest, type AttestationEntry } from '../../src/verdict/attestation.ts'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { hdf } from '../support/hdf.ts'
import { record, targetRecord } from '../unit/report/sample.ts'
import { judgeBy } from '../unit/verdict/sample.ts'

const NAME = 'shop/web/app'
const root = mkdtempSync(join(tmpdir(), 'kscan-baseline-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A scan's folder of reports. */
const reports = (name: string, text: string, attestations: readonly AttestationEntry[] = []): string => {
  const folder = join(root, name)
  mkdirSync(join(folder, 'hdf'), { recursive: true })
  writeFileSync(join(folder, 'hdf', 'shop_web_app.json'), text)
  const read = { target: NAME, stableName: NAME, results: parseResults(Buffer.from(text), 'x'), unjudged: [] }
  const verdict = judgeBy(attest([read], attestations, '2026-11-24').judged, [])
  writeFileSync(join(folder, 'run.json'), runJson(verdict, record([], { run: `run-${name}`, attestations, targets: [targetRecord(NAME)] })))
  return folder
}

const BEFORE = [
  ['a', 'passed'],
  ['b', 'failed']
] as const
const AFTER = [
  ['a', 'failed'],
  ['b', 'failed']
] as const
let before = ''
let after = ''
beforeEach(() => {
  before = reports('before', hdf(BEFORE))
  after = reports('after', hdf(AFTER))
})

const kscan = (...words: readonly string[]): Promise<Ran> => startCommandLine(words, {}).ended
const judged = (folder: string, ...flags: readonly string[]): Promise<Ran> => kscan('judge', ...flags, join(folder, 'hdf', 'shop_web_app.json'))
const baseline = (folder: string): string[] => ['--baseline-file', join(folder, 'run.json')]

describe('kscan judge --baseline-file', () => {
  test('what is no worse passes, failures and all', async () => {
    const same = reports('same', hdf(BEFORE))
    expect(await judged(same, ...baseline(before))).toMatchObject({ code: 0, stdout: expect.stringContaining('0 worse, 0 fixed, 1 still failing') })
  })

  test('a run is no baseline of itself, nor is a copy of it', async () => {
    cpSync(after, join(root, 'copy'), { recursive: true })
    for (const folder of [after, join(root, 'copy')])
      expect(await judged(after, ...baseline(folder))).toMatchObject({ code: 3, stdout: expect.stringMatching(/the baseline .* is this run itself/) })
  })

  test('what is worse is not compliant, and named', async () => {
    const { code, stdout } = await judged(after, ...baseline(before))
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/violated: baseline of .*: expected no control worse than in the run run-before of 2026-11-24, got 1 worse \(a\)/)
    ])
  })

  test('enforce: false softens it', async () => expect((await judged(after, ...baseline(before), '--enforce', 'false')).code).toBe(0))
  test('a threshold holds beside it', async () => {
    const { code, stdout } = await judged(after, ...baseline(before), '--threshold', 'failed.total.max: 0')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/violated: failed\.total\.max .*\n(?:.*\n)*violated: baseline/)])
  })

  test.each([
    ['is not there', (folder: string) => rmSync(join(folder, 'run.json')), /run.json cannot be read as the run.json of a scan: it does not exist/],
    ['is something else', (folder: string) => writeFileSync(join(folder, 'run.json'), '{"schema":"other"}'), /cannot be read as the run.json of a scan/],
    ['has lost its results', (folder: string) => rmSync(join(folder, 'hdf'), { recursive: true }), /The baseline's results .* cannot be read/],
    ['has results that are cut off', (folder: string) => writeFileSync(join(folder, 'hdf', 'shop_web_app.json'), '{"profiles":['), /cannot be read/],
    ['is of another profile', () => void reports('spoilt', hdf(BEFORE, 'cd')), /is of other profiles/],
    [
      'has results of another profile',
      (folder: string) => writeFileSync(join(folder, 'hdf', 'shop_web_app.json'), hdf(BEFORE, 'cd')),
      /are not those that were judged/
    ],
    [
      'is of another container',
      (folder: string) => {
        reports('spoilt', hdf(BEFORE))
        writeFileSync(join(folder, 'run.json'), readFileSync(join(folder, 'run.json'), 'utf8').replace(`"stableName": "${NAME}"`, '"stableName": "x/y/z"'))
      },
      /has no results of shop\/web\/app/
    ]
  ])('a baseline that %s is exit 3', async (_, spoil, sentence) => {
    const folder = join(root, 'spoilt')
    rmSync(folder, { recursive: true, force: true })
    cpSync(before, folder, { recursive: true })
    spoil(folder)
    const { code, stdout, stderr } = await judged(before, ...baseline(folder))
    expect([code, stdout + stderr]).toEqual([3, expect.stringMatching(sentence)])
  })

  test('bad input is said first', async () => {
    expect((await judged(before, '--baseline-file', '/nowhere/run.json', '--threshold', 'nonsense: 1')).code).toBe(2)
  })

  test('results without a run.json beside them cannot be compared', async () => {
    const alone = join(root, 'alone.json')
    writeFileSync(alone, hdf(BEFORE))
    const { code, stdout } = await kscan('judge', ...baseline(before), alone)
    expect([code, stdout]).toEqual([3, expect.stringContaining('no run.json beside its results tells which container it is')])
  })
})

test('attestations of the earlier run count in it', () => {
  const folder = reports('attested', hdf([['a', 'skipped']]), [
    { control: 'a', status: 'passed', explanation: 'seen', by: 'me', updated: '2026-11-01', expires: '2027-11-01' }
  ])
  expect(readBaseline(join(folder, 'run.json')).targets[0]?.results.controls[0]?.status).toBe('passed')
})

test('results that are not those of the run.json beside them are no baseline, and are not judged by what it knew', async () => {
  const folder = reports('mixed', hdf(BEFORE))
  writeFileSync(join(folder, 'hdf', 'shop_web_app.json'), hdf(AFTER))
  expect(await judged(after, ...baseline(folder))).toMatchObject({ code: 3, stderr: expect.stringContaining('are not those that were judged') })
  expect(await judged(folder)).toMatchObject({ code: 3, stderr: expect.stringContaining('are not those that were judged') })
})

describe('kscan judge --total-threshold', () => {
  const total = (text: string): Promise<Ran> =>
    kscan('judge', '--total-threshold', text, ...[before, after].map((folder) => join(folder, 'hdf', 'shop_web_app.json')))

  test('holds all containers together against it, and nothing else', async () => {
    expect(await total('failed.total.max: 3')).toMatchObject({ code: 0, stdout: expect.stringContaining('PASSED') })
    expect(await total('failed.total.max: 2')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('violated: failed.total.max of all containers: expected at most 2, got 3')
    })
  })
})

test('a word that unjudged-ok does not know is bad input', async () => {
  expect(await judged(before, '--unjudged-ok', 'empty')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/unjudged-ok: expected one or more of: empty-profile, skipped-profile; got "empty"/)
  })
})
