import { randomBytes } from 'node:crypto'

/** The id of one run: ten characters of a-z0-9, so that `kscan-RUN` is a valid object name and label value. */
export const newRunId = (): string => randomBytes(8).readBigUInt64BE().toString(36).padStart(13, '0').slice(-10)

/** Whether a text is such an id. */
export const isRunId = (text: string): boolean => /^[a-z0-9]{10}$/.test(text)

/** A Kubernetes object name (RFC 1123 subdomain), as pods have. */
export const isObjectName = (text: string): boolean => text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)

/** A namespace or container name (RFC 1123 label). */
export const isLabelName = (text: string): boolean => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)

// C0, DEL, C1, soft hyphen, zero-width, bidirectional and tag characters: what a terminal or a reader could be tricked with.
const UNPRINTABLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udfff](?![\udc00-\udfff])(?<![\ud800-\udbff][\udc00-\udfff])/gu

/** Text from outside made safe to print: control and bidirectional characters become \xNN or \u{NNNN}; tab and newline stay. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })

// What CI systems read as a command: GitHub at the beginning of a line whatever blanks stand before it, GitHub and Azure anywhere in it.
const LINE_COMMAND = /^([^\S\n]*):(?=:)/gm
const WORD_COMMAND = /##(?=\w*\[)/g

/** Lines for a log: made safe to print, and none is a command to the CI system that reads it. */
export const inert = (text: string): string => printable(text).replace(LINE_COMMAND, '$1: ').replace(WORD_COMMAND, '# #')

/** JSON of the same values, in which nothing can act on a terminal or a CI system: what could is written as an escape. */
export const inertJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent)
    .replace(UNPRINTABLE, (characters) => characters.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))
    .replace(WORD_COMMAND, '#\\u0023')

/** How much of a text is looked at for a line: what is safe to print is longer, and blanks at the beginning are left out. */
const LOOKED_AT = 100_000
// The first half of a character that a cut went through.
const HALF = /[\ud800-\udbff]$/

/** Text made safe to print, on one line and no longer than `limit` characters. */
export const printableLine = (text: string, limit = 400): string => {
  const line = printable(text.slice(0, LOOKED_AT))
    .replace(/[\t\n]+/g, ' ')
    .trim()
  return line.length > limit || text.length > LOOKED_AT ? `${line.slice(0, limit - 1).replace(HALF, '')}…` : line
}
