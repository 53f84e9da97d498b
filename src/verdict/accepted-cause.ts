import { z } from 'zod'
import { messageOf, type Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { parserWords } from '../kernel/parser-words.ts'
import { parseYaml } from '../kernel/yaml.ts'
import type { AcceptedCause, Verdict } from './model.ts'

/** Causes, or every problem of the text. */
export interface ParsedCauses {
  readonly causes: readonly AcceptedCause[]
  readonly problems: readonly Problem[]
}

const DAY = z.string('it is missing').refine((text) => isDay(text), 'it is no day like 2027-12-31')
const Entry = z.strictObject(
  { justification: z.string('it is missing').trim().min(1, 'it is empty'), expiration_date: DAY },
  { error: ({ code }) => (code === 'invalid_type' ? 'it is no mapping' : undefined) }
)

/** A kind, and what of it; never all of a kind. */
const CAUSE = /^[a-z][a-z-]*:(?!\*$)[^]+$/

/** Reads a file of causes that may leave controls unjudged: a mapping of causes, as the reports name them, to a justification and the day on which that ends. */
export const parseCauses = (text: string, source: string): ParsedCauses => {
  const { entries, wrong } = entriesOf(text)
  if (entries === undefined)
    return { causes: [], problems: [{ name: source, expected: 'a YAML mapping of causes to reasons', got: printableLine(wrong, 100) }] }
  const read = entries.map(([cause, value]) => ({ cause, entry: Entry.safeParse(value) }))
  const problems = read.flatMap(({ cause, entry }): Problem[] => [
    ...(CAUSE.test(cause)
      ? []
      : [{ name: source, expected: 'one cause as the reports name it, for example missing:systemctl', got: printableLine(JSON.stringify(cause), 100) }]),
    ...(entry.error?.issues ?? []).map((issue) => ({
      name: `${source}: ${printableLine(cause, 100)}`,
      expected: 'a justification and an expiration_date, and nothing else',
      got: printableLine([...issue.path, issue.message].join(': '), 200)
    }))
  ])
  const causes = read.flatMap(({ cause, entry: { data } }) =>
    data === undefined ? [] : [{ cause, justification: data.justification, expires: data.expiration_date }]
  )
  return { causes, problems }
}

const entriesOf = (text: string): { entries?: readonly [string, unknown][]; wrong: string } => {
  try {
    const document = parseYaml(text, { schema: 'core' })
    const [fault] = [...document.errors, ...document.warnings]
    if (fault !== undefined) return { wrong: parserWords(fault) }
    const value: unknown = document.toJS({ maxAliasCount: 10 })
    const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
    return entries.length === 0 ? { wrong: 'no cause' } : { entries, wrong: '' }
  } catch (error) {
    return { wrong: messageOf(error) }
  }
}

const isDay = (text: string): boolean => {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** A sentence for each that accepted nothing. `today`: YYYY-MM-DD. */
export const unusedCauses = ({ targets }: Verdict, causes: readonly AcceptedCause[], today: string): string[] => {
  const used = new Set(targets.flatMap(({ waivers }) => waivers.map(({ cause }) => cause)))
  return causes.flatMap(({ cause, expires }) => {
    if (expires <= today) return [`unjudged-ok-file: ${cause} ended on ${expires}: it accepts nothing`]
    return used.has(cause) ? [] : [`unjudged-ok-file: ${cause} accepts nothing: no control is unjudged for it`]
  })
}
