import type { Range } from './range.ts'

const NOT_BASE64 = /[^A-Za-z0-9+/=_-]/g
const BREAK = /(?:\\{1,7}[rn]|\r|\n|&#1[03];| ){1,4}[ \t]{0,20}(?=[A-Za-z0-9+/=_-])/y
/** How long the lines are into which base64 is broken: by Ruby, in PEM, in MIME and by the program base64. */
const LINES: ReadonlySet<number> = new Set([60, 64, 76])
/** Nothing worth a search is shorter. */
const SHORTEST = 40

/** Finds base64, in one line or several, that begins so and in which the other search finds something: as Secrets and kubeconfigs hold tokens and keys. */
export const inBase64 =
  (beginning: string, search: (text: string) => readonly Range[]) =>
  (text: string): Range[] => {
    const found: Range[] = []
    for (let at = text.indexOf(beginning); at !== -1;) {
      const { end, content } = read(text, at)
      if (content.length >= SHORTEST && search(Buffer.from(content, 'base64').toString('latin1')).length > 0) found.push([at, end])
      at = text.indexOf(beginning, end)
    }
    return found
  }

const read = (text: string, start: number): { end: number; content: string } => {
  const lines: string[] = []
  let from = start
  for (;;) {
    NOT_BASE64.lastIndex = from
    const end = NOT_BASE64.exec(text)?.index ?? text.length
    lines.push(text.slice(from, end))
    BREAK.lastIndex = end
    if (!LINES.has(end - from) || !BREAK.test(text)) return { end, content: lines.join('') }
    from = BREAK.lastIndex
  }
}
