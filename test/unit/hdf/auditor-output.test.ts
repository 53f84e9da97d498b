import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Results } from '../../../src/hdf/model.ts'
import { parseResults } from '../../../src/hdf/parse.ts'

/** What InSpec 5.24.24 wrote of small profiles; see test/fixtures/hdf. */
const sample = (name: string): Results => parseResults(readFileSync(`test/fixtures/hdf/${name}.json`), name)

const rows = ({ controls }: Results): string[] => controls.map(({ profile, id, status, severity }) => `${profile}/${id} ${status} ${severity}`)

describe('what a real auditor writes', () => {
  test('one profile with every kind of outcome', () => {
    expect(rows(sample('one-profile'))).toEqual([
      'sample-base/passes passed medium',
      'sample-base/fails failed high',
      'sample-base/raises error critical',
      'sample-base/skips skipped low',
      'sample-base/only-if skipped high',
      'sample-base/not-applicable no_impact none',
      'sample-base/impact-none no_impact none',
      'sample-base/no-describe error medium',
      'sample-base/cat-one failed high',
      'sample-base/waived-skip no_impact medium',
      'sample-base/waived-run failed medium',
      'sample-base/waived-expired failed medium',
      'sample-base/control-raises error medium'
    ])
  })

  test('texts, waivers and messages of controls', () => {
    const [passes, fails] = sample('one-profile').controls
    expect(passes).toMatchObject({ title: 'A control that passes', description: 'Described.', checkText: 'Look.', fixText: 'Mend.' })
    expect(passes?.waiver).toEqual({ justification: 'no date', expires: undefined, skipped: false, run: true })
    expect(fails).toMatchObject({ checkText: 'Tag check', fixText: 'Tag fix', waiver: undefined })
    expect(fails?.checks.map(({ status, message }) => [status, message.split('\n')[0]])).toEqual([
      ['failed', 'expected File /nonexistent to exist'],
      ['failed', '']
    ])
    expect(fails?.checks[1]?.message).toContain('::error::x')
  })

  test('an overlay counts each control once, with the results and the severity of the base', () => {
    const results = sample('overlay')
    expect(rows(results)).toHaveLength(13)
    expect(rows(results)).toContain('sample-mid/fails failed critical')
    expect(rows(results)).toContain('sample-mid/own passed medium')
    expect(results.controls.find(({ id }) => id === 'waived-skip')?.waiver?.skipped).toBe(true)
  })

  test('a control that an overlay of an overlay lost is an error, not a pass', () => {
    expect(rows(sample('overlay-of-overlay'))).toEqual(['sample-top/own passed medium', 'sample-top/passes error medium', 'sample-top/fails error low'])
  })

  test('unrelated profiles do not hide controls of the same id from each other', () => {
    expect(rows(sample('two-profiles'))).toEqual(['sample-base/passes passed medium', 'sample-base/fails failed high', 'sample-other/passes failed critical'])
  })

  test.each([
    ['skipped', ['sample-skipped skipped']],
    ['skipped-beside-another', ['sample-other loaded', 'sample-skipped skipped']],
    ['skipped-dependency', ['sample-dep loaded', 'sample-other loaded', 'sample-skipped skipped']],
    ['empty', ['sample-empty loaded']]
  ])('profiles of the sample %s', (name, expected) => {
    expect(sample(name).profiles.map((profile) => `${profile.name} ${profile.status}`)).toEqual(expected)
  })

  test('a skipped dependency says why', () => {
    expect(sample('skipped-dependency').profiles.at(-1)?.statusMessage).toBe("Skipping profile: 'sample-skipped' on unsupported platform: 'debian/12.11'.")
  })

  test('waivers from a CSV file, whose `run` is a text where it is not true', () => {
    const waivers = Object.fromEntries(sample('csv-waivers').controls.map(({ id, waiver }) => [id, waiver]))
    expect(waivers['passes']).toEqual({ justification: 'from csv', expires: '2099-12-31', skipped: false, run: true })
    expect(waivers['fails']).toEqual({ justification: 'csv2', expires: '2026-11-24', skipped: false, run: false })
    expect(waivers['waived-run']).toEqual({ justification: 'norun', expires: '2099-12-31', skipped: false, run: false })
  })
})
