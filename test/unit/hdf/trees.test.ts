import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Results } from '../../../src/hdf/model.ts'
import { parseResults } from '../../../src/hdf/parse.ts'

/**
 * What InSpec 5.24.24 wrote of small profiles that depend on each other, shortened. In `base` pass, A-2 fails, A-4 has no check; `base` 2.0.0 has A-1 that
 * fails, A-3 without a check, and A-5 that passes. T-1 is the outermost profile's own.
 */
const FOLDER = 'test/fixtures/hdf/trees'
const read = (name: string): Results => parseResults(readFileSync(`${FOLDER}/${name}.json`), name)

const rows = ({ controls }: Results): string =>
  controls
    .map(({ id, status }) => `${id} ${status}`)
    .toSorted()
    .join(', ')

const OWN = 'T-1 passed'
const BASE = 'A-1 passed, A-2 failed, A-3 passed, A-4 error'
const MID = `${BASE}, M-1 passed, ${OWN}`

const TREES: readonly (readonly [name: string, rows: string])[] = [
  ['depends-only', OWN],
  ['resource-pack', OWN],
  ['inputs-only', 'T-1 skipped'],
  ['wrapper-only-depended-on', OWN],
  ['no-controls-of-its-own', ''],
  ['require-subset', `A-1 passed, A-4 error, ${OWN}`],
  ['include-skip', `A-1 passed, A-3 passed, A-4 error, ${OWN}`],
  ['vendored', BASE],
  ['same-id-not-run', 'A-1 failed'],
  ['same-id-run-too', 'A-1 failed, A-2 failed, A-3 passed, A-4 error'],
  ['same-id-run-without-check', 'A-1 passed, A-2 failed, A-3 passed, A-4 error, A-4 passed'],
  ['three-layers', MID],
  ['three-layers-one-control', 'A-1 passed'],
  ['four-layers', `${BASE}, F-1 failed, M-1 passed, ${OWN}`],
  ['alias-crossed', `A-1 failed, ${BASE}, O-1 failed, ${OWN}`],
  ['alias-of-a-sibling', `A-1 failed, ${BASE}, O-1 failed, ${OWN}`],
  ['alias-as-inner-name', `${BASE}, ${OWN}`],
  ['alias-as-lost-name', `${BASE}, ${OWN}`],
  ['alias-as-own-name', MID],
  ['diamond', `${BASE}, L-1 passed, R-1 passed, ${OWN}`],
  ['diamond-aliased', `${BASE}, L-1 passed, R-1 passed, ${OWN}`],
  ['diamond-half', `${BASE}, L-1 passed, R-1 passed, ${OWN}`],
  ['alias-twice-a-part-each', `A-1 passed, A-2 failed, ${OWN}`],
  // each twice: it ran twice
  ['alias-twice', `A-1 passed, A-1 passed, A-2 failed, A-2 failed, A-3 passed, A-3 passed, A-4 error, A-4 error, ${OWN}`],
  ['alias-twice-unsorted', `A-1 passed, A-1 passed, A-2 failed, A-2 failed, A-3 passed, A-3 passed, A-4 error, A-4 error, ${OWN}`],
  ['alias-twice-overridden', `A-1 passed, A-1 passed, A-2 failed, A-2 failed, A-3 passed, A-3 passed, A-4 error, A-4 error, ${OWN}`],
  // which of the two ran without a check is not known
  ['alias-twice-one-used', `A-1 passed, A-2 failed, A-3 passed, A-4 error, A-4 error, ${OWN}`],
  // the results of the second version are among those of the first, so that its own are not known
  ['two-versions', `A-1 error, A-1 failed, A-2 failed, A-3 error, A-3 passed, A-4 error, A-5 passed, ${OWN}`],
  ['two-versions-archives', `A-1 error, A-1 failed, A-2 failed, A-3 error, A-3 passed, A-4 error, A-5 passed, ${OWN}`],
  ['two-overlays', `A-1 passed, A-1 passed, A-2 failed, A-3 passed, A-3 passed, A-4 error, A-4 error, ${OWN}`],
  ['depended-on-then-included', `A-1 passed, A-1 passed, A-2 failed, A-2 failed, A-3 passed, A-3 passed, A-4 error, ${OWN}`],
  ['overlay-and-base', `A-1 passed, A-1 passed, A-2 failed, A-2 failed, A-3 passed, A-3 passed, A-4 error, A-4 error`]
]

describe('profiles that depend on each other, as an auditor writes them', () => {
  test.each(TREES)('%s', (name, expected) => {
    expect(rows(read(name))).toBe(expected.split(', ').toSorted().join(', '))
  })

  test('each fixture is read', () => expect(readdirSync(FOLDER)).toEqual(TREES.map(([name]) => `${name}.json`).toSorted()))

  test('each wrapper has its own severity of a control that both run', () => {
    const ofA1 = ({ controls }: Results): unknown[] => controls.filter(({ id }) => id === 'A-1').map(({ severity, status }) => [severity, status])
    for (const name of ['alias-twice-overridden', 'two-overlays'])
      expect(ofA1(read(name))).toEqual([
        ['medium', 'passed'],
        ['critical', 'passed']
      ])
  })

  test.each([
    ['of a name that no profile has', ['top', 'base'], ['top']],
    ['of a namesake without dependencies', ['top', 'mid', 'other', 'base'], ['top']],
    ['of a second tree', ['first', 'base', 'top', 'mid', 'deep'], ['first', 'top']]
  ])('a parent %s is what the list says before it', (_, names, outermost) => {
    const parents: Record<string, string> = { base: 'other', mid: 'top', other: 'top', deep: 'mid-alias' }
    const wraps = new Set(['top', 'mid', 'first'])
    const profiles = names.map((name, index) => ({
      name,
      status: 'loaded',
      ...(parents[name] === undefined ? {} : { parent_profile: parents[name] }),
      ...(wraps.has(name) ? { depends: [{ name: 'x' }] } : {}),
      controls: [{ id: `c${index}`, impact: 0.5, results: [{ status: 'passed' }] }]
    }))
    const { profiles: found, controls } = parseResults(Buffer.from(JSON.stringify({ version: '5', platform: {}, profiles })), 'x')
    expect(found.filter((each) => each.outermost).map(({ name }) => name)).toEqual(outermost)
    expect(controls).toHaveLength(names.length)
  })

  test('a dependency that did not load wraps nothing: what names its parent by name has that parent', () => {
    const control = (...statuses: string[]): unknown => ({ id: 'A-1', impact: 0.5, results: statuses.map((status) => ({ status })) })
    const profiles = [
      { name: 'top', status: 'loaded', depends: [{ name: 'missing', status: 'skipped' }], controls: [control()] },
      { name: 'mid', status: 'loaded', parent_profile: 'top', controls: [control()] },
      { name: 'base', status: 'loaded', parent_profile: 'mid', controls: [control('failed')] }
    ]
    const { controls } = parseResults(Buffer.from(JSON.stringify({ version: '5', platform: {}, profiles })), 'x')
    expect(controls.map(({ id, status }) => [id, status])).toEqual([['A-1', 'failed']])
  })
})
