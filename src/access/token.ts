import { z } from 'zod'
import { ApiError, call } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import type { Clock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { Secret } from '../kernel/secret.ts'

const TokenAnswer = z.looseObject({ status: z.looseObject({ token: z.string().min(1), expirationTimestamp: z.iso.datetime({ offset: true }) }) })

export interface Account {
  readonly namespace: string
  readonly name: string
}

type Issue = () => Promise<{ token: Secret; expires: number }>

/** A short-lived token that is asked for anew before it runs out. */
export class TokenSource {
  readonly #request: Issue
  readonly #clock: Clock
  readonly #over = new AbortController()
  #token: Secret
  #longest = 0

  private constructor(request: Issue, first: Awaited<ReturnType<Issue>>, clock: Clock) {
    this.#request = request
    this.#clock = clock
    this.#token = first.token
    this.#longest = first.expires - clock.now()
    this.#renewBefore(first.expires)
  }

  /** Asks for the first token (TokenRequest); `ttl` in milliseconds, `onSecret` learns each token before anything else does. */
  static async open(
    caller: Connection,
    account: Account,
    options: { ttl: number; clock: Clock; signal: AbortSignal; onSecret: (value: string) => void }
  ): Promise<TokenSource> {
    const request = async (): Promise<{ token: Secret; expires: number }> => {
      const { token, expires } = await requestToken(caller, account, options)
      options.onSecret(token.reveal())
      return { token, expires }
    }
    return new TokenSource(request, await request(), options.clock)
  }

  get token(): Secret {
    return this.#token
  }

  /** How long the longest of them lasts from its birth, in seconds, as the server has said. */
  get seconds(): number {
    return Math.ceil(this.#longest / 1000) // the server counts in whole seconds
  }

  close(): void {
    this.#over.abort()
  }

  /** At 80 % of what is left; an open stream outlives its token, so that a failure only matters for the next request. */
  #renewBefore(expires: number): void {
    if (this.#over.signal.aborted) return
    const left = Math.max(0, expires - this.#clock.now())
    const closed = (): void => {}
    void this.#clock.sleep(left * 0.8, this.#over.signal).then(() => this.#renew(), closed)
  }

  async #renew(): Promise<void> {
    try {
      const { token, expires } = await this.#request()
      this.#token = token
      this.#longest = Math.max(this.#longest, expires - this.#clock.now())
      this.#renewBefore(expires)
    } catch {
      this.#renewBefore(this.#clock.now() + RETRY_MS)
    }
  }
}

const RETRY_MS = 10_000
/** 3607 s with a bound pod means "a year" to the server (kubelet's legacy): never asked for. */
const LEGACY_SECONDS = 3607

const requestToken = async (
  caller: Connection,
  account: Account,
  options: { ttl: number; signal: AbortSignal }
): Promise<{ token: Secret; expires: number }> => {
  const seconds = Math.max(600, Math.round(options.ttl / 1000))
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: seconds === LEGACY_SECONDS ? seconds - 1 : seconds } }
  const path = `api/v1/namespaces/${encodeURIComponent(account.namespace)}/serviceaccounts/${encodeURIComponent(account.name)}/token`
  const answer = TokenAnswer.parse(
    await call(caller, { method: 'POST', path, body, asks: true, signal: options.signal }).catch((error: unknown) => explain(error, account))
  )
  return { token: new Secret(answer.status.token), expires: Date.parse(answer.status.expirationTimestamp) }
}

/** Throws what came, with what it says of the account. */
const explain = (error: unknown, { namespace, name }: Account): never => {
  if (!(error instanceof ApiError) || error.status !== 404) throw error
  throw new ScanError('ACCESS_DENIED', `There is no service account ${name} in the namespace ${namespace}`, {
    cause: error,
    hint: `See: kubectl get serviceaccounts -n ${namespace}`
  })
}
