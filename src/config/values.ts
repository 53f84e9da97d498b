import type { Problem } from '../kernel/error.ts'
import { inertJson } from '../kernel/name.ts'
import { didYouMean } from '../kernel/nearest.ts'
import type { Input } from './input.ts'

/** A value read by its input's type, or what is wrong with it. */
export type Value = string | boolean | number | readonly string[]
export type Parsed = { readonly value: Value } | { readonly problem: Problem }

/** Reads a raw value by the input's type; spaces and line ends around it do not count. A secret's value never gets into the problem. */
export const parseValue = (input: Input, untrimmed: string): Parsed => {
  const { type } = input
  const raw = untrimmed.trim()
  switch (type.kind) {
    case 'text':
      return /[\r\n]/.test(raw) ? wrong(input, 'one line', raw) : { value: raw }
    case 'yaml':
      return { value: untrimmed } // what stands before its first line counts
    case 'list':
      return parseList(input, raw)
    case 'choice':
      return type.of.includes(raw) ? { value: raw } : { problem: { ...wrong(input, `one of ${type.of.join(', ')}`, raw).problem, ...didYouMean(raw, type.of) } }
    case 'boolean':
      return raw === 'true' || raw === 'false' ? { value: raw === 'true' } : wrong(input, 'true or false', raw)
    case 'count':
      return parseCount(input, raw, type)
    case 'duration':
      return parseDuration(input, raw, type)
  }
}

export const wrong = (input: Pick<Input, 'name' | 'secret'>, expected: string, got: string): { problem: Problem } => ({
  problem: { name: input.name, expected, got: input.secret === true ? '***' : JSON.stringify(got) }
})

/** Lines, commas, or a JSON array of strings. */
const parseList = (input: Input, raw: string): Parsed => {
  if (!raw.startsWith('[')) {
    const parts = raw
      .split(/[\n,]/)
      .map((part) => part.trim())
      .filter((part) => part !== '')
    return parts.length > 0 ? { value: parts } : wrong(input, 'at least one value', raw)
  }
  try {
    const list: unknown = JSON.parse(raw)
    if (Array.isArray(list) && list.length > 0 && list.every((part): part is string => typeof part === 'string' && part.trim() !== '')) return { value: list }
  } catch {
    // said below
  }
  return wrong(input, 'values by line or comma, or a JSON array of strings', raw)
}

/** A list as text that `parseValue` takes apart again: by commas, and as JSON what these would take apart. */
export const listText = (values: readonly string[]): string => (values.every((value) => PLAIN.test(value)) ? values.join(',') : inertJson(values))
const PLAIN = /^[^\s,[\]"\\\p{C}](?:[^,\n\p{C}]*[^\s,\p{C}])?$/u

const parseCount = (input: Input, raw: string, { least, most }: { least: number; most: number }): Parsed => {
  const value = /^\d{1,9}$/.test(raw) ? Number(raw) : Number.NaN
  return value >= least && value <= most ? { value } : wrong(input, `a whole number from ${least} to ${most}`, raw)
}

const UNIT: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 }

const parseDuration = (input: Input, raw: string, { least, most }: { least: number; most: number }): Parsed => {
  const match = /^(\d{1,6})([smh])$/.exec(raw)
  const value = match === null ? Number.NaN : Number(match[1]) * (UNIT[match[2] ?? ''] ?? Number.NaN)
  return value >= least && value <= most ? { value } : wrong(input, `a duration like "${input.default}", ${showMinutes(least)} to ${showMinutes(most)}`, raw)
}

const showMinutes = (milliseconds: number): string =>
  milliseconds % 3_600_000 === 0 ? `${milliseconds / 3_600_000}h` : milliseconds % 60_000 === 0 ? `${milliseconds / 60_000}m` : `${milliseconds / 1000}s`
