import { describe, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { csv } from '../../../src/report/csv.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many, profile, results } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'

const write = (targets: readonly Judged[], done = record(targets.map(({ target }) => target))): string => csv(judgeBy(targets, []), targets, done)
const read = (text: string): Record<string, string>[] => parse<Record<string, string>>(text, { columns: true, record_delimiter: '\r\n' })
const failing = (text: string): Judged => judged('t', [control('c', 'failed', { title: text })])

describe('CSV', () => {
  test('a line for each control of each target, with all columns', () => {
    const waiver = { justification: 'not "now", later', expires: '2099-01-01', skipped: false, run: true }
    const failed = control('V-1', 'failed', {
      severity: 'high',
      impact: 0.7,
      waiver,
      node: true,
      checkText: 'look\nat it',
      fixText: 'mend it',
      tags: {
        cci: ['CCI-000366', 'CCI-000367'],
        nist: ['CM-6 b', 'Rev_4'],
        gtitle: 'SRG-OS-000480',
        stig_id: 'RHEL-08-010000',
        rid: 'SV-230221r858734_rule'
      },
      checks: [check('passed'), check('failed', '\nexpected: 0\n     got: 1')]
    })
    const named = { ...judged('b', []), results: results([failed], [profile('p', { title: 'The profile' })]) }
    const targets = [named, judged('a', [control('V-2', 'passed')])]
    const [first, second, ...more] = read(write(targets))
    expect(more).toEqual([])
    expect(first).toMatchObject({
      target: 'a',
      control: 'V-2',
      outcome: 'passed',
      why: '',
      expected: '',
      found: '',
      waiver: '',
      'waiver expires': '',
      attestation: '',
      'attested by': '',
      'attested until': '',
      node: 'no'
    })
    expect(second).toEqual({
      target: 'b',
      profile: 'p',
      control: 'V-1',
      title: 'Title of V-1',
      severity: 'high',
      impact: '0.7',
      outcome: 'failed',
      why: '',
      expected: 'File /x is expected to be failed',
      found: '1',
      waiver: 'not "now", later',
      'waiver expires': '2099-01-01',
      attestation: '',
      'attested by': '',
      'attested until': '',
      node: 'yes',
      check: 'look at it',
      fix: 'mend it',
      cci: 'CCI-000366; CCI-000367',
      nist: 'CM-6 b',
      srg: 'SRG-OS-000480',
      'stig id': 'RHEL-08-010000',
      'rule id': 'SV-230221r858734_rule',
      'profile title': 'The profile',
      'profile version': '1.0.0'
    })
    expect(first).toMatchObject({ cci: '', nist: '', srg: '', 'stig id': '', 'rule id': '' })
  })

  test('what came later stands behind what programs know the place of', () => {
    const [headings = ''] = write([]).split('\r\n', 1)
    expect(headings.split(',').slice(17)).toEqual(
      ['fix', 'cci', 'nist', 'srg', 'stig id', 'rule id', 'profile title', 'profile version'].map((heading) => `"${heading}"`)
    )
  })

  test('an unjudged control says why and by which command', () => {
    const target = judged('t', [control('a', 'passed')], {
      unjudged: [{ control: 'a', reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }]
    })
    expect(read(write([target])).find(({ control: id }) => id === 'a')).toMatchObject({
      outcome: 'unjudged',
      why: 'no such program: ss (command: ss -tln)',
      expected: ''
    })
  })

  test('what it could not see, and is accepted, stands with reason and end', () => {
    const accepts = [{ cause: 'missing:ss', justification: 'no ports', expires: '2099-06-30' }]
    const unjudged = [{ control: 'a', reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }]
    expect(read(write([judged('t', [control('a', 'passed')], { unjudged, accepts })])).find(({ control: id }) => id === 'a')).toMatchObject({
      outcome: 'passed',
      waiver: 'accepted until 2099-06-30: missing:ss: no ports',
      'waiver expires': '2099-06-30'
    })
  })

  test('a target without results, and one that cannot be judged, are lines of their own', () => {
    const done = record([], { targets: [targetRecord('a', { failure: { code: 'TARGET_UNUSABLE', message: 'no shell' } }), targetRecord('b')] })
    expect(read(write([judged('b', [])], done))).toMatchObject([
      { target: 'a', control: '', outcome: 'error', why: 'no shell' },
      { target: '', control: '', outcome: 'unjudged', why: 'b: the profile p has no controls to run' }
    ])
  })

  test('lines end with CRLF, the last too, and there is no byte order mark', () => {
    expect(write([judged('t', many(2, 'passed'))])).toMatch(/^"target",(?:[^\r\n]+\r\n){3}$/)
  })

  test('the order of the targets given makes no difference', () => {
    const targets = ['b', 'a', 'c'].map((name) => judged(name, many(2, 'failed')))
    expect(write(targets)).toBe(write(targets.toReversed()))
  })

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1+cmd', "'-1+cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'=1"],
    ['\r=1', "'=1"],
    ['\n \u00a0=1', "'=1"],
    ['\uff1d1', "'\uff1d1"],
    ['\uff0b1', "'\uff0b1"],
    ['\uff0d1', "'\uff0d1"],
    ['\uff201', "'\uff201"],
    ['"=1', `'"=1`],
    ['a;=1', "a;'=1"],
    ['a; "=1', `a;' "=1`],
    ['-12.5', '-12.5'],
    ['a=b', 'a=b'],
    ['\u200b=1', '\\u{200b}=1']
  ])('%j is the text %j to a spreadsheet', (text, expected) => {
    expect(read(write([failing(text)]))[0]?.['title']).toBe(expected)
  })

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const waiver = { justification: text, expires: undefined, skipped: false, run: true }
    const texts = { title: text, profile: text, checkText: text, fixText: text, waiver }
    const hostile = control(text, 'failed', { ...texts, checks: [{ ...check('failed', text), description: text }] })
    const written = write([judged(text, [hostile])])
    expect(written.split('\n')).toHaveLength(read(write([failing('harmless')])).length + read(written).filter(({ control: id }) => id === '').length + 2)
    expect(read(written).at(-1)).toMatchObject({ outcome: 'failed', severity: 'medium', 'waiver expires': 'never' })
    for (const cell of read(written).flatMap((cells) => Object.values(cells))) expect(cell.length).toBeLessThan(32_767)
    expect(written).toBe(written.toWellFormed())
    expect(written).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*::/mu)
  })
})
