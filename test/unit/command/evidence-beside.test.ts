import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { evidenceBeside } from '../../../src/command/evidence-beside.ts'
import { runJson } from '../../../src/report/run-json.ts'
import { judge } from '../../../src/verdict/judge.ts'
import { record, targetRecord } from '../report/sample.ts'
import { control, judged, results } from '../verdict/sample.ts'

const LACK = { control: 'p', reason: 'no such program', lost: false, command: 'ss -tln' }

const RESULTS = results([control('p', 'passed')])
const beside = (folder: string, name = 'hdf/shop_web_app.json', of = RESULTS): ReturnType<typeof evidenceBeside> => evidenceBeside(join(folder, name), of)

/** The folder of a scan's reports, as it writes them. */
const reports = (target: string, failure?: { code: string; message: string }): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-beside-'))
  mkdirSync(join(folder, 'hdf'))
  const others = failure === undefined ? [judged('shop/other/app', [control('p', 'passed')])] : []
  const verdict = judge([judged(target, [control('p', 'passed')], { unjudged: [LACK] }), ...others], [], { maxUnjudged: 0, today: '2026-11-24' })
  const sample = record([], { targets: [targetRecord(target), targetRecord('shop/other/app', { failure })] })
  writeFileSync(join(folder, 'run.json'), runJson(verdict, sample))
  return folder
}

test('what a scan knew of its controls counts when its files are judged again', () => {
  const folder = reports('shop/web/app')
  expect(beside(folder)).toEqual({ stableName: 'shop/web/app', unjudged: [LACK], reasons: [], known: true })
})

test('a container that could not be scanned is not forgotten', () => {
  const folder = reports('shop/web/app', { code: 'SESSION_FAILED', message: 'it was lost' })
  expect(beside(folder).reasons).toEqual(['in the same run shop/other/app could not be scanned: it was lost'])
})

test('without a run.json, or without the target in it, nothing is known', () => {
  const folder = reports('shop/web/app')
  expect([beside(folder, 'hdf/others.json').known, beside(folder, 'shop_web_app.json').known]).toEqual([false, false])
})

test('a run.json that is something else is an error', () => {
  const folder = reports('shop/web/app')
  writeFileSync(join(folder, 'run.json'), '{}')
  expect(() => beside(folder)).toThrow('cannot be read as the run.json of a scan')
})

test('what a waiver accepted, and why the container was unjudged, are known again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-beside-'))
  mkdirSync(join(folder, 'hdf'))
  const waiver = { justification: 'x', expires: '2026-11-25', skipped: false, run: true }
  const target = judged('shop/web/app', [control('p', 'passed', { waiver })], { unjudged: [LACK], reasons: ['no control matches V-1'] })
  const verdict = judge([target], [], { maxUnjudged: 0, today: '2026-11-24' })
  writeFileSync(join(folder, 'run.json'), runJson(verdict, record(['shop/web/app'])))
  expect([verdict.targets[0]?.unjudged, beside(folder, undefined, target.results)]).toMatchObject([
    [],
    { unjudged: [LACK], reasons: ['no control matches V-1'] }
  ])
})

test('results that are not those of the run are refused', () => {
  const folder = reports('shop/web/app')
  expect(() => beside(folder, undefined, results([control('p', 'failed')]))).toThrow('are not those that were judged')
})
