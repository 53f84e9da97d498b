import { printableLine } from '../kernel/name.ts'
import { withoutSecrets } from '../kernel/redact/redact.ts'
import { withoutUserinfo } from '../kernel/redact/userinfo.ts'

const MASK = '***'
const NAMED = /\b((?:[\w-]*(?:token|secret|password|passwd|api[_-]?key)[\w-]*)["']?\s*(?:[=:]|is)\s*["']?)[^\s"',;]+/gi
/** No word of a language, address or path: what cannot be read, and may be a credential. */
const OPAQUE = /(?<![\w:/.-])(?:(?=[\w+/=~-]*\d)(?=[\w+/=~-]*[A-Za-z])[\w+=~-][\w+/=~-]{23,}|(?=\w*[a-z])(?=\w*[A-Z])(?=(?:[A-Za-z]*\d){2})\w{16,})/g
/** Shorter values blank ordinary words. */
const LEAST = 8

/** What a credential plugin says for people, a line, without what may be a credential: of it `given` was handed to the plugin, and is not told either. */
export const harmless = (line: string, given: readonly string[]): string => {
  let clean = withoutUserinfo(withoutSecrets(line, []))
  for (const value of given) if (value.length >= LEAST) clean = clean.replaceAll(value, MASK)
  return printableLine(clean.replace(NAMED, `$1${MASK}`).replace(OPAQUE, MASK), 300)
}

/** No line is longer; what follows is another one. */
const LONGEST = 16 * 1024

/** Cuts output into lines as it comes: whole ones at once, the last when it has ended. Blank ones are left out. */
export const linesOf = (onLine: (line: string) => void): { readonly add: (chunk: Buffer) => void; readonly end: () => void } => {
  let rest = ''
  const tell = (line: string): void => {
    if (line.trim() !== '') onLine(line.trim())
  }
  return {
    add: (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split(/\r\n|[\r\n]/)
      rest = lines.pop() ?? ''
      lines.forEach(tell)
      if (rest.length > LONGEST) {
        tell(rest)
        rest = ''
      }
    },
    end: () => {
      tell(rest)
      rest = ''
    }
  }
}
