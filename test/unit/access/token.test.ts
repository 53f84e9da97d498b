import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TokenSource } from '../../../src/access/token.ts'
import { call } from '../../../src/cluster/api.ts'
import { connectWithToken, type Connection } from '../../../src/cluster/connection.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

const NEVER = new AbortController().signal

describe("a scanner's token", () => {
  let server: ApiServer
  let caller: Connection
  beforeAll(async () => {
    server = await startApiServer()
    caller = await connectAdmin(server)
    await call(caller, {
      method: 'POST',
      path: 'api/v1/namespaces/default/serviceaccounts',
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'kscan-token' } }
    })
  })
  afterAll(async () => {
    caller.agent.destroy()
    await server.close()
  })

  test('is asked for with at least ten minutes, told to the redactor first, and never shown', async () => {
    const secrets: string[] = []
    const source = await TokenSource.open(
      caller,
      { namespace: 'default', name: 'kscan-token' },
      { ttl: 1000, clock: systemClock, signal: NEVER, onSecret: (value) => secrets.push(value) }
    )
    source.close()
    expect([secrets, source.seconds]).toEqual([[source.token.reveal()], 600])
    expect(`${String(source.token)} ${JSON.stringify({ token: source.token })}`).not.toContain(source.token.reveal())
  })

  test('is renewed when four fifths of its life are over, and no more once it is closed', async () => {
    const [waits, secrets]: [number[], string[]] = [[], []]
    const renewed = Promise.withResolvers<void>()
    // the first wait is over at once, the second one never
    const clock: Clock = {
      now: () => Date.now(),
      sleep: (milliseconds, signal) => {
        if (waits.push(milliseconds) === 1) return Promise.resolve()
        renewed.resolve()
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('closed'))))
      }
    }
    const options = { ttl: 600_000, clock, signal: NEVER, onSecret: (value: string) => secrets.push(value) }
    const source = await TokenSource.open(caller, { namespace: 'default', name: 'kscan-token' }, options)
    await renewed.promise
    source.close()
    await systemClock.sleep(50)
    expect([waits.map((wait) => Math.round(wait / 6000)), secrets.length, source.token.reveal()]).toEqual([[80, 80], 2, secrets[1]])
  })

  test('that could not be renewed is asked for again after a while, and stays the old one until then', async () => {
    const [waits, tokens]: [number[], string[]] = [[], []]
    const renewed = Promise.withResolvers<void>()
    // the first wait, and the one after the refusal, are over at once, the third one never
    const clock: Clock = {
      now: () => Date.now(),
      sleep: (milliseconds, signal) => {
        tokens.push(source?.token.reveal() ?? '')
        const body = { kind: 'Status', message: 'you may not', code: 403 }
        if (waits.push(milliseconds) === 1) server.faults.add({ method: 'POST', path: /\/token$/, mishap: { kind: 'answer', answer: { status: 403, body } } })
        if (waits.length < 3) return Promise.resolve()
        renewed.resolve()
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('closed'))))
      }
    }
    let source: TokenSource | undefined
    const secrets: string[] = []
    const options = { ttl: 600_000, clock, signal: NEVER, onSecret: (value: string) => secrets.push(value) }
    source = await TokenSource.open(caller, { namespace: 'default', name: 'kscan-token' }, options)
    await renewed.promise
    source.close()
    expect(waits.map((wait) => Math.round(wait / 8000))).toEqual([60, 1, 60])
    expect([tokens.slice(1), secrets.length]).toEqual([secrets, 2])
  })

  test.each([
    [1000, 600],
    [900_000, 900],
    [3_607_000, 3606] // the kubelet's own time, which means a year
  ])('for %i ms is asked for %i s', async (ttl, seconds) => {
    const source = await TokenSource.open(caller, { namespace: 'default', name: 'kscan-token' }, { ttl, clock: systemClock, signal: NEVER, onSecret: () => {} })
    source.close()
    expect(server.requests.at(-1)?.body).toMatchObject({ spec: { expirationSeconds: seconds } })
  })

  test('is renewed before it runs out, and the new one is used from then on', async () => {
    // a clock that is 599.5 s ahead: of the ten minutes half a second is left
    const ahead: Clock = { now: () => Date.now() + 599_500, sleep: (milliseconds, signal) => systemClock.sleep(milliseconds, signal) }
    const secrets: string[] = []
    const source = await TokenSource.open(
      caller,
      { namespace: 'default', name: 'kscan-token' },
      { ttl: 600_000, clock: ahead, signal: NEVER, onSecret: (value) => secrets.push(value) }
    )
    const scanner = connectWithToken(caller.server, () => source.token)
    await systemClock.sleep(700)
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } }
    }
    await call(scanner, { method: 'POST', path: 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: review })
    source.close()
    scanner.agent.destroy()
    expect((await scanner.headers())['authorization']).toBe(`Bearer ${source.token.reveal()}`)
    expect(secrets.length).toBeGreaterThan(1)
    expect(source.token.reveal()).toBe(secrets.at(-1))
  })
})
