import { type Hdf, SEVERITIES, type Severity, STATUSES, type Status } from './hdf.ts'
import type { Random } from '../support/random.ts'
import { cellOf, complianceOf, idsOf, type Seen, viewOf } from './view.ts'

/** A bound as it is written: a key in dots and its value; `raw` is put into the text as it stands. */
export interface Entry {
  readonly key: string
  readonly value: number | readonly string[] | { readonly raw: string }
}

export type Bounds = readonly Entry[]

/** The nested form. A key that is there twice is written twice. */
export const nested = (bounds: Bounds): string => {
  const tops = [...new Set(bounds.map(({ key }) => key.split('.')[0] ?? ''))]
  return tops.map((top) => `${top}: { ${cells(bounds.filter(({ key }) => key.split('.')[0] === top)).join(', ')} }\n`).join('')
}

const cells = (bounds: Bounds): string[] => {
  const names = [...new Set(bounds.map(({ key }) => key.split('.')[1] ?? ''))]
  return names.flatMap((name) => {
    const here = bounds.filter(({ key }) => key.split('.')[1] === name)
    const leaves = here.filter(({ key }) => key.split('.').length === 3).map(({ key, value }) => `${key.split('.')[2]}: ${show(value)}`)
    const scalars = here.filter(({ key }) => key.split('.').length === 2).map(({ value }) => `${name}: ${show(value)}`)
    return [...scalars, ...(leaves.length > 0 ? [`${name}: { ${leaves.join(', ')} }`] : [])]
  })
}

const show = (value: Entry['value']): string => (typeof value === 'object' && 'raw' in value ? value.raw : JSON.stringify(value))

/** Each bound that SAF holds a result against. */
export const ENFORCED: readonly string[] = [
  'compliance.min',
  'compliance.max',
  ...STATUSES.map((status) => `${status}.total`),
  ...STATUSES.flatMap((status) => (status === 'no_impact' ? [] : [`${status}.total.min`, `${status}.total.max`])),
  ...STATUSES.flatMap((status) => SEVERITIES.flatMap((severity) => (severity === 'none' ? [] : leavesOf(status, severity)))),
  ...leavesOf('no_impact', 'none')
]

/** Each bound that SAF reads past. */
export const READ_PAST: readonly string[] = [
  'no_impact.total.min',
  'no_impact.total.max',
  ...STATUSES.map((status) => `${status}.total.controls`),
  ...STATUSES.flatMap((status) => SEVERITIES.map((severity) => `${status}.${severity}`)),
  ...STATUSES.filter((status) => status !== 'no_impact').flatMap((status) => leavesOf(status, 'none'))
]

function leavesOf(status: Status, severity: Severity): string[] {
  return ['min', 'max', 'controls'].map((leaf) => `${status}.${severity}.${leaf}`)
}

export const partsOf = (key: string): { status: string; cell: string; kind: string } => {
  const [status = '', cell = '', leaf] = key.split('.')
  return status === 'compliance' ? { status, cell: '', kind: cell } : { status, cell, kind: leaf ?? 'exact' }
}

/** The bound with which a result just holds, and the one with which it just does not; undefined where there is none. */
export const edgeOf = (key: string, seen: readonly Seen[], random: Random): { met: Entry; missed: Entry } | undefined => {
  const { status, cell, kind } = partsOf(key)
  if (status === 'compliance') return complianceEdge(key, complianceOf(seen))
  const ids = idsOf(seen, status, cell)
  const count = cellOf(seen, status, cell)
  const entry = (value: Entry['value']): Entry => ({ key, value })
  if (kind === 'controls') return controlsEdge(ids, entry, random)
  if (kind === 'min') return { met: entry(count), missed: entry(count + 1) }
  if (kind === 'max') return count === 0 ? undefined : { met: entry(count), missed: entry(count - 1) }
  return { met: entry(count), missed: entry(count === 0 || random.chance(0.5) ? count + 1 : count - 1) }
}

const controlsEdge = (ids: readonly string[], entry: (value: Entry['value']) => Entry, random: Random): { met: Entry; missed: Entry } | undefined => {
  if (ids.length === 0 || new Set(ids).size < ids.length) return undefined
  const missed = random.pick([ids.slice(1), [...ids, 'X-1'], [...ids.slice(1), 'X-1']])
  return { met: entry(random.chance(0.5) ? ids : ids.toReversed()), missed: entry(missed) }
}

