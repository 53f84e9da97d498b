import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { jobIdentity, jobToken } from '../../../src/cluster/job-token.ts'
import { showClaims } from '../../../src/kernel/claims.ts'
import type { Clock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import type { JobIdentity } from '../../../src/kernel/identity.ts'
import { identityToken } from '../../support/identity-token.ts'

const GITHUB: JobIdentity = { kind: 'github-oidc', server: 'https://kubernetes.test', audience: 'one two' }
const GITLAB: JobIdentity = { kind: 'gitlab-oidc', server: 'https://kubernetes.test', audience: 'kscan' }

/** A clock that is set by hand; its sleep takes no time. */
const clockAt = (now: number): Clock & { now: () => number; pass: (milliseconds: number) => void } => ({
  now: () => now,
  pass: (milliseconds) => void (now += milliseconds),
  sleep: (milliseconds) => Promise.resolve(void (now += milliseconds))
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void
let server: Server
let requests: IncomingMessage[] = []
let answers: Answer[] = []

const given =
  (status: number, body: string): Answer =>
  (_request, response) =>
    void response.writeHead(status).end(body)
const token = (value: string): Answer => given(200, JSON.stringify({ value }))

beforeEach(async () => {
  requests = []
  answers = []
  server = createServer((request, response) => {
    requests.push(request)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    answer?.(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(() => void server.close())

const env = (): Record<string, string> => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a//b?api-version=2.0`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token'
})

const seconds = (at: number): number => Math.floor(at / 1000)
const BEGIN = Date.parse('2026-11-30T10:00:00Z')
const valid = (from: number, life: number): string => identityToken({ iat: seconds(from), exp: seconds(from) + life })

const failureOf = async (work: Promise<unknown>): Promise<ScanError> => {
  const failure: unknown = await work.catch((error: unknown) => error)
  if (failure instanceof ScanError) return failure
  throw new Error('it did not fail')
}

describe("GitHub's token", () => {
  test('is asked for with the audience, and told as a secret with what it is asked for with', async () => {
    const one = valid(BEGIN, 300)
    answers = [token(one)]
    const secrets: string[] = []
    const identity = jobIdentity(GITHUB, { env: env(), ca: undefined, clock: clockAt(BEGIN), onSecret: (value) => secrets.push(value) })
    expect(await identity.headers()).toEqual({ authorization: `Bearer ${one}` })
    expect([requests[0]?.url, requests[0]?.headers.authorization]).toEqual(['/a//b?api-version=2.0&audience=one+two', 'Bearer request-token'])
    expect(secrets).toEqual(['request-token', one])
  })

  test('is renewed a minute before its end, by one request for all who wait', async () => {
    const [one, two] = [valid(BEGIN, 300), valid(BEGIN + 240_000, 300)]
    answers = [token(one), token(two)]
    const clock = clockAt(BEGIN)
    const job = jobToken(GITHUB, { env: env(), ca: undefined, clock })
    const all = async (): Promise<string[]> => (await Promise.all([job.current(), job.current(), job.current()])).map((each) => each.token)
    expect(await all()).toEqual([one, one, one])
    clock.pass(239_000)
    expect(await all()).toEqual([one, one, one])
    clock.pass(1000)
    expect([await all(), requests.length]).toEqual([[two, two, two], 2])
  })

  test.each([
    ['of an issuer whose clock is an hour ahead', 3_600_000],
    ['of one whose clock is an hour behind', -3_600_000]
  ])('%s is renewed when our own clock says that its life is nearly over', async (_what, skew) => {
    const clock = clockAt(BEGIN)
    answers = [token(valid(BEGIN + skew, 300)), token(valid(BEGIN + skew, 300))]
    const job = jobToken(GITHUB, { env: env(), ca: undefined, clock })
    await job.current()
    clock.pass(230_000)
    await job.current()
    expect(requests.length).toBe(1)
    clock.pass(20_000)
    await job.current()
    expect(requests.length).toBe(2)
  })

  test('that lives for twelve seconds is renewed after half of them', async () => {
    const clock = clockAt(BEGIN)
    answers = [token(valid(BEGIN, 12))]
    const job = jobToken(GITHUB, { env: env(), ca: undefined, clock })
    await job.current()
    clock.pass(5000)
    await job.current()
    clock.pass(1000)
    await job.current()
    expect(requests.length).toBe(2)
  })

  test('is used to its end where no other can be had, and then not', async () => {
    const clock = clockAt(BEGIN)
    const one = valid(BEGIN, 300)
    answers = [token(one), given(403, '')]
    const job = jobToken(GITHUB, { env: env(), ca: undefined, clock })
    await job.current()
    clock.pass(290_000)
    expect((await job.current()).token).toBe(one)
    clock.pass(20_000)
    expect((await failureOf(job.current())).code).toBe('ACCESS_DENIED')
  })

  test('is asked for again after a fault that may pass', async () => {
    answers = [given(503, ''), (_request, response) => void response.destroy(), token(valid(BEGIN, 300))]
    await jobToken(GITHUB, { env: env(), ca: undefined, clock: clockAt(BEGIN) }).current()
    expect(requests.length).toBe(3)
  })

  test.each([
    ['a refusal', given(401, 'request-token is wrong'), 'it answered 401'],
    ['a web page', given(200, '<html>'), 'its answer has no token'],
    ['JSON without a value', given(200, '{"count":1}'), 'its answer has no token'],
    ['an answer without end', given(200, 'x'.repeat(100_000)), 'its answer is longer than 65536 bytes'],
    ['something that is no token', token('hunter2'), 'no JSON Web Token']
  ])('%s is an error that says so, and nothing that is secret', async (_what, answer, said) => {
    answers = [answer]
    const failure = await failureOf(jobToken(GITHUB, { env: env(), ca: undefined, clock: clockAt(BEGIN) }).current())
    expect([failure.code, failure.message.includes(said)]).toEqual(['ACCESS_DENIED', true])
    expect(`${failure.message} ${failure.hint}`).not.toMatch(/request-token|hunter2/)
  })
})

describe("GitLab's token", () => {
  test('is that of the variable, also when it has ended', async () => {
    const one = identityToken({ exp: seconds(BEGIN) - 5, project_id: '42' })
    const job = jobToken(GITLAB, { env: { KSCAN_ID_TOKEN: ` ${one}\n` }, ca: undefined, clock: clockAt(BEGIN) })
    expect((await job.current()).token).toBe(one)
    expect(job.about()).toBe('project_id 42, ended 2026-11-30T09:59:55Z, 5 s ago')
  })
})

test('claims are shown in one line, whatever is in them', () => {
  const claims = { iss: 'https://issuer.test', aud: ['one', 'two'], sub: 'a\nb\u001b[31m', ref: 'x'.repeat(300), environment: null, exp: seconds(BEGIN) + 60 }
  const shown = showClaims(claims, BEGIN)
  expect(shown).toMatch(/^iss https:\/\/issuer\.test, aud \["one","two"\], sub a/)
  expect([/[\n\u001b]/.test(shown), shown.length < 500, shown.endsWith('ends 2026-11-30T10:01:00Z')]).toEqual([false, true, true])
  expect(showClaims({ exp: 1e300 }, BEGIN)).toBe('ends at no date')
})
