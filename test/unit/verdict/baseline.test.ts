import { describe, expect, test } from '@jest/globals'
import type { Status } from '../../../src/hdf/model.ts'
import type { Baseline, Judged, Verdict } from '../../../src/verdict/model.ts'
import { control, judgeBy, judged, profile, results, threshold } from './sample.ts'

const NAME = 'shop/web/app'
const named = (target: string, statuses: Readonly<Record<string, Status>>, more: Partial<Judged> = {}): Judged =>
  judged(
    target,
    Object.entries(statuses).map(([id, status]) => control(id, status)),
    { stableName: NAME, ...more }
  )
const baseline = (...targets: readonly Judged[]): Baseline => ({ source: 'main/run.json', sha256: 'ab', run: 'earlier', day: '2026-11-01', targets })
const against = (now: Judged, ...earlier: readonly Judged[]): Verdict => judgeBy([now], [], { baseline: baseline(...earlier) })
const ids = (verdict: Verdict, kind: 'worse' | 'fixed' | 'still'): string[] => verdict.baseline?.[kind].map(({ control: id }) => id) ?? []

describe('a control against the baseline', () => {
  const STATUSES: readonly Status[] = ['passed', 'no_impact', 'skipped', 'failed', 'error']
  /** From each status to each: w(orse), f(ixed), s(till), or neither. */
  const EXPECTED: Readonly<Record<Status, string>> = { passed: '--www', no_impact: '--www', skipped: '---ww', failed: 'ffsss', error: 'ffsss' }
  test.each(STATUSES.flatMap((before) => STATUSES.map((now, index) => [before, now, EXPECTED[before][index]] as const)))(
    'from %s to %s: %s',
    (before, now, letter) => {
      const verdict = against(named(NAME, { a: now, ok: 'passed' }), named(NAME, { a: before, ok: 'passed' }))
      expect([ids(verdict, 'worse'), ids(verdict, 'fixed'), ids(verdict, 'still')]).toEqual(['w', 'f', 's'].map((each) => (each === letter ? ['a'] : [])))
      expect(verdict.result).toBe(letter === 'w' ? 'not-compliant' : 'passed')
    }
  )

  test('all that are worse are one violation of the target, with what it was held against', () => {
    const verdict = against(named(NAME, { a: 'failed', b: 'failed', c: 'failed' }), named(NAME, { a: 'passed', b: 'passed', c: 'failed' }))
    expect(verdict.violations).toEqual([
      {
        target: NAME,
        source: 'main/run.json',
        bound: 'baseline',
        expected: 'no control worse than in the run earlier of 2026-11-01',
        actual: '2 worse',
        controls: ['a', 'b']
      }
    ])
    expect(verdict.baseline).toMatchObject({ run: 'earlier', sha256: 'ab', still: [{ control: 'c', before: 'failed', now: 'failed' }] })
  })

  test('one that is no longer run is worse, and so is a new one that is not well', () => {
    const verdict = against(named(NAME, { kept: 'passed', fresh: 'failed', fine: 'passed' }), named(NAME, { kept: 'passed', gone: 'passed' }))
    expect(ids(verdict, 'worse')).toEqual(['fresh', 'gone'])
  })

  test.each(STATUSES)('a new one that is %s is as one that had passed', (status) => {
    const verdict = against(named(NAME, { ok: 'passed', fresh: status }), named(NAME, { ok: 'passed' }))
    expect(ids(verdict, 'worse')).toEqual(EXPECTED.passed[STATUSES.indexOf(status)] === 'w' ? ['fresh'] : [])
  })

  test('one that became unjudged is worse, and the run is unjudged', () => {
    const now = named(NAME, { a: 'passed', b: 'passed' }, { unjudged: [{ control: 'a', reason: 'no ss', cause: 'missing:ss', lost: false, command: 'ss' }] })
    const verdict = against(now, named(NAME, { a: 'passed', b: 'passed' }))
    expect([verdict.result, ids(verdict, 'worse')]).toEqual(['unjudged', ['a']])
  })

  test('of two profiles with the same id each is held against its own', () => {
    const two = (first: Status, second: Status): Judged => ({
      ...named(NAME, {}),
      results: results([control('a', first, { profile: 'p' }), control('a', second, { profile: 'q' })], [profile('p'), profile('q')])
    })
    expect(against(two('failed', 'passed'), two('passed', 'failed')).baseline).toMatchObject({
      worse: [{ profile: 'p', control: 'a' }],
      fixed: [{ profile: 'q', control: 'a' }]
    })
  })
})

