/** What people call things that the threshold format names otherwise. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['notreviewed', 'skipped'],
  ['notapplicable', 'no_impact'],
  ['na', 'no_impact'],
  ['profileerror', 'error'],
  ['all', 'total'],
  ['informational', 'none'],
  ['minimum', 'min'],
  ['maximum', 'max'],
  ['ids', 'controls']
])

/** The known name that was probably meant; undefined when none is near. */
export const nearest = (given: string, known: readonly string[]): string | undefined => {
  const plain = plainOf(given.slice(0, 40))
  const other = OTHER_NAMES.get(plain)
  if (other !== undefined && known.includes(other)) return other
  const ranked = known.map((name) => ({ name, steps: distance(plain, plainOf(name)) })).toSorted((a, b) => a.steps - b.steps)
  const [best] = ranked
  return best !== undefined && plain !== '' && best.steps <= Math.max(1, Math.floor((best.name.length + 1) / 3)) ? best.name : undefined
}

const plainOf = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')

/** How many letters have to be put in, left out or replaced. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
