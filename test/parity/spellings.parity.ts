import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseThreshold } from '../../src/verdict/threshold.ts'
import { control, type Hdf, profile, result, textOf } from './hdf.ts'
import { Saf } from './saf.ts'

interface Spelling {
  readonly what: string
  readonly text: string
  /** The same in the nested form. */
  readonly nested: string
  readonly inline?: true
  /** Whether the SAF CLI holds a result against it: else it reads past a bound and passes. */
  readonly safReads: boolean
}

/** Each is violated by RESULTS in its last bound, and only there. */
const SPELLINGS: readonly Spelling[] = [
  { what: 'dotted', text: 'compliance.min: 50\nfailed.high.max: 0\n', nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}', safReads: true },
  { what: 'dotted, exact', text: 'passed.total: 1\nfailed.total: 0\n', nested: 'passed: {total: 1}\nfailed: {total: 0}', safReads: true },
  { what: 'dotted, min and max of one cell', text: 'failed.high.max: 0\nfailed.high.min: 0\n', nested: 'failed: {high: {max: 0, min: 0}}', safReads: false },
  {
    what: 'dotted, two cells of one status',
    text: 'failed.low.max: 0\nfailed.high.max: 0\n',
    nested: 'failed: {low: {max: 0}, high: {max: 0}}',
    safReads: true
  },
  {
    what: 'dotted, with a list',
    text: 'failed.low.max: 0\nfailed.high.controls: [V-9]\n',
    nested: 'failed: {low: {max: 0}, high: {controls: [V-9]}}',
    safReads: true
  },
  { what: 'dotted below nested', text: 'failed:\n  low.max: 0\n  high.max: 0\n', nested: 'failed: {low: {max: 0}, high: {max: 0}}', safReads: false },
  { what: 'mixed', text: 'error: {total: {max: 0}}\nfailed.high.max: 0\n', nested: 'error: {total: {max: 0}}\nfailed: {high: {max: 0}}', safReads: true },
  { what: 'mixed, one status twice', text: 'failed: {low: {max: 0}}\nfailed.high.max: 0\n', nested: 'failed: {low: {max: 0}, high: {max: 0}}', safReads: true },
  {
    what: 'mixed, compliance dotted',
    text: 'error: {total: {max: 0}}\ncompliance.min: 97\n',
    nested: 'error: {total: {max: 0}}\ncompliance: {min: 97}',
    safReads: false
  },
  {
    what: 'dotted, quoted keys',
    text: '"compliance.min": 50\n"failed.high.max": 0\n',
    nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}',
    safReads: true
  },
  { what: 'JSON, dotted', text: '{"compliance.min": 50, "failed.high.max": 0}', nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}', safReads: true },
  { what: 'JSON, nested', text: '{"failed": {"high": {"max": 0}}}', nested: 'failed: {high: {max: 0}}', safReads: true },
  { what: 'inline', inline: true, text: 'compliance.min: 50, failed.high.max: 0', nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}', safReads: true },
  {
    what: 'inline, in braces',
    inline: true,
    text: '{compliance.min: 50}, {failed.high.max: 0}',
    nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}',
    safReads: true
  },
  {
    what: 'inline, in one pair of braces',
    inline: true,
    text: '{compliance.min: 50, failed.high.max: 0}',
    nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}',
    safReads: true
  },
  {
    what: 'inline, without spaces',
    inline: true,
    text: 'compliance.min:50,failed.high.max:0',
    nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}',
    safReads: true
  },
  { what: 'inline, one bound', inline: true, text: 'failed.high.max: 0', nested: 'failed: {high: {max: 0}}', safReads: true },
  { what: 'inline, exact', inline: true, text: 'failed.total: 0', nested: 'failed: {total: 0}', safReads: true },
  { what: 'inline, decimals', inline: true, text: 'compliance.min: 50.5', nested: 'compliance: {min: 50.5}', safReads: false },
  { what: 'inline, a space before the colon', inline: true, text: 'failed.high.max : 0', nested: 'failed: {high: {max: 0}}', safReads: false },
  {
    what: 'inline JSON with quotes',
    inline: true,
    text: '{"compliance.min": 50, "failed.high.max": 0}',
    nested: 'compliance: {min: 50}\nfailed: {high: {max: 0}}',
    safReads: false
  },
  { what: 'inline nested JSON', inline: true, text: '{"failed": {"high": {"max": 0}}}', nested: 'failed: {high: {max: 0}}', safReads: false },
  { what: 'inline nested YAML', inline: true, text: 'failed: {high: {max: 0}}', nested: 'failed: {high: {max: 0}}', safReads: false }
]

/** What no spelling may hide. */
const REFUSED: readonly string[] = [
  'failed.high.max: 0\nfailed.high.max: 1\n',
  'failed.high.max: 0\nfailed: {high: {max: 0}}\n',
  'failed.high.max: 0, failed.high.max: 1',
  'failed.high: 3\nfailed.high.max: 3\n',
  'failed.hihg.max: 0',
  'failed.high.max.more: 0',
  'failed.high.max: none',
  'failed.high.max: "0"',
  'compliance.min: 97%',
  'compliance.min=97',
  'failed..max: 0',
  '.failed.high.max: 0',
  'failed.high.max: -1',
  'failed.high.min: 2\nfailed.high.max: 1\n',
  'failed.high.max: 0,',
  ', failed.high.max: 0',
  'failed.high.max: 0; error.total.max: 0',
  '{failed.high.max: 0',
  'failed.high.max'
]

const RESULTS: Hdf = { profiles: [profile('base', [control('V-1', [result('passed')]), control('V-2', [result('failed')], { impact: 0.7 })])] }

const processes: Saf[] = []
beforeAll(() => void processes.push(new Saf()))
afterAll(async () => {
  for (const saf of processes) await saf[Symbol.asyncDispose]()
})

describe('SAF', () => {
  test.each(SPELLINGS)('$what: reads it: $safReads', async ({ text, inline, safReads }) => {
    const [saf] = processes
    if (saf === undefined) throw new Error('no process')
    const input = ['-i', saf.file('results.json', textOf(RESULTS))]
    const { exitCode } = await saf.validate(inline === true ? [...input, '-I', text] : [...input, '-T', saf.file('threshold.yaml', text)])
    expect(exitCode).toBe(safReads ? 1 : 0)
  })
})

const boundsOf = (text: string): readonly string[] => {
  const parsed = parseThreshold(text, 't')
  return parsed.kind === 'problems'
    ? []
    : parsed.threshold.bounds.map(({ key, status, severity, kind, value }) => JSON.stringify([key, status, severity, kind, value])).toSorted()
}

describe('kscan', () => {
  test.each(SPELLINGS)('$what: as the nested form', ({ text, nested }) => {
    expect(boundsOf(nested).length).toBeGreaterThan(0)
    expect(boundsOf(text)).toEqual(boundsOf(nested))
  })

  test.each([...REFUSED])('refused: %j', (text) => {
    expect(parseThreshold(text, 't').kind).toBe('problems')
  })
})
