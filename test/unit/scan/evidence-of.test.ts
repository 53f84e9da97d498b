import { describe, expect, test } from '@jest/globals'
import { acceptedOf, unjudgedOf, unmatched } from '../../../src/scan/evidence-of.ts'
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

test('of what this machine answered each cause is told once, with its controls, of very many the first', () => {
  const many = results(Array.from({ length: 22 }, (_, index) => control(`c${index}`, 'passed')))
  const lackOf = (cause: string, controls: readonly string[]) => ({
    command: 'x',
    reason: { text: 't', cause, lost: false },
    ...askers({ controls: new Set(controls) }),
    skipped: askers({}),
    all: false
  })
  const all = many.controls.map(({ id }) => id)
  expect(acceptedOf(many, [lackOf('runner:ssl', ['c1']), lackOf('runner:ruby', all), lackOf('runner:ssl', ['c1', 'c2'])])).toEqual([
    'the runner answered, not the container: c1, c2 (runner-resources accepts it: runner:ssl)',
    `the runner answered, not the container: ${all.slice(0, 20).join(', ')} and 2 more (runner-resources accepts it: runner:ruby)`
  ])
})

test.each<[readonly string[], readonly string[]]>([
  [['a', 'c', '/^[an]$/'], []],
  [
    ['a', 'b', '/x/', 'A', '/^a/'],
    ['b', '/x/', 'A']
  ],
  [['/./', '.'], ['.']],
  [[], []]
])('of the controls %j those that are not there are %j', (wanted, missing) => expect(unmatched(RESULTS, wanted)).toEqual(missing))
