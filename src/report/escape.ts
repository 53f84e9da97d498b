import { printable } from '../kernel/name.ts'

/** How long a text from outside may be in a report that people read. */
const LONGEST = 2000

/** Cuts a long text and says so. */
export const cut = (text: string, longest = LONGEST): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length - longest} characters more)`

/** For XML 1.0, in text and in attributes: characters that XML does not allow are written out. */
export const xml = (text: string): string =>
  cut(printable(text))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;')

const MARKUP = /[\\`*_{}[\]()#+\-.!|~<>&@:]/g

/** For Markdown, on one line: every character that could be markup, a mention, a link or HTML becomes an entity. */
export const markdown = (text: string, longest = 300): string =>
  cut(printable(text).replace(/\s+/g, ' ').trim(), longest).replace(MARKUP, (character) => `&#${character.codePointAt(0)};`)
