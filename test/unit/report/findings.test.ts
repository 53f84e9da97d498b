import { describe, expect, test } from '@jest/globals'
import { foundBy } from '../../../src/report/findings.ts'
import { processorTime } from '../../support/processor-time.ts'

describe('what a check found', () => {
  const found = (message: string): string => foundBy({ status: 'failed', description: '', message })

  test.each([
    ['\nexpected: 0\n     got: 1\n', '1'],
    ['got:\n', 'got:\n'],
    ['got: a b  \t\nc', 'a b'],
    ['nothing', 'nothing'],
    ['forgot: 1', 'forgot: 1']
  ])('in %j is %j', (message, expected) => {
    expect(found(message)).toBe(expected)
  })

  test('is said at once, however many blanks there are', () => {
    expect(processorTime(() => found(`got:${' '.repeat(1_000_000)}`))).toBeLessThan(5000)
  })
})
