import { printable } from '../kernel/name.ts'

/** How long a text from outside may be in a report that people read. */
const LONGEST = 2000

// The first half of a character that the cut went through.
const HALF = /[\ud800-\udbff]$/

/** Cuts a long text and says so. */
export const cut = (text: string, longest = LONGEST): string =>
  text.length <= longest ? text : `${text.slice(0, longest).replace(HALF, '')}… (${text.length - longest} characters more)`

/** For XML 1.0, in text and in attributes: characters that XML does not allow are written out. */
export const xml = (text: string): string =>
  printable(cut(text))
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;')

// What begins markup within a line: emphasis, code, links, HTML, mentions, issue numbers, addresses. Marks of lists and headings begin lines only, and no line begins here.
const MARKUP = /[\\`*_{}[\]#|~<>&@]|:(?=\/\/|\w+:)|(?<=\bwww)\./gi

/** For Markdown, on one line and never at its beginning: every character that could be markup, a mention, a link or HTML becomes an entity. */
export const markdown = (text: string, longest = 300): string =>
  printable(cut(text.trim(), longest))
    .replace(/\s+/g, ' ')
    .replace(MARKUP, (character) => `&#${character.codePointAt(0)};`)
