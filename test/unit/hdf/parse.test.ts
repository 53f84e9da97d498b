import { describe, expect, test } from '@jest/globals'
import type { Results } from '../../../src/hdf/model.ts'
import { parseResults } from '../../../src/hdf/parse.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { processorTime } from '../../support/processor-time.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Given {
  readonly [key: string]: unknown
}
const control = (id: string, more: Given = {}): Given => ({ id, impact: 0.5, tags: {}, results: [{ status: 'passed', code_desc: 'x' }], ...more })
const profile = (name: string, controls: readonly Given[], more: Given = {}): Given => ({ name, status: 'loaded', controls, ...more })
const report = (...profiles: readonly Given[]): Given => ({
  version: '5.24.24',
  platform: { name: 'debian', release: '12' },
  profiles,
  statistics: { duration: 1 }
})
const parse = (given: unknown): Results => parseResults(bytes(JSON.stringify(given)), 'web/nginx')
const only = (more: Given): Results['controls'][number] | undefined => parse(report(profile('p', [control('c', more)]))).controls[0]

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const failed = { status: 'failed', code_desc: 'x', message: 'no' }
const broken = { ...failed, backtrace: ['a.rb:1'] }
const noop = { ...broken, resource_class: 'noop', message: 'N/A control due to only_applicable_if condition: no' }
const passed = { status: 'passed', code_desc: 'x' }
const skipped = { status: 'skipped', code_desc: 'x', skip_message: 'why' }
const waived = { waiver_data: { justification: 'j', skipped_due_to_waiver: true } }

describe('a control whose checks were left out', () => {
  const left = { ...skipped, resource_class: 'noop' }
  test.each([
    ['by only_if', { results: [left] }, true],
    ['by only_if, with an impact of 0', { impact: 0, results: [left] }, true],
    ['by only_applicable_if', { impact: 0, results: [noop] }, true],
    ['by nothing: it skips itself', { results: [skipped] }, false],
    ['by nothing: it checks noop', { results: [{ ...passed, resource_class: 'noop' }] }, false],
    ['by nothing: an error of noop', { results: [noop] }, false],
    ['by nothing: another check ran', { results: [left, passed] }, false],
    ['by nothing: no results', { impact: 0, results: [] }, false]
  ])('%s', (_, more, expected) => {
    expect(only(more)?.unmet).toBe(expected)
  })
})

test.each([0, 999, 1000, 2500])('a fault in a long list is told by its place, as that of %i', (index) => {
  const results = Array.from({ length: 2600 }, (_, each) => (each === index ? { status: 'perhaps' } : passed))
  expect(() => only({ results })).toThrow(`profiles.0.controls.0.results.${index}.status: `)
})

describe('the file of a control', () => {
  const ref = { source_location: { ref: '/p/controls/x.rb', line: 1 } }
  const lib = { source_location: { ref: '/gems/inspec/control_eval_context.rb', line: 92 } }
  test.each([
    ['of a name', 'c', ref, '/p/controls/x.rb'],
    ['without any place', 'c', {}, ''],
    ['without a name', '(generated from p/controls/a.rb:4 1)', lib, 'controls/a.rb'],
    ['without a name, in a folder', '(generated from p/controls/b/a.rb:12 30)', lib, 'controls/b/a.rb'],
    ['without a name, by an auditor without our plugin', '(generated from a.rb:4 605c7ebe746867e2d5d6cbcd96efb132)', lib, lib.source_location.ref],
    ['of a name that begins like one without', '(generated from p/controls/a.rb:4 1) or so', ref, '/p/controls/x.rb']
  ])('%s', (_, id, more, expected) => {
    expect(parse(report(profile('p', [control(id, more)]))).controls[0]?.file).toBe(expected)
  })
})

