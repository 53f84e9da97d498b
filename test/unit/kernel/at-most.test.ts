import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { atMost } from '../../../src/kernel/at-most.ts'

const NUMBERS = Array.from({ length: 100 }, (_, index) => index)

test.each([1, 7, 100, 1000])('works over all in order, and over no more than %d at once', async (limit) => {
  let [now, most] = [0, 0]
  const doubled = await atMost(limit, NUMBERS, async (number) => {
    most = Math.max(most, (now += 1))
    await wait(number % 3)
    now -= 1
    return number * 2
  })
  expect([doubled, most]).toEqual([NUMBERS.map((number) => number * 2), Math.min(limit, 100)])
})

test('nothing is begun after a failure, which is thrown once what was under way has ended', async () => {
  const [begun, ended]: [number[], number[]] = [[], []]
  const work = atMost(3, NUMBERS, async (number) => {
    begun.push(number)
    await wait(number === 4 ? 5 : 20)
    if (number === 4) throw new Error('four')
    ended.push(number)
  })
  await expect(work).rejects.toThrow('four')
  expect([Math.max(...begun) < 8, ended.toSorted((a, b) => a - b)]).toEqual([true, begun.filter((number) => number !== 4).toSorted((a, b) => a - b)])
})

test('of nothing there is nothing', async () => {
  expect(await atMost(3, [], () => Promise.reject(new Error('never')))).toEqual([])
})
