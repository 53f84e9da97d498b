import { describe, expect, test } from '@jest/globals'
import { COLUMNS } from '../../../scripts/compliance.ts'
import { assess } from '../../../src/compliance/assess.ts'
import { FACT_NAMES, type FactName, type Facts, valuesOf } from '../../../src/compliance/facts.ts'
import { Catalog, catalog, checkedOn, type Requirement, type Wanted } from '../../../src/compliance/requirement.ts'
import shipped from '../../../src/compliance/requirements.json' with { type: 'json' }
import { randomOf } from '../../support/random.ts'

const { frameworks, requirements } = Catalog.parse(shipped)
const ways: readonly Facts[] = COLUMNS.map(([, facts]) => facts)
const named = requirements.map((requirement): [string, Requirement] => [`${requirement.framework} ${requirement.id}`, requirement])
const rules = named.flatMap(([name, requirement]) => requirement.rules.map((rule) => ({ name, requirement, rule, status: rule.status, because: rule.because })))

const statusOf = (requirement: Requirement, facts: Facts): string | undefined => assess(facts, [requirement])[0]?.status
const without = (facts: Facts, name: FactName): Facts => ({ ...facts, [name]: undefined })

/** A value that is as wanted. */
const asWanted = (wanted: Wanted): string | number => {
  if (typeof wanted === 'string') return wanted
  if ('atMost' in wanted) return wanted.atMost
  return 'moreThan' in wanted ? wanted.moreThan + 1 : (wanted[0] ?? '')
}

describe('the data file', () => {
  test('has each requirement once, of a framework that it describes, and each framework has some', () => {
    const ids = named.map(([name]) => name)
    expect(ids).toEqual([...new Set(ids)])
    expect([...new Set(requirements.map(({ framework }) => framework))]).toEqual(frameworks.map(({ name }) => name))
  })

  test('tells of each row when it was compared with its source: on a day that has been', () => {
    const today = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const days = [...frameworks, ...requirements].map(({ checked }) => checked)
    expect(days.filter((day) => Number.isNaN(Date.parse(day)) || day > today)).toEqual([])
    expect(checkedOn(catalog())).toBe(days.toSorted()[0])
  })

  test('speaks in sentences', () => {
    const texts = requirements.flatMap((requirement) => [requirement.otherwise, ...requirement.rules.map(({ because }) => because)])
    expect(texts.filter((text) => !/^(?:[A-Z].*\.|kscan .*\.)$/.test(text))).toEqual([])
  })

  const rule = { status: 'met', when: { approach: 'twin-pod' }, because: 'So it is.' }
  const row = { framework: 'F', id: '1', title: 't', section: 's', checked: '2026-12-01', rules: [rule], otherwise: 'Nothing.' }
  test.each<[string, object]>([
    ['a fact that there is not', { ...row, rules: [{ ...rule, when: { weather: 'fine' } }] }],
    ['a value that a fact never has', { ...row, rules: [{ ...rule, when: { approach: 'magic' } }] }],
    ['one such among others', { ...row, rules: [{ ...rule, when: { approach: ['twin-pod', 'magic'] } }] }],
    ['a bound of what is no number', { ...row, rules: [{ ...rule, when: { approach: { atMost: 1 } } }] }],
    ['a word for a number', { ...row, rules: [{ ...rule, when: { token: 'short' } }] }],
    ['a rule that always holds', { ...row, rules: [{ ...rule, when: {} }] }],
    ['a better status before a worse one', { ...row, rules: [rule, { ...rule, status: 'conflict' }] }],
    ['another status', { ...row, rules: [{ ...rule, status: 'fine' }] }],
    ['no day', { ...row, checked: 'today' }],
    ['no source', { ...row, section: '' }],
    ['an address without https', { ...row, url: 'http://example.test/' }],
    ['more than it should', { ...row, note: 'x' }]
  ])('cannot have %s', (_what, bad) => {
    expect(Catalog.safeParse({ frameworks: [], requirements: [row] }).success).toBe(true)
    expect(Catalog.safeParse({ frameworks: [], requirements: [bad] }).success).toBe(false)
  })
})

test.each(rules)('$name is $status: $because', ({ requirement, rule }) => {
  const wanted = Object.fromEntries(FACT_NAMES.flatMap((name) => (rule.when[name] === undefined ? [] : [[name, asWanted(rule.when[name])]])))
  const found = ways.flatMap((facts) => assess({ ...facts, ...wanted }, [requirement]))
  expect(found.map(({ status, because }) => [status, because])).toContainEqual([rule.status, rule.because])
})

test('of a run that observed nothing, nothing is said', () => {
  expect(new Set(assess({}).map(({ status }) => status))).toEqual(new Set(['not-assessed']))
})

test('each way into a container has a status of its own in each table, and all four occur', () => {
  const all = ways.map((facts) =>
    assess(facts)
      .map(({ status }) => status)
      .join(' ')
  )
  expect(new Set(all).size).toBe(ways.length)
  expect(new Set(all.flatMap((each) => each.split(' ')))).toEqual(new Set(['met', 'at-risk', 'conflict', 'not-assessed']))
})

test.each(named)('%s is not met by what was not observed', (_name, requirement) => {
  for (const facts of ways) {
    if (statusOf(requirement, facts) !== 'met') continue
    const met = requirement.rules.filter(({ status }) => status === 'met')
    const restsOn = FACT_NAMES.filter((name) => met.every(({ when }) => when[name] !== undefined))
    expect(restsOn).not.toEqual([])
    for (const name of restsOn) expect([name, statusOf(requirement, without(facts, name))]).toEqual([name, 'not-assessed'])
  }
})

test('what a part of the facts meets, all of them meet, whatever they are', () => {
  const random = randomOf(17)
  const valueOf = (name: FactName): string | number => {
    const values = valuesOf(name)
    return values === undefined ? random.below(120) : random.pick(Object.keys(values))
  }
  for (let round = 0; round < 300; round += 1) {
    const whole = Object.fromEntries(FACT_NAMES.map((name) => [name, valueOf(name)]))
    const part = Object.fromEntries(Object.entries(whole).filter(() => random.chance(0.8)))
    const full = assess(whole)
    const better = assess(part).filter(({ status }, index) => status === 'met' && full[index]?.status !== 'met')
    expect(better).toEqual([])
  }
})
