import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readWaivers } from '../../../src/config/files.ts'
import { Reader } from '../../../src/config/reader.ts'
import { badInput } from '../../../src/kernel/error.ts'
import { type AttestationEntry, parseAttestations } from '../../../src/verdict/attestation.ts'
import type { Bound, Threshold } from '../../../src/verdict/model.ts'
import { parseThreshold } from '../../../src/verdict/threshold.ts'
import { rawOf } from '../config/load-support.ts'
import { control, judgeBy, judged, profile, results } from '../verdict/sample.ts'
import { changeBytes, changeJson, EXHAUSTING, type Json } from './mutate.ts'
import { forSeeds, givesOrRefuses } from './properties.ts'
import { randomOf } from '../../support/random.ts'

const threshold = (text: string): Threshold | undefined =>
  givesOrRefuses('BAD_INPUT', () => {
    const parsed = parseThreshold(text, 't.yaml')
    if (parsed.kind === 'problems') throw badInput(parsed.problems)
    return parsed.threshold
  })

const attestations = (text: string): readonly AttestationEntry[] | undefined =>
  givesOrRefuses('BAD_INPUT', () => {
    const { entries, problems } = parseAttestations(text, 'a.yaml')
    if (problems.length > 0) throw badInput(problems)
    return entries
  })

const waivers = (text: string): readonly string[] | undefined =>
  givesOrRefuses('BAD_INPUT', () => {
    const reader = new Reader(rawOf({ 'waivers-file': 'w.yaml' }), 'scan')
    const { controls } = readWaivers(reader, () => text)
    if (reader.problems.length > 0) throw badInput(reader.problems)
    return controls
  })

const BOUNDS: Json = {
  compliance: { min: 80 },
  passed: { total: { min: 1 }, high: { controls: ['a', 'b'] } },
  failed: { critical: { max: 0 }, high: { min: 0, max: 0 }, total: { max: 0 } },
  'error.total.max': 0,
  skipped: { total: 0 }
}
const YAML = Buffer.from(
  '# what holds\ncompliance: {min: 80}\nfailed:\n  critical:\n    max: 0\n  high: {max: 0, min: 0}\n  total.max: 0\nerror.total.max: 0\npassed: {high: {controls: [\'a\', "b"]}}\nskipped: {total: 0}\n'
)
const INLINE = Buffer.from('compliance.min: 80, {failed.critical.max: 0}, failed.total.max: 0, error.total.max: 0')

const KEY = /^(?:compliance\.(?:min|max)|(?:passed|failed|skipped|no_impact|error)\.(?:critical|high|medium|low|none|total)(?:\.(?:min|max|controls))?)$/

/** A bound as the strict format has it. */
const isBound = ({ key, kind, value }: Bound): boolean =>
  KEY.test(key) && (typeof value === 'number' ? Number.isFinite(value) && value >= 0 : kind === 'controls' && value.every((id) => typeof id === 'string'))

/** Never an empty set of bounds, and none that is not of the format. */
const demandBounds = (text: string): void => {
  const read = threshold(text)
  if (read !== undefined && (read.bounds.length === 0 || !read.bounds.every(isBound))) throw new Error(`${JSON.stringify(read)} of ${text}`)
}

/** Text as a file gives it. */
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

describe('a threshold that is changed is refused, or has bounds of the strict format', () => {
  test('by other values and keys', () => forSeeds(1500, (seed) => demandBounds(changeJson(BOUNDS, randomOf(seed)))))
  test('byte by byte, YAML', () => forSeeds(1500, (seed) => demandBounds(textOf(changeBytes(YAML, randomOf(seed))))))
  test('byte by byte, inline', () => forSeeds(2500, (seed) => demandBounds(textOf(changeBytes(INLINE, randomOf(seed))))))
  test('as it is, it is read', () => {
    const keys = [JSON.stringify(BOUNDS), textOf(YAML), textOf(INLINE)].map((text) => threshold(text)?.bounds.length)
    expect(keys).toEqual([9, 8, 4])
  })
  test('of one bound, cut anywhere, it is refused', () => {
    const whole = 'failed: {total: {max: 0}}'
    for (let length = 0; length < whole.length; length += 1) expect(threshold(whole.slice(0, length))).toBeUndefined()
    expect(threshold(whole)).toBeDefined()
  })
  test.each(EXHAUSTING)('%s', (_, text) => expect(threshold(text)).toBeUndefined())
  test('infinity is said as such', () => expect(parseThreshold('failed: {total: {max: 1e999}}', 't')).toMatchObject({ problems: [{ got: 'Infinity' }] }))
})

