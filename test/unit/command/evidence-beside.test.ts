import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { type Claimed, evidenceBeside, missingOf } from '../../../src/command/evidence-beside.ts'
import { runsBeside } from '../../../src/command/run-beside.ts'
import { runJson } from '../../../src/report/run-json.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { record, targetRecord } from '../report/sample.ts'
import { control, judgeBy, judged, profile, results } from '../verdict/sample.ts'

const LACK = { control: 'p', reason: 'no such program', cause: 'missing:ss', lost: false, command: 'ss -tln' }

const RESULTS = results([control('p', 'passed')])
const FILE = 'hdf/shop_web_app.json'

/** Undefined where no run is known. */
const beside = (folder: string, name = FILE, of = RESULTS): Omit<Judged, 'target' | 'results'> | undefined => {
  const file = join(folder, name)
  const runs = runsBeside()(file)
  const claimed: Claimed = new Set()
  const known = evidenceBeside(runs, { file, results: () => of }, claimed)
  if (known === undefined || runs[0] === undefined) return undefined
  const { stableName, unjudged, reasons = [] } = known
  return { stableName, unjudged, reasons: [...reasons, ...missingOf(runs[0], { file, claimed })] }
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

test('where no run.json is beside the folder hdf, nothing is known', () => expect(beside(emptyReports(FILE))).toBeUndefined())

test.each([
  ['in one folder', 'run.json', 'shop_web_app.json'],
  ['in one folder, in other letters', 'RUN.JSON', 'Shop_Web_App.JSON'],
  ['in HDF', 'run.json', 'HDF/shop_web_app.json'],
  ['in Hdf beside RUN.json', 'RUN.json', 'Hdf/shop_web_app.json'],
  ['in one folder, renamed', 'run.json', 'results.json'],
  ['in hdf, renamed', 'run.json', 'hdf/results.json'],
  ['in one folder that is called hdf', 'hdf/run.json', 'hdf/shop_web_app.json'],
  ['in one folder that is called hdf, beside the same run.json around it', 'hdf/run.json and run.json', 'hdf/shop_web_app.json']
])('a flattened artifact is judged with its run.json: %s', (_, run, file) => {
  const from = reports('shop/web/app')
  rmSync(join(from, 'hdf/shop_other_app.json'))
  const folder = mkdtempSync(join(tmpdir(), 'kscan-flat-'))
  for (const name of ['hdf', 'HDF', 'Hdf']) mkdirSync(join(folder, name))
  for (const name of run.split(' and ')) copyFileSync(join(from, 'run.json'), join(folder, name))
  writeFileSync(join(folder, file), '')
  const reasons = ['in the same run shop/other/app was scanned, and its results are gone']
  expect(beside(folder, file)).toEqual({ stableName: 'shop/web/app', unjudged: [LACK], reasons })
})

test.each([
  ['of no container', 'renamed.json', results([control('p', 'failed')]), 'renamed.json is of no container of '],
  ['of another run', 'shop_web_app.json', results([control('p', 'failed')]), 'are not those that were judged']
])('a file beside a run.json that does not fit is refused: %s', (_, name, of, words) => {
  const folder = reports('shop/web/app')
  for (const file of [name, `hdf/${name}`]) {
    writeFileSync(join(folder, file), '')
    expect(() => beside(folder, file, of)).toThrow(words)
  }
})

test('a run.json that lost a container is refused, though the file fits another', () => {
  const folder = emptyReports(FILE)
  const verdict = judgeBy([judged('shop/web/app', [control('p', 'passed')], { unjudged: [LACK] }), judged('shop/other/app', [control('p', 'passed')])], [])
  writeFileSync(join(folder, 'run.json'), runJson(verdict, record(['shop/other/app'])))
  expect(() => beside(folder)).toThrow('it has a verdict of shop/web/app, and no such container')
})

test('files between two runs are refused', () => {
  const folder = reports('shop/web/app')
  writeFileSync(join(folder, 'hdf/run.json'), readFileSync(join(folder, 'run.json'), 'utf8').replace('"run": "abcdefghij"', '"run": "bbcdefghij"'))
  expect(() => beside(folder)).toThrow('are of two runs')
})

test('of containers with the same results, renamed files are one each', () => {
  const folder = emptyReports('hdf/a.json', 'hdf/b.json')
  const names = ['shop/web-1/app', 'shop/web-2/app']
  const verdict = judgeBy(
    names.map((name) => judged(name, [control('p', 'passed')])),
    []
  )
  writeFileSync(join(folder, 'run.json'), runJson(verdict, record(names)))
  const claimed: Claimed = new Set()
  const runs = ['hdf/a.json', 'hdf/b.json'].map((name) => {
    const file = join(folder, name)
    return evidenceBeside(runsBeside()(file), { file, results: () => RESULTS }, claimed)?.of?.name
  })
  expect(runs).toEqual(names)
})

test.each(['{}', '[]', '', '{"schema": "kscan-run-9"}', '{"run": "npm test"}'])(
  'a run.json that is something else is an error, in either place: %j',
  (text) => {
    const folder = reports('shop/web/app')
    writeFileSync(join(folder, 'run.json'), text)
    for (const file of [FILE, 'shop_web_app.json']) expect(() => beside(folder, file)).toThrow('cannot be read as the run.json of a scan')
  }
)

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
  expect(run(join(folder, 'hdf/shop_other_app.json'))[0]?.record.targets).toHaveLength(2)
})
