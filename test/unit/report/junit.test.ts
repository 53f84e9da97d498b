import { describe, expect, test } from '@jest/globals'
import { junit } from '../../../src/report/junit.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'
import { demandJunit, type Element, readXml } from './xml.ts'

/** Every report of these tests is one by the schema of Jenkins. */
const write = (targets: readonly Judged[], done = record(targets.map(({ target }) => target))): string => {
  const written = junit(judgeBy(targets, []), targets, done)
  demandJunit(written)
  return written
}
const suites = (text: string): readonly Element[] => readXml(text).children
const outcomes = (suite: Element | undefined): string[] =>
  (suite?.children ?? []).map(
    ({ attributes, children }) => `${attributes['name']}: ${children.map((child) => `${child.name} ${child.attributes['message']}`).join() || 'ok'}`
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
    expect(first?.children[7]?.children[0]?.text).toBe('command: ss -tln')
  })

  test('a failure keeps its own outcome when another control of the same id is unjudged', () => {
    const target = judged('t', [control('a', 'passed'), control('a', 'failed', { profile: 'q' })], {
      unjudged: [{ control: 'a', reason: 'r', cause: 'missing:ss', lost: false, command: 'c' }]
    })
    expect(
      suites(write([target]))
        .at(-1)
        ?.children.map(({ children }) => children[0]?.name)
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

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const hostile = control(text, 'failed', { title: text, profile: text, checks: [{ ...check('failed', text), description: text }] })
    const written = write([
      judged(text.slice(0, 300), [hostile], { unjudged: [{ control: text, reason: text, cause: 'missing:ss', lost: false, command: text }] })
    ])
    const [suite] = suites(written).slice(-1)
    expect(suite?.children).toHaveLength(1)
    expect(suite?.children[0]?.children.map(({ name }) => name)).toEqual(['failure'])
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
