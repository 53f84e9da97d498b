import { expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { uncollected, uncollectedText } from '../../../src/session/ended.ts'

const said = (stdout: string, kind: 'done' | 'lost' = 'done'): (() => Promise<CommandOutcome>) =>
  kind === 'done'
    ? () => Promise.resolve({ kind, status: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) })
    : () => Promise.resolve({ kind, message: 'lost' })

test.each<[stdout: string, count: number | undefined]>([
  ['0\n', 0],
  ['17\n', 17],
  ['', undefined],
  ['many\n', undefined],
  ['1\n2\n', undefined]
])('the answer %j is %j', async (stdout, count) => expect(await uncollected(said(stdout))).toBe(count))

test('who does not answer has not said none', async () => expect(await uncollected(said('', 'lost'))).toBeUndefined())

test.each([
  [1, '1 more ended process in the process list of shop/web/app'],
  [2, '2 more ended processes in the process list of shop/web/app']
])('%i of them is said', (count, words) => expect(uncollectedText('shop/web/app', count)).toContain(words))
