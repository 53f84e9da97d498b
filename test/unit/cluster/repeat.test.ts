import { describe, expect, test } from '@jest/globals'
import { type Asked, isPassing, pauseBefore, readRetryAfter, repeating, type Trouble } from '../../../src/cluster/repeat.ts'
import type { Clock } from '../../../src/kernel/clock.ts'

const ASKED = { safe: true, end: 15_000, freshUntil: 0, now: 0 }
const answered = (status: number, more: Partial<Trouble> = {}): Trouble => ({ status, sent: true, ...more })
const lost = (more: Partial<Trouble> = {}): Trouble => ({ status: undefined, sent: true, passing: true, ...more })
const LAGGING = { lagging: true }
const FRESH = { freshUntil: 5000 }
const MAKES = { safe: false }

describe('another try', () => {
  type Case = [what: string, trouble: Trouble, asked: Partial<Asked & { now: number }>, pause: number | undefined]
  test.each<Case>([
    ...[429, 500, 502, 503, 504].map((status): Case => [`of what may be asked twice, after ${status}`, answered(status), {}, 200]),
    ...[400, 404, 405, 408, 409, 410, 413, 415, 422, 501, 505].map((status): Case => [`after ${status}`, answered(status), {}, undefined]),
    ['after a lost connection', lost(), {}, 200],
    ['after a connection that could not be, for a reason that stays', lost({ passing: false, sent: false }), {}, undefined],
    ...[500, 502, 503, 504].map((status): Case => [`of what makes something, after ${status}`, answered(status), MAKES, undefined]),
    ['of what makes something, after 429', answered(429), MAKES, 200],
    ['of what makes something, after 503 with a time', answered(503, { retryAfter: 1000 }), MAKES, 1000],
    ['of what makes something, after 500 with a time', answered(500, { retryAfter: 1000 }), MAKES, undefined],
    ['of what makes something, after a lost connection', lost(), MAKES, undefined],
    ['of what makes something, after a connection that did not come about', lost({ sent: false }), MAKES, 200],
    ...[401, 403].flatMap((status): Case[] => [
      [`after ${status} while the grant is fresh`, answered(status, LAGGING), FRESH, 250],
      [`of what makes something, after ${status} while the grant is fresh`, answered(status, LAGGING), { ...MAKES, ...FRESH }, 250],
      [`after ${status} when it is fresh no more`, answered(status, LAGGING), { ...FRESH, now: 5000 }, undefined],
      [`after ${status} of a policy`, answered(status), FRESH, undefined],
      [`after ${status} without a grant`, answered(status, LAGGING), {}, undefined]
    ]),
    ['when the server wants it later than we would', answered(429, { retryAfter: 3000 }), {}, 3000],
    ['when the server wants it sooner than we would', answered(429, { retryAfter: 0 }), {}, 200],
    ['when the server wants it later than the call may take: at its end', answered(503, { retryAfter: 3_600_000 }), {}, 14_500],
    ['when hardly any time is left', answered(503), { now: 14_350 }, undefined]
  ])('%s', (_what, trouble, asked, pause) => {
    expect(pauseBefore(trouble, 1, { ...ASKED, ...asked })).toBe(pause)
  })

  test('comes later and later, and five times at most', () => {
    expect([1, 2, 3, 4, 5, 6].map((tried) => pauseBefore(answered(500), tried, ASKED))).toEqual([200, 400, 800, 1600, 3200, undefined])
  })

  test('comes at one pace while the grant is fresh', () => {
    expect([1, 6, 19].map((tried) => pauseBefore(answered(403, LAGGING), tried, { ...ASKED, ...FRESH }))).toEqual([250, 250, 250])
  })
})

test.each([
  ['2', 2000],
  [' 0 ', 0],
  ['Wed, 21 Oct 2015 07:28:03 GMT', 3000],
  ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
  [undefined, undefined]
])('Retry-After: %s', (header, milliseconds) => {
  expect(readRetryAfter(header, Date.parse('Wed, 21 Oct 2015 07:28:00 GMT'))).toBe(milliseconds)
})

test.each([
  ['ECONNRESET', true],
  ['ECONNREFUSED', true],
  ['EAI_AGAIN', true],
  ['ENOTFOUND', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false]
])('an error with the code %s may pass: %s', (code, passing) => {
  expect(isPassing(Object.assign(new Error('no'), { code }))).toBe(passing)
})

describe('repeating', () => {
  /** Its time goes on only by sleeping and by the tries. */
  class FakeClock implements Clock {
    time = 0
    now = (): number => this.time
    sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      this.time += milliseconds
      return Promise.resolve()
    }
  }

  const run = async (answers: (Trouble | 'done')[], { lasting = 0, signal, end = 15_000 }: { lasting?: number; signal?: AbortSignal; end?: number } = {}) => {
    const clock = new FakeClock()
    const tries: number[] = []
    const once = (): Promise<string> => {
      tries.push(clock.time)
      clock.time += lasting
      const answer = answers[Math.min(tries.length, answers.length) - 1]
      return answer === 'done' ? Promise.resolve('done') : Promise.reject(Object.assign(new Error(`try ${tries.length}`), { trouble: answer }))
    }
    const troubleOf = (error: unknown): Trouble | undefined => (error instanceof Error && 'trouble' in error ? (error.trouble as Trouble) : undefined)
    const result: unknown = await repeating(once, { ...ASKED, end, clock, signal, troubleOf }).catch((error: unknown) => error)
    return { result, tries, time: clock.time }
  }

  test('ends with what succeeds', async () => {
    expect(await run([answered(504), lost(), 'done'])).toEqual({ result: 'done', tries: [0, 200, 600], time: 600 })
  })

  test('ends with the last error when no more is worth it', async () => {
    const { result, tries } = await run([answered(500)])
    expect([result, tries]).toEqual([new Error('try 6'), [0, 200, 600, 1400, 3000, 6200]])
  })

  test.each([1000, 5000, 7000])('takes no longer than its time where each try takes %i ms', async (lasting) => {
    const { tries } = await run([lost()], { lasting })
    expect(tries.length).toBeGreaterThan(1)
    expect(tries.at(-1)).toBeLessThan(15_000)
  })

  test('ends at once with an error that is no trouble', async () => {
    expect(await run([undefined as unknown as Trouble])).toEqual({ result: new Error('try 1'), tries: [0], time: 0 })
  })

  test('ends at once, with the last error, when it is aborted', async () => {
    const { result, tries } = await run([answered(500)], { signal: AbortSignal.abort() })
    expect([result, tries]).toEqual([new Error('try 1'), [0]])
  })
})
