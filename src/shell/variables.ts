import type { Argument } from './words.ts'

/** What a variable of a command can hold. */
export interface Variable {
  readonly values: readonly string[]
  /** False where it may also hold what only the run knows. */
  readonly known: boolean
}

/** Variables that a command sets itself, by name; `1` … `9`, `@` and `*` are the operands of a script or function. */
export type Variables = ReadonlyMap<string, Variable>

/** Keeps what it was before: which of several assignments counts, only the run knows. */
export const assign = (variables: Map<string, Variable>, name: string, words: readonly Argument[]): void => {
  const before = variables.get(name)
  variables.set(name, {
    values: [...new Set([...(before?.values ?? []), ...words.flatMap(({ values }) => values)])],
    known: before?.known !== false && words.every(({ known }) => known)
  })
}

/** `NAME+=WORD`. */
export const append = (variables: Map<string, Variable>, name: string, { values, known, glob }: Argument): void => {
  const { values: before, known: wasKnown } = variables.get(name) ?? { values: [''], known: false }
  assign(variables, name, [{ values: before.flatMap((left) => values.map((right) => left + right)), known: known && wasKnown, glob }])
}

/** What `$1`, `$2` … and all of them are in what is called with these operands. */
export const assignOperands = (variables: Map<string, Variable>, operands: readonly Argument[]): void => {
  for (const [index, word] of operands.slice(0, 9).entries()) assign(variables, String(index + 1), [word])
  if (operands.length > 0) for (const name of ['@', '*']) assign(variables, name, operands)
}
