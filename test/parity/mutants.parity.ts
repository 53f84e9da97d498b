import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parseResults } from '../../src/hdf/parse.ts'
import { judge } from '../../src/verdict/judge.ts'
import { parseThreshold } from '../../src/verdict/threshold.ts'
import { textOf } from './hdf.ts'
import { MUTANTS } from './mutants.ts'
import { outcomeOf, type Recorded } from './recorded.ts'
import { Saf } from './saf.ts'

const CASES = resolve('test/fixtures/parity/cases.json')
const recorded = JSON.parse(readFileSync(CASES, 'utf8')) as readonly Recorded[]
const folder = mkdtempSync(join(tmpdir(), 'kscan-mutants-'))
const sources = join(folder, 'src')

beforeAll(() => {
  cpSync('src', sources, { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  cpSync('package.json', join(folder, 'package.json'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The numbers of the recorded cases that come out otherwise. */
const changed = async (): Promise<number[]> =>
  await new Promise((done, failed) => {
    execFile(process.execPath, ['--no-warnings', 'test/parity/judge-cases.ts', sources, CASES], (error, stdout) => {
      if (error === null) done(JSON.parse(stdout) as number[])
      else failed(error)
    })
  })

test(`the ${recorded.length} recorded cases: SAF and kscan say what they said`, async () => {
  await using saf = new Saf()
  for (const { hdf, threshold, saf: exitCode, outcome } of recorded) {
    expect((await saf.judge(textOf(hdf), threshold)).exitCode).toBe(exitCode)
    expect(outcomeOf(textOf(hdf), threshold, { parseResults, judge, parseThreshold })).toEqual(outcome)
  }
})

let unchanged: number[] = []
beforeAll(async () => void (unchanged = await changed()))

test('unchanged sources change no case', () => expect(unchanged).toEqual([]))

test.each(MUTANTS)('caught: %s: %s → %s', async (file, from, to) => {
  const path = join(sources, file)
  const text = readFileSync(path, 'utf8')
  expect(text.split(from)).toHaveLength(2)
  writeFileSync(
    path,
    text.replace(from, () => to)
  )
  try {
    expect(await changed()).not.toEqual(unchanged)
  } finally {
    writeFileSync(path, text)
  }
})
