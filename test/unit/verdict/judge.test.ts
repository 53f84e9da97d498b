import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parseResults } from '../../../src/hdf/parse.ts'
import { showCompliance } from '../../../src/verdict/count.ts'
import type { Judged, Unjudged } from '../../../src/verdict/model.ts'
import { todaysBounds } from '../../../src/verdict/todays-bounds.ts'
import { check, control, judgeBy, judged, many, profile, results, threshold } from './sample.ts'

const lack = (id: string): Unjudged => ({ control: id, reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' })
const twelve = judged('web/api/nginx', [
  ...many(8, 'passed'),
  ...many(1, 'failed', 'high'),
  ...many(1, 'skipped', 'low'),
  ...many(1, 'error'),
  ...many(1, 'no_impact', 'none')
])

describe('bounds', () => {
  test.each([
    ['compliance: {min: 72.72}', []],
    ['compliance: {min: 72.73}', ['compliance.min: at least 72.73, 72.72 (failed-high-0 skipped-low-0 error-medium-0)']],
    ['compliance: {max: 72.72}', ['compliance.max: at most 72.72, 72.72 (failed-high-0 skipped-low-0 error-medium-0)']],
    ['compliance: {max: 72.73}', []],
    ['passed: {total: 8}', []],
    [
      'passed: {total: {min: 9}}',
      [
        'passed.total.min: at least 9, 8 (passed-medium-0 passed-medium-1 passed-medium-2 passed-medium-3 passed-medium-4 passed-medium-5 passed-medium-6 passed-medium-7)'
      ]
    ],
    ['failed: {high: {max: 0}}', ['failed.high.max: at most 0, 1 (failed-high-0)']],
    ['failed: {high: 2}', ['failed.high: exactly 2, 1 (failed-high-0)']],
    ['failed: {low: {max: 0}}', []],
    ['failed: {low: {min: 1}}', ['failed.low.min: at least 1, 0 ()']],
    ['no_impact: {none: 1}', []],
    ['no_impact: {total: {max: 0}}', ['no_impact.total.max: at most 0, 1 (no_impact-none-0)']],
    ['skipped: {low: {controls: [skipped-low-0]}}', []],
    ['skipped: {total: {controls: [other]}}', ['skipped.total.controls: exactly other, without other; also skipped-low-0 (other skipped-low-0)']],
    ['error: {total: {controls: []}}', ['error.total.controls: exactly none, also error-medium-0 (error-medium-0)']]
  ])('%s', (text, expected) => {
    const { violations, result } = judgeBy([twelve], [threshold(text)])
    expect(violations.map(({ bound, expected: wanted, actual, controls }) => `${bound}: ${wanted}, ${actual} (${controls.join(' ')})`)).toEqual(expected)
    expect(result).toBe(expected.length === 0 ? 'passed' : 'not-compliant')
  })

  test('all violations of all targets and thresholds at once, by target', () => {
    const bad = many(2, 'failed', 'high')
    const { violations } = judgeBy(
      [judged('b', bad), judged('a', bad)],
      [threshold('failed: {high: {max: 0}, total: {max: 1}}', 'one'), threshold('compliance: {min: 1}', 'two')]
    )
    expect(violations.map(({ target, source, bound }) => `${target} ${source} ${bound}`)).toEqual([
      'a one failed.high.max',
      'a one failed.total.max',
      'a two compliance.min',
      'b one failed.high.max',
      'b one failed.total.max',
      'b two compliance.min'
    ])
  })

  test('a list of ids is not met by the same id of a second profile', () => {
    const target = judged('t', [control('a', 'failed'), control('a', 'failed', { profile: 'q' })], {})
    const both = { ...target, results: results(target.results.controls, [profile('p'), profile('q')]) }
    expect(judgeBy([both], [threshold('failed: {total: {controls: [a]}}')]).result).toBe('not-compliant')
  })

  test('199 of 200 is not 100', () => {
    const target = judged('t', [...many(199, 'passed'), ...many(1, 'failed')])
    const verdict = judgeBy([target], [threshold('compliance: {min: 100}')])
    expect(verdict.result).toBe('not-compliant')
    expect(verdict.violations[0]).toMatchObject({ actual: '99.50', controls: ['failed-medium-0'] })
  })

  test.each([
    [[...many(1, 'failed')], 'not-compliant'],
    [[...many(1, 'error'), ...many(1, 'passed')], 'not-compliant'],
    [[...many(1, 'error')], 'unjudged'],
    [[...many(1, 'skipped')], 'unjudged'],
    [[...many(1, 'skipped'), ...many(1, 'no_impact')], 'unjudged'],
    [[...many(1, 'skipped'), ...many(1, 'passed')], 'passed'],
    [[...many(3, 'passed')], 'passed']
  ])('without a threshold the default one holds (%#)', (controls, expected) => {
    expect(judgeBy([judged('t', controls)], []).result).toBe(expected)
  })
})

describe('counts', () => {
  test('of each target and of all', () => {
    const verdict = judgeBy([judged('b', many(2, 'passed', 'low')), judged('a', [...many(1, 'passed'), ...many(1, 'failed', 'critical')])], [])
    expect(verdict.targets.map(({ target, compliance }) => [target, compliance])).toEqual([
      ['a', 50],
      ['b', 100]
    ])
    expect(verdict.counts.passed).toEqual({ critical: 0, high: 0, medium: 1, low: 2, none: 0, total: 3 })
    expect(verdict.compliance).toBe(75)
  })

  test.each([
    [0, '0.00'],
    [100, '100.00'],
    [99.999999, '99.99'],
    [(100 * 199) / 200, '99.50'],
    [(100 * 2) / 3, '66.66'],
    [57, '57.00'],
    [(100 * 29) / 100, '29.00'],
    [(100 * 4.35) / 100, '4.35']
  ])('%d is shown as %s', (percent, shown) => {
    expect(showCompliance(percent)).toBe(shown)
  })

  test('a waiver counts while it is in force', () => {
    const waiver = { justification: 'j', expires: '2099-01-01', skipped: false, run: true }
    const target = judged('t', [
      control('skipped', 'no_impact', { waiver: { ...waiver, skipped: true } }),
      control('running', 'failed', { waiver }),
      control('endless', 'passed', { waiver: { ...waiver, expires: undefined } }),
      control('ended', 'failed', { waiver: { ...waiver, expires: '2026-11-24' } })
    ])
    const limited = judgeBy([target], [threshold('failed: {total: {max: 9}}')], { maxWaived: 2 })
    expect([limited.result, limited.violations]).toEqual([
      'not-compliant',
      [{ target: 'all containers', source: 'max-waived', bound: 'max-waived', expected: 'at most 2', actual: '3', controls: expect.any(Array) }]
    ])
    expect(judgeBy([target], [threshold('failed: {total: {max: 9}}')], { maxWaived: 3 }).result).toBe('passed')
    expect(judgeBy([target], []).targets[0]?.waivers.filter(({ inForce }) => inForce)).toHaveLength(3)
  })
})

describe('unjudged runs', () => {
  test.each([
    ['no targets', [], ['there are no results']],
    ['no profile', [{ target: 't', results: results([], []), unjudged: [] }], ['t: no profile was run']],
    ['no control', [judged('t', [])], ['t: the profile p has no controls to run']],
    [
      'a skipped profile beside a sound one',
      [judged('t', [], { results: results(many(1, 'passed'), [profile('p'), profile('q', { status: 'skipped', statusMessage: 'not for debian' })]) })],
      ['t: the profile q was skipped: not for debian']
    ],
    [
      'a profile that did not load',
      [judged('t', [], { results: results(many(1, 'passed'), [profile('p'), profile('q', { status: 'failed' })]) })],
      ['t: the profile q did not load']
    ],
    [
      'an empty profile beside a sound one',
      [judged('t', [], { results: results(many(1, 'passed'), [profile('p'), profile('q')]) })],
      ['t: the profile q has no controls to run']
    ],
    ['an empty base of a wrapper', [judged('t', [], { results: results(many(1, 'passed'), [profile('p'), profile('q', { outermost: false })]) })], []],
    [
      'nothing but errors and what rests on nothing',
      [judged('t', [control('a', 'error'), control('b', 'passed')], { unjudged: [lack('b')] })],
      ['t: no control was judged: none passed or failed']
    ],
    ['one of two targets', [judged('b', []), judged('a', [])], ['a: the profile p has no controls to run', 'b: the profile p has no controls to run']]
  ])('%s', (_, targets: readonly Judged[], reasons) => {
    const verdict = judgeBy(targets, [], { maxUnjudged: 1 })
    expect(verdict.unjudgedReasons).toEqual(reasons)
    expect(verdict.result).toBe(reasons.length === 0 ? 'passed' : 'unjudged')
  })

  test('unjudged goes before not compliant', () => {
    const verdict = judgeBy([judged('a', many(1, 'failed')), judged('b', [])], [])
    expect(verdict.violations).toHaveLength(1)
    expect(verdict.result).toBe('unjudged')
  })

  test.each([
    ['empty', 'unjudged'],
    ['skipped', 'unjudged'],
    ['skipped-beside-another', 'unjudged'],
    ['skipped-dependency', 'unjudged'],
    ['overlay', 'not-compliant'],
    ['two-profiles', 'not-compliant']
  ])('the real results `%s` are %s', (name, expected) => {
    const target = { target: name, results: parseResults(readFileSync(`test/fixtures/hdf/${name}.json`), name), unjudged: [] }
    expect(judgeBy([target], []).result).toBe(expected)
  })
})

describe('unjudged controls', () => {
  const waiver = { justification: 'j', expires: '2026-11-25', skipped: false, run: true }
  test.each([
    ['a pass', control('a', 'passed'), 1],
    ['a failure stays one', control('a', 'failed'), 0],
    ['one that was skipped for want of an answer', control('a', 'skipped'), 1],
    ['one that is not applicable for want of an answer', control('a', 'no_impact'), 1],
    ['one that a waiver skipped stays so', control('a', 'no_impact', { waiver: { ...waiver, skipped: true } }), 0],
    ['a waiver accepts it', control('a', 'passed', { waiver }), 0],
    ['… not on its last day', control('a', 'passed', { waiver: { ...waiver, expires: '2026-11-24' } }), 1],
    ['… not after it', control('a', 'passed', { waiver: { ...waiver, expires: '2020-01-01' } }), 1],
    ['… not without an end', control('a', 'passed', { waiver: { ...waiver, expires: undefined } }), 1],
    ['… not without `run: true`', control('a', 'passed', { waiver: { ...waiver, run: false } }), 1]
  ])('%s', (_, first, expected) => {
    const { targets, result } = judgeBy(
      [judged('t', [first, control('b', 'passed')], { unjudged: [lack('a'), lack('a')] })],
      [threshold('compliance: {min: 0}')]
    )
    expect(targets[0]?.counts.error.total).toBe(expected)
    expect(new Set(targets[0]?.unjudged.map((entry) => entry.control)).size).toBe(expected)
    expect(result).toBe(expected === 0 ? 'passed' : 'unjudged')
  })

  test.each([
    [0, 'unjudged'],
    [1, 'unjudged'],
    [2, 'not-compliant'],
    [3, 'not-compliant']
  ])('two of them where %d may be are %s', (maxUnjudged, expected) => {
    const targets = ['a', 'b'].map((name) => judged(name, many(3, 'passed'), { unjudged: [lack('passed-medium-0')] }))
    expect(judgeBy(targets, [], { maxUnjudged }).result).toBe(expected)
  })

  test('an id that two profiles have is two of them', () => {
    const both = [control('a', 'passed'), control('a', 'passed', { profile: 'q' }), control('b', 'passed')]
    const target = judged('t', [], { results: results(both, [profile('p'), profile('q')]), unjudged: [lack('a')] })
    const verdict = (maxUnjudged: number) => judgeBy([target], [threshold('failed.total.max: 0')], { maxUnjudged })
    expect([verdict(1).result, verdict(2).result]).toEqual(['unjudged', 'passed'])
    expect(verdict(1).unjudgedReasons).toEqual(['2 controls rest on what could not be seen, max-unjudged allows 1'])
  })

  test('they lower compliance and meet a bound that allows errors', () => {
    const target = judged('t', many(4, 'passed'), { unjudged: [lack('passed-medium-0')] })
    const verdict = judgeBy([target], [threshold('compliance: {min: 75}\nerror: {total: {max: 1}}')], { maxUnjudged: 1 })
    expect(verdict).toMatchObject({ result: 'passed', compliance: 75 })
  })
})

describe('where plain SAF would have said otherwise', () => {
  const note = (targets: readonly Judged[], text: string, more: Parameters<typeof judgeBy>[2] = {}): readonly string[] =>
    judgeBy(targets, [threshold(text)], more).safDiffers
  const two = [profile('p'), profile('q')]
  const second = results([control('a', 'passed'), control('b', 'failed', { profile: 'q' })], two)
  const unmet = control('n', 'no_impact', { checks: [check('error', 'N/A control due to only_applicable_if condition')] })

  test.each<[string, readonly Judged[], string, readonly string[]]>([
    ['both pass', [judged('t', many(1, 'passed'))], 'failed: {total: 0}', []],
    ['both fail', [judged('t', many(1, 'failed'))], 'failed: {total: 0}', []],
    [
      'rounding up',
      [judged('t', [...many(199, 'passed'), ...many(1, 'failed')])],
      'compliance: {min: 100}',
      ['t: plain SAF would have said passed: it rounds compliance (99.500)']
    ],
    [
      'rounding down',
      [judged('t', [...many(2, 'passed'), ...many(1, 'failed')])],
      'compliance: {max: 66.9}',
      ['t: plain SAF would have said failed: it rounds compliance (66.667)']
    ],
    [
      'a second profile',
      [judged('t', [], { results: second })],
      'failed: {total: {max: 0}}',
      ['t: plain SAF would have said passed: it judges the first profile only']
    ],
    [
      'a bound of 0 that it leaves out',
      [judged('t', many(1, 'passed'))],
      'compliance: {max: 0}',
      ['t: plain SAF would have said passed: it does not check compliance.max of 0']
    ],
    ['a bound of 0 that it checks', [judged('t', many(1, 'failed', 'high'))], 'failed: {high: {max: 0}}', []],
    ['a scalar', [judged('t', many(1, 'failed', 'high'))], 'failed: {high: 2}', ['t: plain SAF would have said passed: it does not check failed.high']],
    [
      'no_impact.total',
      [judged('t', [...many(1, 'passed'), ...many(1, 'no_impact')])],
      'no_impact: {total: {max: 0}}',
      ['t: plain SAF would have said passed: it does not check no_impact.total.max of 0']
    ],
    [
      'total.controls',
      [judged('t', many(1, 'passed'))],
      'passed: {total: {controls: []}}',
      ['t: plain SAF would have said passed: it does not check passed.total.controls']
    ],
    [
      'an empty profile',
      [judged('t', [])],
      'failed: {total: 0}',
      ['t: plain SAF would have said passed: it does not ask whether each profile ran and judged anything']
    ],
    [
      'unjudged controls',
      [judged('t', many(2, 'passed'), { unjudged: [lack('passed-medium-0')] })],
      'error: {total: 0}',
      ['t: plain SAF would have said passed: it counts 1 unjudged control as passed']
    ],
    [
      'only_applicable_if',
      [judged('t', [...many(1, 'passed'), unmet])],
      'error: {total: 0}',
      ['t: plain SAF would have said failed: it counts controls whose only_applicable_if is not met as errors']
    ]
  ])('%s', (_, targets, text, expected) => {
    expect(note(targets, text)).toEqual(expected)
  })

  test('unjudged controls that no bound speaks of, in a run with too many', () => {
    const target = judged('t', many(2, 'passed'), { unjudged: [lack('passed-medium-0')] })
    expect(note([judged('t', many(2, 'passed'))], 'failed: {high: {controls: []}}')).toEqual([
      't: plain SAF would have said failed: it fails every empty list of controls'
    ])
    expect(note([target], 'failed: {total: 0}')).toEqual(['t: plain SAF would have said passed: it counts 1 unjudged control as passed'])
    expect(note([target], 'failed: {total: 0}', { maxUnjudged: 1 })).toEqual([])
  })
})

describe('the bounds that today would meet', () => {
  const targets = [twelve, judged('other', [...many(3, 'passed', 'high'), ...many(4, 'failed', 'low'), ...many(2, 'no_impact')])]

  test('hold today', () => {
    const bounds = threshold(todaysBounds(judgeBy(targets, [])))
    expect(bounds.bounds.length).toBeGreaterThan(15)
    expect(judgeBy(targets, [bounds]).violations).toEqual([])
  })

  test('do not hold with one failure more, or one pass less', () => {
    const bounds = threshold(todaysBounds(judgeBy([twelve], [])))
    const more = { ...twelve, results: results([...twelve.results.controls, ...many(1, 'failed', 'critical')]) }
    const less = { ...twelve, results: results(twelve.results.controls.slice(1)) }
    expect(judgeBy([more], [bounds]).violations.map(({ bound }) => bound)).toEqual(['compliance.min', 'failed.critical.max', 'failed.total.max'])
    expect(judgeBy([less], [bounds]).violations.map(({ bound }) => bound)).toEqual(['compliance.min', 'passed.total.min'])
  })

  test('are none without targets', () => {
    expect(todaysBounds(judgeBy([], []))).toBe('')
  })
})

describe('all containers together', () => {
  const web = judged('web', [...many(3, 'passed'), ...many(1, 'failed')])
  const db = judged('db', [...many(4, 'passed')])
  const whole = (text: string) => judgeBy([web, db], [], { totals: [threshold(text, 'total-threshold')] })

  test('are held against the totals by the sum of their counts, and each by none of these', () => {
    expect(whole('failed.total.max: 1, compliance.min: 87.5').result).toBe('passed')
    expect(whole('failed.total.max: 0, compliance.min: 88').violations).toMatchObject([
      { target: 'all containers', source: 'total-threshold', bound: 'failed.total.max', actual: '1', controls: ['failed-medium-0'] },
      { target: 'all containers', bound: 'compliance.min', actual: '87.50' }
    ])
  })

  test.each([
    ['[]', ['a']],
    ['[a]', []],
    ['[a, b]', ['b']]
  ])('a list of what failed in any of them is not met by what passed in another: %s', (list, violated) => {
    const all = [judged('one', [control('a', 'failed'), control('b', 'passed')]), judged('two', [control('a', 'passed'), control('b', 'passed')])]
    const { violations } = judgeBy(all, [], { totals: [threshold(`failed: {total: {controls: ${list}}}`)] })
    expect(violations.flatMap(({ controls }) => controls)).toEqual(violated)
  })

  test('a list names a control once that several of them have alike', () => {
    const all = ['one', 'two'].map((name) => judged(name, [control('a', 'failed')]))
    expect(judgeBy(all, [], { totals: [threshold('failed: {total: {controls: [a], max: 2}}')] }).violations).toEqual([])
  })

  test('a threshold holds for each beside them', () => {
    const both = judgeBy([web, db], [threshold('failed.total.max: 0')], { totals: [threshold('passed.total.min: 8', 'total-threshold')] })
    expect(both.violations.map(({ target, bound }) => [target, bound])).toEqual([
      ['web', 'failed.total.max'],
      ['all containers', 'passed.total.min']
    ])
  })
})

describe('what unjudged-ok accepts', () => {
  const with_ = (...profiles: readonly ReturnType<typeof profile>[]): Judged => ({
    ...judged('t', []),
    results: results(many(1, 'passed'), [profile('p'), ...profiles])
  })
  const alone = (one: ReturnType<typeof profile>): Judged => ({ ...judged('t', []), results: results([], [one]) })
  const empty = profile('e')
  const skipped = profile('s', { status: 'skipped', statusMessage: 'for windows' })
  const failed = profile('f', { status: 'failed' })
  const ask = (target: Judged, ...unjudgedOk: readonly ('empty-profile' | 'skipped-profile')[]) => judgeBy([target], [], { unjudgedOk })

  test.each([
    ['an empty profile', with_(empty), 'empty-profile', 't: the profile e has no controls to run (unjudged-ok accepts it: empty-profile)'],
    ['a skipped profile', with_(skipped), 'skipped-profile', 't: the profile s was skipped: for windows (unjudged-ok accepts it: skipped-profile)'],
    ['nothing but an empty profile', alone(empty), 'empty-profile', 't: the profile e has no controls to run (unjudged-ok accepts it: empty-profile)'],
    ['nothing but a skipped profile', alone(skipped), 'skipped-profile', 't: the profile s was skipped: for windows (unjudged-ok accepts it: skipped-profile)']
  ] as const)('%s passes, and is said', (_, target, word, sentence) => {
    const other = word === 'empty-profile' ? 'skipped-profile' : 'empty-profile'
    expect([ask(target).result, ask(target, other).result]).toEqual(['unjudged', 'unjudged'])
    expect(ask(target, word)).toMatchObject({ result: 'passed', accepted: [sentence], unjudgedReasons: [] })
  })

  test('a profile that did not load is accepted by nothing', () => {
    expect(ask(with_(failed), 'empty-profile', 'skipped-profile')).toMatchObject({ result: 'unjudged', accepted: [] })
    expect(ask(alone(failed), 'empty-profile', 'skipped-profile')).toMatchObject({ result: 'unjudged', accepted: [] })
  })

  test('no profile at all, and controls that were not judged, are accepted by nothing', () => {
    const none: Judged = { ...judged('t', []), results: { ...results([], []), profiles: [] } }
    expect(ask(none, 'empty-profile', 'skipped-profile').result).toBe('unjudged')
    expect(ask(judged('t', many(2, 'skipped')), 'empty-profile', 'skipped-profile').result).toBe('unjudged')
    expect(ask({ ...judged('t', []), results: results(many(1, 'skipped'), [profile('p'), skipped]) }, 'skipped-profile').result).toBe('unjudged')
  })
})
