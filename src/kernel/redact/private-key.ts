import { beforeBackslashes, type Range } from './range.ts'

// As they are, and escaped for Markdown, XML, HTML, a URL, JSON.
const DASH = String.raw`(?:-|&#45;|&#[Xx]2[Dd];|%2[Dd]|\\{1,7}u002[Dd])`
const SPACE = String.raw`(?: |\+|%20|&#32;|&nbsp;|\\{1,7}u0020)`
const DASHES = `${DASH}{1,5}`
const LABEL = `${SPACE}(?:[A-Z0-9]{1,16}${SPACE}){0,3}PRIVATE${SPACE}KEY(?:${SPACE}BLOCK)?${SPACE}?`

/** Behind the first line, one of base64 or a field follows: else the line is only spoken of, as in a check that looks for keys. */
const GAP = String.raw`(?:[\s>+'-]|\\{1,7}[nrt]|&#(?:10|13|9|32|43|45);|&#[Xx](?:[AaDd9]|2[0BbDd]);|%(?:0[AaDd9]|2[0BbDd])|\\{1,7}u002[Dd]){0,64}`
const FIELD = '(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset)'
const BEGIN = new RegExp(`BEGIN${LABEL}${DASH}(?=${GAP}(?:(?:[A-Za-z0-9+/=]|&#\\d+;){8}|${FIELD}))`, 'g')
const BEFORE = new RegExp(`(?<=(?<dashes>${DASHES}${SPACE}?))`, 'y')

/** What ends a key: its last line, the first line of another one, or what ends a string, an element or a cell, and no key has. */
const AFTER = new RegExp(`(?<last>${DASHES}${SPACE}?END${LABEL}${DASHES})|${DASHES}${SPACE}?BEGIN${LABEL}${DASH}|["<|]`, 'g')

/** No key is longer, escaped or not: a last line that is farther away is of another one. */
const LONGEST = 65_536

/** Finds private keys in the forms of PEM (RFC 7468, RFC 1421) and OpenPGP, also when they are cut off: these end with their string, or where lines of base64 end. */
export const privateKeys = (text: string): Range[] => {
  const found: Range[] = []
  BEGIN.lastIndex = 0
  for (let match = BEGIN.exec(text); match !== null; match = BEGIN.exec(text)) {
    BEFORE.lastIndex = match.index
    const dashes = BEFORE.exec(text)?.groups?.['dashes']
    if (dashes === undefined) continue
    const end = endOf(text, BEGIN.lastIndex)
    found.push([match.index - dashes.length, end])
    BEGIN.lastIndex = end
  }
  return found
}

const HEAD = /BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY/g
const LINE = /[A-Za-z0-9+/]{16,}={0,2}/g
const FIRST_LINE = 48
/** What may stand between two lines: their numbers, quotes, the name of a file. */
const BETWEEN = 200

/**
 * Finds the lines of private keys between which a program, a list or a log put something else. Each is a range of its own, so that what stands between them, as the
 * quotes of JSON, stays.
 */
export const privateKeyLines = (text: string): Range[] =>
  [...text.matchAll(HEAD)].flatMap(({ index, 0: head }) => {
    const start = index + head.length
    const body = text.slice(start, start + LONGEST)
    const next = body.indexOf('PRIVATE KEY')
    return linesOf(next === -1 ? body : body.slice(0, next)).map(([from, to]): Range => [start + from, start + to])
  })

const linesOf = (body: string): Range[] => {
  const lines: Range[] = []
  let end = 0
  for (const { index, 0: line } of body.matchAll(LINE)) {
    if (!isMixed(line) && !(end > 0 && line.endsWith('='))) continue
    if (index - end > BETWEEN || (end === 0 && line.length < FIRST_LINE)) break
    end = index + line.length
    lines.push([index, end])
  }
  return lines
}

/** A path, a word or a number in hex has not all of these; a key's last line may end in = in their place. */
const isMixed = (line: string): boolean => /[A-Z]/.test(line) && /[a-z]/.test(line) && /[G-Zg-z+/]/.test(line) && /[0-9+/]/.test(line)

const endOf = (text: string, body: number): number => {
  AFTER.lastIndex = body
  const after = AFTER.exec(text)
  const whole = after?.groups?.['last'] !== undefined && after.index - body <= LONGEST
  if (whole) return AFTER.lastIndex
  return beforeBackslashes(text, body + blockLength(text.slice(body, after?.index)))
}

const FIELDS = new RegExp(`^-{0,4}(?:\\s*${FIELD}:[^\\n]*\\n)*\\s*`)
/** Also the last one, that a report cut. */
const BASE64_LINE = /^[\s>+-]{0,20}(?:&#\d+;)?(?:[A-Za-z0-9+/=]{16}|[A-Za-z0-9+/=]+(?:\s*$|\xe2\x80\xa6|\.\.\.))/

/** The line in which the body begins, and those below it that are base64. */
const blockLength = (body: string): number => {
  let end = lineEnd(body, FIELDS.exec(body)?.[0].length ?? 0)
  for (let next = lineEnd(body, end + 1); end < body.length && BASE64_LINE.test(body.slice(end + 1, next)); next = lineEnd(body, end + 1)) end = next
  return end
}

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}