describe('the status of a control', () => {
  test.each([
    ['passed', { results: [passed, passed] }, 'passed'],
    ['one failed', { results: [passed, failed] }, 'failed'],
    ['one skipped beside a pass', { results: [passed, skipped] }, 'passed'],
    ['all skipped', { results: [skipped] }, 'skipped'],
    ['failed beside an error', { results: [failed, broken] }, 'error'],
    ['a pass with a backtrace', { results: [{ ...passed, backtrace: ['x'] }] }, 'error'],
    ['status error', { results: [{ status: 'error' }] }, 'error'],
    ['no results', { results: [] }, 'error'],
    ['no key results', { results: null }, 'error'],
    ['impact 0', { impact: 0, results: [failed] }, 'no_impact'],
    ['impact 0 but an error', { impact: 0, results: [broken] }, 'error'],
    ['impact 0 without results', { impact: 0, results: [] }, 'no_impact'],
    ['waived', { ...waived, results: [skipped] }, 'no_impact'],
    ['waived, without results', { ...waived, results: [] }, 'no_impact'],
    ['waived but an error', { ...waived, results: [broken] }, 'error'],
    ['only_applicable_if not met', { impact: 0, results: [noop] }, 'no_impact'],
    ['only_applicable_if not met beside an error', { impact: 0, results: [noop, broken] }, 'error'],
    ['a noop error with an impact', { impact: 0.5, results: [noop] }, 'error']
  ])('%s', (_, more, expected) => {
    expect(only(more)?.status).toBe(expected)
  })
})

describe('the severity of a control', () => {
  test.each([
    [{ severity: 'high' }, 0.1, 'high'],
    [{ severity: 'HIGH' }, 0.1, 'high'],
    [{ severity: ' Critical ' }, 0.1, 'critical'],
    [{ severity: 'none' }, 0.9, 'none'],
    [{ severity: 'low', severityoverride: 'High' }, 0.1, 'high'],
    [{ severity: 'low', severityoverride: 'nonsense' }, 0.9, 'low'],
    [{ severity: 'CAT I' }, 0.1, 'high'],
    [{ severity: 'cat ii' }, 0.1, 'medium'],
    [{ severity: 'CAT III' }, 0.9, 'low'],
    [{ severity: 3 }, 0.9, 'critical'],
    [{ severity: ['high'] }, 0.3, 'low'],
    [{ severity: null }, 0.5, 'medium'],
    [{ severity: 'constructor' }, 0.5, 'medium'],
    [{}, 0.09, 'none'],
    [{}, 0.1, 'low'],
    [{}, 0.4, 'medium'],
    [{}, 0.7, 'high'],
    [{}, 0.9, 'critical'],
    [{}, 7, 'critical']
  ])('tags %j and impact %d make %s', (tags, impact, expected) => {
    expect(only({ tags, impact })?.severity).toBe(expected)
  })
})

describe('the waiver of a control', () => {
  test.each([
    ['none', {}, undefined],
    ['without justification', { expiration_date: '2099-01-01', run: true }, undefined],
    ['with all', { justification: 'j', expiration_date: '2099-01-01', run: true }, { justification: 'j', expires: '2099-01-01', skipped: false, run: true }],
    [
      'with a time',
      { justification: 'j', expiration_date: '2099-01-01 00:00:00 +0000' },
      { justification: 'j', expires: '2099-01-01', skipped: false, run: false }
    ],
    [
      'with a text for a date',
      { justification: 'j', expiration_date: 'never', run: true },
      { justification: 'j', expires: undefined, skipped: false, run: true }
    ],
    [
      'with markup for a date',
      { justification: 'j', expiration_date: '</details>', run: true },
      { justification: 'j', expires: undefined, skipped: false, run: true }
    ],
    [
      'with a day that is not',
      { justification: 'j', expiration_date: '2099-02-31', run: true },
      { justification: 'j', expires: undefined, skipped: false, run: true }
    ],
    ['with `run` as a text', { justification: 'j', run: 'true' }, { justification: 'j', expires: undefined, skipped: false, run: true }]
  ])('%s', (_, waiver_data, expected) => {
    expect(only({ waiver_data })?.waiver).toEqual(expected)
  })
})

