import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import Ajv from 'ajv'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

// the real bundle is started for each line
jest.setTimeout(120_000)

const HDF = readFileSync('test/fixtures/hdf/one-profile.json')
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'reports/run.json': '{"schema":"kscan-run-1"}',
  'reports/hdf/shop_web_main.json': HDF,
  'v3.json': '{"baselines":[],"generator":{}}',
  'results.sarif': '{"version":"2.1.0","runs":[]}',
  'list.json': '[]',
  'utf16.json': Buffer.from(`\ufeff${HDF.toString('utf8')}`, 'utf16le')
}

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(shop.folder.path, name, '..'), { recursive: true })
    writeFileSync(join(shop.folder.path, name), text)
  }
})
afterAll(() => shop.close())

const kscan = (args: readonly string[]): Promise<Ran> => startCommandLine(args, { folder: shop.folder.path, env: { KUBECONFIG: shop.kubeconfig } }).ended

/** The lines that say what went wrong. */
const errors = ({ stderr }: Ran): string[] => stderr.split('\n').flatMap((line) => /^error: (.*)$/.exec(line)?.slice(1) ?? [])

describe('what judge and report say', () => {
  test.each<[string, () => string[], number, string[]]>([
    [
      'of a percentage in place of a threshold',
      () => ['judge', '--threshold', '80', 'reports/hdf/shop_web_main.json'],
      2,
      ['An input is not usable', '  threshold:1:1: expected a bound with its name; got 80. For a compliance of at least 80 %: compliance.min: 80']
    ],
    [
      'of a run.json that is to be judged',
      () => ['judge', 'reports/run.json'],
      2,
      [
        'An input is not usable',
        "  reports/run.json: expected at least one HDF file; got a run.json only. It is kscan's record of a run; the results are reports/hdf/*.json"
      ]
    ],
    [
      'of a folder that is to be judged',
      () => ['judge', 'reports'],
      2,
      ['An input is not usable', '  reports: expected a readable file; got a folder. Name its files: reports/hdf/*.json']
    ],
    [
      'of a folder that is to be reported',
      () => ['report', 'reports'],
      2,
      ['An input is not usable', '  reports: expected a readable file; got a folder. Name its files: reports/hdf/*.json']
    ],
    [
      'of a run.json that is to be reported',
      () => ['report', 'reports/run.json'],
      2,
      [
        'An input is not usable',
        "  reports/run.json: expected at least one HDF file; got a run.json only. It is kscan's record of a run; the results are reports/hdf/*.json"
      ]
    ],
    [
      'of reports from the standard input',
      () => ['report', '-'],
      2,
      [
        'An input is not usable',
        '  FILE: expected the HDF files of a scan, with its run.json beside them; got the standard input. kscan judge - judges results of the standard input.'
      ]
    ],
    [
      'of nothing on the standard input',
      () => ['judge', '-'],
      3,
      ['The results - cannot be read: it is no JSON: it ends too early', '  Expected the JSON report of CINC Auditor or InSpec (HDF).']
    ],
    [
      'of HDF of version 3',
      () => ['judge', 'v3.json'],
      3,
      [
        'The results v3.json cannot be read: it is HDF of version 3, which kscan does not read',
        "  Expected the JSON report of CINC Auditor or InSpec (HDF). Give the auditor's own JSON, from which it was made."
      ]
    ],
    [
      'of SARIF',
      () => ['judge', 'results.sarif'],
      3,
      [
        'The results results.sarif cannot be read: it is SARIF',
        '  Expected the JSON report of CINC Auditor or InSpec (HDF). Give the HDF from which it was made: hdf/*.json.'
      ]
    ],
    [
      'of a list',
      () => ['judge', 'list.json'],
      3,
      ['The results list.json cannot be read: it is a list', '  Expected the JSON report of CINC Auditor or InSpec (HDF).']
    ],
    [
      'of UTF-16',
      () => ['judge', 'utf16.json'],
      3,
      [
        'The results utf16.json cannot be read: it is UTF-16LE, and JSON is UTF-8',
        '  Expected the JSON report of CINC Auditor or InSpec (HDF). Convert it: iconv -f UTF-16LE -t UTF-8'
      ]
    ]
  ])('%s', async (_what, args, code, lines) => {
    const ran = await kscan(args())
    expect([ran.code, errors(ran)]).toEqual([code, lines])
  })
})

describe('with --json', () => {
  const schema: unknown = JSON.parse(readFileSync('docs/error.schema.json', 'utf8'))
  const valid = new Ajv({ schemaId: 'auto' }).compile(schema as object)

  test.each<[string, () => string[], number, object]>([
    [
      'bad input is an object with every problem',
      () => ['scan', '--pod', 'A B', '--approach', 'debug', '--json'],
      2,
      {
        error: {
          code: 'BAD_INPUT',
          result: 'bad-input',
          exitCode: 2,
          message: '2 inputs are not usable',
          hint: '',
          problems: [
            { name: 'approach', expected: expect.stringContaining('one of auto'), got: '"debug"', hint: 'Did you mean debug-container?' },
            { name: 'pod', expected: 'the name of a pod: a-z, 0-9, - and .', got: '"A B"', hint: '' }
          ]
        }
      }
    ],
    [
      'a flag that is not known too',
      () => ['scan', '--podd', 'x', '-o', 'json'],
      2,
      { error: { code: 'BAD_INPUT', message: "unknown option '--podd'", hint: 'Did you mean --pod?', problems: [] } }
    ],
    [
      'a scan that fails',
      () => ['scan', '--namespace', 'shop', '--pod', 'wbe', '--auditor', stubAuditor(shop.folder), ...LENIENT, '-o', 'json'],
      4,
      { error: { code: 'TARGET_UNUSABLE', result: 'scan-failed', exitCode: 4, hint: expect.stringContaining('Did you mean web?') } }
    ],
    ['a plan', () => ['plan', '--namespace', 'shop', '--pod', 'wbe', '--json'], 4, { error: { code: 'TARGET_UNUSABLE', exitCode: 4 } }],
    [
      'results that cannot be read',
      () => ['judge', 'list.json', '--json'],
      3,
      { error: { code: 'RESULTS_UNREADABLE', result: 'unjudged', exitCode: 3, problems: [] } }
    ]
  ])('%s', async (_what, args, code, expected) => {
    const ran = await kscan(args())
    const printed: unknown = JSON.parse(ran.stdout)
    expect([ran.code, printed]).toEqual([code, expect.objectContaining({ error: expect.objectContaining((expected as { error: object }).error) })])
    expect([valid(printed), valid.errors]).toEqual([true, null])
    expect(ran.stderr).toMatch(/^error: /m)
  })
})
