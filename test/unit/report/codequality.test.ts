import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import type { Severity } from '../../../src/hdf/model.ts'
import { codequality } from '../../../src/report/codequality.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'

/** What GitLab's documentation asks of the file: nothing is optional. */
const Report = z.array(
  z.strictObject({
    description: z.string().min(1),
    check_name: z.string().min(1),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    severity: z.enum(['info', 'minor', 'major', 'critical', 'blocker']),
    location: z.strictObject({ path: z.string().regex(/^(?![./])[^\s\\]+$/), lines: z.strictObject({ begin: z.int().positive() }) })
  })
)

const write = (targets: readonly Judged[], done = record(targets.map(({ target }) => target))): string => codequality(judgeBy(targets, []), targets, done)
const read = (text: string): z.infer<typeof Report> => Report.parse(JSON.parse(text))

describe('Code Quality', () => {
  test('a run in which all is well is an empty list', () => {
    const waiver = { justification: 'not now', expires: '2099-01-01', skipped: true, run: false }
    expect(
      read(write([judged('t', [...many(2, 'passed'), control('w', 'no_impact', { waiver }), control('n', 'no_impact'), control('s', 'skipped')])]))
    ).toEqual([])
  })

  test.each<[Severity, string]>([
    ['critical', 'blocker'],
    ['high', 'critical'],
    ['medium', 'major'],
    ['low', 'minor'],
    ['none', 'info']
  ])('a failed control of severity %s is %s', (severity, expected) => {
    const failed = control('SV-1', 'failed', { severity, checks: [check('failed', '\nexpected: "b"\n     got: "a"\n')] })
    expect(read(write([judged('web/api/nginx', [failed])]))).toMatchObject([
      {
        description: 'SV-1 Title of SV-1: failed in web/api/nginx File /x is expected to be failed; found: "a"',
        check_name: 'p/SV-1',
        severity: expected,
        location: { path: 'k8s/web/api/nginx', lines: { begin: 1 } }
      }
    ])
  })

  test('what could not be judged is told with the reason, and what could not be scanned is the worst', () => {
    const target = judged('t', [control('e', 'error', { severity: 'critical' }), control('u', 'passed', { severity: 'critical' }), control('p', 'passed')], {
      unjudged: [{ control: 'u', reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }]
    })
    const failure = { code: 'TARGET_UNUSABLE', message: 'no shell' }
    const found = read(write([target], record([], { targets: [targetRecord('a/b/c', { failure })] })))
    expect(found.map(({ severity, description }) => `${severity} ${description.split(' File', 1)[0]}`)).toEqual([
      'blocker a/b/c could not be scanned: no shell',
      expect.stringMatching(/^blocker /),
      'info e Title of e: error in t: a check could not be carried out',
      'info u Title of u: unjudged in t: no such program: ss; command: ss -tln'
    ])
  })

  test('a fingerprint is unique, and stays when what was found changes', () => {
    const twice = (status: 'failed' | 'passed', got: string): Judged[] =>
      ['b', 'a'].map((name) =>
        judged(name, [control('x', status), control('x', 'failed', { checks: [check('failed', got)] }), control('x', 'failed', { profile: 'q' })])
      )
    const fingerprints = (targets: readonly Judged[]): string[] => read(write(targets)).map(({ fingerprint }) => fingerprint)
    const all = fingerprints(twice('failed', '1'))
    expect(new Set(all).size).toBe(6)
    expect(all).toEqual(fingerprints(twice('failed', '2').toReversed()))
    expect(all).toEqual(expect.arrayContaining(fingerprints(twice('passed', '3'))))
  })

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const hostile = control(text, 'failed', { title: text, profile: text, checks: [{ ...check('failed', text), description: text }] })
    const written = write([judged(text, [hostile], { unjudged: [{ control: text, reason: text, cause: 'missing:ss', lost: false, command: text }] })])
    expect(read(written).filter(({ check_name }) => check_name !== 'kscan/run')).toHaveLength(1)
    expect(written.length).toBeLessThan(10_000)
    expect(written).toBe(written.toWellFormed())
    expect(written).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*::/mu)
  })
})
