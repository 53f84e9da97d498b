import type { Problem } from '../kernel/error.ts'
import type { Verb } from './input.ts'
import { nearest } from '../kernel/nearest.ts'
import { INPUTS, inputsOf } from './inputs.ts'

/** A raw input and where it came from. */
export interface Raw {
  readonly value: string
  readonly origin: 'flag' | 'input' | 'environment'
}

export type RawInputs = ReadonlyMap<string, Raw>

const RANK = { flag: 0, input: 1, environment: 2 } as const

/** One value for each name: a flag goes before an input, an input before the environment. */
export const mergeRaw = (...sources: readonly RawInputs[]): Map<string, Raw> => {
  const merged = new Map<string, Raw>()
  for (const [name, raw] of sources.flatMap((source) => Array.from(source))) {
    const known = merged.get(name)
    if (known === undefined || RANK[raw.origin] < RANK[known.origin]) merged.set(name, raw)
  }
  return merged
}

/** Names that no input has. Of inputs and environment only those that look like a slip of the pen: others may be meant for someone else. */
export const unknownNames = (raw: RawInputs, verb: Verb): Problem[] => {
  const known = inputsOf(verb).map(({ name }) => name)
  return [...raw].flatMap(([name, { origin }]) => {
    if (known.includes(name)) return []
    const meant = meantName(name, known, origin === 'flag' ? SLIPS : Math.min(SLIPS, Math.floor(name.length / 3)))
    if (origin !== 'flag' && (meant === undefined || INPUTS.some((input) => input.name === name))) return []
    return [{ name, expected: 'the name of an input', got: `${name} (${origin})`, ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }) }]
  })
}

/** The input that a name was probably to be: it may lack the end that says that a file is meant. */
export const meantName = (name: string, known: readonly string[], slips: number): string | undefined =>
  known.find((input) => input === `${name}-file`) ?? nearest(name, known, slips)

/** Letters by which a name may differ from the one that was meant; of three letters two would be another word. */
export const SLIPS = 2
