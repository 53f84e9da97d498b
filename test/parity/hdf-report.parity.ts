import { createHash } from 'node:crypto'
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { parseResults } from '../../src/hdf/parse.ts'
import { openReports } from '../../src/report/open.ts'
import { record } from '../unit/report/sample.ts'
import { judgeBy } from '../unit/verdict/sample.ts'
import { control, generateHdf, PLAIN, profile, result, textOf } from './hdf.ts'
import { Saf } from './saf.ts'

const CASES = Math.min(200, Number(process.env['KSCAN_PARITY_CASES'] ?? 200))
const TARGET = 'web/api-7d9/nginx'

const Told = z.object({ verdict: z.object({ counts: z.record(z.string(), z.record(z.string(), z.number())) }) })
type Cells = Readonly<Record<string, number>>

const processes: Saf[] = []
beforeAll(() => void processes.push(new Saf()))
afterAll(async () => {
  for (const saf of processes) await saf[Symbol.asyncDispose]()
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-hdf-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What a run over one container writes: the path of the results, and the counts that run.json tells. */
const written = (bytes: Uint8Array): { readonly hdf: string; readonly told: Cells } => {
  const judged = [{ target: TARGET, results: parseResults(bytes, 'results.json'), unjudged: [] }]
  const verdict = judgeBy(judged, [], { today: '2026-01-01' })
  const paths = openReports(folder, ['hdf', 'run.json']).write({
    verdict,
    judged,
    record: record([TARGET]),
    raw: new Map([[TARGET, bytes]]),
    transcripts: new Map(),
    secrets: []
  })
  const [name, ...more] = readdirSync(paths.get('hdf') ?? '')
  if (name === undefined || more.length > 0) throw new Error(`one file of results is expected, not ${more.length + 1}`)
  const { counts } = Told.parse(JSON.parse(readFileSync(paths.get('run.json') ?? '', 'utf8'))).verdict
  const cells = Object.entries(counts).flatMap(([status, row]) => Object.entries(row).map(([severity, count]) => [`${status}.${severity}`, count] as const))
  return { hdf: join(paths.get('hdf') ?? '', name), told: Object.fromEntries(cells.filter(([key, count]) => count > 0 && !key.endsWith('.total'))) }
}

/** What inspecjs counts over the outermost profiles of the file; nothing where it refuses it. */
const read = async (hdf: string): Promise<Cells | undefined> => {
  const profiles = await processes[0]?.countFile(hdf)
  if (profiles === undefined) return undefined
  const cells: Record<string, number> = {}
  for (const [key, count] of profiles.flatMap((each) => Object.entries(each.cells))) cells[key] = (cells[key] ?? 0) + count
  return cells
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Cells that kscan counts higher or lower than inspecjs; a file that inspecjs refuses has none. */
const difference = async (bytes: Uint8Array): Promise<Cells | 'not read'> => {
  const { hdf, told } = written(bytes)
  expect(digest(readFileSync(hdf))).toBe(digest(bytes))
  const counted = await read(hdf)
  if (counted === undefined) return 'not read'
  const keys = new Set([...Object.keys(told), ...Object.keys(counted)])
  return Object.fromEntries([...keys].map((key) => [key, (told[key] ?? 0) - (counted[key] ?? 0)] as const).filter(([, apart]) => apart !== 0))
}

// divergences.ts says why, under these names.
const UNMET = { 'error.none': -1, 'no_impact.none': 1 } // 6 only_applicable_if
const CATEGORY = { 'failed.low': -1, 'failed.high': 1 } // 5 severity in any letters: CAT I
const FIXTURES: Readonly<Record<string, Cells | 'not read'>> = {
  'empty.json': {},
  'one-profile.json': { ...UNMET, ...CATEGORY, 'failed.High': -1, 'failed.high': 2 },
  'skipped.json': {},
  'skipped-beside-another.json': {},
  'skipped-dependency.json': {},
  'overlay.json': { ...UNMET, ...CATEGORY },
  'overlay-of-overlay.json': {},
  'two-profiles.json': { 'failed.High': -1, 'failed.high': 1, 'failed.critical': 1 }, // 4 all profiles: inspecjs drops a control whose id another profile has
  'csv-waivers.json': 'not read' // a waiver file in CSV makes `run` a text, and inspecjs demands true or false
}

describe('inspecjs reads the results that a run has written, byte by byte the auditor’s own, and counts what run.json tells', () => {
  test.each(globSync('test/fixtures/hdf/*.json').map((path) => [basename(path), path]))('of %s, which an auditor wrote', async (name, path) => {
    expect(await difference(readFileSync(path))).toEqual(FIXTURES[name])
  })

  test(`of ${CASES} random files`, async () => {
    for (let seed = 1; seed <= CASES; seed += 1) expect(await difference(Buffer.from(textOf(generateHdf(seed, PLAIN))))).toEqual({})
  })

  test('of one that ends its lines as Windows does, and quotes what it must not lose', async () => {
    const text = textOf({ profiles: [profile('base', [control('<b>\u202e::error::\ud83d\ude00', [result('failed', { message: '\u0000\u001b[31m\u2028' })])])] })
    expect(await difference(Buffer.from(JSON.stringify(JSON.parse(text), undefined, 2).replaceAll('\n', '\r\n')))).toEqual({})
  })
})
