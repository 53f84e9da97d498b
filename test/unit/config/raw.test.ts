import { describe, expect, test } from '@jest/globals'
import { mergeRaw, type Raw, SLIPS, unknownNames } from '../../../src/config/raw.ts'
import { nearest } from '../../../src/kernel/nearest.ts'
import { rawOf } from './load-support.ts'

describe('precedence', () => {
  const flag = rawOf({ pod: 'f' }, 'flag')
  const input = rawOf({ pod: 'i', context: 'i' }, 'input')
  const environment = rawOf({ pod: 'e', context: 'e', namespace: 'e' }, 'environment')
  const file = rawOf({ pod: 'c', context: 'c', namespace: 'c', controls: 'c' }, 'config file')

  test.each([
    ['as they rank', [flag, input, environment, file]],
    ['backwards', [file, environment, input, flag]],
    ['mixed', [input, file, flag, environment]]
  ])('flag, input, environment, config file: sources given %s', (_, sources) => {
    const merged = mergeRaw(...sources)
    expect(Object.fromEntries([...merged].map(([name, { value, origin }]) => [name, `${value} ${origin}`]))).toEqual({
      pod: 'f flag',
      context: 'i input',
      namespace: 'e environment',
      controls: 'c config file'
    })
  })

  test.each<[Raw['origin'], string, readonly string[]]>([
    ['flag', 'pod', ['pod']],
    ['input', 'target-image', ['target-image']],
    ['environment', 'select', ['select']],
    ['flag', 'container', ['container', 'selector', 'select', 'workload']]
  ])('a %s that says what is scanned (%s) leaves nothing of what a config file says of that', (origin, name, left) => {
    const ofFile = rawOf({ selector: 'app=web', select: 'deployments', workload: 'job/x' }, 'config file')
    expect([...mergeRaw(ofFile, rawOf({ [name]: 'x' }, origin)).keys()].toSorted()).toEqual([...left].toSorted())
  })

  test.each([
    ['kind', 'flag', ['cluster']],
    ['kind', 'config file', ['cluster', 'context', 'kubeconfig']],
    ['existing', 'flag', ['cluster', 'context', 'kubeconfig']]
  ] as const)('a cluster: %s by %s leaves %j of a file that names a context', (cluster, origin, left) => {
    const ofFile = rawOf({ context: 'prod', kubeconfig: 'k' }, 'config file')
    expect([...mergeRaw(ofFile, rawOf({ cluster }, origin)).keys()].toSorted()).toEqual([...left])
  })

  test("a context of another place leaves nothing of a file's kind cluster", () => {
    expect([...mergeRaw(rawOf({ cluster: 'kind', context: 'x' }, 'config file'), rawOf({ context: 'prod' }, 'flag')).keys()]).toEqual(['context'])
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
  ['thrseohld', 'threshold'],
  ['htrseohld', undefined],
  ['', undefined]
])('the name nearest to %j is %j', (name, expected) => {
  expect(nearest(name, ['pod', 'threshold', 'context'], SLIPS)).toBe(expected)
})