/** Away from where rounding would decide. */
const complianceEdge = (key: string, percent: number): { met: Entry; missed: Entry } | undefined => {
  const [below, above] = [Math.floor(percent), Math.ceil(percent)]
  const whole = below === above
  const missed = key === 'compliance.min' ? (whole ? above + 1 : above + 0.5) : whole ? below - 1 : below - 0.5
  if (missed <= 0 || missed > 100) return undefined
  return { met: { key, value: key === 'compliance.min' ? below : above }, missed: { key, value: missed } }
}

/** A few bounds around what the file has: some hold, some do not. */
export const generateBounds = (hdf: Hdf, random: Random, readPast: boolean): Bounds => {
  const seen = viewOf(hdf)
  const size = 1 + random.below(6)
  const keys = Array.from({ length: size }, () => random.pick(readPast && random.chance(0.4) ? READ_PAST : ENFORCED))
  return tidy(keys.map((key) => ({ key, value: valueOf(key, seen, random) })))
}

const valueOf = (key: string, seen: readonly Seen[], random: Random): Entry['value'] => {
  const { status, cell, kind } = partsOf(key)
  if (status === 'compliance')
    return random.pick([0, 100, 50, Math.floor(complianceOf(seen)), Math.round(complianceOf(seen)), Math.min(100, Math.round(complianceOf(seen)) + 0.25)])
  if (kind === 'controls') {
    const ids = [...new Set(idsOf(seen, status, cell))]
    if (ids.length === 0) return random.chance(0.1) ? [] : ['X-1']
    return random.pick([ids, ids, ids.slice(1), [...ids, 'X-1']])
  }
  const count = cellOf(seen, status, cell)
  if (kind === 'exact') return random.pick([count, count, count, count + 1, 0])
  const slack = kind === 'min' ? -1 : 1
  return Math.max(0, random.pick([count, count, count + slack, count + 2 * slack, count - slack, 0]))
}

/** Each cell once: exactly, or with min not above max. */
export const tidy = (bounds: Bounds): Bounds => {
  const kept = new Map<string, Entry>()
  for (const entry of bounds) {
    const scalar = partsOf(entry.key).kind === 'exact'
    const cell = scalar ? entry.key : entry.key.split('.').slice(0, -1).join('.')
    const [min, max] = [entry.key.endsWith('.min') ? entry : kept.get(`${cell}.min`), entry.key.endsWith('.max') ? entry : kept.get(`${cell}.max`)]
    const crossed = min !== undefined && max !== undefined && Number(min.value) > Number(max.value)
    const clash = scalar ? [...kept.keys()].some((key) => key.startsWith(`${cell}.`)) : kept.has(cell)
    if (!crossed && !clash) kept.set(entry.key, entry)
  }
  return [...kept.values()]
}

/** What a strict reader refuses: of the ninth divergence, or of the first. */
export const spoil = (bounds: Bounds, random: Random): Bounds => {
  const crossed: Bounds = [
    { key: 'passed.low.min', value: 3 },
    { key: 'passed.low.max', value: 2 }
  ]
  return random.pick<() => Bounds>([
    () => [{ key: 'failed.low.min', value: -1 }],
    () => [...without(bounds, 'failed.total'), { key: 'failed.total.max', value: -1 }],
    () => [...without(bounds, 'passed.low'), ...crossed],
    () => [...without(bounds, 'error.total'), { key: 'error.total.max', value: 0 }, { key: 'error.total.max', value: 50 }],
    () => [...without(bounds, 'failed.high'), { key: 'failed.high.controls', value: ['V-1', 'V-1'] }],
    () => [...without(bounds, 'failed.total'), { key: 'failed.total.maximum', value: 0 }],
    () => [...bounds, { key: 'errors.total.max', value: 0 }],
    () => [...without(bounds, 'failed.hihg'), { key: 'failed.hihg.max', value: 0 }],
    () => [...without(bounds, 'compliance'), { key: 'compliance.min', value: { raw: '"97%"' } }],
    () => [...without(bounds, 'compliance'), { key: 'compliance.min', value: 101 }],
    () => [...without(bounds, 'failed.total'), { key: 'failed.total.max', value: 0.5 }],
    () => [...without(bounds, 'failed.low'), { key: 'failed.low.controls', value: { raw: 'V-1' } }],
    () => [...without(bounds, 'passed.total'), { key: 'passed.total.min', value: { raw: 'null' } }],
    () => []
  ])()
}

const without = (bounds: Bounds, cell: string): Bounds => bounds.filter(({ key }) => key !== cell && !key.startsWith(`${cell}.`))
