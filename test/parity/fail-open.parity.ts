import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { control, type Hdf, profile, result, textOf } from './hdf.ts'
import { oursOf } from './ours.ts'
import { Saf } from './saf.ts'

/** One passed, one failed of critical severity, one not applicable: compliance 50. */
const RESULTS: Hdf = {
  profiles: [
    profile('base', [
      control('V-1', [result('passed')]),
      control('V-2', [result('failed')], { impact: 0.9 }),
      control('V-3', [result('skipped')], { impact: 0 })
    ])
  ]
}
const NO_FAILURE = 'failed: { total: { max: 0 } }'

interface Row {
  readonly what: string
  readonly hdf?: string | undefined
  readonly threshold?: string | undefined
  /** SAF's arguments, where they are not -i and -T. */
  readonly saf?: readonly string[]
  /** kscan's arguments: then the program itself is run. Otherwise the texts are judged. */
  readonly kscan?: readonly string[]
  /** How kscan ends. */
  readonly ours: number
}

const file = (what: string, hdf: string, ours: number, kscan?: readonly string[]): Row => ({
  what,
  hdf,
  ours,
  ...(kscan === undefined ? {} : { kscan })
})
const text = (what: string, threshold: string, ours: number, hdf = textOf(RESULTS)): Row => ({ what, threshold, hdf, ours })
const profiles = (what: string, ours: number, ...given: Parameters<typeof profile>[]): Row =>
  file(what, textOf({ profiles: given.map((each) => profile(...each)) }), ours)

/** Inline spellings: kscan understands them, and then the bound is violated, or refuses them. */
const inline = (what: string, given: string, ours: number): Row => ({
  what,
  saf: ['-I', given],
  kscan: ['--threshold', given, 'results.json'],
  ours
})

const PASSED = control('V-1', [result('passed')])
const CRITICAL = control('V-2', [result('failed')], { impact: 0.9 })

