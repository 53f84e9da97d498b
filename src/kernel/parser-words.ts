import { YAMLError } from 'yaml'

/** An error of a parser, whose message may quote what it read: a secret, if that is what was in the file. */
export const isOfParser = (thrown: unknown): thrown is SyntaxError | ReferenceError | YAMLError =>
  thrown instanceof SyntaxError || thrown instanceof ReferenceError || thrown instanceof YAMLError

/** What is wrong, and where, as far as the parser says it; nothing of what it read. */
export const parserWords = (error: Error): string => {
  if (!(error instanceof SyntaxError)) return yamlWords(error)
  if (!error.message.includes('JSON')) return 'it cannot be parsed'
  if (error.message.includes('end of JSON')) return 'it is no JSON: it ends too early'
  const [, place = ''] = / in JSON at position \d+ \((line \d+ column \d+)\)$/.exec(error.message) ?? []
  return `it is no JSON${place === '' ? '' : ` at ${place.replace(' column', ', column')}`}`
}

const yamlWords = (error: Error): string => {
  const [place] = error instanceof YAMLError ? (error.linePos ?? []) : []
  return `${yamlKind(error.message)}${place === undefined ? '' : ` at line ${place.line}, column ${place.col}`}`
}

/** The kind of a fault of YAML, in the parser's own words up to where they quote. */
export const yamlKind = (message: string): string => {
  const [kind = ''] = message
    .replace(/["']quote$/, 'quote')
    .replace(/^(Unsupported YAML version|Unknown directive).*/s, '$1')
    .split(/[:("\n\\!%`&*]| at line /)
  return kind.trim()
}
