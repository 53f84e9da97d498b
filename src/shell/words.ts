import type { Word, WordPart } from 'unbash'
import type { Variables } from './variables.ts'

/** What one word of a command can be when it runs. */
export interface Argument {
  /** Each text that it may have; of what only the run knows stands the source, as `$x`. */
  readonly values: readonly string[]
  /** False where a part of it is known at the run only. */
  readonly known: boolean
  /** An unquoted `*`, `?` or `[` is in it. */
  readonly glob: boolean
}

/** Texts that one word may have; beyond that it counts as not known. */
const MANY = 64

const literal = (value: string, glob = false): Argument => ({ values: [value], known: true, glob })

/** Reads a word, with the variables that the command sets itself. */
export const argumentOf = (word: Word, variables: Variables): Argument =>
  word.parts === undefined ? literal(word.value) : join(word.parts.map((part) => partOf(part, variables)))

/** The words that one becomes: a variable without quotes is as many as it has. */
export const fieldsOf = (word: Word, variables: Variables): Argument[] => {
  const [only, ...more] = word.parts ?? []
  const name = only === undefined || more.length > 0 ? undefined : plainVariable(only)
  const { values = [], known = false } = (name === undefined ? undefined : variables.get(name)) ?? {}
  const [first, ...others] = values.map((value) => value.split(/[ \t\n]+/).filter((text) => text !== ''))
  if (first === undefined) return [argumentOf(word, variables)]
  const glob = (text: string): boolean => /[*?[]/.test(text)
  if (others.length === 0) return first.map((text) => ({ values: [text], known, glob: glob(text) }))
  const all = [first, ...others].flatMap((texts) => (texts.length === 0 ? [''] : texts))
  return [{ values: all, known, glob: all.some(glob) }]
}

const plainVariable = (part: WordPart): string | undefined => {
  if (part.type === 'SimpleExpansion') return part.text.slice(1)
  return part.type === 'ParameterExpansion' && part.operation === undefined && part.prefix === undefined ? part.parameter : undefined
}

const join = (parts: readonly Argument[]): Argument => {
  let values: readonly string[] = ['']
  for (const part of parts) values = values.flatMap((left) => part.values.map((right) => left + right)).slice(0, MANY)
  const many = parts.reduce((product, part) => product * part.values.length, 1) > MANY
  return { values, known: !many && parts.every(({ known }) => known), glob: parts.some(({ glob }) => glob) }
}

const partOf = (part: WordPart, variables: Variables): Argument => {
  if (part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted') return literal(part.value)
  if (part.type === 'Glob') return literal(part.value, true)
  if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') return join(part.parts.map((inner) => partOf(inner, variables)))
  if (part.type === 'BraceExpansion') return braces(part.text)
  return expansion(part, variables)
}

const expansion = (part: WordPart, variables: Variables): Argument => {
  if (part.type === 'ParameterExpansion' && part.operation?.type === 'Default' && /[-=]/.test(part.operation.operator))
    return withDefault(part.parameter, argumentOf(part.operation.operand, variables), variables) // it may have another value
  const name = plainVariable(part)
  return name === undefined ? unknown(part.text) : variable(name, part.text, variables)
}

const withDefault = (name: string, other: Argument, variables: Variables): Argument => ({
  values: [...(variables.get(name)?.values ?? []), ...other.values],
  known: false,
  glob: other.glob
})

const unknown = (text: string): Argument => ({ values: [text], known: false, glob: false })

const variable = (name: string, text: string, variables: Variables): Argument => {
  const { values = [], known = false } = variables.get(name) ?? {}
  return values.length === 0 ? unknown(text) : { values, known, glob: values.some((value) => /[*?[]/.test(value)) }
}

const braces = (text: string): Argument =>
  /^\{[^{}]*,[^{}]*\}$/.test(text) ? { values: text.slice(1, -1).split(','), known: true, glob: false } : unknown(text)
