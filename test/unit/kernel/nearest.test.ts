import { describe, expect, test } from '@jest/globals'
import { didYouMean, meantWord, nearest } from '../../../src/kernel/nearest.ts'

describe('the nearest name', () => {
  test.each([
    ['hihg', ['high', 'low'], 1, 'high'], // swapped
    ['hgh', ['high'], 1, 'high'],
    ['hiigh', ['high'], 1, 'high'],
    ['hith', ['high'], 1, 'high'],
    ['ca', ['abc'], 2, undefined], // no part is changed twice
    ['hihg', ['high'], 0, undefined],
    ['', ['a'], 1, 'a'],
    ['ab', ['ax', 'ay'], 1, 'ax']
  ])('%s among %j within %d: %s', (name, known, slips, expected) => {
    expect(nearest(name, known, slips)).toBe(expected)
  })

  test('of a name of a million letters is looked for at once', () => {
    const begun = performance.now()
    expect(nearest('a'.repeat(1_000_000), ['a'.repeat(999_999), 'b'.repeat(1_000_000)], 2)).toBeDefined()
    expect(performance.now() - begun).toBeLessThan(10_000) // each letter with each would take hours
  })
})

describe('the word of a closed set', () => {
  const approaches = ['auto', 'kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod']

  test.each([
    ['k8s-api', 'kubernetes-api'],
    ['kubernetes_api', 'kubernetes-api'],
    ['Auto', 'auto'],
    ['debug', 'debug-container'],
    ['pod', 'twin-pod'],
    ['sidecar', 'sidecar-container'],
    ['container', undefined], // of two
    ['au', undefined],
    ['exec', undefined]
  ])('%s: %s', (given, expected) => {
    expect(meantWord(given, approaches)).toBe(expected)
  })

  test('is asked for, or nothing is said', () => {
    expect([didYouMean('jsonn', ['json', 'text']), didYouMean('xml', ['json', 'text'])]).toEqual([{ hint: 'Did you mean json?' }, {}])
  })
})
