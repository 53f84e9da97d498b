import { describe, expect, test } from '@jest/globals'
import { unjudgedOf } from '../../../src/scan/evidence-of.ts'
import type { Askers, Rest } from '../../../src/session/evidence.ts'
import { control, results } from '../verdict/sample.ts'

const RESULTS = results([
  control('a', 'passed', { file: 'controls/a.rb' }),
  control('c', 'passed', { file: 'controls/c.rb' }),
  control('n', 'no_impact', { file: 'controls/c.rb', unmet: true })
])

const askers = (more: Partial<Askers>): Askers => ({ controls: new Set(), files: new Set(), ...more })

/** Which controls are unjudged when these asked for what could not be seen. */
const unjudgedBy = (rest: Partial<Rest>): string[] => {
  const reason = { text: 'no such program: ss', cause: 'missing:ss', lost: false }
  const lack = { command: 'ss -tln', reason, ...askers(rest), skipped: askers({}), all: false, ...rest }
  return unjudgedOf(RESULTS, [lack]).map((entry) => entry.control)
}

describe('what could not be seen', () => {
  test.each([
    ['counts for the controls of the file that asked', ['/p/controls/a.rb'], ['a']],
    ['counts for all where the file has none', ['/p/libraries/b.rb'], ['a', 'c', 'n']],
    ['counts for all also where a file with controls asked, too', ['/p/controls/a.rb', '/p/libraries/b.rb'], ['a', 'c', 'n']],
    ['counts for those of several files', ['/p/controls/c.rb', '/p/controls/a.rb'], ['a', 'c', 'n']]
  ])('%s', (_, files, expected) => {
    expect(unjudgedBy({ files: new Set(files) }).toSorted()).toEqual(expected)
  })

  test.each<[string, Partial<Rest>, string[]]>([
    ['is no ground of a control that did not run', { skipped: askers({ controls: new Set(['n']) }) }, []],
    ['is the ground of one that ran all the same', { skipped: askers({ controls: new Set(['n', 'c']) }) }, ['c']],
    ['is the ground of one that also asked before', { controls: new Set(['n']), skipped: askers({ controls: new Set(['n']) }) }, ['n']],
    ['counts for those of the file that ran', { skipped: askers({ files: new Set(['controls/c.rb']) }) }, ['c']],
    ['counts for all where the file has no control', { skipped: askers({ files: new Set(['controls/z.rb']) }) }, ['a', 'c', 'n']]
  ])('after a condition that was not met %s', (_, rest, expected) => {
    expect(unjudgedBy(rest).toSorted()).toEqual(expected)
  })
})
