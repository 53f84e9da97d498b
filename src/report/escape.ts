import { createHash } from 'node:crypto'
import { printable, printableLine } from '../kernel/name.ts'

/** How long a text from outside may be in a report that people read. */
const LONGEST = 2000

// The first half of a character that the cut went through.
const HALF = /[\ud800-\udbff]$/

/** Cuts a long text and says so. */
export const cut = (text: string, longest = LONGEST): string =>
  text.length <= longest ? text : `${text.slice(0, longest).replace(HALF, '')}… (${text.length - longest} characters more)`

/** For XML 1.0, in text and in attributes: characters that XML does not allow are written out. */
export const xml = (text: string): string => references(cut(text)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')

/** For HTML, in text: what could be markup becomes a reference, and what could hide or turn round text is written out. */
export const html = (text: string, longest = LONGEST): string => references(cut(text, longest))

const references = (text: string): string =>
  printable(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

// What a code host looks for once Markdown has been read, where an entity protects no more: mentions and addresses of mail, numbers of issues and the like, emoji,
// addresses. A blank without width keeps the two sides apart. No colon of ours follows a text: with one in it, it would begin an emoji.
const CALL = /@(?=\w)|[#!%~&$](?=\d)|:(?=\/\/|\w+:)|\bwww(?=\.)/gi
// What begins markup within a line: emphasis, code, links, HTML, formulas. Marks of lists and headings begin lines only.
const MARKUP = /[\\`*_{}[\]#|~<>&@$\u200b]/g
// With which no line may begin: all but what cannot be one of these marks.
const MARK = /^[^&\p{L}]/u

const entity = (character: string): string => `&#${character.codePointAt(0)};`

/** For Markdown, on one line and never at its beginning: nothing in it is markup, a mention, a link or HTML. */
export const markdown = (text: string, longest = 300): string =>
  printable(cut(text.trim(), longest)).replace(/\s+/g, ' ').replace(CALL, '$&\u200b').replace(MARKUP, entity)

/** The same where a line or the text of a list or a quotation begins: it begins no list, heading or rule of its own. */
export const markdownBegun = (text: string, longest?: number): string => markdown(text, longest).replace(MARK, entity)

/** The same for several lines: each stays a line. */
export const markdownLines = (text: string, longest: number): string =>
  cut(text, longest)
    .split(/\r?\n/)
    .map((line) => markdownBegun(line, longest))
    .join('  \n')
    .replace(/(?: {2}\n){2,}/g, '\n\n')

/** A cell stays within what a spreadsheet takes, 32,767 characters, even where each of these is written out. */
const LONGEST_CELL = 4000

// Where a cell begins, also for spreadsheets that separate by semicolons, with what begins a formula in some of them, ASCII or full width.
const FORMULA = /(?<=^|;)(?=[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20])/g
const NEGATIVE = /^-\d+(\.\d+)?$/

/** A cell of CSV (RFC 4180), always quoted and on one line; an apostrophe stands before what a spreadsheet would compute. */
export const csvCell = (text: string): string => {
  const line = printable(cut(text.trim(), LONGEST_CELL)).replace(/\s+/g, ' ')
  return `"${(NEGATIVE.test(line) ? line : line.replace(FORMULA, "'")).replaceAll('"', '""')}"`
}

/** For messages of SARIF, in which brackets make links and braces take values. Never longer than `longest`; one that is cut says so. */
export const sarifMessage = (text: string, longest: number): string => {
  for (let room = longest; ; room = Math.floor(room * 0.9)) {
    const message = sarifEscaped(printable(cut(text, room)))
    if (message.length <= longest) return message
  }
}

const sarifEscaped = (text: string): string => text.replace(/[\\[\]]/g, '\\$&').replace(/[{}]/g, '$&$&')

/** A name from outside on one short line. Names that differ stay different: what had to be changed gets a digest. */
export const identifier = (text: string, longest = 100): string => {
  const line = printableLine(cut(text), longest).toWellFormed()
  return line === text && line !== '' ? line : `${line}~${digest(text).slice(0, 12)}`
}

/** A path of URI segments that names the same thing in each run. */
export const uriPath = (segments: readonly string[]): string =>
  segments.map((segment) => encodeURIComponent(identifier(segment)).replace(/^\.+$/, '_$&')).join('/')

/** SHA-256 in hexadecimal. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
