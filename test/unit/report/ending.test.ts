import { expect, test } from '@jest/globals'
import { endingOf } from '../../../src/report/ending.ts'
import { record, targetRecord } from './sample.ts'

const failed = (code: string) => targetRecord('u', { failure: { code, message: 'm' } })

test.each([
  ['passed', record(['t']), 'passed'],
  ['a container that was not scanned', record([], { targets: [targetRecord('t'), failed('SESSION_FAILED')] }), 'not-scanned'],
  ['one whose results cannot be read, beside one that passed', record([], { targets: [targetRecord('t'), failed('RESULTS_UNREADABLE')] }), 'unjudged'],
  ['leftovers where they count', record(['t'], { leftovers: ['x'], strictCleanup: true }), 'not-cleaned-up'],
  ['leftovers where they do not', record(['t'], { leftovers: ['x'] }), 'passed']
] as const)('%s', (_what, run, ending) => expect(endingOf({ result: 'passed' }, run)).toBe(ending))
