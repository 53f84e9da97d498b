import { describe, expect, test } from '@jest/globals'
import { parseCauses, unusedCauses } from '../../../src/verdict/accepted-cause.ts'
import { weigh } from '../../../src/verdict/count.ts'
import type { AcceptedCause, Judged, Unjudged } from '../../../src/verdict/model.ts'
import { control, judgeBy, judged, threshold } from './sample.ts'

const entry = { justification: 'no service manager', expiration_date: '2027-06-30' }
const problemsOf = (text: string): string[] => parseCauses(text, 'c.yaml').problems.map(({ name, got }) => `${name}: ${got}`)

describe('a file of accepted causes', () => {
  test('is a mapping, YAML or JSON', () => {
    const yaml =
      'missing:systemctl:\n  justification: no service manager\n  expiration_date: 2027-06-30\n"hidden:/root/.ssh/*": {justification: x, expiration_date: 2027-01-01}\n'
    expect(parseCauses(yaml, 'c.yaml')).toEqual({
      causes: [
        { cause: 'missing:systemctl', justification: 'no service manager', expires: '2027-06-30' },
        { cause: 'hidden:/root/.ssh/*', justification: 'x', expires: '2027-01-01' }
      ],
      problems: []
    })
    expect(parseCauses(JSON.stringify({ 'unreadable:/etc/shadow': entry, 'runner:ssl': entry, 'missing:a|b c': entry }), 'c.json').causes).toHaveLength(3)
  })

  test.each(['missing:*', '*', 'missing:', ':x', '', 'Missing:x', 'V-1.2', 'unreadable:*', 'unreadable', 'missing', 'lost', 'unclear', 'foreign-helper'])(
    'no cause is %j',
    (cause) => expect(problemsOf(JSON.stringify({ [cause]: entry }))).toEqual([`c.yaml: ${JSON.stringify(cause)}`])
  )

  test.each([
    ['no reason', { expiration_date: '2027-01-01' }, 'justification: it is missing'],
    ['an empty reason', { ...entry, justification: ' ' }, 'justification: it is empty'],
    ['no end', { justification: 'j' }, 'expiration_date: it is missing'],
    ['an end that is no day', { ...entry, expiration_date: '2027-02-30' }, 'expiration_date: it is no day like 2027-12-31'],
    ['an end with a time', { ...entry, expiration_date: '2027-02-03T00:00:00Z' }, 'expiration_date: it is no day like 2027-12-31'],
    ['a misspelt end', { ...entry, expires: '2027-02-03' }, expect.stringContaining('expires')],
    ['run', { ...entry, run: true }, expect.stringContaining('run')],
    ['a text', 'because', 'it is no mapping']
  ])('%s is a problem', (_, value, got) => {
    const { causes, problems } = parseCauses(JSON.stringify({ 'missing:ss': value }), 'c.yaml')
    expect([causes, problems.map((problem) => problem.got)]).toEqual([[], [got]])
  })

  test.each(['', '[]', '{}', '7', '- a', 'a: [', '*x', 'a: !secret b', 'a: {justification: j}\na: {justification: k}'])(
    'that is none is a problem: %j',
    (text) => expect(problemsOf(text)).toHaveLength(1)
  )
})

const lack = (id: string, cause: string, more: Partial<Unjudged> = {}): Unjudged => ({
  control: id,
  reason: `r of ${cause}`,
  cause,
  lost: false,
  command: 'c',
  ...more
})
const accepted = (cause: string, expires = '2027-01-01'): AcceptedCause => ({ cause, justification: `why ${cause}`, expires })
const TODAY = '2026-11-24'
const target = (lacks: readonly Unjudged[], accepts: readonly AcceptedCause[], status: 'passed' | 'failed' | 'error' | 'skipped' = 'passed'): Judged =>
  judged('t', [control('a', status), control('b', 'passed')], { unjudged: lacks, accepts })

