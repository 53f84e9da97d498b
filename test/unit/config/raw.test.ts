import { describe, expect, test } from '@jest/globals'
import { mergeRaw, type Raw, SLIPS, unknownNames } from '../../../src/config/raw.ts'
import { nearest } from '../../../src/kernel/nearest.ts'
import { rawOf } from './load-support.ts'

describe('precedence', () => {
  const flag = rawOf({ pod: 'f' }, 'flag')
  const input = rawOf({ pod: 'i', context: 'i' }, 'input')
  const environment = rawOf({ pod: 'e', context: 'e', namespace: 'e' }, 'environment')

  test.each([
    ['as they rank', [flag, input, environment]],
    ['backwards', [environment, input, flag]],
    ['mixed', [input, flag, environment]]
  ])('flag, input, environment: sources given %s', (_, sources) => {
    const merged = mergeRaw(...sources)
    expect(Object.fromEntries([...merged].map(([name, { value, origin }]) => [name, `${value} ${origin}`]))).toEqual({
      pod: 'f flag',
      context: 'i input',
      namespace: 'e environment'
    })
  })
})

describe('a name that no input has', () => {
  test.each<[Raw['origin'], string, string | undefined]>([
    ['flag', 'pods', 'Did you mean pod?'],
    ['flag', 'treshold', 'Did you mean threshold?'],
    ['flag', 'something-else', undefined],
    ['input', 'profiles', 'Did you mean profile?'],
    ['environment', 'max-target', 'Did you mean max-targets?'],
    ['environment', 'pods', 'Did you mean pod?']
  ])('as %s: %s is a problem', (origin, name, hint) => {
    const problems = unknownNames(rawOf({ [name]: 'hunter2' }, origin), 'scan')
    expect(problems.map((problem) => [problem.name, problem.hint])).toEqual([[name, hint]])
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })

  test.each<[Raw['origin'], string]>([
    ['input', 'something-else'],
    ['environment', 'e2e-kubeconfig'],
    ['environment', 'job'],
    ['environment', 'log'],
    ['input', 'foo']
  ])('as %s: %s may be meant for someone else', (origin, name) => {
    expect(unknownNames(rawOf({ [name]: 'x' }, origin), 'scan')).toEqual([])
  })
})

test.each([
  ['pod', 'pod'],
  ['thrsehold', 'threshold'],
  ['thrseohld', undefined],
  ['', undefined]
])('the name nearest to %j is %j', (name, expected) => {
  expect(nearest(name, ['pod', 'threshold', 'context'], SLIPS)).toBe(expected)
})
