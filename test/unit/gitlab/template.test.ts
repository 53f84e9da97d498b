import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { COMPONENT_INPUTS, componentDefault, EXPANDED, NOT_IN_COMPONENT, NOT_IN_DOTENV } from '../../../src/config/component.ts'
import type { Input } from '../../../src/config/input.ts'
import { INPUTS, inputsOf, variableOf } from '../../../src/config/inputs.ts'
import { OUTPUTS } from '../../../src/config/outputs.ts'
import { parseValue } from '../../../src/config/values.ts'
import { DOTENV_NAMES } from '../../../src/host/gitlab.ts'
import { VERSION } from '../../../src/version.ts'
import { jobInputs } from '../../../scripts/gitlab/job-inputs.ts'
import { isPinned, readStamp } from '../../../scripts/gitlab/stamp.ts'
import { templateText } from '../../../scripts/gitlab/template.ts'
import { interpolate, readTemplate } from '../../support/gitlab-interpolation.ts'
import { gitlabSchema } from '../../support/gitlab-schema.ts'

const text = readFileSync('gitlab/templates/kscan.yml', 'utf8')
const template = readTemplate(text)
const specs = template.head.spec.inputs
const fits = gitlabSchema()

interface Job {
  readonly extends: readonly string[]
  readonly script?: readonly string[]
  readonly after_script?: readonly string[]
  readonly variables: Readonly<Record<string, string | { readonly value: string; readonly expand: boolean }>>
}

const jobsOf = (given: Readonly<Record<string, unknown>> = {}): Record<string, Job> => interpolate(template, given) as Record<string, Job>

/** A job with what it takes from hidden ones, of which the last counts. */
const whole = (jobs: Record<string, Job>, name: string): Job => {
  const job = jobs[name]
  if (job === undefined) throw new Error(`there is no job ${name}`)
  const all = [...[job.extends ?? []].flat().map((parent) => whole(jobs, parent)), job]
  return { ...Object.assign({}, ...all), variables: Object.assign({}, ...all.map(({ variables }) => variables)) as Job['variables'] } as Job
}

describe('each input of one face', () => {
  const own = Object.keys(jobInputs(readStamp()))

  test('is in the other, or in a list with its reason', () => {
    const [action, component] = [inputsOf('scan').map(({ name }) => name), Object.keys(specs)]
    expect(action.filter((name) => !component.includes(name)).toSorted()).toEqual(Object.keys(NOT_IN_COMPONENT).toSorted())
    expect(component.filter((name) => !action.includes(name)).toSorted()).toEqual(own.toSorted())
    for (const reason of [...Object.values(NOT_IN_COMPONENT), ...Object.values(NOT_IN_DOTENV)]) expect(reason).toMatch(/^.{15,}\.$/)
  })

  test('is so for outputs, of which GitLab takes twenty', () => {
    expect(
      Object.keys(OUTPUTS)
        .filter((name) => !DOTENV_NAMES.includes(name))
        .toSorted()
    ).toEqual(Object.keys(NOT_IN_DOTENV).toSorted())
    expect([DOTENV_NAMES.length, DOTENV_NAMES.filter((name) => !Object.hasOwn(OUTPUTS, name))]).toEqual([20, []])
  })

  test('is told of by a name that no input of the job takes from one of a scan', () => {
    expect(own.filter((name) => INPUTS.some((input) => input.name === name))).toEqual([])
  })
})

describe('an input of the component', () => {
  test.each(COMPONENT_INPUTS.map((input: Input) => [input.name, input] as const))('%s has the type, the words and the default of the table', (name, input) => {
    const spec = specs[name]
    const { type } = input
    expect(spec?.['type']).toBe(type.kind === 'boolean' ? 'boolean' : type.kind === 'count' ? 'number' : 'string')
    expect(spec?.['options']).toEqual(type.kind === 'choice' ? ['', ...type.of] : undefined)
    expect(spec?.['description']).toEqual(expect.stringContaining(input.text))
    const standard = componentDefault(input)
    expect(String(spec?.['default'])).toBe(standard ?? '')
    if (standard !== undefined) expect(parseValue(input, standard)).toHaveProperty('value')
    else if (input.default !== '') expect(spec?.['description']).toEqual(expect.stringContaining(`Default: ${input.default}.`))
  })

  test.each(COMPONENT_INPUTS.filter(({ type }) => type.kind === 'duration').map((input) => [input.name, input] as const))(
    '%s takes what kscan takes, by its expression',
    (name, input) => {
      const expression = new RegExp(String(specs[name]?.['regex']))
      for (const value of ['', input.default, '90s', '1h']) expect([value, expression.test(value)]).toEqual([value, true])
      for (const value of ['90', '1 h', '1d']) expect([value, expression.test(value)]).toEqual([value, false])
    }
  )
})

