import { describe, expect, test } from '@jest/globals'
import { localDay } from '../../../src/kernel/clock.ts'
import { attest, parseAttestations } from '../../../src/verdict/attestation.ts'
import { control, judgeBy, judged, many, threshold } from './sample.ts'

const entry = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  control_id: 'a',
  explanation: 'looked at by hand',
  frequency: '1y',
  status: 'passed',
  updated: '2026-01-31',
  updated_by: 'Security',
  ...more
})
const read = (...entries: Record<string, unknown>[]) => parseAttestations(JSON.stringify(entries), 'a.yaml')
const problemsOf = (text: string): string[] => parseAttestations(text, 'a.yaml').problems.map(({ name, got }) => `${name}: ${got}`)

describe('an attestation file of SAF', () => {
  test.each([
    ['1y', '2027-01-31'],
    ['annually', '2027-01-31'],
    ['semiannually', '2026-07-31'],
    ['quarterly', '2026-04-30'],
    ['monthly', '2026-02-28'],
    ['1m', '2026-02-28'],
    ['fortnightly', '2026-02-14'],
    ['2w', '2026-02-14'],
    ['every3days', '2026-02-03'],
    ['1d', '2026-02-01'],
    ['1.5y', '2027-07-31'],
    ['1.3y', '2027-05-31'], // 15.6 months
    ['0.5m', '2026-02-28'],
    ['2.5w', '2026-02-18'], // 17.5 days
    ['1.5d', '2026-02-02'],
    ['1.y', '2027-01-31'],
    ['2 w', '2026-02-14'],
    [' 3  m ', '2026-04-30'],
    ['6 months', '2026-07-31'],
    ['1 year', '2027-01-31'],
    ['10 days', '2026-02-10'],
    ['1.5years', '2027-07-31'],
    ['1.5 years', '2027-07-31'],
    ['3months', '2026-01-31'], // no time, as in SAF
    ['2weeks', '2026-01-31']
  ])('holds for %s until %s', (frequency, expires) => expect(read(entry({ frequency })).entries[0]?.expires).toBe(expires))

  test('is a list or a mapping, YAML or JSON', () => {
    const yaml = '- control_id: a\n  explanation: e\n  frequency: 1d\n  status: failed\n  updated: 2026-11-24T10:00:00Z\n  updated_by: b\n'
    expect(parseAttestations(yaml, 'a.yaml')).toEqual({
      entries: [{ control: 'a', status: 'failed', explanation: 'e', by: 'b', updated: '2026-11-24', expires: '2026-11-25' }],
      problems: []
    })
    expect(parseAttestations(JSON.stringify({ x: entry() }), 'a.json').entries).toHaveLength(1)
  })

  test('whose entries are not as they must be names every problem', () => {
    expect(problemsOf(JSON.stringify([entry({ status: 'maybe' }), entry({ frequency: 'sometimes' }), entry({ updated: 'soon', more: 1 }), 7]))).toEqual([
      expect.stringMatching(/^a.yaml: attestation 1: status: /),
      'a.yaml: attestation 2: frequency: it is none of 1d, 2w, 3m, 1.5y, annually, monthly …',
      'a.yaml: attestation 3: updated: it is no day like 2027-12-31',
      expect.stringMatching(/^a.yaml: attestation 3: .*more/),
      expect.stringMatching(/^a.yaml: attestation 4: /)
    ])
  })

  test.each(['1Y', '1M', 'Annually', '1,5y', '1e3d', '.5y', '-1y', '0d', '0.0y', '1', 'y', '1x5y', '5min', '2 decades', 'P1Y', '1y2m', '12345y'])(
    'no frequency is %j',
    (frequency) => expect(problemsOf(JSON.stringify([entry({ frequency })]))).toHaveLength(1)
  )

  test('may say in our own field which container it is of', () => {
    expect(read(entry({ target: 'shop/web/app' })).entries[0]?.target).toBe('shop/web/app')
    expect(problemsOf(JSON.stringify([entry({ target: '' }), entry({ target: ['a'] })]))).toHaveLength(2)
  })

  test.each(['2026-03-01T23:30:00-11:00', '2026-03-01T00:30:00+14:00', '2026-03-01 04:00:00.000Z', '2026-03-01T12:00Z'])(
    'a time with a zone is of the day here: %s',
    (updated) => expect(read(entry({ updated })).entries[0]?.updated).toBe(localDay(Date.parse(updated)))
  )

  test.each(['2026-03-01', '2026-03-01T23:30:00', '2026-03-01 00:00'])('without a zone it is that day: %s', (updated) =>
    expect(read(entry({ updated })).entries[0]?.updated).toBe('2026-03-01')
  )

  test.each(['', '[]', '{}', '7', '[', 'a: [', '*x'])('that is none is a problem: %j', (text) => expect(problemsOf(text)).toHaveLength(1))
})

