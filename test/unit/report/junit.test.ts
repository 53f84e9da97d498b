import { describe, expect, test } from '@jest/globals'
import { junit } from '../../../src/report/junit.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many, profile, results } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'
import { demandJunit, type Element, readXml } from './xml.ts'

/** Every report of these tests is one by the schema of Jenkins. */
const write = (
  targets: readonly Judged[],
  done = record(targets.map(({ target }) => target)),
  limits: Omit<Parameters<typeof junit>[2], 'record'> = {}
): string => {
  const written = junit(judgeBy(targets, []), targets, { record: done, ...limits })
  demandJunit(written)
  return written
}
const isOutcome = ({ name }: Element): boolean => name !== 'properties'
const suites = (text: string): readonly Element[] => readXml(text).children
const outcomes = (suite: Element | undefined): string[] =>
  (suite?.children ?? []).map(
    ({ attributes, children }) =>
      `${attributes['name']}: ${
        children
          .filter(isOutcome)
          .map((child) => `${child.name} ${child.attributes['message']}`)
          .join() || 'ok'
      }`
  )

describe('JUnit', () => {
  test('a suite for each target by name, a case for each control in the order of the profile', () => {
    const waiver = { justification: 'not now', expires: '2099-01-01', skipped: true, run: false }
    const mixed = judged('a/b/c', [
      control('passed', 'passed'),
      control('failed', 'failed', { severity: 'high', title: '' }),
      control('error', 'error'),
      control('empty', 'error', { checks: [] }),
      control('skipped', 'skipped'),
      control('waived', 'no_impact', { waiver }),
      control('na', 'no_impact'),
      control('unjudged', 'passed')
    ])
    const targets = [
      judged('z', many(1, 'passed')),
      { ...mixed, unjudged: [{ control: 'unjudged', reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }] }
    ]
    const [run, first, second] = suites(write(targets))
    expect([run, first, second].map((suite) => suite?.attributes['name'])).toEqual(['kscan', 'a/b/c', 'z'])
    expect(first?.attributes).toMatchObject({ tests: '8', failures: '1', errors: '3', skipped: '3', time: '1.500' })
    expect(outcomes(first)).toEqual([
      'passed Title of passed: ok',
      'failed: failure severity high',
      'error Title of error: error a check could not be carried out',
      'empty Title of empty: error no check was run',
      'skipped Title of skipped: skipped not reviewed: because',
      'waived Title of waived: skipped waived: not now',
      'na Title of na: skipped not applicable',
      'unjudged Title of unjudged: error unjudged: no such program: ss'
    ])
    expect(first?.children[7]?.children.find(isOutcome)?.text).toBe('command: ss -tln')
  })

  test('a failure keeps its own outcome when another control of the same id is unjudged', () => {
    const target = judged('t', [control('a', 'passed'), control('a', 'failed', { profile: 'q' })], {
      unjudged: [{ control: 'a', reason: 'r', cause: 'missing:ss', lost: false, command: 'c' }]
    })
    expect(
      suites(write([target]))
        .at(-1)
        ?.children.map(({ children }) => children.find(isOutcome)?.name)
    ).toEqual(['error', 'failure'])
  })

  test('a target without results, and one that cannot be judged, are errors', () => {
    const failure = { code: 'TARGET_UNUSABLE', message: 'no shell' }
    const done = record([], { targets: [targetRecord('a', { failure }), targetRecord('b')] })
    const [run] = suites(write([judged('b', [])], done))
    expect(run?.attributes).toMatchObject({ name: 'kscan', tests: '2', errors: '2' })
    expect(outcomes(run)).toEqual(['run 1: error a: no shell', 'run 2: error b: the profile p has no controls to run'])
  })

  test('a run in which all is well has no such suite', () => {
    expect(suites(write([judged('t', many(2, 'passed'))])).map(({ attributes }) => attributes['name'])).toEqual(['t'])
  })

  test('a run without targets has no suite but its own', () => {
    expect(suites(write([], record([]))).map(({ attributes }) => attributes['name'])).toEqual(['kscan'])
  })

  test('the order of the targets given makes no difference', () => {
    const targets = ['b', 'a', 'c'].map((name) => judged(name, many(2, 'failed')))
    expect(write(targets)).toBe(write(targets.toReversed()))
  })

  const propertiesOf = (element: Element | undefined): string[] =>
    element?.children.find(({ name }) => name === 'properties')?.children.map(({ attributes }) => `${attributes['name']}=${attributes['value']}`) ?? []

  test('a case has what others know the control by, and its profile, as properties before its outcome', () => {
    const tags = { cci: ['CCI-1', 'CCI-2'], nist: 'CM-6 b', srg: 'SRG-1', stig_id: 'X-1', rid: 'SV-1_rule' }
    const own = results([control('a', 'failed', { tags }), control('b', 'passed')], [profile('p', { title: 'The P', version: '1.2' })])
    const [suite] = suites(write([{ ...judged('t', []), results: own }]))
    expect(suite?.children.map(propertiesOf)).toEqual([
      ['cci=CCI-1', 'cci=CCI-2', 'nist=CM-6 b', 'srg=SRG-1', 'stig id=X-1', 'rule id=SV-1_rule', 'profile title=The P', 'profile version=1.2'],
      ['profile title=The P', 'profile version=1.2']
    ])
    expect(suite?.children[0]?.children.map(({ name }) => name)).toEqual(['properties', 'failure'])
  })

  test('a case without any of these has no properties', () => {
    const own = results([control('a', 'passed')], [profile('p', { title: '', version: '' })])
    expect(suites(write([{ ...judged('t', []), results: own }]))[0]?.children[0]?.children).toEqual([])
  })

  describe('beyond what readers take', () => {
    const targets = ['a', 'b'].map((name) => judged(name, [...many(40, 'passed'), ...many(3, 'failed'), ...many(2, 'error'), ...many(40, 'skipped')]))
    const cut = (mostBytes: number): { text: string; warnings: string[] } => {
      const warnings: string[] = []
      return { text: write(targets, undefined, { mostBytes, warn: (line) => warnings.push(line) }), warnings }
    }

    test('keeps what did worst, in its place, and says how many are left out', () => {
      const { text, warnings } = cut(30_000)
      expect(Buffer.byteLength(text)).toBeLessThan(30_000)
      const [run, a, b] = suites(text)
      const [sentence = ''] = outcomes(run)
      expect(sentence).toMatch(
        /^cut: skipped \d+ controls are left out of this report, 0 of them failed, in error or unjudged: .* They are not fixed: see the other reports\.$/
      )
      expect(warnings).toEqual([sentence.replace('cut: skipped ', 'junit: ')])
      for (const suite of [a, b]) expect(suite?.attributes).toMatchObject({ failures: '3', errors: '2' })
      expect([a, b].flatMap(outcomes).some((line) => line.endsWith(': ok'))).toBe(false)
      const left = Number(/\d+/.exec(sentence)?.[0])
      expect(left + (a?.children.length ?? 0) + (b?.children.length ?? 0)).toBe(170)
    })

    test('is an error where something that did not pass is among it', () => {
      const { text } = cut(11_500)
      const [run] = suites(text)
      expect(run?.attributes).toMatchObject({ tests: '1', errors: '1' })
      expect(outcomes(run)).toEqual([expect.stringMatching(/^cut: error 16\d controls are left out of this report, [1-9]\d* of them failed/)])
      expect(text).toContain('<failure')
    })

    test('below it nothing is left out or said', () => {
      const { text, warnings } = cut(100_000)
      expect([suites(text).length, warnings]).toEqual([2, []])
    })

    test('what GitLab reads is the limit where none is said', () => {
      const long = { title: 'x'.repeat(1900), description: '' }
      const big = [
        judged(
          't',
          many(17_000, 'passed').map((each) => ({ ...each, ...long }))
        )
      ]
      const written = junit(judgeBy(big, []), big, { record: record(['t']) })
      expect(Buffer.byteLength(written)).toBeLessThan(30_000_000)
      expect(Buffer.byteLength(written)).toBeGreaterThan(29_000_000)
      expect(written).toContain('<testcase classname="kscan" name="cut">')
    })
  })

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const tags = { cci: [text, text], nist: text, gtitle: text, stig_id: [text], rid: text }
    const hostile = control(text, 'failed', { title: text, profile: text, tags, checks: [{ ...check('failed', text), description: text }] })
    const written = write([
      judged(text.slice(0, 300), [hostile], { unjudged: [{ control: text, reason: text, cause: 'missing:ss', lost: false, command: text }] })
    ])
    const [suite] = suites(written).slice(-1)
    expect(suite?.children).toHaveLength(1)
    expect(suite?.children[0]?.children.map(({ name }) => name)).toEqual(['properties', 'failure'])
    expect(suite?.children[0]?.children[0]?.children.length).toBeLessThan(20)
    expect(written.length).toBeLessThan(100_000)
    expect(written).toBe(written.toWellFormed())
    expect(written).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*::/mu)
  })
})

