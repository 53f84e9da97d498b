import { describe, expect, test } from '@jest/globals'
import { unjudgedOf } from '../../../src/scan/evidence-of.ts'
import { control, results } from '../verdict/sample.ts'

const RESULTS = results([control('a', 'passed', { file: 'controls/a.rb' }), control('c', 'passed', { file: 'controls/c.rb' })])

/** Which controls are unjudged when code of these files asked for what could not be seen. */
const unjudgedBy = (...files: readonly string[]): string[] => {
  const reason = { text: 'no such program: ss', cause: 'missing:ss', lost: false }
  return unjudgedOf(RESULTS, [{ command: 'ss -tln', reason, controls: new Set(), files: new Set(files), all: false }]).map((entry) => entry.control)
}

describe('what could not be seen', () => {
  test.each([
    ['counts for the controls of the file that asked', ['/p/controls/a.rb'], ['a']],
    ['counts for all where the file has none', ['/p/libraries/b.rb'], ['a', 'c']],
    ['counts for all also where a file with controls asked, too', ['/p/controls/a.rb', '/p/libraries/b.rb'], ['a', 'c']],
    ['counts for those of several files', ['/p/controls/c.rb', '/p/controls/a.rb'], ['a', 'c']]
  ])('%s', (_, files, expected) => {
    expect(unjudgedBy(...files).toSorted()).toEqual(expected)
  })
})
