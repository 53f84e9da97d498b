import type { Severity, Status } from '../hdf/model.ts'
import type { Problem } from '../kernel/error.ts'
import { type Leaf, leavesOf, Reading, type Word } from './leaves.ts'
import { meantKey } from './meant-key.ts'
import type { Bound, Threshold } from './model.ts'

/** A threshold, or every problem of its text with the position. */
export type ParsedThreshold =
  | { readonly kind: 'threshold'; readonly threshold: Threshold }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

const STATUSES: readonly Status[] = ['passed', 'failed', 'skipped', 'no_impact', 'error']
const CELLS: readonly (Severity | 'total')[] = ['critical', 'high', 'medium', 'low', 'none', 'total']

/** What holds when no threshold is given. */
export const DEFAULT_THRESHOLD: Threshold = {
  source: 'the default threshold',
  bounds: [
    { key: 'failed.total.max', status: 'failed', severity: 'total', kind: 'max', value: 0 },
    { key: 'error.total.max', status: 'error', severity: 'total', kind: 'max', value: 0 }
  ]
}

/** Reads a threshold in any of SAF's spellings. Nothing is passed over: an unknown key, a wrong type, a bound given twice, an empty text are problems. */
export const parseThreshold = (text: string, source: string): ParsedThreshold => {
  const reading = new Reading(source)
  const leaves = leavesOf(text, reading)
  const bounds = leaves.flatMap((leaf) => boundOf(leaf, reading) ?? [])
  demandOnce(leaves, reading)
  demandOrder(bounds, leaves, reading)
  if (reading.problems.length === 0 && bounds.length === 0) reading.problem(0, 'at least one bound', 'none')
  return reading.problems.length > 0 ? { kind: 'problems', problems: reading.problems } : { kind: 'threshold', threshold: { source, bounds } }
}

/** A bound has up to three; what goes one deeper is still told apart. */
const MOST_WORDS = 4

const keyOf = ({ path }: Pick<Leaf, 'path'>): string => path.map(({ text }) => text).join('.')

/** Nested and dotted, one bound can be given twice, or a cell both as a number and with bounds. */
const demandOnce = (leaves: readonly Leaf[], reading: Reading): void => {
  const [seen, above] = [new Set<string>(), new Set<string>()]
  for (const leaf of leaves) {
    const key = keyOf(leaf)
    const parents = leaf.path.slice(1, MOST_WORDS).map((_, index) => keyOf({ path: leaf.path.slice(0, index + 1) }))
    if (seen.has(key) || above.has(key) || parents.some((parent) => seen.has(parent))) reading.problem(leaf.path.at(-1)?.offset ?? 0, `${key}: once`, 'twice')
    seen.add(key)
    for (const parent of parents) above.add(parent)
  }
}

const demandOrder = (bounds: readonly Bound[], leaves: readonly Leaf[], reading: Reading): void => {
  const values = new Map(bounds.map(({ key, value }) => [key, value]))
  for (const [key, min] of values) {
    const max = key.endsWith('.min') ? values.get(key.replace(/min$/, 'max')) : undefined
    if (typeof min !== 'number' || typeof max !== 'number' || min <= max) continue
    const offset = leaves.find((leaf) => keyOf(leaf) === key)?.path.at(-1)?.offset ?? 0
    reading.problem(offset, `${key.replace(/\.min$/, '')}: min not above max`, `min ${min}, max ${max}`)
  }
}

/** Bounds are named as they are dotted. */
const boundOf = (leaf: Leaf, reading: Reading): Bound | undefined => {
  const [first, ...rest] = leaf.path
  const status = STATUSES.find((known) => known === first?.text)
  if (first?.text === 'compliance') return complianceBound(leaf, rest, reading)
  if (status !== undefined) return statusBound(status, { leaf, rest }, reading)
  unknownKey(first, { known: ['compliance', ...STATUSES], above: '' }, reading)
  return undefined
}

const unknownKey = (
  word: Word | undefined,
  { known, above, more = '' }: { known: readonly string[]; above: string; more?: string },
  reading: Reading
): void => {
  const text = word?.text ?? ''
  const near = meantKey(text, known)
  reading.problem(
    word?.offset ?? 0,
    `one of ${known.join(', ')}${more}${near === undefined || more !== '' ? '' : ` (did you mean ${near}?)`}`,
    `${above}${text}`
  )
}

