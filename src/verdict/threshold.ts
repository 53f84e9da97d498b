import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import type { Severity, Status } from '../hdf/model.ts'
import type { Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { Bound, Threshold } from './model.ts'
import { meantKey } from './meant-key.ts'

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

/** Reads a threshold in SAF's nested form, YAML or JSON. Nothing is passed over: an unknown key, a wrong type, an empty text are problems. */
export const parseThreshold = (text: string, source: string): ParsedThreshold => {
  const lines = new LineCounter()
  const reading = new Reading(source, lines)
  const document = readYaml(text, lines)
  if (document === undefined) reading.problem(0, 'YAML or JSON that is a few levels deep', 'more levels than can be read')
  else {
    const faults = [...document.errors, ...document.warnings]
    for (const fault of faults) reading.problem(fault.pos[0], 'YAML or JSON', printableLine(fault.message))
    if (faults.length === 0) readRoot(document.contents, reading)
  }
  if (reading.problems.length === 0 && reading.bounds.length === 0) reading.problem(0, 'at least one bound', 'none')
  return reading.problems.length > 0 ? { kind: 'problems', problems: reading.problems } : { kind: 'threshold', threshold: { source, bounds: reading.bounds } }
}

/** YAML 1.2, whatever the text asks for; undefined where its depth exhausts the stack of the parser. */
const readYaml = (text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> | undefined => {
  try {
    return parseDocument(text, { lineCounter, version: '1.2', schema: 'core', merge: false, uniqueKeys: true, prettyErrors: false })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Collects bounds and problems while the text is read. */
class Reading {
  readonly bounds: Bound[] = []
  readonly problems: Problem[] = []
  readonly #source: string
  readonly #lines: LineCounter

  constructor(source: string, lines: LineCounter) {
    this.#source = source
    this.#lines = lines
  }

  problem(offset: number, expected: string, got: string): void {
    const { line, col } = this.#lines.linePos(offset)
    this.problems.push({ name: `${this.#source}:${line}:${col}`, expected, got: printableLine(got, 100) })
  }
}

const offsetOf = (node: unknown): number =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? Number(node.range[0]) : 0

const readRoot = (root: Node | null, reading: Reading): void => {
  if (!isMap(root)) return reading.problem(0, 'a mapping like `failed: {total: {max: 0}}`', root === null ? 'nothing' : 'something else')
  for (const { key, node, offset } of entries(root, reading)) {
    const status = STATUSES.find((known) => known === key)
    if (key === 'compliance') readCompliance(node, offset, reading)
    else if (status !== undefined) readStatus(status, { node, offset }, reading)
    else reading.problem(offset, `one of compliance, ${STATUSES.join(', ')}${hint(key, ['compliance', ...STATUSES])}`, key)
  }
}

interface Entry {
  readonly key: string
  readonly node: unknown
  readonly offset: number
}

const entries = (map: YAMLMap, reading: Reading): Entry[] =>
  map.items.flatMap(({ key, value }) => {
    if (isScalar(key)) return [{ key: String(key.value), node: value, offset: offsetOf(key) }]
    reading.problem(offsetOf(key), 'a key that is a word', 'something else')
    return []
  })

const hint = (key: string, known: readonly string[]): string => {
  if (key.includes('.')) return '; the dotted form is not read yet, write it nested'
  const near = meantKey(key, known)
  return near === undefined ? '' : ` (did you mean ${near}?)`
}

const readCompliance = (node: unknown, offset: number, reading: Reading): void => {
  if (!isMap(node)) return reading.problem(offset, 'compliance with min, max or both', 'something else')
  readMinMax({ prefix: 'compliance', status: 'compliance', severity: undefined, most: 100 }, node, reading)
}

const readStatus = (status: Status, { node, offset }: { node: unknown; offset: number }, reading: Reading): void => {
  if (!isMap(node) || node.items.length === 0) return reading.problem(offset, `${status} with one of ${CELLS.join(', ')}`, 'something else')
  for (const entry of entries(node, reading)) {
    const severity = CELLS.find((known) => known === entry.key)
    if (severity === undefined) reading.problem(entry.offset, `one of ${CELLS.join(', ')}${hint(entry.key, CELLS)}`, `${status}.${entry.key}`)
    else readCell({ prefix: `${status}.${severity}`, status, severity, most: Number.MAX_SAFE_INTEGER }, entry, reading)
  }
}

interface Cell {
  readonly prefix: string
  readonly status: Status | 'compliance'
  readonly severity: Severity | 'total' | undefined
  readonly most: number
}

const readCell = (cell: Cell, { node, offset }: Entry, reading: Reading): void => {
  if (isMap(node)) return readMinMax(cell, node, reading)
  const value = readNumber(cell, { node, offset, key: cell.prefix }, reading)
  if (value !== undefined) reading.bounds.push({ key: cell.prefix, status: cell.status, severity: cell.severity, kind: 'exact', value })
}

const readMinMax = (cell: Cell, map: YAMLMap, reading: Reading): void => {
  if (map.items.length === 0) return reading.problem(offsetOf(map), `${cell.prefix} with min, max or controls`, 'nothing')
  const found = new Map(entries(map, reading).map((entry) => [entry.key, readBound(cell, entry, reading)]))
  const [min, max] = [found.get('min'), found.get('max')]
  if (min !== undefined && max !== undefined && min > max) reading.problem(offsetOf(map), `${cell.prefix}: min not above max`, `min ${min}, max ${max}`)
}

/** One of min, max and controls; returns the number of the first two. */
const readBound = (cell: Cell, entry: Entry, reading: Reading): number | undefined => {
  const key = `${cell.prefix}.${entry.key}`
  if (entry.key === 'min' || entry.key === 'max') {
    const value = readNumber(cell, { ...entry, key }, reading)
    if (value !== undefined) reading.bounds.push({ key, status: cell.status, severity: cell.severity, kind: entry.key, value })
    return value
  }
  if (entry.key === 'controls' && cell.status !== 'compliance') readControls(cell, { ...entry, key }, reading)
  else {
    const known = cell.status === 'compliance' ? ['min', 'max'] : ['min', 'max', 'controls']
    const exact =
      entry.key === 'exact' && cell.status !== 'compliance' ? `; an exact number is written ${cell.prefix.replace('.', ': {')}: 3}` : hint(entry.key, known)
    reading.problem(entry.offset, `one of ${known.join(', ')}${exact}`, key)
  }
  return undefined
}

const readNumber = (cell: Cell, { node, offset, key }: Entry, reading: Reading): number | undefined => {
  const value: unknown = isScalar(node) ? node.value : undefined
  const whole = cell.status === 'compliance' || Number.isInteger(value)
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= cell.most && whole) return value
  reading.problem(
    node === null ? offset : offsetOf(node),
    `${key}: ${cell.status === 'compliance' ? 'a number from 0 to 100' : 'a whole number, 0 or more'}`,
    isScalar(node) ? JSON.stringify(value) : 'something else'
  )
  return undefined
}

const readControls = (cell: Cell, { node, offset, key }: Entry, reading: Reading): void => {
  const ids = isSeq(node) ? node.items.map((item) => (isScalar(item) && typeof item.value === 'string' ? item.value : undefined)) : [undefined]
  const known = ids.filter((id) => id !== undefined)
  if (known.length < ids.length) return reading.problem(offset, `${key}: a list of control ids, in quotes where they look like numbers`, 'something else')
  if (new Set(known).size < known.length) return reading.problem(offset, `${key}: each id once`, 'an id twice')
  reading.bounds.push({ key, status: cell.status, severity: cell.severity, kind: 'controls', value: known })
}
