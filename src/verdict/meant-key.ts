import { nearest } from '../kernel/nearest.ts'

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

/** The known key that was probably meant; undefined when none is near. */
export const meantKey = (given: string, known: readonly string[]): string | undefined => {
  const plain = plainOf(given.slice(0, 40))
  const other = OTHER_NAMES.get(plain)
  if (other !== undefined && known.includes(other)) return other
  if (plain === '') return undefined
  const plains = known.map(plainOf)
  const best = nearest(plain, plains, Infinity) ?? ''
  return nearest(plain, [best], Math.max(1, Math.floor((best.length + 1) / 3))) === undefined ? undefined : known[plains.indexOf(best)]
}

const plainOf = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')
