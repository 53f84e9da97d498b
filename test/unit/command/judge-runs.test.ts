import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseResults } from '../../../src/hdf/parse.ts'
import { runJson } from '../../../src/report/run-json.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { hdf } from '../../support/hdf.ts'
import { record } from '../report/sample.ts'
import { judgeBy } from '../verdict/sample.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-judge-'))
afterAll(() => rmSync(root, { recursive: true }))

const TEXT = hdf([
  ['a', 'passed'],
  ['b', 'passed'],
  ['m', 'skipped']
])
const LACK = { control: 'a', reason: 'the program ss is not in the image', cause: 'missing:ss', lost: false, command: 'ss -tln' }

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The command line from its sources, in the root, by a shell. */
const kscan = async (words: string): Promise<Ran> => {
  const program = `"${process.execPath}" --no-warnings --input-type=module -e "import('${process.cwd()}/src/cli.ts').then(({ cli }) => cli())" kscan`
  const options = { cwd: root, env: { PATH: process.env['PATH'] ?? '', HOME: root, TZ: 'America/Los_Angeles' } }
  const ran = await promisify(execFile)('bash', ['-c', words.replace('kscan', program)], options).catch((error) => error)
  return { code: ran.code ?? 0, stdout: ran.stdout, stderr: ran.stderr }
}

/** The folder of a scan's reports. */
const reports = (name: string, names: readonly string[], more: Partial<Judged> = {}): string => {
  const folder = join(root, name)
  mkdirSync(join(folder, 'hdf'), { recursive: true })
  const judged = names.map((target) => ({ target, stableName: target, results: parseResults(Buffer.from(TEXT), 'x'), unjudged: [LACK], ...more }))
  for (const target of names) writeFileSync(join(folder, 'hdf', `${target.replaceAll('/', '_')}.json`), TEXT)
  writeFileSync(join(folder, 'run.json'), runJson(judgeBy(judged, []), record(names, { run: `run${name}`, acceptedCauses: more.accepts ?? [] })))
  return folder
}

beforeAll(() => {
  const scan = reports('scan', ['shop/web/app'])
  mkdirSync(join(root, 'flat'))
  copyFileSync(join(scan, 'run.json'), join(root, 'flat/run.json'))
  writeFileSync(join(root, 'flat/shop_web_app.json'), TEXT)
  cpSync(scan, join(root, 'upper'), { recursive: true })
  cpSync(join(root, 'upper/hdf'), join(root, 'upper/HDF'), { recursive: true })
  rmSync(join(root, 'upper/hdf'), { recursive: true })
  mkdirSync(join(root, 'alone'))
  writeFileSync(join(root, 'alone/results.json'), TEXT)
  reports('two', ['shop/web/app', 'shop/db/db'])
})

describe('results are judged with the run.json that is of them', () => {
  test.each([
    ['as a scan writes them', 'kscan judge scan/hdf/*.json'],
    ['in one folder', 'kscan judge flat/shop_web_app.json'],
    ['in one folder, found by a pattern that finds the run.json, too', "kscan judge 'flat/*.json'"],
    ['in HDF', 'kscan judge upper/HDF/*.json'],
    ['on the standard input', 'kscan judge --run-json scan/run.json - < scan/hdf/shop_web_app.json'],
    ['elsewhere', 'kscan judge --run-json scan/run.json alone/results.json'],
    ['through a pipe with a name', 'kscan judge --run-json scan/run.json <(cat scan/hdf/shop_web_app.json)']
  ])('%s', async (_, words) => {
    const { code, stdout, stderr } = await kscan(words)
    expect([code, stdout]).toEqual([3, expect.stringContaining('unjudged: the program ss is not in the image: 1 control (missing:ss): a\n')])
    expect(stderr).not.toContain('no run.json beside it')
  })

  test.each([
    ['one that is of others', 'kscan judge --run-json scan/run.json other.json', 'is of no container of'],
    ['one that is something else', 'kscan judge --run-json alone/results.json scan/hdf/*.json', 'cannot be read as the run.json of a scan'],
    ['one that is of others than lies beside them', 'kscan judge --run-json two/run.json scan/hdf/*.json', 'are of two runs'],
    [
      'one of a run whose other results are gone',
      'kscan judge --run-json gone/run.json gone/hdf/shop_web_app.json',
      'shop/db/db was scanned, and its results are gone'
    ]
  ])('%s is exit 3', async (_, words, said) => {
    writeFileSync(join(root, 'other.json'), hdf([['z', 'passed']]))
    cpSync(join(root, 'two'), join(root, 'gone'), { recursive: true })
    rmSync(join(root, 'gone/hdf/shop_db_db.json'))
    const { code, stdout, stderr } = await kscan(words)
    expect([code, `${stdout}${stderr}`]).toEqual([3, expect.stringContaining(said)])
  })

  test.each([
    ['one that is not there', 'kscan judge --run-json nosuch.json alone/results.json', 'nosuch.json'],
    ['a run.json alone', 'kscan judge flat/run.json', 'a run.json only']
  ])('%s is exit 2', async (_, words, said) => expect(await kscan(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) }))

  test('one whose evidence was taken out is exit 3, and is not believed', async () => {
    const path = join(reports('cut', ['shop/web/app']), 'run.json')
    const { verdict, ...run } = JSON.parse(readFileSync(path, 'utf8'))
    const targets = verdict.targets.map((target: object) => ({ ...target, evidence: [] }))
    writeFileSync(path, JSON.stringify({ ...run, verdict: { ...verdict, targets } }))
    const { code, stderr } = await kscan('kscan judge cut/hdf/*.json')
    expect([code, stderr]).toEqual([3, expect.stringContaining('it has not all evidence of shop/web/app')])
  })

  test('without any, a line says so', async () =>
    expect(await kscan('kscan judge alone/results.json')).toMatchObject({ code: 0, stderr: expect.stringContaining('no run.json beside it') }))
})

