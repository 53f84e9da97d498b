import { parseDocument } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { ThresholdText } from './config.ts'
import type { Reader } from './reader.ts'

export type FileReader = (path: string) => string

/** The texts of all thresholds, the inline one first. What they say is checked by the verdict. */
export const readThresholds = (reader: Reader, readFile: FileReader): ThresholdText[] => {
  const inline = reader.given('threshold') ? [{ source: 'threshold', text: reader.text('threshold') }] : []
  return [...inline, ...reader.list('threshold-file').flatMap((path) => readText(reader, { input: 'threshold-file', path, readFile }))]
}

const readText = (reader: Reader, what: { input: string; path: string; readFile: FileReader }): ThresholdText[] => {
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

const Waiver = z.looseObject({ justification: z.string().min(1), expiration_date: z.union([z.string(), z.date()]).optional(), run: z.boolean().optional() })

/** Waiver files: by control id, each with a justification. An id that YAML reads as a number would lose digits (9.10). */
export const checkWaivers = (reader: Reader, readFile: FileReader): readonly string[] => {
  for (const path of reader.list('waivers-file')) {
    for (const { text } of readText(reader, { input: 'waivers-file', path, readFile })) checkWaiverText(reader, path, text)
  }
  return reader.list('waivers-file')
}

const checkWaiverText = (reader: Reader, path: string, text: string): void => {
  const mapping = checkMapping(reader, { input: 'waivers-file', source: path, text })
  for (const [key, value] of mapping ?? []) {
    if (typeof key !== 'string')
      reader.problem('waivers-file', 'control ids in quotes', [`${path}: ${String(key)}`, 'Without quotes YAML reads it as a number: 9.10 becomes 9.1.'])
    const waiver = Waiver.safeParse(value)
    const issue = waiver.success ? undefined : waiver.error.issues[0]
    if (issue !== undefined)
      reader.problem('waivers-file', 'a justification (text), and optionally expiration_date and run (true or false)', [
        `${path}: ${String(key)}: ${issue.path.join('.')}: ${issue.message}`
      ])
  }
}

/** The entries of a YAML mapping with keys as YAML reads them; undefined, and a problem, when it is none. */
const checkMapping = (reader: Reader, what: { input: string; source: string; text: string }): [unknown, unknown][] | undefined => {
  const document = parseDocument(what.text, { uniqueKeys: true })
  const error = document.errors[0]
  const map: unknown = error === undefined ? document.toJS({ mapAsMap: true, maxAliasCount: 10 }) : undefined
  if (map instanceof Map) return [...map].map(([key, value]) => [key, value instanceof Map ? Object.fromEntries(value) : value])
  reader.problem(what.input, 'a YAML mapping of names to values', [`${what.source}: ${printableLine(error?.message ?? 'something else')}`])
  return undefined
}
