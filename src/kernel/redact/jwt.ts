import { z } from 'zod'
import type { Range } from './range.ts'

const Header = z.looseObject({ alg: z.string(), enc: z.string().optional() })

/** How many places of one part are tried as the beginning of a header: text may stand before it without a gap. */
const TRIES = 8

/** Finds JSON Web Tokens (RFC 7519), signed or encrypted: parts of base64url with dots between, of which the first is a JSON object that names an algorithm. */
export const jwts = (text: string): Range[] => {
  const found: Range[] = []
  let at = begin(text, 0)
  while (at !== -1) {
    const dot = partEnd(text, at)
    const token = text[dot] === '.' ? tokenIn(text, at, dot) : undefined
    if (token !== undefined) found.push(token)
    at = begin(text, dot) // also within the token: the header of another may follow its signature without a gap
  }
  return found
}

// `{"`, and `{` with a blank or the end of a line behind it.
const BEGIN = /ey[JA]|ew[ok0]/g

const begin = (text: string, from: number): number => {
  BEGIN.lastIndex = from
  return BEGIN.exec(text)?.index ?? -1
}

/** The token whose header ends at the dot, and begins at `from` or behind it. */
const tokenIn = (text: string, from: number, dot: number): Range | undefined => {
  let start = from
  for (let tries = 0; tries < TRIES && start !== -1 && start < dot; tries += 1) {
    const parts = partsOf(text.slice(start, dot))
    const end = parts === 0 ? undefined : partsEnd(text, dot, parts - 1)
    if (end !== undefined) return [start, end]
    start = begin(text, start + 1)
  }
  return undefined
}

/** The length of `{"alg":""}` in base64url. */
const SHORTEST = 14

/** How many parts a token with that header has: five when it is encrypted. 0 for what is no header. */
const partsOf = (header: string): number => {
  if (header.length < SHORTEST) return 0
  const json = Buffer.from(header.replaceAll(UNDERSCORE, '_'), 'base64url').toString().trimEnd()
  if (!json.endsWith('}')) return 0
  try {
    return Header.parse(JSON.parse(json)).enc === undefined ? 3 : 5
  } catch {
    return 0
  }
}

const partsEnd = (text: string, dot: number, parts: number): number | undefined => {
  let end = dot
  for (let left = parts; left > 0; left -= 1) {
    if (text[end] !== '.') return undefined
    end = partEnd(text, end + 1)
  }
  return end
}

/** The one character of base64url that Markdown reports escape. */
const UNDERSCORE = '&#95;'
const NOT_IN_PART = /[^\w-]/g

const partEnd = (text: string, from: number): number => {
  let at = next(text, from)
  while (text.startsWith(UNDERSCORE, at)) at = next(text, at + UNDERSCORE.length)
  return at
}

const next = (text: string, from: number): number => {
  NOT_IN_PART.lastIndex = from
  return NOT_IN_PART.exec(text)?.index ?? text.length
}
