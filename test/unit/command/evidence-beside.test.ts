import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { evidenceBeside } from '../../../src/command/evidence-beside.ts'
import { runsBeside } from '../../../src/command/read-run.ts'
import { runJson } from '../../../src/report/run-json.ts'
import { record, targetRecord } from '../report/sample.ts'
import { control, judgeBy, judged, profile, results } from '../verdict/sample.ts'

const LACK = { control: 'p', reason: 'no such program', cause: 'missing:ss', lost: false, command: 'ss -tln' }

const RESULTS = results([control('p', 'passed')])
const FILE = 'hdf/shop_web_app.json'

/** Undefined where no run is known. */
const beside = (folder: string, name = FILE, of = RESULTS): ReturnType<typeof evidenceBeside> | undefined => {
  const run = runsBeside()(join(folder, name))
  return run === undefined ? undefined : evidenceBeside(run, of)
}

/** An empty folder for a run's reports, with files of these names for its results: what is in them is not read here. */
const emptyReports = (...files: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-beside-'))
  mkdirSync(join(folder, 'hdf'))
  for (const file of files) writeFileSync(join(folder, file), '')
  return folder
}

/** The folder of a scan's reports, as it writes them. */
const reports = (target: string, failure?: { code: string; message: string }): string => {
  const folder = emptyReports(FILE, 'hdf/shop_other_app.json', 'shop_web_app.json')
  const others = failure === undefined ? [judged('shop/other/app', [control('p', 'passed')])] : []
  const verdict = judgeBy([judged(target, [control('p', 'passed')], { unjudged: [LACK] }), ...others], [])
  const sample = record([], { targets: [targetRecord(target), targetRecord('shop/other/app', { failure })] })
  writeFileSync(join(folder, 'run.json'), runJson(verdict, sample))
  return folder
}

test('what a scan knew of its controls counts when its files are judged again', () => {
  const folder = reports('shop/web/app')
  expect(beside(folder)).toEqual({ stableName: 'shop/web/app', unjudged: [LACK], reasons: [] })
})

test('a container that could not be scanned is not forgotten', () => {
  const folder = reports('shop/web/app', { code: 'SESSION_FAILED', message: 'it was lost' })
  expect(beside(folder)?.reasons).toEqual(['in the same run shop/other/app could not be scanned: it was lost'])
})

test('nor is one whose results are gone', () => {
  const folder = reports('shop/web/app')
  rmSync(join(folder, 'hdf/shop_other_app.json'))
  expect(beside(folder)?.reasons).toEqual(['in the same run shop/other/app was scanned, and its results are gone'])
})

test('the run is found behind a link to the file or to its folder', () => {
  const folder = reports('shop/web/app')
  symlinkSync(join(folder, FILE), join(folder, 'file.json'))
  symlinkSync(join(folder, 'hdf'), join(folder, 'folder'))
  for (const name of ['file.json', 'folder/shop_web_app.json']) expect(beside(folder, name)?.unjudged).toEqual([LACK])
})

test('where no run.json is beside the folder hdf, nothing is known', () => {
  expect(beside(reports('shop/web/app'), 'shop_web_app.json')).toBeUndefined()
  expect(beside(emptyReports(FILE))).toBeUndefined()
})

test('a file beside a run.json that has no such container is refused', () => {
  const folder = reports('shop/web/app')
  writeFileSync(join(folder, 'hdf/renamed.json'), '')
  expect(() => beside(folder, 'hdf/renamed.json')).toThrow('renamed.json is of no container of the run.json beside it')
})

test('a run.json that is something else is an error', () => {
  const folder = reports('shop/web/app')
  writeFileSync(join(folder, 'run.json'), '{}')
  expect(() => beside(folder)).toThrow('cannot be read as the run.json of a scan')
})

test('what a waiver accepted, and why the container was unjudged, are known again', () => {
  const folder = emptyReports(FILE)
  const waiver = { justification: 'x', expires: '2026-11-25', skipped: false, run: true }
  const target = judged('shop/web/app', [control('p', 'passed', { waiver })], { unjudged: [LACK], reasons: ['no control matches V-1'] })
  const verdict = judgeBy([target], [])
  writeFileSync(join(folder, 'run.json'), runJson(verdict, record(['shop/web/app'])))
  expect([verdict.targets[0]?.unjudged, beside(folder, undefined, target.results)]).toMatchObject([
    [],
    { unjudged: [LACK], reasons: ['no control matches V-1'] }
  ])
})

test.each([
  ['another status', results([control('p', 'failed')])],
  ['another severity', results([control('p', 'passed', { severity: 'low' })])],
  ['another impact', results([control('p', 'passed', { impact: 0.4 })])],
  ['a waiver', results([control('p', 'passed', { waiver: { justification: 'x', expires: undefined, skipped: false, run: true } })])],
  ['another profile of that name', results([control('p', 'passed')], [profile('p', { sha256: 'cd' })])]
])('results that are not those of the run are refused: %s', (_, other) => {
  expect(() => beside(reports('shop/web/app'), undefined, other)).toThrow('are not those that were judged')
})

test('each run.json is read once', () => {
  const folder = reports('shop/web/app')
  const run = runsBeside()
  run(join(folder, FILE))
  writeFileSync(join(folder, 'run.json'), '{}')
  expect(run(join(folder, 'hdf/shop_other_app.json'))?.target.name).toBe('shop/other/app')
})