describe('profiles that wrap others', () => {
  const empty = (id: string): Given => control(id, { results: [] })
  const statuses = (...profiles: readonly Given[]): string[] =>
    parse(report(...profiles)).controls.map(({ profile, id, status }) => `${profile}/${id} ${status}`)

  test.each([
    [
      'the base lends its results',
      [profile('top', [empty('a')]), profile('base', [control('a', { results: [failed] })], { parent_profile: 'top' })],
      ['top/a failed']
    ],
    [
      'the wrapper may come last',
      [profile('base', [control('a', { results: [failed] })], { parent_profile: 'top' }), profile('top', [empty('a')])],
      ['top/a failed']
    ],
    [
      'a control of the base alone counts',
      [profile('top', []), profile('base', [control('a', { results: [failed] })], { parent_profile: 'top' })],
      ['top/a failed']
    ],
    [
      'a failure of the wrapper is not hidden by a pass of the base',
      [profile('top', [control('a', { results: [failed] })]), profile('base', [control('a')], { parent_profile: 'top' })],
      ['top/a failed']
    ],
    [
      'a failure in one base is not hidden by a pass in another',
      [
        profile('top', [empty('a')]),
        profile('one', [control('a', { results: [failed] })], { parent_profile: 'top' }),
        profile('two', [control('a')], { parent_profile: 'top' })
      ],
      ['one/a failed', 'two/a passed']
    ],
    [
      'a failure that is worse in one base than in another is not hidden',
      [
        profile('top', [empty('a'), control('b')]),
        profile('one', [control('a', { results: [failed], impact: 1 })], { parent_profile: 'top' }),
        profile('two', [control('a', { results: [broken], impact: 0.1 })], { parent_profile: 'top' })
      ],
      ['top/b passed', 'one/a failed', 'two/a error']
    ],
    [
      'a control without a check in one base is not hidden by a pass in another',
      [profile('top', [empty('a')]), profile('one', [empty('a')], { parent_profile: 'top' }), profile('two', [control('a')], { parent_profile: 'top' })],
      ['one/a error', 'two/a passed']
    ],
    ['an id twice in one profile counts twice', [profile('base', [empty('a'), control('a')])], ['base/a error', 'base/a passed']],
    [
      'an error in one base is not hidden by a control that is not applicable in another',
      [
        profile('top', [empty('a')]),
        profile('one', [control('a', { results: [broken] })], { parent_profile: 'top' }),
        profile('two', [control('a', { impact: 0 })], { parent_profile: 'top' })
      ],
      ['one/a error', 'two/a no_impact']
    ],
    [
      'without results anywhere the base says whether it was waived',
      [profile('top', [empty('a')]), profile('base', [control('a', { ...waived, results: [] })], { parent_profile: 'top' })],
      ['top/a no_impact']
    ],
    ['an unknown parent is none', [profile('base', [control('a')], { parent_profile: 'gone' })], ['base/a passed']],
    ['without results anywhere it is an error', [profile('top', [empty('a')]), profile('base', [empty('a')], { parent_profile: 'top' })], ['top/a error']]
  ])('%s', (_, profiles, expected) => {
    expect(statuses(...profiles)).toEqual(expected)
  })

  const OUTCOMES: readonly (readonly [string, Given])[] = [
    ['no_impact', { impact: 0 }],
    ['passed', {}],
    ['skipped', { results: [skipped] }],
    ['failed', { results: [failed] }],
    ['error', { results: [broken] }]
  ]
  test.each(OUTCOMES.flatMap(([outer, own], index) => OUTCOMES.map(([inner, base], other) => [outer, inner, own, base, Math.max(index, other)] as const)))(
    '%s in the wrapper and %s in the base count as the worse',
    (_outer, _inner, own, base, worst) => {
      const profiles = [profile('top', [control('a', own)]), profile('base', [control('a', base)], { parent_profile: 'top' })]
      expect(statuses(...profiles)).toEqual([`top/a ${OUTCOMES[worst]?.[0]}`])
    }
  )

  test.each([
    ['a profile that is its own parent', [profile('a', [control('c', { results: [failed] })], { parent_profile: 'a' })]],
    [
      'two that are each the parent of the other, beside a sound one',
      [
        profile('sound', [control('x')]),
        profile('a', [control('c', { results: [failed] })], { parent_profile: 'b' }),
        profile('b', [], { parent_profile: 'a' })
      ]
    ]
  ])('%s cannot vanish', (_, profiles) => {
    const outcome = thrownBy(() => statuses(...profiles))
    expect(outcome instanceof ScanError ? outcome.code : outcome).toBe('RESULTS_UNREADABLE')
  })

  test('more than a hundred that wrap each other cannot be read', () => {
    const chain = (length: number): Given[] => Array.from({ length }, (_, index) => profile(`p${index}`, [control('a')], { parent_profile: `p${index - 1}` }))
    expect(statuses(...chain(100))).toEqual(['p0/a passed'])
    expect(() => statuses(...chain(101))).toThrow('more than 100 profiles wrap each other')
  })

  test('thousands of profiles side by side are read in a moment', () => {
    const many = Array.from({ length: 5000 }, (_, index) => profile(`p${index}`, [control(`c${index}`)], { parent_profile: 'top' }))
    expect(processorTime(() => expect(statuses(profile('top', []), ...many)).toHaveLength(5000))).toBeLessThan(1000)
  })

  test('thousands of controls in three layers are read in a moment', () => {
    const ids = Array.from({ length: 5000 }, (_, index) => `c${index}`)
    const layers = [
      profile('a', ids.map(empty)),
      profile('b', ids.map(empty), { parent_profile: 'a' }),
      profile(
        'c',
        ids.map((id) => control(id)),
        { parent_profile: 'b' }
      )
    ]
    expect(processorTime(() => expect(parse(report(...layers)).controls).toHaveLength(5000))).toBeLessThan(3000)
  })
})

