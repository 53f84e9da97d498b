import { randomBytes } from 'node:crypto'

/** The id of one run: ten characters of a-z0-9, so that `kscan-RUN` is a valid object name and label value. */
export const newRunId = (): string => randomBytes(8).readBigUInt64BE().toString(36).padStart(13, '0').slice(-10)

/** A Kubernetes object name (RFC 1123 subdomain), as pods have. */
export const isObjectName = (text: string): boolean => text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)

/** A namespace or container name (RFC 1123 label). */
export const isLabelName = (text: string): boolean => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text)

// C0, DEL, C1, soft hyphen, zero-width, bidirectional and tag characters: what a terminal or a reader could be tricked with.
const UNPRINTABLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]|[\ud800-\udfff](?![\udc00-\udfff])(?<![\ud800-\udbff][\udc00-\udfff])/gu

/** Text from outside made safe to print: control and bidirectional characters become \xNN or \u{NNNN}; tab and newline stay. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })

/** The same, on one line and no longer than `limit` characters. */
export const printableLine = (text: string, limit = 400): string => {
  const line = printable(text)
    .replace(/[\t\n]+/g, ' ')
    .trim()
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}
