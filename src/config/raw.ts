import type { Problem } from '../kernel/error.ts'
import type { Verb } from './input.ts'
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
    const meant = nearest(name, known, origin === 'flag' ? SLIPS : Math.min(SLIPS, Math.floor(name.length / 3)))
    if (origin !== 'flag' && (meant === undefined || INPUTS.some((input) => input.name === name))) return []
    return [{ name, expected: 'the name of an input', got: `${name} (${origin})`, ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }) }]
  })
}

/** Letters by which a name may differ from the one that was meant; of three letters two would be another word. */
const SLIPS = 2

/** The known name that is at most `slips` letters away. */
export const nearest = (name: string, known: readonly string[], slips = SLIPS): string | undefined => {
  const ranked = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) })).toSorted((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= slips ? best.candidate : undefined
}

/** Levenshtein's. */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    row = next
  }
  return row.at(-1) ?? 0
}
