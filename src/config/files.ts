import type { Tags } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../kernel/error.ts'
import type { SourceText } from './config.ts'
import { printableLine } from '../kernel/name.ts'
import { nearest } from '../kernel/nearest.ts'
import { parserWords } from '../kernel/parser-words.ts'
import { parseYaml } from '../kernel/yaml.ts'
import { SLIPS } from './raw.ts'
import type { Reader } from './reader.ts'

export type FileReader = (path: string) => string

/** The texts of all thresholds, the inline one first. What they say is checked by the verdict. */
export const readThresholds = (reader: Reader, readFile: FileReader): SourceText[] => {
  const inline = reader.given('threshold') ? [{ source: 'threshold', text: reader.text('threshold') }] : []
  return [...inline, ...reader.list('threshold-file').flatMap((path) => readText(reader, { input: 'threshold-file', path, readFile }))]
}

/** The text of the threshold that all containers together must meet. */
export const readTotals = (reader: Reader): SourceText[] =>
  reader.given('total-threshold') ? [{ source: 'total-threshold', text: reader.text('total-threshold') }] : []

/** The texts of all attestation files. What they say is checked by the verdict. */
export const readAttestations = (reader: Reader, readFile: FileReader): SourceText[] =>
  reader.list('attestation-file').flatMap((path) => readText(reader, { input: 'attestation-file', path, readFile }))

/** The texts of all files of accepted causes. What they say is checked by the verdict. */
export const readUnjudgedOkFiles = (reader: Reader, readFile: FileReader): SourceText[] =>
  reader.list('unjudged-ok-file').flatMap((path) => readText(reader, { input: 'unjudged-ok-file', path, readFile }))

const readText = (reader: Reader, what: { input: string; path: string; readFile: FileReader }): SourceText[] => {
  try {
    return [{ source: what.path, text: what.readFile(what.path) }]
  } catch (error) {
    reader.problem(what.input, 'a readable file', [`${what.path}: ${printableLine(messageOf(error))}`])
    return []
  }
}

/** Inline inputs of the profiles: a mapping of names to values. */
export const checkProfileInputs = (reader: Reader): string => {
  const text = reader.text('profile-inputs')
  if (text !== '') checkMapping(reader, { input: 'profile-inputs', source: 'the inline text', text })
  return text
}

export const checkInputFiles = (reader: Reader, readFile: FileReader): readonly string[] => {
  for (const path of reader.list('profile-inputs-file')) {
    for (const { text } of readText(reader, { input: 'profile-inputs-file', path, readFile }))
      checkMapping(reader, { input: 'profile-inputs-file', source: path, text })
  }
  return reader.list('profile-inputs-file')
}

const DAY = /^(\d{4}-\d{2}-\d{2})([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?$/

/** A day that the calendar has, with or without a time. */
const isDay = (text: string): boolean => {
  const day = DAY.exec(text)?.[1]
  const time = day === undefined ? Number.NaN : Date.parse(day)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day ?? '')
}

const Waiver = z.object(
  {
    justification: z.string('a text is missing').trim().min(1, 'it is empty'),
    expiration_date: z.string('it is no day like 2027-12-31').refine(isDay, 'it is no day like 2027-12-31').optional(),
    run: z.boolean('it is neither true nor false').optional()
  },
  'it is no mapping'
)
const WAIVER_KEYS = Object.keys(Waiver.shape)

/** Waiver files and the ids of the controls in them, each with a justification. An id that YAML reads as a number would lose digits (9.10). */
export const readWaivers = (reader: Reader, readFile: FileReader): { files: readonly string[]; controls: readonly string[] } => {
  const files = reader.list('waivers-file')
  const controls = files.flatMap((path) =>
    readText(reader, { input: 'waivers-file', path, readFile }).flatMap(({ text }) => checkWaiverText(reader, path, text))
  )
  return { files, controls }
}

const checkWaiverText = (reader: Reader, path: string, text: string): string[] => {
  const mapping = checkMapping(reader, { input: 'waivers-file', source: path, text })
  for (const [key, value] of mapping ?? []) {
    if (typeof key !== 'string')
      reader.problem('waivers-file', 'control ids in quotes', [
        `${path}: ${printableLine(String(key))}`,
        'Without quotes YAML reads it as a number or word of its own: 9.10 becomes 9.1.'
      ])
    const wrong = waiverProblem(value)
    if (wrong !== undefined)
      reader.problem('waivers-file', 'a justification (text), and optionally expiration_date (a day) and run (true or false)', [
        `${path}: ${printableLine(String(key))}: ${wrong}`
      ])
  }
  return (mapping ?? []).map(([key]) => String(key))
}

/** The key that was probably meant: by its name, or because a day stands there. Of three letters two would be another word. */
const meantKey = (key: string, value: unknown): string | undefined => {
  const named = WAIVER_KEYS.find((known) => nearest(key.toLowerCase(), [known], Math.min(SLIPS, Math.floor(known.length / 3))) !== undefined)
  return named ?? (/expir|until|\bends?\b/i.test(key) || (typeof value === 'string' && isDay(value)) ? 'expiration_date' : undefined)
}

/** A misspelt key would be passed over by the auditor, and with `expires` or `valid_until` the waiver would hold for ever. Other keys are their owner's. */
const waiverProblem = (value: unknown): string | undefined => {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  for (const [key, entry] of entries) {
    const meant = WAIVER_KEYS.includes(key) ? undefined : meantKey(key, entry)
    if (meant !== undefined) return `${printableLine(key)} in place of ${meant}`
  }
  const issue = Waiver.safeParse(value).error?.issues[0]
  return issue === undefined ? undefined : `${issue.path.join('.') || 'the entry'}: ${issue.message}`
}

/** The entries of a YAML mapping with keys as the auditor's Ruby reads them (YAML 1.1); undefined, and a problem, when it is none. */
const checkMapping = (reader: Reader, what: { input: string; source: string; text: string }): [unknown, unknown][] | undefined => {
  const { value, wrong } = readYaml(what.text)
  if (value instanceof Map) return [...value].map(([key, entry]) => [key, entry instanceof Map ? Object.fromEntries(entry) : entry])
  reader.problem(what.input, 'a YAML mapping of names to values', [`${what.source}: ${wrong ?? 'something else'}`])
  return undefined
}

const readYaml = (text: string): { value?: unknown; wrong?: string } => {
  const document = parseYaml(text, { version: '1.1', customTags: withoutDates })
  const [error] = document.errors
  if (error !== undefined) return { wrong: printableLine(parserWords(error)) }
  try {
    return { value: document.toJS({ mapAsMap: true, maxAliasCount: 10 }) }
  } catch (thrown) {
    return { wrong: printableLine(messageOf(thrown)) } // aliases are looked up only now
  }
}

/** Days stay text, so that one that no month has is seen. */
const withoutDates = (tags: Tags): Tags => tags.filter((tag) => typeof tag !== 'object' || tag.tag !== 'tag:yaml.org,2002:timestamp')
