import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import Ajv from 'ajv'
import { endingJson, endingOf } from '../../../src/report/ending.ts'
import type { RunRecord } from '../../../src/report/record.ts'
import { parseRun, runJson } from '../../../src/report/run-json.ts'
import type { Verdict } from '../../../src/verdict/model.ts'
import { control, judgeBy, judged, many, threshold } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'

const verdict = judgeBy([judged('t', many(2, 'failed'))], [])

const waived = judged('t', [control('w', 'no_impact', { waiver: { justification: 'x', expires: '2026-12-01', skipped: true, run: false } })])
const endless = judged('u', [control('v', 'passed', { waiver: { justification: 'x', expires: undefined, skipped: false, run: true } })], {
  unjudged: [{ control: 'v', reason: 'no ss', cause: 'missing:ss', lost: false, command: 'ss' }]
})
const baseline = { source: 'b', sha256: 'ab', run: 'earlier', day: '2026-11-01', targets: [judged('t', many(1, 'passed'), { stableName: 't' })] }
const FAILED = { failure: { code: 'SESSION_FAILED', message: 'it was lost', hint: 'Scan it again.' } }
const RUNS: readonly (readonly [string, Verdict, RunRecord])[] = [
  ['a run with failures', verdict, record(['t'])],
  ['a run with waivers, violations and unjudged controls', judgeBy([waived, endless], [threshold('passed.total.min: 9')]), record(['t', 'u'])],
  ['a container that could not be scanned', judgeBy([], []), record([], { targets: [targetRecord('t', FAILED)] })],
  ['a comparison', judgeBy([judged('t', many(2, 'failed'), { stableName: 't' })], [], { baseline }), record(['t'])]
]
const isRun = new Ajv().compile(JSON.parse(readFileSync('docs/run.schema.json', 'utf8')) as object)

describe('run.json', () => {
  test('holds the record and the verdict, and ends with a newline', () => {
    const text = runJson(verdict, record(['t']))
    expect(JSON.parse(text)).toEqual({
      schema: 'kscan-run-1',
      ...JSON.parse(JSON.stringify(record(['t']))),
      ending: JSON.parse(JSON.stringify(endingJson(endingOf(verdict, record(['t']))))),
      verdict: JSON.parse(JSON.stringify(verdict)),
      files: [{ path: 'run.json', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]
    })
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('is the same text for the same run', () => {
    expect(runJson(verdict, record(['t']))).toBe(runJson(verdict, record(['t'])))
  })

  test.each(HOSTILE)('%s is quoted as it is', (_, text) => {
    const written = runJson(verdict, record(['t'], { leftovers: [text] }))
    expect(JSON.parse(written)).toMatchObject({ leftovers: [text] })
    expect(written).toBe(written.toWellFormed())
    expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })

  test.each(RUNS)('%s is as the published schema says, and is read back as it was', (_, of, run) => {
    const text = runJson(of, run)
    expect([isRun(JSON.parse(text)), isRun.errors]).toEqual([true, null])
    expect(parseRun(text)).toEqual({ verdict: of, record: run })
  })

  test.each(RUNS)('%s is read as the first versions wrote it, too', (_, of, run) => {
    const late = new Set(['cause', 'idle', 'waived', 'runnerResources', 'acceptedCauses', 'ending', 'files', 'services'])
    const early = JSON.stringify(JSON.parse(runJson(of, run)), (key, value: unknown) => (late.has(key) ? undefined : value))
    const read = parseRun(early)
    const causeless = JSON.parse(JSON.stringify(of.targets), (key, value: unknown) => (key === 'cause' ? 'unknown' : value)) as Verdict['targets']
    expect(read.verdict.targets.map((target) => JSON.parse(JSON.stringify(target)) as unknown)).toEqual(causeless)
    expect([read.verdict.result, read.record.runnerResources, read.record.acceptedCauses]).toEqual([of.result, 'deny', []])
  })

  test('the published schema refuses what the format does not know', () => {
    expect(isRun({ ...JSON.parse(runJson(verdict, record(['t']))), more: 1 })).toBe(false)
  })

  test.each([
    ['nothing', ''],
    ['something else', '{}'],
    ['a list', '[]'],
    ['an unknown version', runJson(verdict, record(['t'])).replace('kscan-run-1', 'kscan-run-2')],
    ['a wrong type', runJson(verdict, record(['t'])).replace('"commands": 12', '"commands": "12"')]
  ])('%s is not read', (_, text) => expect(() => parseRun(text)).toThrow())

  test('the address of a pod comes back, and need not be there', () => {
    const done = record([], { targets: [targetRecord('t', { podIp: '10.1.2.3' }), targetRecord('u')] })
    expect(parseRun(runJson(verdict, done)).record.targets.map(({ podIp }) => podIp)).toEqual(['10.1.2.3', undefined])
  })

  test('what a later version adds is passed over', () => {
    expect(parseRun(runJson(verdict, record(['t'])).replace('"run":', '"later": 1, "run":')).record).toEqual(record(['t']))
  })
})