const ENTRY: Json = { control_id: 'a', explanation: 'seen', frequency: '1m', status: 'passed', updated: '2026-11-20', updated_by: 'Ann' }

/** Each entry is one that was written: nothing is made up, and no day is one that no month has. */
const demandEntries = (text: string): void => {
  const read = attestations(text)
  if (read?.length === 0) throw new Error(`no entry of ${text}`)
  for (const { control, by, explanation, expires, updated } of read ?? [])
    if (control === '' || by === '' || explanation === '' || !isDay(updated) || !isDay(expires)) throw new Error(`${JSON.stringify(read)} of ${text}`)
}

const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text)

describe('attestations that are changed are refused, or are whole', () => {
  test('as they are, they are read', () => expect(attestations(JSON.stringify([ENTRY, ENTRY]))).toHaveLength(2))
  test('by other values and keys', () => forSeeds(1000, (seed) => demandEntries(changeJson([ENTRY, ENTRY], randomOf(seed)))))
  test('byte by byte', () => forSeeds(1000, (seed) => demandEntries(textOf(changeBytes(Buffer.from(JSON.stringify([ENTRY], null, 1)), randomOf(seed))))))
  test.each(EXHAUSTING)('%s', (_, text) => expect(attestations(text)).toBeUndefined())
  test.each(['2026-02-30', '2026-13-01', '2026-02-29'])('%s is no day', (updated) =>
    expect(attestations(JSON.stringify([{ ...ENTRY, updated }]))).toBeUndefined()
  )
  test('one that would end after the last year ends with it', () =>
    expect(attestations(JSON.stringify([{ ...ENTRY, frequency: '9999y' }]))?.[0]?.expires).toBe('9999-12-31'))
  test('an unknown tag is not passed over', () => expect(attestations(JSON.stringify([ENTRY]).replace('"seen"', '!secret seen'))).toBeUndefined())
})

const WAIVER = { justification: 'a risk that is accepted', expiration_date: '2027-01-31', run: true }
const WAIVED: Json = { 'V-1': { ...WAIVER }, 'V-2': { justification: 'known' } }

/** Each control is a key of the file, and none is left out. */
const demandControls = (text: string): void => {
  const read = waivers(text)
  if (read !== undefined && !isDeepStrictEqual(read, Object.keys(parse(text, { logLevel: 'silent' })))) throw new Error(`${JSON.stringify(read)} of ${text}`)
}

describe('waivers that are changed are refused, or name controls', () => {
  test('as they are, they are read', () => expect(waivers(JSON.stringify(WAIVED))).toEqual(['V-1', 'V-2']))
  test('by other values and keys', () => forSeeds(1000, (seed) => demandControls(changeJson(WAIVED, randomOf(seed)))))
  test('byte by byte', () => forSeeds(1000, (seed) => demandControls(textOf(changeBytes(Buffer.from(JSON.stringify(WAIVED, null, 1)), randomOf(seed))))))
  test.each(EXHAUSTING)('%s', (_, text) => expect(waivers(text)).toBeUndefined())
})

test('lists of very many controls are compared', () => {
  const ids = Array.from({ length: 50_000 }, (_, index) => `c${index}`)
  const target = judged('t', [], {
    results: results(
      ids.map((id) => control(id, 'passed')),
      [profile('p')]
    )
  })
  const bound: Bound = { key: 'passed.total.controls', status: 'passed', severity: 'total', kind: 'controls', value: ids.slice(1) }
  const verdict = givesOrRefuses('BAD_INPUT', () => judgeBy([target], [{ source: 't', bounds: [bound] }]))
  expect(verdict?.violations).toMatchObject([{ controls: ['c0'] }])
})
