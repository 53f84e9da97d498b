import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { KubeObject, Store } from './store.ts'

/** Who asks. `admin` may do everything, `account` (any other who is known) what roles give, `anonymous` nothing but read the version. */
export interface User {
  readonly kind: 'admin' | 'account' | 'anonymous'
  readonly name: string
  readonly groups: readonly string[]
}

interface Issued {
  readonly namespace: string
  readonly account: string
  readonly uid: string
  readonly expires: number
}

const ANONYMOUS: User = { kind: 'anonymous', name: 'system:anonymous', groups: ['system:unauthenticated'] }
const ADMIN: User = { kind: 'admin', name: 'admin', groups: ['system:masters', 'system:authenticated'] }

/** Issues tokens and knows whose they are. A token ends at its expiry and with its account. */
export class Tokens {
  readonly admin = `admin.${randomBytes(16).toString('hex')}`
  readonly issued: string[] = []
  readonly #issued = new Map<string, Issued>()
  readonly #store: Store
  readonly #now: () => number

  constructor(store: Store, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /** A token that looks like the server's: three parts of base64url, the middle one a JSON of claims. `seconds` is its lifetime. */
  issue(account: KubeObject, seconds: number): { token: string; expires: number } {
    const { namespace = '', name, uid } = account.metadata
    const now = Math.floor(this.#now() / 1000)
    const claims = { exp: now + seconds, iat: now, iss: ISSUER, jti: randomUUID(), sub: accountName(namespace, name) }
    const parts = [{ alg: 'ES256', kid: 'stand-in' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    const token = [...parts, createHash('sha512').update(parts.join('.')).digest('base64url')].join('.')
    const expires = (now + seconds) * 1000
    this.issued.push(token)
    this.#issued.set(token, { namespace, account: name, uid, expires })
    return { token, expires }
  }

  /** Whose an Authorization header is; undefined for one that is not valid (401). */
  userOf(header: string | undefined): User | undefined {
    if (header === undefined) return ANONYMOUS
    const token = /^Bearer (\S+)$/.exec(header)?.[1]
    if (token === this.admin) return ADMIN
    const issued = this.#issued.get(token ?? '')
    if (issued === undefined || issued.expires <= this.#now()) return undefined
    const { namespace, account, uid } = issued
    if (this.#store.get('serviceaccounts', namespace, account)?.metadata.uid !== uid) return undefined
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    return { kind: 'account', name: accountName(namespace, account), groups }
  }
}

/** Whose a client certificate is that the server's own authority has signed: CN is the name, each O a group. */
export const userOfSubject = ({ CN, O }: Subject): User => {
  const groups = [...[O ?? []].flat(), 'system:authenticated']
  return { kind: groups.includes('system:masters') ? 'admin' : 'account', name: [CN ?? ''].flat()[0] ?? '', groups }
}

export interface Subject {
  readonly CN?: string | string[] | undefined
  readonly O?: string | string[] | undefined
}

export const ISSUER = 'https://kubernetes.default.svc'

export const accountName = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`