describe('an accepted cause', () => {
  test.each([
    ['leaves the auditor’s status', target([lack('a', 'missing:ss')], [accepted('missing:ss')]), 'passed', ['missing:ss']],
    ['… also of a control that was not reviewed', target([lack('a', 'missing:ss')], [accepted('missing:ss')], 'skipped'), 'skipped', ['missing:ss']],
    ['… and of an error for want of an answer', target([lack('a', 'lost', { lost: true })], [accepted('lost')], 'error'), 'error', ['lost']],
    [
      'several are accepted, each once',
      target([lack('a', 'missing:ss'), lack('a', 'missing:ss'), lack('a', 'more')], [accepted('more'), accepted('missing:ss')]),
      'passed',
      ['missing:ss', 'more']
    ],
    ['another cause still counts', target([lack('a', 'missing:ss'), lack('a', 'missing:ps')], [accepted('missing:ss')]), 'error', ['missing:ss']],
    ['a longer one is another', target([lack('a', 'missing:ss-more')], [accepted('missing:ss')]), 'error', []],
    ['a kind is not all of it', target([lack('a', 'missing:ss')], [accepted('missing')]), 'error', []],
    ['on its last day it has ended', target([lack('a', 'missing:ss')], [accepted('missing:ss', TODAY)]), 'error', []],
    ['after it, too', target([lack('a', 'missing:ss')], [accepted('missing:ss', '2020-01-01')]), 'error', []],
    [
      'of two ends the later one holds',
      target([lack('a', 'missing:ss')], [accepted('missing:ss', '2020-01-01'), accepted('missing:ss')]),
      'passed',
      ['missing:ss']
    ],
    ['a failure is no lack', target([lack('a', 'missing:ss')], [accepted('missing:ss')], 'failed'), 'failed', []]
  ])('%s', (_, given, status, causes) => {
    const [first] = weigh(given, TODAY)
    expect([first?.status, first?.accepted.map(({ cause }) => cause), first?.waived]).toEqual([status, causes, causes.length > 0])
  })

  test('counts and is listed like a waiver, and is said', () => {
    const verdict = judgeBy([target([lack('a', 'missing:ss'), lack('b', 'missing:ss')], [accepted('missing:ss')])], [])
    expect(verdict).toMatchObject({ result: 'passed', accepted: ['t: 2 controls could not see all (missing:ss), accepted until 2027-01-01: why missing:ss'] })
    expect(verdict.targets[0]).toMatchObject({
      waived: 2,
      unjudged: [],
      waivers: ['a', 'b'].map((id) => ({
        control: id,
        cause: 'missing:ss',
        justification: 'why missing:ss',
        expires: '2027-01-01',
        inForce: true,
        skipped: false
      }))
    })
  })

  test.each([
    [2, 'passed'],
    [1, 'not-compliant']
  ])('is held by max-waived: %d', (maxWaived, result) => {
    const waiver = { justification: 'j', expires: undefined, skipped: false, run: false }
    const both = judged('t', [control('a', 'passed', { waiver }), control('b', 'passed')], {
      unjudged: [lack('b', 'missing:ss'), lack('b', 'more')],
      accepts: [accepted('missing:ss'), accepted('more')]
    })
    expect(judgeBy([both], [threshold('failed.total.max: 0')], { maxWaived }).result).toBe(result)
  })

  test('that accepts nothing is told', () => {
    const causes = [accepted('missing:ss'), accepted('missing:ps'), accepted('more', TODAY)]
    const verdict = judgeBy([target([lack('a', 'missing:ss')], causes)], [])
    expect(unusedCauses(verdict, causes, TODAY)).toEqual([
      'unjudged-ok-file: missing:ps accepts nothing: no control is unjudged for it',
      'unjudged-ok-file: more ended on 2026-11-24: it accepts nothing'
    ])
  })
})

describe('a waiver that changes nothing', () => {
  const waiver = { justification: 'j', expires: '2027-01-01', skipped: false, run: true }
  test.each([
    ['a failure with run: true', control('a', 'failed', { waiver }), true],
    ['a failure without run', control('a', 'failed', { waiver: { ...waiver, run: false } }), true],
    ['an error of its own', control('a', 'error', { waiver: { ...waiver, expires: undefined } }), true],
    ['a pass', control('a', 'passed', { waiver }), false],
    ['one that has ended', control('a', 'failed', { waiver: { ...waiver, expires: TODAY } }), false],
    ['one that left the control out', control('a', 'no_impact', { waiver: { ...waiver, skipped: true } }), false]
  ])('%s', (_, one, idle) => {
    expect(judgeBy([judged('t', [one, control('b', 'passed')])], []).targets[0]?.waivers.map((use) => use.idle)).toEqual([idle])
  })

  test('is not one of an unjudged control: that it would accept with an end', () => {
    const one = control('a', 'passed', { waiver: { ...waiver, expires: undefined } })
    expect(judgeBy([judged('t', [one], { unjudged: [lack('a', 'missing:ss')] })], []).targets[0]?.waivers[0]?.idle).toBe(false)
  })
})
