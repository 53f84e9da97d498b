import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Hdf, textOf } from './hdf.ts'
import { oursOf } from './ours.ts'
import { Saf } from './saf.ts'

/** Profiles that depend on each other, as a real auditor writes them: where kscan and SAF say otherwise of them, and nowhere else, one line says so. */
const FOLDER = 'test/fixtures/hdf/trees'
/** Here SAF comes to no end, or says that it did not, and passes. */
const ENDLESS = 'alias-as-lost-name.json'
const BOUNDS = ['failed.total.max: 0', 'failed.total.max: 9', 'error.total.max: 0', 'error.total.max: 1', 'failed.medium.max: 1', 'passed.total.min: 3']

let saf: Saf
beforeAll(() => {
  saf = new Saf()
})
afterAll(async () => await saf[Symbol.asyncDispose]())

/** With what inspecjs asks for, and sections as SAF reads them. */
const hdf = (name: string): string => textOf(JSON.parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as Hdf)
const nested = (bound: string): string =>
  `${bound
    .split(/\.|: /)
    .reduceRight((inner, word) => `{"${word}": ${inner}}`, '')
    .replace(/\{"(\d+)": \}/, '$1')}\n`

test.each(readdirSync(FOLDER).filter((name) => name !== ENDLESS))('%s', async (name) => {
  const text = hdf(name)
  for (const bound of BOUNDS) {
    const ours = oursOf(text, nested(bound))
    const safPasses = (await saf.judge(text, nested(bound))).exitCode === 0
    const differ = (ours.exitCode === 0) !== safPasses
    expect([bound, ours.verdict?.safDiffers.length]).toEqual([bound, differ ? 1 : 0])
    if (differ) expect(ours.verdict?.safDiffers[0]).not.toMatch(/: it counts otherwise$/)
  }
})