describe('an attestation', () => {
  const target = judged('t', [control('a', 'skipped'), control('b', 'failed'), ...many(1, 'passed')])
  const statusesOf = (entries: Record<string, unknown>[], today = '2026-11-24'): unknown => {
    const { judged: after, unused } = attest([target], read(...entries).entries, today)
    return [after[0]?.results.controls.slice(0, 2).map(({ id, status, attestations }) => [id, status, attestations[0]?.by]), unused]
  }

  test('counts for a control that was not reviewed', () =>
    expect(statusesOf([entry()])).toEqual([
      [
        ['a', 'passed', 'Security'],
        ['b', 'failed', undefined]
      ],
      []
    ]))

  test.each([
    ['has ended', entry({ updated: '2025-11-24' }), 'the attestation of a ended on 2026-11-24: it attests nothing'],
    [
      'SAF gives no time',
      entry({ frequency: '3months', updated: '2026-11-20' }),
      'the attestation of a attests nothing: SAF reads its frequency as no time at all. Write a blank before the unit, or its first letter alone'
    ],
    ['is of the day after tomorrow', entry({ updated: '2026-11-26' }), 'the attestation of a is of 2026-11-26, which is still to come: it attests nothing'],
    ['is of another container', entry({ target: 'u' }), 'the attestation of a in u attests nothing: no container is called that'],
    ['is still to come', entry({ updated: '2062-11-24' }), 'the attestation of a is of 2062-11-24, which is still to come: it attests nothing'],
    ['no control has', entry({ control_id: 'z' }), 'the attestation of z attests nothing: no control has that id'],
    ['is of a failure', entry({ control_id: 'b' }), 'the attestation of b attests nothing: the control was reviewed or does not apply']
  ])('that %s counts nowhere, and that is said', (_what, given, said) =>
    expect(statusesOf([given])).toEqual([
      [
        ['a', 'skipped', undefined],
        ['b', 'failed', undefined]
      ],
      [said]
    ])
  )

  test('of a day that has begun elsewhere counts', () =>
    expect(statusesOf([entry({ updated: '2026-11-25' })])).toMatchObject([[['a', 'passed', 'Security'], {}], []]))

  test('finds its control as SAF does, in any case of letters', () =>
    expect(statusesOf([entry({ control_id: 'A' })])).toMatchObject([[['a', 'passed', 'Security'], {}], []]))

  const passes = entry({ updated: '2026-11-23', updated_by: 'Ops' })
  const fails = entry({ status: 'failed', updated: '2026-01-01', updated_by: 'Auditor', explanation: 'the door is open' })
  const older = entry({ updated: '2026-02-01', updated_by: 'Intern' })
  const over = entry({ status: 'failed', updated: '2025-01-01', updated_by: 'Nobody' })
  test.each([
    ['the failure first', [fails, passes, older]],
    ['the failure last', [passes, older, fails]],
    ['among one that has ended', [over, older, passes, fails]]
  ])('of several the worst counts, and all are listed: %s', (_, entries) => {
    const { judged: after } = attest([target], read(...entries).entries, '2026-11-24')
    const [first] = after[0]?.results.controls ?? []
    expect(first?.status).toBe('failed')
    expect(first?.attestations.map(({ by }) => by)).toEqual(['Auditor', 'Ops', 'Intern'])
    expect(first?.checks.slice(1).map(({ status, description, message }) => [status, description, message])).toEqual([
      ['failed', 'Attested as failed by Auditor on 2026-01-01, until 2027-01-01', 'the door is open'],
      ['passed', 'Attested as passed by Ops on 2026-11-23, until 2027-11-23', 'looked at by hand'],
      ['passed', 'Attested as passed by Intern on 2026-02-01, until 2027-02-01', 'looked at by hand']
    ])
  })

  test('one that has ended does not make a failure', () => {
    const { judged: after } = attest([target], read(over, passes).entries, '2026-11-24')
    expect(after[0]?.results.controls[0]?.status).toBe('passed')
  })

  test('counts in the container that it names: by its name in the run, its stable name, or its name in the run that is judged again', () => {
    const controls = [control('a', 'skipped')]
    const targets = [
      judged('shop/web-1/app', controls, { stableName: 'shop/web/app' }),
      judged('shop/db/app', controls, { stableName: 'shop/db/app' }),
      judged('old/hdf/x.json', controls, { stableName: 'shop/api/app', of: { run: 'r', name: 'shop/api-7/app' } })
    ]
    const attestedIn = (name: string): string[] =>
      attest(targets, read(entry({ target: name })).entries, '2026-11-24').judged.flatMap(({ target: each, results }) =>
        results.controls.some(({ status }) => status === 'passed') ? [each] : []
      )
    expect(['shop/web-1/app', 'shop/web/app', 'shop/db/app', 'shop/api-7/app', 'shop/api/app', 'old/hdf/x.json', 'x'].map(attestedIn)).toEqual([
      ['shop/web-1/app'],
      ['shop/web-1/app'],
      ['shop/db/app'],
      ['old/hdf/x.json'],
      ['old/hdf/x.json'],
      ['old/hdf/x.json'],
      []
    ])
  })

  test('is no difference to SAF, which is told of it otherwise', () => {
    const { judged: after } = attest([target], read(fails).entries, '2026-11-24')
    expect(judgeBy(after, [threshold('skipped.total.max: 0, failed.total.max: 2')]).safDiffers).toEqual([])
  })

  test('is no evidence: what rests on something that was not seen stays unjudged', () => {
    const unseen = judged('t', [control('a', 'skipped'), ...many(1, 'passed')], {
      unjudged: [{ control: 'a', reason: 'r', cause: 'missing:ss', lost: false, command: 'c' }]
    })
    const { judged: after } = attest([unseen], read(entry()).entries, '2026-11-24')
    expect(judgeBy(after, []).result).toBe('unjudged')
  })
})