describe('what is not results', () => {
  const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
  test.each([
    ['nothing', ''],
    ['not JSON', 'oops'],
    ['half of it', JSON.stringify(report(profile('p', [control('c')]))).slice(0, -5)],
    ['null', 'null'],
    ['a list', '[]'],
    ['no profiles', JSON.stringify({ version: '1', platform: {} })],
    ['profiles that are no list', JSON.stringify({ version: '1', platform: {}, profiles: {} })],
    ['an unknown status', JSON.stringify(report(profile('p', [control('c', { results: [{ status: 'Passed' }] })])))],
    ['no status', JSON.stringify(report(profile('p', [control('c', { results: [{}] })])))],
    ['no id', JSON.stringify(report(profile('p', [{ impact: 1, results: [] }])))],
    ['no impact', JSON.stringify(report(profile('p', [{ id: 'c', results: [] }])))],
    ['an impact beyond numbers', JSON.stringify(report(profile('p', [control('c', { impact: 12345 })]))).replace('12345', '1e999')],
    ['nothing but depth', deep(200_000)],
    ['bytes that are no text', '\u0000']
  ])('%s', (_, text) => {
    const error = thrownBy(() => parseResults(bytes(text), 'web/nginx'))
    expect(error).toBeInstanceOf(ScanError)
    expect(error).toMatchObject({ code: 'RESULTS_UNREADABLE', exitCode: 3 })
    expect(error instanceof Error ? error.message : '').toContain('web/nginx')
  })

  test('an unknown status of a profile is a failure to load', () => {
    expect(parse(report(profile('p', [control('c')], { status: 'odd' }))).profiles[0]?.status).toBe('failed')
  })

  test.each([
    ['lone surrogates', JSON.stringify(report(profile('p', [control('c', { title: 'T' })]))).replace('"T"', '"\\ud800"')],
    ['depth where we do not look', JSON.stringify(report(profile('p', [control('c', { refs: 'R' })]))).replace('"R"', deep(100_000))],
    ['a huge number where we do not look', JSON.stringify(report(profile('p', [control('c', { more: 'N' })]))).replace('"N"', '1e999')],
    ['a key named __proto__', JSON.stringify(report(profile('p', [control('c')]))).replace('"tags":{}', '"tags":{"__proto__":{"severity":"none"}}')]
  ])('%s does no harm', (_, text) => {
    const [first] = parseResults(bytes(text), 'x').controls
    expect(first).toMatchObject({ id: 'c', status: 'passed', severity: 'medium' })
  })
})