describe('with enforce: false', () => {
  test.each([
    ['what is not compliant passes, with a warning', "--threshold 'passed.total.min: 9' alone/results.json", 0, true],
    ['what is unjudged does not', 'scan/hdf/shop_web_app.json', 3, false],
    ['what is both does not', "--threshold 'passed.total.min: 9' scan/hdf/shop_web_app.json", 3, false],
    ['what cannot be read does not', 'nosuch.json', 2, false]
  ])('%s', async (_, words, code, warned) => {
    const { stderr, ...ran } = await kscan(`kscan judge --enforce false ${words}`)
    expect([ran.code, stderr.includes('passed because of enforce: false')]).toEqual([code, warned])
  })
})

describe('a cause is accepted', () => {
  const file = (name: string, text: string): void => writeFileSync(join(root, name), text)
  const sentence = '1 control could not see all (missing:ss), accepted until 2099-01-01: no network tools'

  test('by a file, and what accepts nothing is a warning', async () => {
    file('ok.yaml', 'missing:ss: {justification: no network tools, expiration_date: 2099-01-01}\nmissing:ps: {justification: x, expiration_date: 2099-01-01}\n')
    const { code, stdout, stderr } = await kscan('kscan judge --unjudged-ok-file ok.yaml scan/hdf/*.json')
    expect([code, stdout]).toEqual([0, expect.stringContaining(sentence)])
    expect(stderr).toContain('missing:ps accepts nothing')
  })

  test('by the run that is judged again', async () => {
    reports('accepting', ['shop/web/app'], { accepts: [{ cause: 'missing:ss', justification: 'no network tools', expires: '2099-01-01' }] })
    expect(await kscan('kscan judge accepting/hdf/*.json')).toMatchObject({ code: 0, stdout: expect.stringContaining(sentence) })
    expect(await kscan('kscan judge --max-waived 0 accepting/hdf/*.json')).toMatchObject({ code: 1, stdout: expect.stringContaining('max-waived') })
  })

  test('not after its end', async () => {
    file('over.yaml', 'missing:ss: {justification: x, expiration_date: 2020-01-01}\n')
    reports('accepted', ['shop/web/app'], { accepts: [{ cause: 'missing:ss', justification: 'x', expires: '2026-11-25' }] })
    expect(await kscan('kscan judge --unjudged-ok-file over.yaml scan/hdf/*.json')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('ended on 2020-01-01')
    })
    expect((await kscan('kscan judge accepted/hdf/*.json')).code).toBe(3)
  })

  test('not by a word of unjudged-ok, nor a kind', async () => {
    file('kind.yaml', '"missing:*": {justification: x, expiration_date: 2099-01-01}\n')
    expect(await kscan('kscan judge --unjudged-ok missing:ss scan/hdf/*.json')).toMatchObject({ code: 2, stderr: expect.stringContaining('unjudged-ok-file') })
    expect(await kscan('kscan judge --unjudged-ok-file kind.yaml scan/hdf/*.json')).toMatchObject({ code: 2, stderr: expect.stringContaining('missing:*') })
  })
})

describe('attestations', () => {
  const attest = (status: string, by: string, more = ''): string =>
    `- {control_id: m, explanation: by ${by}, frequency: 1.5y, status: ${status}, updated: '${new Date().toISOString()}', updated_by: ${by}${more}}\n`

  test('of several files the worst counts in any order, and "now" of another time zone counts', async () => {
    writeFileSync(join(root, 'bad.yaml'), attest('failed', 'Auditor'))
    writeFileSync(join(root, 'good.yaml'), attest('passed', 'Ops'))
    for (const files of ['bad.yaml,good.yaml', 'good.yaml,bad.yaml']) {
      const { code, stdout } = await kscan(`kscan judge --attestation-file ${files} alone/results.json`)
      expect([code, stdout]).toEqual([1, expect.stringMatching(/violated: failed.total.max .*\(m\)[^]*Attested as failed by Auditor/)])
    }
    expect((await kscan('kscan judge --attestation-file good.yaml alone/results.json')).stdout).toContain('3 passed, 0 failed')
  })

  test('of one container are not of another', async () => {
    writeFileSync(join(root, 'web.yaml'), attest('passed', 'Ops', ', target: shop/web/app'))
    const { stdout } = await kscan('kscan judge --max-unjudged 9 --attestation-file web.yaml two/hdf/*.json')
    expect(stdout).toMatch(/shop_db_db.json: 1 passed, 0 failed, 1 error, 1 not reviewed/)
    expect(stdout).toMatch(/shop_web_app.json: 2 passed, 0 failed, 1 error, 0 not reviewed/)
  })
})