describe('what is neither well nor failed', () => {
  const lack = (id: string): Judged['unjudged'] => [{ control: id, reason: 'no ss', cause: 'missing:ss', lost: false, command: 'ss' }]
  const waived = { justification: 'x', expires: '2027-01-01', skipped: true, run: false }
  const judgedAgain = (now: Judged, before: Judged): Verdict => judgeBy([now], [], { baseline: baseline(before), maxUnjudged: 9 })

  test('a control that was unjudged and fails now is worse; one that is unjudged again is not', () => {
    const before = named(NAME, { a: 'passed', b: 'passed' }, { unjudged: [...lack('a'), ...lack('b')] })
    const verdict = judgedAgain(named(NAME, { a: 'failed', b: 'passed' }, { unjudged: lack('b') }), before)
    expect([ids(verdict, 'worse'), verdict.baseline?.worse[0]?.before]).toEqual([['a'], 'unjudged'])
  })

  test('a failure that is waived now is not fixed', () => {
    const now: Judged = { ...named(NAME, {}), results: results([control('a', 'no_impact', { waiver: waived }), control('ok', 'passed')]) }
    const verdict = judgedAgain(now, named(NAME, { a: 'failed', ok: 'passed' }))
    expect([ids(verdict, 'fixed'), verdict.baseline?.still[0]?.now]).toEqual([[], 'waived'])
  })

  test('of two controls of one name the worse counts', () => {
    const two = (...statuses: readonly Status[]): Judged => ({ ...named(NAME, {}), results: results(statuses.map((status) => control('a', status))) })
    expect(ids(judgedAgain(two('passed', 'failed'), two('passed', 'passed')), 'worse')).toEqual(['a'])
    expect(ids(judgedAgain(two('failed', 'passed'), two('passed', 'passed')), 'worse')).toEqual(['a'])
  })

  test('a container that is not scanned any more is named', () => {
    const verdict = against(named(NAME, { a: 'passed' }), named(NAME, { a: 'passed' }), named('shop/db/main', { a: 'passed' }, { stableName: 'shop/db/main' }))
    expect(verdict.baseline?.absent).toEqual(['shop/db/main'])
  })
})

describe('pods of a workload', () => {
  test('each is held against the best of those that bore its stable name', () => {
    const earlier = [named('shop/web-1/app', { a: 'failed', b: 'failed' }), named('shop/web-2/app', { a: 'passed', b: 'failed' })]
    const verdict = against(named('shop/web-9/app', { a: 'failed', b: 'failed' }), ...earlier)
    expect([ids(verdict, 'worse'), ids(verdict, 'still')]).toEqual([['a'], ['b']])
  })
})

describe('thresholds beside a baseline', () => {
  const was = named(NAME, { a: 'failed', b: 'passed' })
  test('the default one does not hold then', () => expect(against(was, was).result).toBe('passed'))
  test('two profiles of one name are not told apart', () => {
    const two = judged(NAME, [], {
      stableName: NAME,
      results: results([control('a', 'failed')], [profile('p', { sha256: 'ab' }), profile('p', { sha256: 'cd' })])
    })
    expect(against(two, two)).toMatchObject({ result: 'unjudged', unjudgedReasons: [expect.stringMatching(/two of its profiles are called p/)] })
  })

  test('the default one holds without', () => expect(judgeBy([was], []).result).toBe('not-compliant'))
  test('a given one holds, too', () => {
    const verdict = judgeBy([was], [threshold('failed.total.max: 0')], { baseline: baseline(was) })
    expect(verdict.violations.map(({ bound }) => bound)).toEqual(['failed.total.max'])
  })
  test('nothing is said of SAF where it would not be asked', () =>
    expect(against(named(NAME, { a: 'failed' }), named(NAME, { a: 'passed' })).safDiffers).toEqual([]))
})

describe('what cannot be compared is unjudged', () => {
  const now = named(NAME, { a: 'passed' })
  const other = (sha256: string): Judged => ({ ...now, results: results([control('a', 'passed')], [profile('p', { sha256 })]) })
  test.each([
    ['a baseline without targets', against(now), 'the baseline main/run.json has no results of shop/web/app'],
    ['a baseline of other containers', against(now, { ...now, stableName: 'shop/other/app' }), 'has no results of shop/web/app'],
    ['a baseline of another profile', against(now, other('cd')), 'is of other profiles than this run: there p (SHA-256 cd), here p (SHA-256 ab)'],
    ['a profile without a digest', against(other(''), other('')), 'its results have no digests of the profiles'],
    ['results of nobody knows whom', against({ ...now, stableName: undefined }, now), 'no run.json beside its results tells which container it is']
  ])('%s', (_, verdict, sentence) => {
    expect(verdict.result).toBe('unjudged')
    expect(verdict.unjudgedReasons.join()).toContain(sentence)
    expect(verdict.unjudgedReasons[0]).toMatch(/^shop\/web\/app: /)
  })
})

test('waivers of the baseline are read on its own day', () => {
  const waived = { justification: 'x', expires: '2026-11-10', skipped: false, run: true }
  const lacks = { unjudged: [{ control: 'a', reason: 'no ss', cause: 'missing:ss', lost: false, command: 'ss' }] }
  const earlier: Judged = { ...named(NAME, {}), results: results([control('a', 'passed', { waiver: waived })]), ...lacks }
  const verdict = against(named(NAME, { a: 'failed' }), earlier)
  expect(ids(verdict, 'worse')).toEqual(['a'])
})
