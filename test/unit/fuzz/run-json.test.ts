import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { evidenceBeside } from '../../../src/command/evidence-beside.ts'
import { runJson } from '../../../src/report/run-json.ts'
import { judge } from '../../../src/verdict/judge.ts'
import type { Verdict } from '../../../src/verdict/model.ts'
import { record } from '../report/sample.ts'
import { control, judged } from '../verdict/sample.ts'
import { changeBytes, changeJson, EXHAUSTING, type Json } from './mutate.ts'
import { forSeeds, givesOrRefuses } from './properties.ts'
import { Random } from './random.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-fuzz-'))
mkdirSync(join(folder, 'hdf'))
afterAll(() => rmSync(folder, { recursive: true }))

const NAME = 'shop/web/app'
const LACK = { control: 'p', reason: 'no such program', lost: false, command: 'ss -tln' }
const POLICY = { maxUnjudged: 0, today: '2026-11-24' }
const OTHER = 'shop/db/db'
const RUN = JSON.parse(
  runJson(judge([judged(NAME, [control('p', 'passed')], { unjudged: [LACK] }), judged(OTHER, [control('p', 'passed')])], [], POLICY), record([NAME, OTHER]))
) as Json
const RESULTS = judged(NAME, [control('p', 'passed')]).results
const BYTES = Buffer.from(JSON.stringify(RUN, null, 1))

/** The verdict on a control that passed, by what a run.json says of it. */
const verdictBeside = (bytes: string | Uint8Array): Verdict | undefined => {
  writeFileSync(join(folder, 'run.json'), bytes)
  return givesOrRefuses('RESULTS_UNREADABLE', () => {
    const { unjudged, reasons = [] } = evidenceBeside(join(folder, 'hdf', 'shop_web_app.json'), RESULTS)
    return judge([judged(NAME, [control('p', 'passed')], { unjudged, reasons })], [], POLICY)
  })
}

type Bag = Readonly<Record<string, unknown>>
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null ? { ...value } : {})
const list = (value: unknown): Bag[] => (Array.isArray(value) ? value.map(bag) : [])

/** Whether that run.json knows the container, and that nothing speaks against it. Knows nothing of the parser. */
const mayPass = (bytes: string | Uint8Array): boolean => {
  const run = bag(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes))))
  const targets = list(run['targets'])
  if (!targets.some(({ name }) => name === NAME)) return true
  const verdicts = list(bag(run['verdict'])['targets']).filter(({ target }) => target === NAME)
  const unjudged = verdicts.flatMap(({ unjudged }) => list(unjudged))
  return verdicts.length > 0 && !unjudged.some((entry) => entry['control'] === 'p') && !targets.some(({ failure }) => failure !== undefined)
}

const demandNoPass = (bytes: string | Uint8Array): void => {
  if (verdictBeside(bytes)?.result === 'passed' && !mayPass(bytes)) throw new Error(`passed: ${bytes.toString()}`)
}

describe('a run.json that says what could not be seen, changed', () => {
  test('is heard as it is', () => expect(verdictBeside(BYTES)?.result).toBe('unjudged'))
  test('by other values and keys, is heard or refused', () => forSeeds(1000, (seed) => demandNoPass(changeJson(RUN, new Random(seed)))))
  test('byte by byte, is heard or refused', () => forSeeds(1000, (seed) => demandNoPass(changeBytes(BYTES, new Random(seed)))))
  test('cut anywhere, is refused', () => {
    for (let length = 0; length < BYTES.length; length += 1) expect(verdictBeside(BYTES.subarray(0, length))).toBeUndefined()
  })
  test.each(EXHAUSTING)('%s', (_, text) => expect(verdictBeside(text)).toBeUndefined())
  test('in no UTF-8, is refused: the control would have another name', () =>
    expect(verdictBeside(Buffer.from(BYTES.toString().replace('"p"', '"p\u00ff"'), 'latin1'))).toBeUndefined())
  test('without a verdict on the container, is refused', () =>
    expect(verdictBeside(BYTES.toString().replace(`"target": "${NAME}"`, '"target": "x"'))).toBeUndefined())
  test('with two verdicts on the container, is refused', () =>
    expect(verdictBeside(BYTES.toString().replace('"target": "shop/db/db"', `"target": "${NAME}"`))).toBeUndefined())
})

test('a run.json that is a folder is refused', () => {
  rmSync(join(folder, 'run.json'))
  mkdirSync(join(folder, 'run.json'))
  expect(givesOrRefuses('RESULTS_UNREADABLE', () => evidenceBeside(join(folder, 'hdf', 'shop_web_app.json'), RESULTS))).toBeUndefined()
  rmSync(join(folder, 'run.json'), { recursive: true })
})
