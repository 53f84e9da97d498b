import { z } from 'zod'
import type { Attestation, Control, Results } from '../hdf/model.ts'
import { localDay } from '../kernel/clock.ts'
import { messageOf, type Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { parserWords } from '../kernel/parser-words.ts'
import { parseYaml } from '../kernel/yaml.ts'
import type { Judged } from './model.ts'

/** Somebody's word for one control, as an attestation file of SAF holds it. */
export interface AttestationEntry extends Attestation {
  readonly control: string
  /** The container that it is of, by its name; left out: all. A field of ours, which SAF passes over. */
  readonly target?: string | undefined
}

/** Entries, or every problem of the text. */
export interface ParsedAttestations {
  readonly entries: readonly AttestationEntry[]
  readonly problems: readonly Problem[]
}

/** How long SAF's names hold. */
const FREQUENCIES: Readonly<Record<string, string>> = {
  annually: '1y',
  semiannually: '6m',
  quarterly: '3m',
  monthly: '1m',
  every2weeks: '2w',
  fortnightly: '2w',
  weekly: '1w',
  every3days: '3d',
  daily: '1d'
}
/** A number and a unit: 1y, 1.5y, 2 w, 6 months. */
const FREQUENCY = /^\s*(\d{1,4}(?:\.\d{0,4})?)(\s{0,10})(d|w|m|y|days?|weeks?|months?|years?)\s*$/

const Entry = z.strictObject({
  control_id: z.string().min(1),
  explanation: z.string().min(1),
  frequency: z.string().refine((text) => isFrequency(text), 'it is none of 1d, 2w, 3m, 1.5y, annually, monthly …'),
  status: z.enum(['passed', 'failed']),
  updated: z.string().refine((text) => !Number.isNaN(dayOf(text)), 'it is no day like 2027-12-31'),
  updated_by: z.string().min(1),
  target: z.string().min(1).optional()
})

/** Reads a file of SAF's attestations, YAML or JSON: a list of entries, or a mapping that has them as its values. */
export const parseAttestations = (text: string, source: string): ParsedAttestations => {
  const { items, wrong } = itemsOf(text)
  if (items === undefined)
    return { entries: [], problems: [{ name: source, expected: 'a list of attestations in YAML or JSON', got: printableLine(wrong, 100) }] }
  const read = items.map((item) => Entry.safeParse(item))
  const problems = read.flatMap(({ error }, index) =>
    (error?.issues ?? []).map((issue) => ({
      name: `${source}: attestation ${index + 1}`,
      expected: 'control_id, explanation, frequency, status (passed or failed), updated and updated_by, and optionally target',
      got: printableLine(`${issue.path.join('.')}: ${issue.message}`, 200)
    }))
  )
  return { entries: read.flatMap(({ data }) => (data === undefined ? [] : [entryOf(data)])), problems }
}

const itemsOf = (text: string): { items: unknown[] | undefined; wrong: string } => {
  try {
    const document = parseYaml(text, { schema: 'core' })
    const [fault] = [...document.errors, ...document.warnings] // an unknown tag would be passed over
    if (fault !== undefined) return { items: undefined, wrong: parserWords(fault) }
    const value: unknown = document.toJS({ maxAliasCount: 10 })
    const items: unknown[] | undefined = Array.isArray(value) ? value : typeof value === 'object' && value !== null ? Object.values(value) : undefined
    return items === undefined || items.length === 0 ? { items: undefined, wrong: 'no attestation' } : { items, wrong: '' }
  } catch (error) {
    return { items: undefined, wrong: messageOf(error) }
  }
}

const entryOf = ({ control_id, explanation, frequency, status, updated, updated_by, target }: z.infer<typeof Entry>): AttestationEntry => ({
  control: control_id,
  ...(target === undefined ? {} : { target }),
  status,
  explanation,
  by: updated_by,
  updated: dayText(dayOf(updated)),
  expires: dayText(after(dayOf(updated), FREQUENCIES[frequency] ?? frequency))
})

const isFrequency = (text: string): boolean => Object.hasOwn(FREQUENCIES, text) || Number(FREQUENCY.exec(text)?.[1]) > 0

/** Milliseconds of a day's beginning in UTC: of a time with a zone it is the day here. Not a number for what is no day of the calendar. */
const dayOf = (text: string): number => {
  if (!/^\d{4}-\d\d-\d\d(?:$|[T ])/.test(text)) return Number.NaN
  const time = Date.parse(`${text.slice(0, 10)}T00:00:00Z`)
  if (Number.isNaN(time) || dayText(time) !== text.slice(0, 10)) return Number.NaN
  const moment = ZONED.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(moment) ? time : Date.parse(`${localDay(moment)}T00:00:00Z`)
}

const ZONED = /^\S{10}[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)? ?(?:Z|[+-]\d\d:?\d\d)$/

/** The last one of four digits: longer ones could not be compared as texts. */
const LAST_DAY = Date.UTC(9999, 11, 31)

const dayText = (time: number): string => new Date(Math.min(time, LAST_DAY)).toISOString().slice(0, 10)

/** Whole days and months, rounded, as SAF has them; it takes the second letter of a word for the unit that stands right behind a whole number, and no time passes. */
const after = (time: number, frequency: string): number => {
  const [, many = '0', blank, unit = ''] = FREQUENCY.exec(frequency) ?? []
  const day = new Date(time)
  if (unit.length > 1 && blank === '' && !many.includes('.')) return time
  if (/^[dw]/.test(unit)) day.setUTCDate(day.getUTCDate() + Math.round(Number(many) * (unit.startsWith('w') ? 7 : 1)))
  else addMonths(day, Math.round(Number(many) * (unit.startsWith('y') ? 12 : 1)))
  return day.getTime()
}

/** To the last day of a month that is shorter. */
const addMonths = (day: Date, months: number): void => {
  const wanted = day.getUTCDate()
  day.setUTCDate(1)
  day.setUTCMonth(day.getUTCMonth() + months)
  day.setUTCDate(Math.min(wanted, new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()))
}

/** Targets with the attestations of their controls, and a sentence for each entry that counts nowhere. */
export interface Attested {
  readonly judged: readonly Judged[]
  readonly unused: readonly string[]
}

/**
 * An attestation counts for a control that was not reviewed, from its day until the day on which it ends; of several the worst counts, whatever their order. The
 * auditor's own results stay as they are.
 */
export const attest = (judged: readonly Judged[], entries: readonly AttestationEntry[], today: string): Attested => {
  const latest = dayText(Date.parse(`${today}T00:00:00Z`) + DAY_MS) // elsewhere it may be that day already
  const inForce = entries.filter(({ updated, expires }) => updated <= latest && expires > today).toSorted(byWorst)
  const unused = entries.flatMap((entry) => {
    const { control, target, updated, expires } = entry
    const what = `the attestation of ${control}${target === undefined ? '' : ` in ${target}`}`
    if (updated > latest) return [`${what} is of ${updated}, which is still to come: it attests nothing`]
    if (expires === updated)
      return [`${what} attests nothing: SAF reads its frequency as no time at all. Write a blank before the unit, or its first letter alone`]
    if (expires <= today) return [`${what} ended on ${expires}: it attests nothing`]
    const named = judged.filter((each) => isOf(entry, each))
    if (named.length === 0) return [`${what} attests nothing: no container is called that`]
    const found = named.flatMap(({ results }) => results.controls).filter(({ id }) => same(id, control))
    if (found.length === 0) return [`${what} attests nothing: no control has that id`]
    return found.some(({ status }) => status === 'skipped') ? [] : [`${what} attests nothing: the control was reviewed or does not apply`]
  })
  return { judged: judged.map((each) => attested(each, inForce)), unused }
}

const DAY_MS = 86_400_000

/** A failure first, then the latest; of two alike the order is that of their texts. */
const byWorst = (a: AttestationEntry, b: AttestationEntry): number =>
  Number(b.status === 'failed') - Number(a.status === 'failed') ||
  compare(b.updated, a.updated) ||
  compare(b.expires, a.expires) ||
  compare(JSON.stringify([a.by, a.explanation]), JSON.stringify([b.by, b.explanation]))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** SAF does not look at the case of letters. */
const same = (id: string, control: string): boolean => id.toLowerCase() === control.toLowerCase()

/** By the name in this run or the stable one; without a target it is of all. */
const isOf = ({ target }: AttestationEntry, { target: name, stableName, of }: Judged): boolean =>
  target === undefined || target === name || target === stableName || target === of?.name

const attested = (judged: Judged, inForce: readonly AttestationEntry[]): Judged => {
  const { controls, saf } = judged.results
  const byId = Map.groupBy(
    inForce.filter((entry) => isOf(entry, judged)),
    ({ control }) => control.toLowerCase()
  )
  if (byId.size === 0) return judged
  const entriesOf = ({ id, status }: Pick<Control, 'id' | 'status'>): AttestationEntry[] => (status === 'skipped' ? (byId.get(id.toLowerCase()) ?? []) : [])
  const results: Results = {
    ...judged.results,
    controls: controls.map((control) => withWord(control, entriesOf(control))),
    saf: saf?.map((control) => ({ ...control, status: entriesOf(control)[0]?.status ?? control.status }))
  }
  return { ...judged, results }
}

/** What was attested is a check of the control, so that each report says it. */
const withWord = (control: Control, words: readonly AttestationEntry[]): Control => {
  const [worst] = words
  if (worst === undefined) return control
  const checks = words.map(({ status, explanation, by, updated, expires }) => ({
    status,
    description: `Attested as ${status} by ${by} on ${updated}, until ${expires}`,
    message: explanation
  }))
  return { ...control, status: worst.status, attestations: words, checks: [...control.checks, ...checks] }
}
