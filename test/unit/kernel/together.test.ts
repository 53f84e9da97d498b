import { expect, test } from '@jest/globals'
import { together } from '../../../src/kernel/together.ts'

const NEVER = new AbortController().signal
const untilAborted = (signal: AbortSignal, ended: () => void): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => {
      ended()
      reject(new Error('given up'))
    })
  )

test('two works go on at once', async () => {
  let other: () => void = () => {}
  const waits = new Promise<void>((resolve) => (other = resolve))
  expect(
    await together(
      [
        async () => {
          await waits
          return 1
        },
        () => {
          other()
          return Promise.resolve('b')
        }
      ],
      NEVER
    )
  ).toEqual([1, 'b'])
})

test.each([0, 1])('where work %i fails, the other is ended first, and that failure is thrown', async (failing) => {
  let ended = false
  const fails = (): Promise<never> => Promise.reject(new Error('broken'))
  const goesOn = (signal: AbortSignal): Promise<never> => untilAborted(signal, () => (ended = true))
  await expect(together(failing === 0 ? [fails, goesOn] : [goesOn, fails], NEVER)).rejects.toThrow('broken')
  expect(ended).toBe(true)
})

test('an interruption ends both, and is what is thrown', async () => {
  const stop = new AbortController()
  let ended = 0
  const work = (signal: AbortSignal): Promise<never> => untilAborted(signal, () => (ended += 1))
  const both = together([work, work], stop.signal)
  stop.abort(new Error('interrupted'))
  await expect(both).rejects.toThrow('interrupted')
  expect(ended).toBe(2)
})
