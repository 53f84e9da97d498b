import { describe, expect, test } from '@jest/globals'
import { attest, parseAttestations } from '../../../src/verdict/attestation.ts'
import { control, judgeBy, judged, many } from './sample.ts'

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
    ['1d', '2026-02-01']
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
      'a.yaml: attestation 2: frequency: it is none of 1d, 2w, 3m, 1y, annually, monthly …',
      'a.yaml: attestation 3: updated: it is no day like 2027-12-31',
      expect.stringMatching(/^a.yaml: attestation 3: .*more/),
      expect.stringMatching(/^a.yaml: attestation 4: /)
    ])
  })

  test.each(['', '[]', '{}', '7', '[', 'a: [', '*x'])('that is none is a problem: %j', (text) => expect(problemsOf(text)).toHaveLength(1))
})

describe('an attestation', () => {
  const target = judged('t', [control('a', 'skipped'), control('b', 'failed'), ...many(1, 'passed')])
  const statusesOf = (entries: Record<string, unknown>[], today = '2026-11-24'): unknown => {
    const { judged: after, unused } = attest([target], read(...entries).entries, today)
    return [after[0]?.results.controls.slice(0, 2).map(({ id, status, attestation }) => [id, status, attestation?.by]), unused]
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

  test('is no evidence: what rests on something that was not seen stays unjudged', () => {
    const unseen = judged('t', [control('a', 'skipped'), ...many(1, 'passed')], {
      unjudged: [{ control: 'a', reason: 'r', cause: 'missing:ss', lost: false, command: 'c' }]
    })
    const { judged: after } = attest([unseen], read(entry()).entries, '2026-11-24')
    expect(judgeBy(after, []).result).toBe('unjudged')
  })
})
