/** The known name that takes at most `slips` letters put in, left out, replaced or swapped; the first of the nearest. */
export const nearest = (name: string, known: readonly string[], slips: number): string | undefined => {
  const ranked = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= slips)
    .map((candidate) => ({ candidate, distance: editDistance(name.slice(0, LONGEST), candidate.slice(0, LONGEST)) }))
    .toSorted((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= slips ? best.candidate : undefined
}

/** No name is longer; what is, may be anything. */
const LONGEST = 253

/** Letters by which a word may differ from the one that was meant: of three letters two would be another word. */
const slipsOf = (word: string): number => Math.min(3, Math.floor(word.length / 3))

/** What people write in place of a part of a name. */
const SHORT: readonly (readonly [RegExp, string])[] = [
  [/\bk8s\b/g, 'kubernetes'],
  [/[\s_]+/g, '-']
]

/** The word of a closed set that was probably meant: by its letters, in any case, or because it begins with what was given, or has it as a part. */
export const meantWord = (given: string, known: readonly string[]): string | undefined => {
  const word = SHORT.reduce((text, [short, long]) => text.replace(short, long), given.trim().toLowerCase().slice(0, LONGEST))
  const near = nearest(word, known, slipsOf(word))
  if (near !== undefined || word.length < 3) return near
  const [only, ...others] = known.filter((each) => each.startsWith(word) || each.split(/[-.]/).includes(word))
  return others.length === 0 ? only : undefined
}

/** The same as a question, to be spread into a problem; nothing where no word is near. */
export const didYouMean = (given: string, known: readonly string[]): { readonly hint?: string } => {
  const word = meantWord(given, known)
  return word === undefined ? {} : { hint: `Did you mean ${word}?` }
}

/** Damerau's and Levenshtein's, where no part is changed twice. */
const editDistance = (a: string, b: string): number => {
  const width = b.length + 1
  const costs = Array.from({ length: (a.length + 1) * width }, (_, at) => (at < width ? at : at % width === 0 ? at / width : 0))
  const cost = (i: number, j: number): number => costs[i * width + j] ?? 0
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j < width; j += 1) {
      const replaced = cost(i - 1, j - 1) + Number(a[i - 1] !== b[j - 1])
      const swapped = isSwap([a, b], i, j) ? cost(i - 2, j - 2) + 1 : Infinity
      costs[i * width + j] = Math.min(cost(i - 1, j) + 1, cost(i, j - 1) + 1, replaced, swapped)
    }
  return cost(a.length, b.length)
}

const isSwap = ([a, b]: readonly [string, string], i: number, j: number): boolean => i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