describe('what users write arrives as it is', () => {
  const TEXT = 'a: $HOME ${X} $$ "q" : # {} it\'s \\1 \\d $[[ x ]]\n  - second\n\nlast \t'

  test.each(COMPONENT_INPUTS.filter(({ type }) => ['text', 'yaml', 'list'].includes(type.kind)).map(({ name }) => name))('%s', (name) => {
    const { variables } = whole(jobsOf({ [name]: TEXT }), 'kscan')
    expect(variables[variableOf(name)]).toEqual({ value: TEXT, expand: false })
  })

  test('also what is no text, with a blank beside it that makes it one', () => {
    const { variables } = whole(jobsOf({ 'max-targets': 7, enforce: false }), 'kscan')
    expect([variables['KSCAN_MAX_TARGETS'], variables['KSCAN_ENFORCE']]).toEqual([
      { value: '7 ', expand: false },
      { value: 'false ', expand: false }
    ])
  })

  test('GitLab puts variables of its own into names, and into nothing else', () => {
    const found = [...text.matchAll(/\$\[\[ inputs\.([a-z-]+) \| (\w+) \]\]/g)].map(([, name, done]) => `${name} ${done}`)
    expect(found.toSorted()).toEqual([...EXPANDED].map((name) => `${name} expand_vars`).toSorted())
  })

  test('and never into a script', () => {
    const scripts = Object.entries(template.body as Record<string, Job>).flatMap(([, { script = [], after_script: after = [] }]) => [...script, ...after])
    expect([scripts.length > 6, scripts.filter((line) => line.includes('$[[') || line.includes('\n'))]).toEqual([true, []])
  })
})

describe("GitLab's schema", () => {
  const problems = (value: unknown): unknown[] => (fits(value) === true ? [] : (fits.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`))

  test('accepts the head of the template, and knows what is none', () => {
    expect(problems(template.head)).toEqual([])
    expect(problems({ spec: { inputs: { one: { type: 'text' } } } })).not.toEqual([])
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['as it is', {}],
    ['with a bundle', { program: 'bundle' }],
    ['with SARIF', { sarif: true }],
    ['with tags, needs and rules', { tags: ['a', 'b'], needs: ['build', { job: 'deploy', artifacts: false }], rules: [{ if: '$X', when: 'manual' }] }],
    ['with a group', { 'resource-group': 'prod' }],
    ['with an identity token', { identity: 'gitlab-oidc' }]
  ])('accepts its jobs %s', (_what, given) => {
    const jobs = jobsOf(given)
    expect(problems(jobs)).toEqual([])
    for (const name of Object.keys(jobs).filter((each) => !each.startsWith('.'))) {
      const { extends: _, ...job } = whole(jobs, name)
      expect([name, problems({ [name]: job })]).toEqual([name, []])
    }
  })

  test('does not accept what would be left of an empty list', () => {
    expect(problems({ kscan: { script: ['true'], tags: [] } })).not.toEqual([])
  })
})

describe('a keyword with a list', () => {
  test.each([
    ['is left out where the list is empty', {}, undefined, undefined],
    ['is there where it is not', { tags: ['a b'], needs: ['x', { job: 'y' }] }, ['a b'], ['x', { job: 'y' }]]
  ])('%s', (_what, given, tags, needs) => {
    expect(whole(jobsOf(given), 'kscan')).toMatchObject({ ...(tags === undefined ? {} : { tags }), ...(needs === undefined ? {} : { needs }) })
    const job: object = whole(jobsOf(given), 'kscan')
    expect(['tags' in job, 'needs' in job]).toEqual([tags !== undefined, needs !== undefined])
  })

  test('as the rules of the second job, is part of it', () => {
    const { rules } = whole(jobsOf({ rules: [{ if: '$A' }, { if: '$B' }] }), 'kscan-gate') as Job & { rules: unknown }
    expect(rules).toEqual([{ if: '"false" == "false"', when: 'never' }, { if: '$A' }, { if: '$B' }])
  })
})

test.each([
  ['none by itself', {}, undefined],
  ['none with a kubeconfig', { identity: 'kubeconfig' }, undefined],
  ['one for kscan, where it signs in by it', { identity: 'gitlab-oidc' }, { KSCAN_ID_TOKEN: { aud: 'kscan' } }],
  ['one for whom it is said to be', { identity: 'gitlab-oidc', 'oidc-audience': 'prod' }, { KSCAN_ID_TOKEN: { aud: 'prod' } }]
])('a job has an identity token: %s', (_what, given, tokens) => {
  expect((whole(jobsOf(given), 'kscan') as { id_tokens?: unknown }).id_tokens).toEqual(tokens)
})

describe('the stamp of a release', () => {
  test('has the version of the program', () => expect(readStamp().version).toBe(VERSION))

  test('says in the template what is not pinned', () => {
    const note = '# Not released: nothing is published yet.'
    expect(text.includes(note)).toBe(!isPinned(readStamp()))
    const stamp = {
      version: '1.2.3',
      image: `org/kscan:1.2.3@sha256:${'a'.repeat(64)}`,
      bundle: { url: 'https://x.example/kscan.tgz', sha256: 'b'.repeat(64) }
    }
    const released = readTemplate(templateText(stamp, () => '')).head.spec.inputs
    expect(templateText(stamp, () => '')).not.toContain(note)
    expect([released['image']?.['default'], released['bundle-url']?.['default'], released['bundle-sha256']?.['default']]).toEqual([
      stamp.image,
      stamp.bundle.url,
      stamp.bundle.sha256
    ])
  })
})

test('the license of the component is that of kscan', () => expect(readFileSync('gitlab/LICENSE.md', 'utf8')).toBe(readFileSync('LICENSE', 'utf8')))
