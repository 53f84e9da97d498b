// Writes test/fixtures/parity/cases.json anew: `node_modules/.bin/node test/parity/record.ts`. Look at the difference before you keep it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseResults } from '../../src/hdf/parse.ts'
import { judge } from '../../src/verdict/judge.ts'
import { parseThreshold } from '../../src/verdict/threshold.ts'
import { generateCase } from './case.ts'
import { type Control, control, type Hdf, profile, result, textOf, unmet } from './hdf.ts'
import { outcomeOf, type Recorded } from './recorded.ts'
import { Saf } from './saf.ts'
import { nested } from './threshold-text.ts'

const SEED = 41
const COUNT = 120

const PASSED = control('V-1', [result('passed')])
const FAILED = control('V-2', [result('failed')])
const FAILED_HIGH = { ...FAILED, impact: 1 }
/** Two profiles that one wraps, neither of which wraps the other. */
const wrapping = (first: readonly Control[], second: readonly Control[]): Hdf => ({
  profiles: [
    profile(
      'wrap',
      first.map((one) => ({ ...one, results: [] }))
    ),
    profile('first', first, { parent_profile: 'wrap' }),
    profile('second', second, { parent_profile: 'wrap' })
  ]
})
const alone = (...controls: readonly Control[]): Hdf => ({ profiles: [profile('base', controls)] })

/** What random cases seldom show. */
const CHOSEN: readonly (readonly [hdf: Hdf, threshold: string])[] = [
  [alone(PASSED), '{}'],
  [alone(PASSED), 'compliance: { max: 101 }'],
  [alone(PASSED, { ...FAILED, tags: { severity: ' high ' } }), 'failed: { high: { max: 0 } }'],
  [alone(PASSED, { ...FAILED, tags: { severity: 'CAT III' } }), 'failed: { low: { max: 0 } }'],
  [alone(PASSED, control('V-3', [unmet()], { impact: 0 })), 'error: { total: { max: 0 } }'],
  [alone(PASSED, control('V-3', [result('skipped')], { impact: 0 })), 'no_impact: { total: { max: 0 } }'],
  [{ profiles: [profile('first', [PASSED]), profile('second', [FAILED])] }, 'failed: { total: { max: 0 } }'],
  [{ profiles: [profile('first', [PASSED]), profile('second', [])] }, 'failed: { total: { max: 0 } }'],
  [{ profiles: [profile('first', [PASSED, FAILED]), profile('second', [FAILED])] }, 'failed: { medium: { controls: [V-2] } }'],
  [wrapping([FAILED_HIGH, PASSED], [{ ...FAILED_HIGH, impact: 0.1 }]), 'failed: { critical: { max: 0 } }'],
  [wrapping([FAILED_HIGH, PASSED], [control('V-2', [result('error')], { impact: 0.1 })]), 'failed: { critical: { max: 0 } }'],
  [wrapping([control('V-2', []), PASSED], [control('V-2', [result('passed')])]), 'error: { total: { max: 0 } }'],
  [wrapping([FAILED, PASSED], [FAILED]), 'failed: { total: { max: 1 } }'],
  [alone(control('V-1', [result('error')]), control('V-2', [])), 'failed: { total: { max: 0 } }'],
  [alone(PASSED), 'failed: { total: { max: -1 } }'],
  [alone(PASSED, FAILED), 'failed: { total: { max: 1.5 } }'],
  [alone(PASSED, { ...FAILED, impact: 0.05 }), 'failed: { none: { max: 0 } }'],
  [alone(PASSED, { ...FAILED, tags: { severity: 'CAT I' } }), 'failed: { high: { max: 0 } }'],
  [alone(PASSED, FAILED, control('V-2', [result('error')])), 'error: { total: { max: 0 } }'],
  [alone(PASSED, control('V-2', [result('error')]), FAILED), 'error: { total: { max: 0 } }'],
  [{ profiles: [profile('base', [PASSED]), profile('gone', [control('V-9', [])], { status: 'skipped' })] }, 'failed: { total: { max: 0 } }'],
  [{ profiles: [profile('base', [PASSED], { depends: [{ name: 'gone', status: 'skipped' }] })] }, 'failed: { total: { max: 0 } }'],
  [{ profiles: [profile('base', [PASSED, FAILED], { parent_profile: 'not in this run' })] }, 'failed: { total: { max: 0 } }']
]

await using saf = new Saf()
const lines: string[] = []
const generated = Array.from({ length: COUNT }, (_, index) => generateCase(SEED + index))
for (const [hdf, threshold] of [...CHOSEN, ...generated.map(({ hdf, bounds }) => [hdf, nested(bounds)] as const)]) {
  const { exitCode } = await saf.judge(textOf(hdf), threshold)
  const one: Recorded = { hdf, threshold, saf: exitCode, outcome: outcomeOf(textOf(hdf), threshold, { parseResults, judge, parseThreshold }) }
  lines.push(JSON.stringify(one))
}
mkdirSync('test/fixtures/parity', { recursive: true })
writeFileSync('test/fixtures/parity/cases.json', `[\n${lines.join(',\n')}\n]\n`)
console.log(`${lines.length} cases`)