describe('the schema that these tests use', () => {
  const suite = (attributes: string, inside = ''): string => `<testsuites><testsuite ${attributes}>${inside}</testsuite></testsuites>`
  const whole = 'name="n" tests="1" failures="0" errors="0" skipped="0" time="1.500"'

  test('takes a case of each outcome, with and without a message', () => {
    for (const inside of ['', '<failure message="m">t</failure>', '<error message="m"/>', '<skipped message="m"/>', '<skipped/>'])
      expect(() => demandJunit(suite(whole, `<testcase classname="c" name="n">${inside}</testcase>`))).not.toThrow()
  })

  test.each([
    ['a suite without a name', suite('tests="1"')],
    ['a suite without its count', suite('name="n"')],
    ['a case without a name', suite(whole, '<testcase classname="c"/>')],
    ['an outcome that is none', suite(whole, '<testcase name="n"><waived/></testcase>')],
    ['an attribute that is none', suite(whole, '<testcase name="n"><failure reason="r"/></testcase>')],
    ['markup in a text', suite(whole, '<testcase name="n"><failure><b/></failure></testcase>')],
    ['another document', '<html/>']
  ])('refuses %s', (_, text) => {
    expect(() => demandJunit(text)).toThrow()
  })

  test.each([['<a>'], ['<a></b>'], ['<a b="1" b="2"/>'], ['<a>&</a>'], ['<a>\u0001</a>'], ['<a>\uffff</a>'], ['<a>\ud800</a>'], ['<a b="<"/>'], ['<a/><a/>']])(
    'is asked of a text only where libxml2 can read it: not %j',
    (text) => {
      expect(() => readXml(text)).toThrow()
    }
  )
})
