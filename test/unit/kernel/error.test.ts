import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { exitCodeOf, messageOf } from '../../../src/kernel/error.ts'

const thrown = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test.each<[string, unknown, string]>([
  ['a file that is not there', thrown(() => readFileSync('/nosuch')), 'it does not exist (ENOENT)'],
  ['a folder in place of a file', thrown(() => readFileSync('/')), 'it is a folder (EISDIR)'],
  ['a file in place of a folder', thrown(() => readdirSync('/etc/passwd')), 'a part of its path is not a folder (ENOTDIR)'],
  ['something in the way', thrown(() => mkdirSync('/etc')), 'something else is there (EEXIST)'],
  ['another error', new Error('as it is'), 'as it is'],
  ['no error', 'a text', 'a text'],
  [
    'an answer in another shape',
    z.object({ metadata: z.object({ uid: z.string() }) }).safeParse({ metadata: {} }).error,
    'what came is not as expected: metadata.uid: Invalid input: expected string, received undefined'
  ]
])('%s, in words', (_what, error, words) => expect(messageOf(error)).toBe(words))

test('what leaves a run unjudged', () =>
  expect(['PROFILE_FAILED', 'RESULTS_UNREADABLE', 'SESSION_FAILED', 'constructor'].map(exitCodeOf)).toEqual([3, 3, 4, 4]))