const ROWS: readonly Row[] = [
  {
    what: 'the results file is missing',
    saf: ['-i', 'missing.json', '-T', 'threshold.yaml'],
    kscan: ['--threshold-file', 'threshold.yaml', 'missing.json'],
    ours: 2
  },
  file('the results are no JSON', 'no JSON', 3, ['--threshold-file', 'threshold.yaml', 'results.json']),
  file('the results are empty', '', 3),
  file('the results are a JSON array', '[]', 3, ['--threshold-file', 'threshold.yaml', 'results.json']),
  file('the results are cut off', textOf(RESULTS).slice(0, -40), 3),
  profiles('no profile', 3),
  {
    what: 'the threshold file is missing',
    saf: ['-i', 'results.json', '-T', 'missing.yaml'],
    kscan: ['--threshold-file', 'missing.yaml', 'results.json'],
    ours: 2
  },
  text('the threshold is no YAML', 'failed: {total: {max: 0}', 2),
  text('the threshold is empty', '', 2),
  text('the threshold is a comment', '# failed: {total: {max: 0}}\n', 2),
  text('the threshold is a list', '- failed.total.max: 0', 2),
  text('the threshold is an empty mapping', '{}', 2),
  { what: 'no threshold is given', saf: ['-i', 'results.json'], kscan: ['results.json'], ours: 1 },
  { what: 'an empty inline threshold', saf: ['-i', 'results.json', '-I', ''], kscan: ['--threshold', '', 'results.json'], ours: 2 },
  {
    what: 'an unknown flag',
    saf: ['-i', 'results.json', '-T', 'threshold.yaml', '--strict'],
    kscan: ['--strict', '--threshold-file', 'threshold.yaml', 'results.json'],
    ours: 2
  },
  {
    what: 'a file and an inline threshold',
    saf: ['-i', 'results.json', '-T', 'threshold.yaml', '-I', 'failed.total.max: 0'],
    kscan: ['--threshold', NO_FAILURE, '--threshold-file', 'threshold.yaml', 'results.json'],
    ours: 1
  },
  { what: 'no results are named', saf: ['-T', 'threshold.yaml'], kscan: ['--threshold-file', 'threshold.yaml'], ours: 2 },
  text('a misspelled status', 'errors: { total: { max: 0 } }', 2),
  text('a misspelled severity', 'failed: { critcal: { max: 0 } }', 2),
  text('a misspelled bound', 'failed: { total: { maximum: 0 } }', 2),
  text('a capital', 'Failed: { total: { max: 0 } }', 2),
  text('a percent sign', 'compliance: { min: "97%" }', 2),
  text('a number in quotes that is no number', 'failed: { total: { max: "none" } }', 2),
  text('compliance as a number', 'compliance: { min: 10 }\nfailed: { low: { max: 0 } }\npassed: 97', 2),
  text('compliance as a number alone', 'compliance: 97\nfailed: { low: { max: 0 } }', 2),
  text('a scalar severity', 'passed: { high: 3 }', 1),
  text('no_impact.total.max', 'no_impact: { total: { max: 0 } }', 1),
  text('compliance.max of 0', 'compliance: { max: 0 }', 1),
  text('total.controls', 'failed: { total: { controls: [] } }', 1),
  text('failed.none', 'failed: { none: { min: 1 } }', 1),
  text('a key twice', 'failed: { total: { max: 0 } }\nfailed: { total: { max: 9 } }', 2),
  text('a list where a number belongs', 'failed: { total: { max: [0, 1] } }', 2),
  inline('JSON with quotes, inline', '{"compliance.min": 97}', 1),
  inline('JSON with backslashes, inline', String.raw`{\"error.total\": 9, \"compliance.min\": 97}`, 2),
  inline('nested JSON, inline', '{"compliance":{"min":97}}', 1),
  inline('YAML, inline', 'compliance: {min: 97}', 1),
  inline('an equals sign, inline', 'compliance.min=97', 2),
  inline('a space before the colon, inline', 'compliance.min : 97', 1),
  inline('a line break between, inline', 'error.total.max: 0\nfailed.total.max: 0', 1),
  inline('no number, inline', 'failed.total.max: none', 2),
  inline('decimals, inline', 'compliance.min: 50.9', 1),
  inline('control ids, inline', 'failed.critical.controls: V-9', 2),
  {
    what: 'min and max of one cell, dotted',
    hdf: textOf(RESULTS),
    threshold: 'passed.total.min: 300\npassed.total.max: 400\n',
    ours: 1
  },
  {
    what: 'compliance dotted beside nested bounds',
    hdf: textOf(RESULTS),
    threshold: 'compliance.min: 97\nerror: { total: { max: 0 } }\n',
    ours: 1
  },
  profiles('a severity tag that is a number', 1, ['base', [control('V-2', [result('failed')], { tags: { severity: 3 } })]]),
  profiles('a second profile with a critical failure', 1, ['first', [PASSED]], ['second', [CRITICAL]]),
  profiles('a failure of the same id in a second profile', 1, ['first', [PASSED]], ['second', [control('V-1', [result('failed')])]]),
  profiles('a skipped profile', 3, ['first', [], { status: 'skipped' }]),
  profiles('a profile that did not load', 3, ['first', [], { status: 'failed' }]),
  profiles('a profile without controls', 3, ['first', []]),
  profiles(
    'the profile that is wrapped stands first',
    1,
    ['base', [PASSED, CRITICAL], { parent_profile: 'overlay' }],
    ['overlay', [control('V-1', []), control('V-2', [])]]
  ),
  profiles('all is not reviewed', 3, ['first', [control('V-1', [result('skipped')])]]),
  {
    what: '199 of 200 for compliance.min 100',
    hdf: textOf({
      profiles: [
        profile(
          'many',
          Array.from({ length: 200 }, (_, index) => control(`V-${index}`, [result(index === 0 ? 'failed' : 'passed')]))
        )
      ]
    }),
    threshold: 'compliance: { min: 100 }',
    ours: 1
  },
  {
    what: 'critical failures in capitals',
    hdf: textOf({ profiles: [profile('capital', [control('V-1', [result('failed')], { tags: { severity: 'Critical' } })])] }),
    threshold: 'failed: { critical: { max: 0 } }',
    ours: 1
  },
  file('a part that does not matter is missing', textOf(RESULTS).replace('"attributes":[],', ''), 1)
]

const processes: Saf[] = []
beforeAll(() => void processes.push(new Saf()))
afterAll(async () => {
  for (const saf of processes) await saf[Symbol.asyncDispose]()
})

/** The program as it is delivered, in the folder of the files. */
const kscan = async (args: readonly string[], cwd: string): Promise<number> => {
  const program = `${process.cwd()}/dist/cli.js`
  return await new Promise((done) => {
    const child = execFile(process.execPath, [program, 'judge', ...args], { cwd, env: { PATH: process.env['PATH'] } }, () => done(child.exitCode ?? -1))
  })
}

test.each(ROWS)('SAF passes, kscan does not: $what', async ({ hdf = textOf(RESULTS), threshold = NO_FAILURE, saf: argv, kscan: args, ours }) => {
  const [saf] = processes
  if (saf === undefined) throw new Error('no process')
  saf.file('results.json', hdf)
  saf.file('threshold.yaml', threshold)
  const said = await saf.validate(
    argv?.includes('-I') === true && !argv.includes('-i') ? ['-i', 'results.json', ...argv] : (argv ?? ['-i', 'results.json', '-T', 'threshold.yaml'])
  )
  expect(said).toMatchObject({ exitCode: 0 })
  expect(args === undefined ? oursOf(hdf, threshold).exitCode : await kscan(args, saf.folder)).toBe(ours)
})
