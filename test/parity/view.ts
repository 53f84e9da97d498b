import type { Control, Hdf, Profile, Result, Severity, Status } from './hdf.ts'

/** A control as docs/thresholds.md says it counts: a second reading, which shares no code with the product. */
export interface Seen {
  readonly id: string
  readonly status: Status
  readonly severity: Severity
}

export const viewOf = (hdf: Hdf): Seen[] =>
  treesOf(hdf).flatMap((tree) => countedOf(tree).map((control) => ({ id: control.id, status: statusOf(control), severity: severityOf(control) })))

export const rootsOf = ({ profiles }: Hdf): Profile[] => profiles.filter((one) => !profiles.some(({ name }) => name === one.parent_profile))

/** Each outermost profile with all that it wraps, outermost first. */
export const treesOf = (hdf: Hdf): Profile[][] => rootsOf(hdf).map((root) => [root, ...wrapped(root, hdf)])

const wrapped = (by: Profile, hdf: Hdf): Profile[] => {
  const next = hdf.profiles.filter(({ parent_profile: parent }) => parent === by.name)
  return [...next, ...next.flatMap((each) => wrapped(each, hdf))]
}

/** What counts in a tree: without what has no results and is not in the outermost profile, which has all that ran. */
export const countedOf = (tree: readonly Profile[]): Control[] => {
  const ran = new Set(tree[0]?.controls.map(({ id }) => id))
  return innermost(tree).filter(({ id, results }) => results.length > 0 || ran.has(id))
}

/** What no profile further in has, too, and each such copy as bad as the worst around it. */
const innermost = ([outermost, ...tree]: readonly Profile[]): Control[] => {
  if (outermost === undefined) return []
  const inner = tree.filter(({ parent_profile: parent }) => parent === outermost.name).flatMap((next) => innermost([next, ...tree]))
  const around = outermost.controls.filter(({ id }) => inner.every((one) => one.id !== id))
  return [...around, ...inner.map((one) => outermost.controls.filter(({ id }) => id === one.id).reduce(worse, one))]
}

const WORST_FIRST: readonly Status[] = ['error', 'failed', 'skipped', 'passed', 'no_impact']
const badness = (one: Control): number => (one.results.length === 0 ? Infinity : WORST_FIRST.indexOf(statusOf(one)))
const worse = (one: Control, other: Control): Control => (badness(other) < badness(one) ? other : one)

export const isUnmet = ({ impact, results }: Control): boolean => impact === 0 && results.length > 0 && results.every((one) => one.resource_class === 'noop')

export const isError = (result: Result): boolean => result.status === 'error' || result.backtrace !== undefined

export const statusOf = (control: Control): Status => {
  const { results, impact, waiver_data: waiver } = control
  if (isUnmet(control)) return 'no_impact'
  if (results.some(isError)) return 'error'
  if (impact === 0 || Boolean(waiver['skipped_due_to_waiver'])) return 'no_impact'
  const order = ['failed', 'passed', 'skipped'] as const
  return order.find((status) => results.some((one) => one.status === status)) ?? 'error'
}

const CATEGORIES: Readonly<Record<string, Severity>> = { 'cat i': 'high', 'cat ii': 'medium', 'cat iii': 'low' }

/** What a tag means, in any case of letters; undefined where it says no severity. */
const meantBy = (tag: unknown): Severity | undefined => {
  const word = typeof tag === 'string' ? tag.trim().toLowerCase() : ''
  const known = (['none', 'low', 'medium', 'high', 'critical'] as const).find((severity) => severity === word)
  return known ?? CATEGORIES[word]
}

export const severityOf = ({ impact, tags }: Control): Severity => {
  const limits: readonly (readonly [number, Severity])[] = [
    [0.1, 'none'],
    [0.4, 'low'],
    [0.7, 'medium'],
    [0.9, 'high']
  ]
  return meantBy(tags['severityoverride']) ?? meantBy(tags['severity']) ?? limits.find(([limit]) => impact < limit)?.[1] ?? 'critical'
}

const inCell = (seen: readonly Seen[], status: string, cell: string): Seen[] =>
  seen.filter((one) => one.status === status && (cell === 'total' || one.severity === cell))

export const cellOf = (seen: readonly Seen[], status: string, cell: string): number => inCell(seen, status, cell).length

export const idsOf = (seen: readonly Seen[], status: string, cell: string): string[] => inCell(seen, status, cell).map(({ id }) => id)

export const complianceOf = (seen: readonly Seen[]): number => {
  const counted = seen.filter(({ status }) => status !== 'no_impact').length
  return counted === 0 ? 0 : (100 * cellOf(seen, 'passed', 'total')) / counted
}
