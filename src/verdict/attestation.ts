import { z } from 'zod'
import type { Attestation } from '../hdf/model.ts'
import { messageOf, type Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { parseYaml } from '../kernel/yaml.ts'
import type { Judged } from './model.ts'

/** Somebody's word for one control, as an attestation file of SAF holds it. */
export interface AttestationEntry extends Attestation {
  readonly control: string
}

/** Entries, or every problem of the text. */
export interface ParsedAttestations {
  readonly entries: readonly AttestationEntry[]
  readonly problems: readonly Problem[]
}

/** How long SAF's names hold, in its own short form. */
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
const FREQUENCY = /^[1-9]\d{0,3}[dwmy]$/

const Entry = z.strictObject({
  control_id: z.string().min(1),
  explanation: z.string().min(1),
  frequency: z.string().refine((text) => Object.hasOwn(FREQUENCIES, text) || FREQUENCY.test(text), 'it is none of 1d, 2w, 3m, 1y, annually, monthly …'),
  status: z.enum(['passed', 'failed']),
  updated: z.string().refine((text) => !Number.isNaN(dayOf(text)), 'it is no day like 2027-12-31'),
  updated_by: z.string().min(1)
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
      expected: 'control_id, explanation, frequency, status (passed or failed), updated and updated_by',
      got: printableLine(`${issue.path.join('.')}: ${issue.message}`, 200)
    }))
  )
  return { entries: read.flatMap(({ data }) => (data === undefined ? [] : [entryOf(data)])), problems }
}

const itemsOf = (text: string): { items: unknown[] | undefined; wrong: string } => {
  try {
    const document = parseYaml(text, { schema: 'core' })
    const [fault] = [...document.errors, ...document.warnings] // an unknown tag would be passed over
    if (fault !== undefined) return { items: undefined, wrong: `line ${fault.linePos?.[0].line ?? 1}: ${fault.message}` }
    const value: unknown = document.toJS({ maxAliasCount: 10 })
    const items: unknown[] | undefined = Array.isArray(value) ? value : typeof value === 'object' && value !== null ? Object.values(value) : undefined
    return items === undefined || items.length === 0 ? { items: undefined, wrong: 'no attestation' } : { items, wrong: '' }
  } catch (error) {
    return { items: undefined, wrong: messageOf(error) }
  }
}

const entryOf = ({ control_id, explanation, frequency, status, updated, updated_by }: z.infer<typeof Entry>): AttestationEntry => ({
  control: control_id,
  status,
  explanation,
  by: updated_by,
  updated: dayText(dayOf(updated)),
  expires: dayText(after(dayOf(updated), FREQUENCIES[frequency] ?? frequency))
})

/** Milliseconds of a day's beginning in UTC; not a number for what is no day of the calendar. */
const dayOf = (text: string): number => {
  const time = /^\d{4}-\d\d-\d\d(?:$|[T ])/.test(text) ? Date.parse(`${text.slice(0, 10)}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && dayText(time) === text.slice(0, 10) ? time : Number.NaN
}

/** The last one of four digits: longer ones could not be compared as texts. */
const LAST_DAY = Date.UTC(9999, 11, 31)

const dayText = (time: number): string => new Date(Math.min(time, LAST_DAY)).toISOString().slice(0, 10)

const after = (time: number, frequency: string): number => {
  const day = new Date(time)
  const many = Number(frequency.slice(0, -1))
  const unit = frequency.at(-1)
  if (unit === 'd' || unit === 'w') day.setUTCDate(day.getUTCDate() + many * (unit === 'w' ? 7 : 1))
  else addMonths(day, unit === 'y' ? 12 * many : many)
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

/** An attestation counts for a control that was not reviewed, from its day until the day on which it ends. The auditor's own results stay as they are. */
export const attest = (judged: readonly Judged[], entries: readonly AttestationEntry[], today: string): Attested => {
  const inForce = new Map(entries.filter(({ updated, expires }) => updated <= today && expires > today).map((entry) => [entry.control, entry]))
  const byId = Map.groupBy(
    judged.flatMap(({ results }) => results.controls),
    ({ id }) => id
  )
  const unused = entries.flatMap(({ control, updated, expires }) => {
    if (updated > today) return [`the attestation of ${control} is of ${updated}, which is still to come: it attests nothing`]
    if (expires <= today) return [`the attestation of ${control} ended on ${expires}: it attests nothing`]
    const found = byId.get(control) ?? []
    if (found.length === 0) return [`the attestation of ${control} attests nothing: no control has that id`]
    return found.some(({ status }) => status === 'skipped') ? [] : [`the attestation of ${control} attests nothing: the control was reviewed or does not apply`]
  })
  return { judged: judged.map((each) => attested(each, inForce)), unused }
}

const attested = (judged: Judged, inForce: ReadonlyMap<string, AttestationEntry>): Judged => ({
  ...judged,
  results: {
    ...judged.results,
    controls: judged.results.controls.map((control) => {
      const entry = control.status === 'skipped' ? inForce.get(control.id) : undefined
      return entry === undefined ? control : { ...control, status: entry.status, attestation: entry }
    })
  }
})
