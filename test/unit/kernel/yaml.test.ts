import { expect, test } from '@jest/globals'
import { parseYaml } from '../../../src/kernel/yaml.ts'

const faults = (text: string): unknown[] => parseYaml(text, {}).errors.map(({ code, linePos }) => [code, linePos?.[0]])

test.each<[text: string, found: unknown[]]>([
  ['a: 1\nb: {c: 2}\n', []],
  ['a: 1\nb: 2\na: 3\n', [['DUPLICATE_KEY', { line: 3, col: 1 }]]],
  ['a:\n  b: 1\n  "b": 2\n', [['DUPLICATE_KEY', { line: 3, col: 3 }]]],
  ['{"a": 1, "a": 1}', [['DUPLICATE_KEY', { line: 1, col: 10 }]]],
  ['- a: 1\n- a: 1\n', []],
  ['a: [1, 2\n', [['BAD_INDENT', expect.anything()]]],
  ['['.repeat(100) + ']'.repeat(100), []],
  ['['.repeat(101) + ']'.repeat(101), [['RESOURCE_EXHAUSTION', undefined]]],
  ['- '.repeat(101) + 'a', [['RESOURCE_EXHAUSTION', undefined]]]
])('the faults of %j', (text, found) => {
  const seen = faults(text)
  expect(seen.slice(0, 1)).toEqual(found)
})
