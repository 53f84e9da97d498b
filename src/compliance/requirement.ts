import { z } from 'zod'
import { FACT_NAMES, type FactName, valuesOf } from './facts.ts'
import shipped from './requirements.json' with { type: 'json' }

/** From the best to the worst; `not-assessed` says nothing of either. */
export const STATUSES = ['met', 'not-assessed', 'at-risk', 'conflict'] as const
export type Status = (typeof STATUSES)[number]

const day = z.string().regex(/^20\d\d-\d\d-\d\d$/)
const text = z.string().min(1)

/** What a fact must be: one value, one of several, or a number within a bound. */
const Wanted = z.union([text, z.array(text).min(1).readonly(), z.strictObject({ atMost: z.number() }), z.strictObject({ moreThan: z.number() })])
export type Wanted = z.output<typeof Wanted>

const Rule = z.strictObject({
  status: z.enum(['met', 'at-risk', 'conflict']),
  when: z
    .partialRecord(z.enum(FACT_NAMES), Wanted)
    .refine((when) => Object.keys(when).length > 0, 'it holds of every run')
    .superRefine((when, context) => {
      for (const name of FACT_NAMES) for (const issue of impossible(name, when[name])) context.addIssue(issue)
    }),
  because: text
})
export type Rule = z.output<typeof Rule>

/** What a fact can never be would never hold, unseen. */
const impossible = (name: FactName, wanted: Wanted | undefined): string[] => {
  const values = valuesOf(name)
  if (wanted === undefined) return []
  if (typeof wanted === 'object' && ('atMost' in wanted || 'moreThan' in wanted)) return values === undefined ? [] : [`${name} is no number`]
  return [wanted].flat().flatMap((value) => (values !== undefined && Object.hasOwn(values, value) ? [] : [`${name} is never ${value}`]))
}

const ORDER = ['conflict', 'at-risk', 'met']

const Requirement = z.strictObject({
  framework: text,
  id: text,
  /** What is asked for, in our words. */
  title: text,
  /** Where in the framework's document. */
  section: text,
  url: z.url({ protocol: /^https$/ }).optional(),
  /** When id and title were last compared with the source. */
  checked: day,
  /** The first rule that holds decides; from the worst status to the best. */
  rules: z
    .array(Rule)
    .refine(
      (rules) => rules.every(({ status }, index) => index === 0 || ORDER.indexOf(status) >= ORDER.indexOf(rules[index - 1]?.status ?? '')),
      'not in order'
    )
    .readonly(),
  /** Why nothing is said where no rule holds. */
  otherwise: text
})
export type Requirement = z.output<typeof Requirement>

const Framework = z.strictObject({
  name: text,
  document: text,
  version: text,
  url: z.url({ protocol: /^https$/ }),
  checked: day,
  /** What ids and titles were compared with. */
  against: text
})
export type Framework = z.output<typeof Framework>

export const Catalog = z.strictObject({ frameworks: z.array(Framework).readonly(), requirements: z.array(Requirement).readonly() })
export type Catalog = z.output<typeof Catalog>

let read: Catalog | undefined

/** The data file. */
export const catalog = (): Catalog => (read ??= Catalog.parse(shipped))

/** The day on which the oldest of its rows was compared with its source. */
export const checkedOn = ({ requirements }: Catalog): string => requirements.map(({ checked }) => checked).toSorted()[0] ?? ''
