import { expect, test } from '@jest/globals'
import { auditorFailure } from '../../../src/auditor/exit-code.ts'
import type { Ended } from '../../../src/process/run.ts'

const ended = (how: Partial<Ended>): Ended => ({ reason: 'exited', exitCode: 0, signal: null, stdout: '', stderr: '', milliseconds: 1, ...how })

test.each([0, 100, 101, 102])('exit %i is a run', (exitCode) => expect(auditorFailure(ended({ exitCode }), '', 'log')).toBeUndefined())

test.each<[how: Partial<Ended>, code: string, words: string]>([
  [{ exitCode: 1 }, 'AUDITOR_FAILED', 'The auditor did not finish: it stopped with a usage error or an exception (exit 1)'],
  [{ exitCode: 2 }, 'AUDITOR_FAILED', 'one of its plugins could not be loaded (exit 2)'],
  [{ exitCode: 3 }, 'PROFILE_FAILED', 'A profile did not load: the profile uses something that was removed (exit 3)'],
  [{ exitCode: 5 }, 'PROFILE_FAILED', 'the signature of a profile is not valid (exit 5)'],
  [{ exitCode: 201 }, 'PROFILE_FAILED', 'a gem that a profile needs is missing (exit 201)'],
  [{ exitCode: 172 }, 'AUDITOR_FAILED', 'it asks for a licence (exit 172)'],
  [{ exitCode: 42 }, 'AUDITOR_FAILED', 'it broke (exit 42)'],
  [{ exitCode: 103 }, 'AUDITOR_FAILED', 'it broke (exit 103)'],
  [{ exitCode: null, reason: 'killed', signal: 'SIGSEGV' }, 'AUDITOR_FAILED', 'it was ended by SIGSEGV'],
  [{ exitCode: 0, reason: 'timed-out' }, 'AUDITOR_FAILED', 'it did not end in time'],
  [{ exitCode: 100, reason: 'aborted' }, 'AUDITOR_FAILED', 'it was stopped'],
  [{ exitCode: 0, reason: 'killed', signal: 'SIGTERM' }, 'AUDITOR_FAILED', 'it was ended by SIGTERM'],
  [{ exitCode: null, reason: 'not-started', error: new Error('ENOENT') }, 'AUDITOR_FAILED', 'it could not be started (ENOENT)']
])('%j is none', (how, code, words) => expect(auditorFailure(ended(how), '', 'log')).toMatchObject({ code, message: expect.stringContaining(words) }))

test.each([
  [
    "/c/lib/inspec/profile_context.rb:171:in `instance_eval': /profiles/synt/controls/first.rb:3: syntax error, unexpected end-of-input, expecting '}' (SyntaxError)\n  it { should exist",
    "The profile synt did not load: syntax error in controls/first.rb:3: unexpected end-of-input, expecting '}'"
  ],
  ['/profiles/synt/libraries/a.rb:12: syntax errors found (SyntaxError)\n  11 | x', 'The profile synt did not load: syntax error in libraries/a.rb:12'],
  [
    '/profiles/test/fixtures/synt/controls/first.rb:2: syntax error, unexpected end (SyntaxError)',
    'The profile synt did not load: syntax error in controls/first.rb:2: unexpected end'
  ],
  ['/profiles/one.rb:2: syntax error, unexpected end (SyntaxError)', 'A profile did not load: syntax error in /profiles/one.rb:2: unexpected end'],
  ['(SyntaxError) syntax error somewhere', 'The auditor did not finish: it stopped with a usage error or an exception (exit 1)']
])('the place of what Ruby cannot parse is the headline: %s', (tail, headline) => {
  expect(auditorFailure(ended({ exitCode: 1 }), tail, 'log')?.message.split('\n')[0]).toBe(headline)
})

test('source that cannot be parsed is of the profile, and the last lines are shown safely', () => {
  const tail = 'from /x/y.rb:1\nold 1\nold 2\n1\n2\n3\n4\n\u001b[31mx.rb:2: syntax error, unexpected end (SyntaxError)\nfrom /x/y.rb:2\n'
  const failure = auditorFailure(ended({ exitCode: 1 }), tail, '/tmp/log')
  expect([failure?.code, failure?.message.split('\n').slice(1)]).toEqual([
    'PROFILE_FAILED',
    ['  | old 2', '  | 1', '  | 2', '  | 3', '  | 4', '  | \\x1b[31mx.rb:2: syntax error, unexpected end (SyntaxError)']
  ])
})
