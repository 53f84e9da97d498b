import type { Range } from './range.ts'

/** Where a line may be broken within a secret, in plain text and in each kind of escape; and the blank without width that Markdown gets after what calls somebody. */
const BREAK = String.raw`(?:&#8203;|\xe2\x80\x8b|(?:(?:\\{1,7}r)?\\{1,7}n|\r?\n|&#13;|&#10;|%0[AaDd]| ){1,3}[ \t]{0,20})`

/** How many units of a value find a candidate; the others are then compared one by one. */
const HEAD = 4

/**
 * Finds a known value in UTF-8 text that was read byte by byte (latin1), however it is spelled there: as it is, escaped for JSON (also twice), XML, HTML, Markdown,
 * CSV, SARIF or a URL, as a part of base64, or broken over lines. In time that grows with the text.
 */
export const knownSecret = (value: string): ((text: string) => Range[]) => {
  const searches = [bare(value), ...base64Of(value)].filter(({ length }) => length >= LEAST).map((form) => unitsOf(form))
  return (text) => searches.flatMap((units) => occurrences(text, units))
}

/** Without what would be a part of the file's own markup where a value begins or ends with it. */
const bare = (value: string): string => value.replace(/^["\\<>&{}]+|["\\<>&{}]+$/g, '')

/** Shorter values blank ordinary words and are left, as by `Redactor`. */
const LEAST = 8

/** The characters of base64 that the value alone decides, for each of the three places in a group of bytes at which it may begin. */
const base64Of = (value: string): string[] =>
  [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)])
    return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
  })

/** The characters; of what some formats double (quotes, braces, backslashes) each run. */
const unitsOf = (value: string): string[] => value.match(/[\\"{}]+|./gsu) ?? []

/** One of what some formats double. */
const DOUBLED = String.raw`(?:[\\"{}]|&(?:amp;)?(?:quot|#(?:34|92|123|125)|#[Xx](?:22|5[Cc]|7[BbDd]));|%(?:25)?(?:22|5[Cc]|7[BbDd]))`

const spelled = (unit: string): string => {
  const code = unit.codePointAt(0) ?? 0
  if (/^[A-Za-z0-9]$/.test(unit)) return `(?:${unit}|&#${code};)`
  if (/^[\\"{}]/.test(unit)) return `${DOUBLED}{1,${8 * unit.length}}?(?!${DOUBLED})`
  const bytes = Buffer.from(unit)
  const literals = [bytes.toString('latin1'), ...(TWINS[unit] ?? [])].map((form) => form.replace(/[^A-Za-z0-9\x80-\xff]/g, String.raw`\$&`))
  const hex = [...bytes].map((byte) => `%(?:25)?${anyCase(byte.toString(16).padStart(2, '0'))}`)
  const utf16 = [...Array(unit.length).keys()].map((index) => String.raw`\\{1,7}u${anyCase(unit.charCodeAt(index).toString(16).padStart(4, '0'))}`)
  const reference = `&(?:amp;)?(?:#0*${code}|#[Xx]0*${anyCase(code.toString(16))}${(NAMES[unit] ?? []).map((name) => `|${name}`).join('')});`
  return `(?:${reference}|${utf16.join('')}|${hex.join('')}|${literals.map((form) => String.raw`\\{0,7}${form}`).join('|')})`
}

/** What base64url, and forms of URLs, have in place of a character. */
const TWINS: Readonly<Record<string, readonly string[]>> = { '+': ['-'], '/': ['_'], ' ': ['+'] }
const NAMES: Readonly<Record<string, readonly string[]>> = { '&': ['amp'], '<': ['lt'], '>': ['gt'], "'": ['apos'], ' ': ['nbsp'] }

const anyCase = (hex: string): string => hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

const occurrences = (text: string, units: readonly string[]): Range[] => {
  const head = new RegExp(units.slice(0, HEAD).map(spelled).join(`(?:${BREAK})??`), 'g')
  const rest = units.slice(HEAD).map(stepOver)
  const found: Range[] = []
  for (let match = head.exec(text); match !== null; match = head.exec(text)) {
    const end = endOf(text, head.lastIndex, rest)
    if (end !== undefined) found.push([match.index, end])
    head.lastIndex = Math.max(end ?? 0, match.index + 1)
  }
  return found
}

/** Where a unit ends that begins there; undefined when it does not. */
type Step = (text: string, at: number) => number | undefined

/** With what a report ends a text that it cut. */
const CUT = '\xe2\x80\xa6'

/** Each unit is taken once and never given back, which keeps the time linear. What is left of a value that was cut counts from so many characters on as the shortest has. */
const endOf = (text: string, start: number, steps: readonly Step[]): number | undefined => {
  let at = start
  for (const [done, step] of steps.entries()) {
    const next = step(text, at)
    if (next === undefined) return done + HEAD >= LEAST && text.startsWith(CUT, at) ? at : undefined
    at = next
  }
  return at
}

/** Where a text has one of these, more than this one may stand for it. */
const BEGINS_ESCAPE: ReadonlySet<string> = new Set('\\"{}&%')

const stepOver = (unit: string): Step => {
  const escaped = new RegExp(`(?:${BREAK})??${spelled(unit)}`, 'y')
  const plain = BEGINS_ESCAPE.has(unit) ? '' : unit
  return (text, at) => {
    if (text[at] === plain) return at + 1
    escaped.lastIndex = at
    return escaped.test(text) ? escaped.lastIndex : undefined
  }
}
