import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { type Claims, claimsOf, showClaims } from '../kernel/claims.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { messageOf, ScanError } from '../kernel/error.ts'
import { GITHUB_VARIABLES, GITLAB_VARIABLE, type JobIdentity } from '../kernel/identity.ts'
import { printableLine } from '../kernel/name.ts'
import { get } from '../process/get.ts'
import type { Identity } from './connection.ts'
import { isPassing, readRetryAfter, repeating, type Trouble } from './repeat.ts'

export interface Asking {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Authorities to trust besides those of this machine, in PEM. */
  readonly ca: string | undefined
  readonly clock?: Clock
  /** Learns what is secret before it is sent anywhere. */
  readonly onSecret?: ((value: string) => void) | undefined
}

/** The token of a CI job, and what it says of itself. */
export interface JobToken {
  /** One that is valid for some time yet, where it can be had. Throws ACCESS_DENIED. */
  current(): Promise<{ readonly token: string; readonly claims: Claims }>
  /** The claims of the last one, in one line for people. */
  readonly about: () => string | undefined
}

/** GitHub gives a job new tokens as often as it asks, GitLab gives it one. */
export const jobToken = ({ kind, audience }: JobIdentity, asking: Asking): JobToken =>
  renewed(kind === 'github-oidc' ? () => askGithub(audience, asking) : () => Promise.resolve(asking.env[GITLAB_VARIABLE]?.trim() ?? ''), asking)

/** Signs in with the token of the job. */
export const jobIdentity = (choice: JobIdentity, asking: Asking): Identity => {
  const job = jobToken(choice, asking)
  return { headers: async () => ({ authorization: `Bearer ${(await job.current()).token}` }), about: job.about }
}

/** Milliseconds before its end at which a token is renewed; of one that lives shorter than twice as long, half of its life. */
const MARGIN_MS = 60_000

interface Known {
  readonly token: string
  readonly claims: Claims
  /** Milliseconds since 1970, by our own clock: the issuer's may be another. */
  readonly until: number
  readonly end: number
}

const renewed = (ask: () => Promise<string>, { clock = systemClock, onSecret }: Asking): JobToken => {
  let known: Known | undefined
  let asked: Promise<Known> | undefined
  const fresh = async (): Promise<Known> => {
    const token = await ask()
    onSecret?.(token)
    return (known = knownOf(token, clock.now()))
  }
  const current = async (): Promise<Known> => {
    if (known !== undefined && clock.now() < known.until) return known
    asked ??= fresh().finally(() => (asked = undefined))
    const old = known
    return await asked.catch((error: unknown) => {
      if (old !== undefined && clock.now() < old.end) return old
      throw error
    })
  }
  return { current, about: () => (known === undefined ? undefined : showClaims(known.claims, clock.now())) }
}

const knownOf = (token: string, now: number): Known => {
  const claims = claimsOf(token)
  if (claims === undefined) throw new ScanError('ACCESS_DENIED', 'What was given as the identity token of this job is no JSON Web Token with an end')
  const life = (claims.exp - (claims.iat ?? now / 1000)) * 1000
  return { token, claims, end: now + life, until: now + life - Math.min(MARGIN_MS, life / 2) }
}

/** For all tries together, and one of them. */
const TIMEOUT_MS = 15_000
const PATIENCE_MS = 5000
const ANSWER_BYTES = 64 * 1024
const Answer = z.object({ value: z.string().min(1) })

/** An answer that is no token. */
class Refused extends Error {
  readonly trouble: Trouble

  constructor(message: string, trouble: Trouble) {
    super(message)
    this.trouble = trouble
  }
}

const askGithub = async (audience: string, asking: Asking): Promise<string> => {
  const { clock = systemClock, env, onSecret } = asking
  const url = new URL(env[GITHUB_VARIABLES.url] ?? '')
  url.searchParams.set('audience', audience)
  onSecret?.(env[GITHUB_VARIABLES.token] ?? '')
  try {
    return await repeating(() => askOnce(url, asking), {
      safe: true,
      end: clock.now() + TIMEOUT_MS,
      freshUntil: 0,
      clock,
      signal: undefined, // also when a run is interrupted, what it made has to be undone
      troubleOf: (error) => (error instanceof Refused ? error.trouble : { status: undefined, sent: true, passing: isLate(error) || isPassing(error) })
    })
  } catch (error) {
    throw new ScanError('ACCESS_DENIED', `GitHub gave this job no identity token: ${url.host}: ${printableLine(messageOf(error), 300)}`, {
      cause: error,
      hint: 'Has the job `permissions: id-token: write`, and can this machine reach that host?'
    })
  }
}

const isLate = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError'

const askOnce = async (url: URL, { env, ca, clock = systemClock }: Asking): Promise<string> => {
  const headers = { authorization: `Bearer ${env[GITHUB_VARIABLES.token] ?? ''}`, accept: 'application/json' }
  const response = await get(url.href, { env, ca, headers, signal: AbortSignal.timeout(PATIENCE_MS) })
  const text = await read(response)
  const { statusCode: status = 0 } = response
  if (status !== 200)
    throw new Refused(`it answered ${status}`, { status, sent: true, retryAfter: readRetryAfter(response.headers['retry-after'], clock.now()) })
  const answer = Answer.safeParse(parsed(text))
  if (!answer.success) throw new Refused('its answer has no token', { status, sent: true })
  return answer.data.value
}

const read = async (response: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > ANSWER_BYTES) throw new Error(`its answer is longer than ${ANSWER_BYTES} bytes`)
  }
  return text
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
