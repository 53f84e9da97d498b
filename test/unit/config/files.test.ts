import { describe, expect, test } from '@jest/globals'
import { namesOf, problemsOf, scanWith } from './load-support.ts'

const waivers = (text: string): string[] =>
  problemsOf(() => scanWith({ 'waivers-file': 'w.yaml' }, { files: { 'w.yaml': text } })).map(({ expected, got, hint }) => `${expected}; ${got}; ${hint ?? ''}`)

describe('a waivers file', () => {
  test.each([
    ['with a justification', 'base-01: {justification: why}'],
    ['as JSON', '{"base-01": {"justification": "why", "run": false}}'],
    ['with a date', 'base-01: {justification: why, expiration_date: 2027-02-28}'],
    ['with a date in quotes', 'base-01: {justification: why, expiration_date: "2027-02-28"}'],
    ['with a time', 'base-01: {justification: why, expiration_date: 2027-02-28 12:00:00}'],
    ['with run as Ruby reads it', 'base-01: {justification: why, run: no}'],
    ['with keys of its owner', 'base-01: {justification: why, ticket: 12, approved_by: ann, ref: JIRA-1, bug: 2, rule: x}'],
    ['with a time and a zone', 'base-01: {justification: why, expiration_date: 2027-02-28T12:00:00+01:00}'],
    ['with a quoted id of digits', '"9.10": {justification: why}'],
    ['with an id of digits and dots', '1.1.1: {justification: why}']
  ])('%s is good', (_, text) => {
    expect(waivers(text)).toEqual([])
  })

  test.each([
    ['an id that YAML reads as a number', '9.10: {justification: why}', /in quotes; w.yaml: 9.1; .*9\.10 becomes 9\.1/],
    ['an id that Ruby reads as a number', '1_0: {justification: why}', /in quotes/],
    ['an id that Ruby reads as minutes', '1:30: {justification: why}', /in quotes/],
    ['an id that Ruby reads as true', 'yes: {justification: why}', /in quotes/],
    ['no justification', 'base-01: {run: true}', /base-01: justification/],
    ['an empty justification', 'base-01: {justification: ""}', /base-01: justification/],
    ['text in place of a waiver', 'base-01: why', /base-01/],
    ['run as text', 'base-01: {justification: why, run: "false"}', /base-01: run/],
    ['a date that is none', 'base-01: {justification: why, expiration_date: soon}', /base-01: expiration_date/],
    ['a day that no month has', 'base-01: {justification: why, expiration_date: 2027-02-30}', /base-01: expiration_date/],
    ['a misspelt key, which would waive for ever', 'base-01: {justification: why, expiration-date: 2027-01-01}', /expiration-date.*expiration_date/],
    ['an hour that no day has', 'base-01: {justification: why, expiration_date: 2027-02-28 99:99:00}', /base-01: expiration_date/],
    ['words after the day', 'base-01: {justification: why, expiration_date: 2027-02-28 soon}', /base-01: expiration_date/],
    ['another word for the end', 'base-01: {justification: why, expires: 2020-01-01}', /expires in place of expiration_date/],
    ['a day under any other name', 'base-01: {justification: why, date: 2020-01-01}', /date in place of expiration_date/],
    ['a misspelt run', 'base-01: {justification: why, rum: false}', /rum in place of run/],
    ['a justification of blanks', 'base-01: {justification: "  "}', /base-01: justification/],
    ['a list', '- base-01', /YAML mapping/],
    ['nothing', '', /YAML mapping/],
    ['an id twice', 'a-1: {justification: x}\na-1: {justification: y}', /YAML mapping/],
    ['an alias to nothing', 'a-1: *b', /YAML mapping/]
  ])('with %s is refused', (_, text, expected) => {
    const problems = waivers(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  test('every waiver that is wrong is named', () => {
    expect(waivers('a-1: {run: true}\nb-1: {justification: x}\nc-1: x')).toHaveLength(2)
  })
})

describe('inputs of the profiles', () => {
  test.each(['a: *b', 'a: &a [1,1]\nb: &b [*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b]', 'a: [', '- a', 'a: 1\na: 2', 'text', '--- {a: 1}\n--- {b: 1}'])(
    '%j is refused as bad input',
    (text) => {
      expect(namesOf(problemsOf(() => scanWith({ 'profile-inputs': text })))).toEqual(['profile-inputs'])
      expect(namesOf(problemsOf(() => scanWith({ 'profile-inputs-file': 'i.yml' }, { files: { 'i.yml': text } })))).toEqual(['profile-inputs-file'])
    }
  )

  test('what is wrong is said with its place', () => {
    const [problem] = problemsOf(() => scanWith({ 'profile-inputs-file': 'i.yml' }, { files: { 'i.yml': 'a: 1\nb: c: d\n' } }))
    expect(problem?.got).toMatch(/^i\.yml: Nested mappings are not allowed.* at line 2, column 4$/)
  })

  test('a mapping is good, inline and in files', () => {
    const config = scanWith({ 'profile-inputs': 'a: 1', 'profile-inputs-file': 'i.yml,j.yml' }, { files: { 'i.yml': 'b: 2', 'j.yml': '{}' } })
    expect(config).toMatchObject({ profileInputs: 'a: 1', profileInputFiles: ['i.yml', 'j.yml'] })
  })
})

test.each(['threshold-file', 'profile-inputs-file', 'waivers-file'])('each file of %s that cannot be read is a problem', (name) => {
  const problems = problemsOf(() => scanWith({ [name]: 'a.yaml,b.yaml' }))
  expect(problems.map(({ got }) => got)).toEqual(['a.yaml: no such file', 'b.yaml: no such file'])
})

test('thresholds are kept as text, the inline one first', () => {
  const config = scanWith({ 'threshold-file': 'a.yaml,b.yaml', threshold: 'x' }, { files: { 'a.yaml': 'A', 'b.yaml': 'B' } })
  expect(config.thresholds).toEqual([
    { source: 'threshold', text: 'x' },
    { source: 'a.yaml', text: 'A' },
    { source: 'b.yaml', text: 'B' }
  ])
})
