import { describe, expect, test } from '@jest/globals'
import { parseResults } from '../../../src/hdf/parse.ts'
import type { Verdict } from '../../../src/verdict/model.ts'
import { changeBytes, changeJson, EXHAUSTING, type Json } from './mutate.ts'
import { type Bag, bag, list } from './bag.ts'
import { forSeeds, givesOrRefuses } from './properties.ts'
import { randomOf } from '../../support/random.ts'
import { judgeBy } from '../verdict/sample.ts'

/** One control fails, and nothing else is wrong: only that stands between these results and a pass. */
const FAILING: Json = {
  platform: { name: 'debian', release: '12' },
  profiles: [
    {
      name: 'wrapper',
      version: '1.0.0',
      status: 'loaded',
      depends: [{ name: 'base', status: 'loaded' }],
      controls: [{ id: 'bad', impact: 0.5, tags: {}, results: [] }]
    },
    {
      name: 'base',
      sha256: 'ab',
      title: 'Base',
      status: 'loaded',
      parent_profile: 'wrapper',
      controls: [
        {
          id: 'bad',
          title: 'Fails',
          desc: 'D',
          descriptions: [{ label: 'check', data: 'Look.' }],
          impact: 0.7,
          tags: { severity: 'high' },
          source_location: { line: 1, ref: 'controls/a.rb' },
          waiver_data: {},
          results: [
            { status: 'passed', code_desc: 'File /a', resource_class: 'file' },
            { status: 'failed', code_desc: 'File /b', message: 'expected\nit', resource_class: 'file', backtrace: null }
          ]
        },
        { id: 'good', impact: 0.5, tags: {}, results: [{ status: 'passed', code_desc: 'File /c' }] }
      ]
    }
  ],
  statistics: { duration: 1.5 },
  version: '5.24.24'
}
const BYTES = Buffer.from(JSON.stringify(FAILING, null, 1))

const judged = (bytes: Uint8Array, seconds = 1): Verdict | undefined => {
  const work = (): Verdict => judgeBy([{ target: 't', results: parseResults(bytes, 'x.json'), unjudged: [] }], [])
  return givesOrRefuses('RESULTS_UNREADABLE', work, seconds)
}

/** Whether a control of that JSON still fails: it has an impact, no waiver made the auditor skip it, and a result says so. Knows nothing of the parser. */
const stillFails = (control: Bag): boolean => {
  const skipped = bag(control['waiver_data'])['skipped_due_to_waiver']
  const waived = skipped === true || (typeof skipped === 'string' && skipped !== '')
  return (
    control['impact'] !== 0 &&
    !waived &&
    list(control['results']).some(({ status, backtrace }) => status === 'failed' || status === 'error' || (backtrace ?? null) !== null)
  )
}

const failsIn = (bytes: Uint8Array): boolean => {
  const report = bag(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  return list(report['profiles'])
    .flatMap(({ controls }) => list(controls))
    .some(stillFails)
}

const demandNoPass = (bytes: Uint8Array): void => {
  const verdict = judged(bytes)
  if (verdict?.result === 'passed' && failsIn(bytes)) throw new Error(`passed: ${Buffer.from(bytes).toString()}`)
}

describe('results that fail, changed', () => {
  test('fail as they are', () => expect(judged(BYTES)?.result).toBe('not-compliant'))

  test('by other values and keys, pass only where nothing fails', () =>
    forSeeds(3500, (seed) => demandNoPass(Buffer.from(changeJson(FAILING, randomOf(seed))))))

  test('byte by byte, pass only where nothing fails', () => forSeeds(5000, (seed) => demandNoPass(changeBytes(BYTES, randomOf(seed)))))

  test('cut anywhere, are refused', () => {
    for (let length = 0; length < BYTES.length; length += 1) expect(judged(BYTES.subarray(0, length))).toBeUndefined()
  })

  test('pass where the check passes: the changes reach it', () =>
    expect(judged(Buffer.from(BYTES.toString().replace('"failed"', '"passed"')))?.result).toBe('passed'))
})

describe('what exhausts parsers', () => {
  test.each(EXHAUSTING)('%s is refused', (_, text) => expect(judged(Buffer.from(text))).toBeUndefined())

  const profiles = (items: readonly string[]): Buffer => Buffer.from(`{"version":"5","platform":{},"profiles":[${items.join(',')}]}`)
  const numbered = (count: number, item: (index: number) => string): Buffer => profiles(Array.from({ length: count }, (_, index) => item(index)))
  const control = (body: string): Buffer => profiles([`{"name":"p","controls":[{"id":"a","impact":0.5,${body}}]}`])

  test.each([
    ['very many profiles', numbered(20_000, (index) => `{"name":"p${index}","controls":[]}`)],
    ['very many that wrap one another', numbered(20_000, (index) => `{"name":"p${index}","parent_profile":"p${index - 1}","controls":[]}`)],
    [
      'very many that one wraps',
      numbered(150_000, (index) => (index === 0 ? '{"name":"r","controls":[]}' : '{"name":"p","parent_profile":"r","controls":[]}'))
    ],
    ['two that wrap each other', numbered(2, (index) => `{"name":"p${index}","parent_profile":"p${1 - index}","controls":[]}`)],
    ['very many that are none', profiles(['null,'.repeat(150_000).slice(0, -1)])],
    ['very many results that are none', control(`"results":[${'1,'.repeat(150_000)}1]`)],
    ['very many descriptions that are none', control(`"descriptions":[${'1,'.repeat(150_000)}1]`)],
    ['tags of a hundred thousand levels', control(`"tags":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)]
  ])('%s are no pass', (_, bytes) => expect(judged(bytes, 5)?.result).not.toBe('passed'))
})