const complianceBound = (leaf: Leaf, [kind, ...deeper]: readonly Word[], reading: Reading): Bound | undefined => {
  if (kind === undefined) reading.problem(leaf.offset, 'compliance with min, max or both', show(leaf.value))
  else if (kind.text !== 'min' && kind.text !== 'max') unknownKey(kind, { known: ['min', 'max'], above: 'compliance.' }, reading)
  else return numberBound({ key: `compliance.${kind.text}`, status: 'compliance', severity: undefined, kind: kind.text }, ended(leaf, deeper), reading)
  return undefined
}

const statusBound = (status: Status, { leaf, rest }: { leaf: Leaf; rest: readonly Word[] }, reading: Reading): Bound | undefined => {
  const [cell, ...deeper] = rest
  const severity = CELLS.find((known) => known === cell?.text)
  if (cell === undefined) reading.problem(leaf.path[0]?.offset ?? 0, `${status} with one of ${CELLS.join(', ')}`, show(leaf.value))
  else if (severity === undefined) unknownKey(cell, { known: CELLS, above: `${status}.` }, reading)
  else return cellBound({ key: keyOf(leaf), status, severity }, { leaf, deeper }, reading)
  return undefined
}

/** A bound's value; what goes deeper is none. */
const ended = ({ path, value, offset }: Leaf, beyond: readonly Word[]): Leaf =>
  beyond.length === 0 ? { path, value, offset } : { path: path.slice(0, -beyond.length), value: undefined, offset: beyond[0]?.offset ?? offset }

type Cell = Pick<Bound, 'key' | 'status' | 'severity'>

const cellBound = (cell: Cell, { leaf, deeper }: { leaf: Leaf; deeper: readonly Word[] }, reading: Reading): Bound | undefined => {
  const [kind, ...beyond] = deeper
  if (kind === undefined) return numberBound({ ...cell, kind: 'exact' }, leaf, reading)
  if (kind.text === 'controls') return controlsBound(cell, ended(leaf, beyond), reading)
  if (kind.text === 'min' || kind.text === 'max') return numberBound({ ...cell, kind: kind.text }, ended(leaf, beyond), reading)
  const place = `${cell.status}.${cell.severity ?? ''}`
  const more = kind.text === 'exact' ? `; an exact number is written ${place}: 3` : ''
  unknownKey(kind, { known: ['min', 'max', 'controls'], above: `${place}.`, more }, reading)
  return undefined
}

const numberBound = (bound: Omit<Bound, 'value'>, { value, offset }: Leaf, reading: Reading): Bound | undefined => {
  const percent = bound.status === 'compliance'
  const most = percent ? 100 : Number.MAX_SAFE_INTEGER
  if (typeof value === 'number' && value >= 0 && value <= most && (percent || Number.isInteger(value))) return { ...bound, value }
  const orMore = bound.kind === 'exact' ? ', or min, max or controls below it' : ''
  reading.problem(offset, `${bound.key}: ${percent ? 'a number from 0 to 100' : `a whole number, 0 or more${orMore}`}`, show(value))
  return undefined
}

const controlsBound = (cell: Cell, { value, path }: Leaf, reading: Reading): Bound | undefined => {
  const offset = path.at(-1)?.offset ?? 0
  const ids: unknown[] = Array.isArray(value) ? value : [undefined]
  const known = ids.filter((id) => typeof id === 'string')
  if (known.length < ids.length) reading.problem(offset, `${cell.key}: a list of control ids, in quotes where they look like numbers`, 'something else')
  else if (new Set(known).size < known.length) reading.problem(offset, `${cell.key}: each id once`, 'an id twice')
  else return { ...cell, kind: 'controls', value: known }
  return undefined
}

const show = (value: unknown): string => {
  if (typeof value === 'number') return String(value) // JSON has no infinity
  return value === undefined || Array.isArray(value) ? 'something else' : value === null ? 'nothing' : JSON.stringify(value)
}
