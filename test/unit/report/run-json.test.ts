import { describe, expect, test } from '@jest/globals'
import { runJson } from '../../../src/report/run-json.ts'
import { judge } from '../../../src/verdict/judge.ts'
import { judged, many } from '../verdict/sample.ts'
import { HOSTILE, record } from './sample.ts'

const verdict = judge([judged('t', many(2, 'failed'))], [], { maxUnjudged: 0, today: '2026-11-24' })

describe('run.json', () => {
  test('holds the record and the verdict, and ends with a newline', () => {
    const text = runJson(verdict, record(['t']))
    expect(JSON.parse(text)).toEqual({ schema: 'kscan-run-1', ...JSON.parse(JSON.stringify(record(['t']))), verdict: JSON.parse(JSON.stringify(verdict)) })
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('is the same text for the same run', () => {
    expect(runJson(verdict, record(['t']))).toBe(runJson(verdict, record(['t'])))
  })

  test.each(HOSTILE)('%s is quoted as it is', (_, text) => {
    const written = runJson(undefined, record(['t'], { leftovers: [text] }))
    expect(JSON.parse(written)).toMatchObject({ leftovers: [text], verdict: null })
    expect(written).toBe(written.toWellFormed())
    expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })
})
