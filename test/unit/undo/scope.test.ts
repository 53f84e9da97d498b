import { describe, expect, test } from '@jest/globals'
import { Scope } from '../../../src/undo/scope.ts'

const step = (what: string, undo: (signal: AbortSignal) => Promise<void>, limit = 1000) => ({ what, limit, undo })

test('what was made last is undone first, and once', async () => {
  const order: string[] = []
  const scope = new Scope()
  for (const name of ['account', 'role', 'binding']) scope.defer(step(name, () => Promise.resolve(void order.push(name))))
  await scope.close()
  await scope.close()
  expect([order, scope.removed, scope.leftovers]).toEqual([['binding', 'role', 'account'], ['binding', 'role', 'account'], []])
})

test('what fails, throws at once or takes too long is a leftover with its reason, and hides no other', async () => {
  const scope = new Scope()
  scope.defer(step('good', () => Promise.resolve()))
  scope.defer(step('slow', () => new Promise(() => {}), 300))
  scope.defer(step('refused', () => Promise.reject(new Error('403'))))
  scope.defer(
    step('broken', () => {
      throw new Error('no')
    })
  )
  await scope.close()
  expect([scope.removed, scope.leftovers]).toEqual([
    ['good'],
    [
      { what: 'broken', why: 'no' },
      { what: 'refused', why: '403' },
      { what: 'slow', why: 'it took longer than 300 ms' }
    ]
  ])
})

test('what came to nothing is taken back, and nothing else with it, however often it is said', async () => {
  const scope = new Scope()
  scope.defer(step('account', () => Promise.resolve()))
  const takeBack = scope.defer(step('role', () => Promise.resolve()))
  scope.defer(step('binding', () => Promise.resolve()))
  takeBack()
  takeBack()
  await scope.close()
  takeBack()
  expect([scope.removed, scope.leftovers]).toEqual([['binding', 'account'], []])
})

test('all steps together keep to the budget, and each is tried even when it is spent', async () => {
  const scope = new Scope(700)
  const tried: string[] = []
  for (const name of ['c', 'b', 'a'])
    scope.defer(
      step(name, () => {
        tried.push(name)
        return new Promise(() => {})
      })
    )
  await scope.close()
  const limits = scope.leftovers.map(({ why }) => Number(/^it took longer than (\d+) ms$/.exec(why)?.[1]))
  expect([tried, limits.slice(1)]).toEqual([
    ['a', 'b', 'c'],
    [300, 300]
  ])
  expect(limits[0]).toBeGreaterThan(300)
  expect(limits[0]).toBeLessThanOrEqual(700)
})

test('leaving a block undoes, after an error too', async () => {
  const scope = new Scope()
  const work = async (): Promise<void> => {
    await using owner = scope
    owner.defer(step('thing', () => Promise.resolve()))
    throw new Error('in the middle')
  }
  await expect(work()).rejects.toThrow('in the middle')
  expect(scope.removed).toEqual(['thing'])
})

describe('what goes only by and by', () => {
  const going = (what: string, order: string[], rest: (signal: AbortSignal, limit: number) => Promise<void>, limit = 1000) => ({
    what,
    limit,
    undo: () => {
      order.push(what)
      return Promise.resolve(rest)
    }
  })

  test('is waited for when all else was undone, and together', async () => {
    const order: string[] = []
    const both = Promise.withResolvers<void>()
    let waiting = 0
    const rest = (): Promise<void> => {
      order.push('wait')
      if ((waiting += 1) === 2) both.resolve()
      return both.promise
    }
    const scope = new Scope()
    scope.defer(going('account', order, rest))
    scope.defer(step('role', () => Promise.resolve(void order.push('role'))))
    scope.defer(going('binding', order, rest))
    await scope.close()
    expect([order, scope.removed, scope.leftovers]).toEqual([['binding', 'role', 'account', 'wait', 'wait'], ['role', 'binding', 'account'], []])
  })

  test('is a leftover with its reason where it stays, and is given no more than the budget', async () => {
    const scope = new Scope(500)
    const limits: number[] = []
    scope.defer(going('held', [], (_signal, limit) => Promise.reject(new Error(`held ${limits.push(limit)}`)), 60_000))
    scope.defer(going('stuck', [], () => new Promise(() => {}), 60_000))
    await scope.close()
    expect(scope.removed).toEqual([])
    expect(scope.leftovers).toEqual([
      { what: 'held', why: 'held 1' },
      { what: 'stuck', why: expect.stringMatching(/^it took longer than [3-5]\d\d ms$/) }
    ])
    expect(limits[0]).toBeLessThanOrEqual(500)
  })
})
