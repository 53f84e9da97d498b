import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { type Claimed, evidenceBeside, missingOf } from '../../../src/command/evidence-beside.ts'
import { runsBeside } from '../../../src/command/run-beside.ts'
import { runJson } from '../../../src/report/run-json.ts'
import type { Verdict } from '../../../src/verdict/model.ts'
import { record } from '../report/sample.ts'
import { control, judgeBy, judged } from '../verdict/sample.ts'
import { changeBytes, changeJson, EXHAUSTING, type Json } from './mutate.ts'
import { bag, list } from './bag.ts'
import { forSeeds, givesOrRefuses } from './properties.ts'
import { randomOf } from '../../support/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-fuzz-'))
mkdirSync(join(folder, 'hdf'))
for (const name of ['shop_web_app.json', 'shop_db_db.json']) writeFileSync(join(folder, 'hdf', name), '')
afterAll(() => rmSync(folder, { recursive: true }))

const NAME = 'shop/web/app'
const LACK = { control: 'p', reason: 'no such program', cause: 'missing:ss', lost: false, command: 'ss -tln' }
const OTHER = 'shop/db/db'
const RUN = JSON.parse(
  runJson(judgeBy([judged(NAME, [control('p', 'passed')], { unjudged: [LACK] }), judged(OTHER, [control('p', 'passed')])], []), record([NAME, OTHER]))
) as Json
const RESULTS = judged(NAME, [control('p', 'passed')]).results
const BYTES = Buffer.from(JSON.stringify(RUN, null, 1))

/** The verdict on a control that passed, by what a run.json says of it. */
const verdictBeside = (bytes: string | Uint8Array): Verdict | undefined => {
  writeFileSync(join(folder, 'run.json'), bytes)
  return givesOrRefuses('RESULTS_UNREADABLE', () => {
    const file = join(folder, 'hdf', 'shop_web_app.json')
    const runs = runsBeside()(file)
    const claimed: Claimed = new Set()
    const { unjudged, reasons = [] } = evidenceBeside(runs, { file, results: () => RESULTS }, claimed) ?? { unjudged: [] }
    const missing = runs.flatMap((run) => missingOf(run, { file, claimed }))
    return judgeBy([judged(NAME, [control('p', 'passed')], { unjudged, reasons: [...reasons, ...missing] })], [])
  })
}

/** Whether that run.json knows the container, and that nothing speaks against it. Knows nothing of the parser. */
const mayPass = (bytes: string | Uint8Array): boolean => {
  const run = bag(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes))))
  const targets = list(run['targets'])
  const verdicts = list(bag(run['verdict'])['targets']).filter(({ target }) => target === NAME)
  const unjudged = verdicts.flatMap(({ unjudged }) => list(unjudged))
  return verdicts.length > 0 && !unjudged.some((entry) => entry['control'] === 'p') && !targets.some(({ failure }) => failure !== undefined)
}

const demandNoPass = (bytes: string | Uint8Array): void => {
  if (verdictBeside(bytes)?.result === 'passed' && !mayPass(bytes)) throw new Error(`passed: ${bytes.toString()}`)
}

describe('a run.json that says what could not be seen, changed', () => {
  test('is heard as it is', () => expect(verdictBeside(BYTES)?.result).toBe('unjudged'))
  test('by other values and keys, is heard or refused', () => forSeeds(1000, (seed) => demandNoPass(changeJson(RUN, randomOf(seed)))))
  test('byte by byte, is heard or refused', () => forSeeds(1000, (seed) => demandNoPass(changeBytes(BYTES, randomOf(seed)))))
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
  expect(givesOrRefuses('RESULTS_UNREADABLE', () => runsBeside()(join(folder, 'hdf', 'shop_web_app.json')))).toBeUndefined()
  rmSync(join(folder, 'run.json'), { recursive: true })
})
