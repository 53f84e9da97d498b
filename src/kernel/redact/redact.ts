import type { Secret } from '../secret.ts'
import { inBase64 } from './base64.ts'
import { jwts } from './jwt.ts'
import { knownSecret } from './known-secret.ts'
import { privateKeyLines, privateKeys } from './private-key.ts'
import { beforeBackslashes, type Range } from './range.ts'

export type SecretKind = 'known secret' | 'private key' | 'line of a private key' | 'JWT'

export interface Redacted {
  /** The same bytes when nothing was found; else with a marker in the place of each secret. */
  readonly bytes: Uint8Array
  /** How many secrets of each kind were found. */
  readonly found: ReadonlyMap<SecretKind, number>
}

interface Finding {
  readonly kind: SecretKind
  readonly range: Range
}

/**
 * Takes secrets out of a report of any format: those that are known, private keys, JSON Web Tokens. A marker has no character that JSON, XML, HTML or a quoted cell of
 * CSV would have to escape, and no escape is cut in two. The text is read byte by byte (latin1). Throws for more bytes than a string can hold.
 */
export const redact = (bytes: Uint8Array, known: readonly Secret[]): Redacted => redactBy(known.map(searchFor), bytes)

const redactBy = (known: readonly Search[], bytes: Uint8Array): Redacted => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const found = [...known, ...BY_SHAPE].flatMap(([kind, search]) => search(text).map((range) => ({ kind, range })))
  const findings = apart(found)
  const counts = new Map<SecretKind, number>()
  for (const { kind } of findings) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return { bytes: findings.length === 0 ? bytes : replace(bytes, text, findings), found: counts }
}

/** The same for a text that is printed or published. */
export const withoutSecrets = (text: string, known: readonly Secret[]): string => withoutFound(text, known.map(searchFor))

export const withoutFound = (text: string, known: readonly Search[]): string => Buffer.from(redactBy(known, Buffer.from(text)).bytes).toString('utf8')

/** What was found, in words: `private key (2), JWT (1)`. */
export const showFound = (found: Redacted['found']): string => [...found].map(([kind, count]) => `${kind} (${count})`).join(', ')

/** Looks for secrets of one kind. */
export type Search = readonly [SecretKind, (text: string) => readonly Range[]]

/** To be made once for each secret: it takes longer than a search in a line. */
export const searchFor = (secret: Secret): Search => ['known secret', knownSecret(secret.reveal())]

const BY_SHAPE: readonly Search[] = [
  ['private key', privateKeys],
  ['line of a private key', privateKeyLines],
  ['private key', inBase64('LS0tLS1CRUdJTi', privateKeys)],
  ['JWT', jwts],
  ['JWT', inBase64('ZXlK', jwts)]
]

/** In the order of the text; what overlaps is one finding, of the kind that begins first. */
const apart = (findings: readonly Finding[]): Finding[] => {
  const joined: Finding[] = []
  for (const { kind, range } of findings.toSorted((a, b) => a.range[0] - b.range[0])) {
    const last = joined.at(-1)
    if (last === undefined || range[0] >= last.range[1]) joined.push({ kind, range })
    else joined[joined.length - 1] = { kind: last.kind, range: [last.range[0], Math.max(last.range[1], range[1])] }
  }
  return joined
}

const replace = (bytes: Uint8Array, text: string, findings: readonly Finding[]): Uint8Array => {
  const parts: Uint8Array[] = []
  let done = 0
  for (const { kind, range } of findings) {
    const [start, end] = range
    parts.push(bytes.subarray(done, Math.max(beforeBackslashes(text, start), done)), Buffer.from(`[redacted by kscan: ${kind}]`))
    done = end
  }
  return Buffer.concat([...parts, bytes.subarray(done)])
}
