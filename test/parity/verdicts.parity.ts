import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { generateCase } from './case.ts'
import { type Case, holding, settled, unjudged } from './divergences.ts'
import { generateHdf, type Hdf, PLAIN, type Severity, type Status, textOf } from './hdf.ts'
import { cellsOf, oursOf } from './ours.ts'
import { type Random, randomOf } from '../support/random.ts'
import { namedBy, PASSED, Saf, type SafRun } from './saf.ts'
import { edgeOf, ENFORCED, nested, partsOf, tidy } from './threshold-text.ts'
import { viewOf } from './view.ts'

/** Random cases; each kind of bound is decided by a hundredth of them besides. */
const CASES = Number(process.env['KSCAN_PARITY_CASES'] ?? 5000)
const SEED = Number(process.env['KSCAN_PARITY_SEED'] ?? 20260101)
const PAIRS = Math.max(1, Math.ceil(CASES / 100))
const LIMIT = 3_600_000

const processes: Saf[] = []
beforeAll(() => {
  processes.push(new Saf(), new Saf())
})
afterAll(async () => {
  for (const saf of processes) await saf[Symbol.asyncDispose]()
  console.log(report())
})

const begun = performance.now()
const tally = {
  cases: 0,
  agreed: 0,
  plain: 0,
  counts: 0,
  pairs: 0,
  noteRight: 0,
  noteWrong: new Map<string, number>(),
  byTrait: new Map<string, number>(),
  apart: new Map<string, number>()
}
const add = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1)

const table = (map: ReadonlyMap<string, number>): string[] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`)

const report = (): string =>
  [
    `seed ${SEED}, ${((performance.now() - begun) / 1000).toFixed(0)} s`,
    `${tally.cases} random cases: ${tally.agreed} agreed (${tally.plain} of them without any divergence), ${tally.cases - tally.agreed} did not, each for a documented reason:`,
    ...table(tally.apart),
    'by divergence, a case with several counted for each:',
    ...table(tally.byTrait),
    `${tally.counts} files counted as inspecjs counts, settled ones included`,
    `${ENFORCED.length} kinds of bounds, each decided the verdict at least ${tally.pairs} times`,
    `the note on plain SAF was right in ${tally.noteRight} of ${tally.noteRight + [...tally.noteWrong.values()].reduce((sum, each) => sum + each, 0)} judged cases; wrong by what the case had:`,
    ...table(tally.noteWrong)
  ].join('\n')

/** Hands the numbers below `count` to the processes, in any order. */
const each = async (count: number, work: (index: number, saf: Saf) => Promise<void>): Promise<void> => {
  let next = 0
  const worker = async (saf: Saf): Promise<void> => {
    while (next < count) {
      const index = next
      next += 1
      await work(index, saf)
    }
  }
  await Promise.all(processes.map(worker))
}

const show = (one: Case, more: unknown): string => `${JSON.stringify(more)}\n${nested(one.bounds)}\n${textOf(one.hdf)}`

const check = (condition: boolean, why: string, { one, more }: { one: Case; more: unknown }): void => {
  if (!condition) throw new Error(`${why}: ${show(one, more)}`)
}

const compare = async (one: Case, saf: Saf): Promise<void> => {
  const [hdf, threshold] = [textOf(one.hdf), nested(one.bounds)]
  const said = await saf.judge(hdf, threshold)
  const ours = oursOf(hdf, threshold)
  const traits = holding(one)
  const names = traits.map(({ name }) => name).join(' + ')
  const agree = (ours.exitCode === 0) === (said.exitCode === 0)
  tally.cases += 1
  if (ours.verdict !== undefined) noteOf(ours.verdict.safDiffers.length > 0 === !agree, names)
  if (agree) tally.agreed += 1
  else {
    add(tally.apart, names)
    for (const { name } of traits) add(tally.byTrait, name)
  }
  if (traits.length === 0) plain({ one, said })
  else if (!agree) await explained(one, saf)
}

const noteOf = (right: boolean, names: string): void => {
  if (right) tally.noteRight += 1
  else add(tally.noteWrong, names)
}

/** Without any divergence: the same verdict, SAF really judged, and the bound that it names is one of ours. */
const plain = ({ one, said }: { one: Case; said: SafRun }): void => {
  const ours = oursOf(textOf(one.hdf), nested(one.bounds))
  const context = { one, more: { said, ours } }
  tally.plain += 1
  check(ours.exitCode === said.exitCode, 'not the same verdict, and no divergence explains it', context)
  check(said.exitCode === 1 || said.stdout === PASSED, 'SAF did not judge', context)
  const named = namedBy(said)
  check(said.exitCode === 0 || ours.verdict?.violations.some(({ bound }) => bound === named) === true, 'SAF names a bound that we do not', context)
  check(ours.verdict?.safDiffers.length === 0, 'a note on plain SAF where both agree', context)
}

/** A trait explains a disagreement when both agree once it is gone – or when kscan refuses the threshold as a whole, as it should. */
const explained = async (one: Case, saf: Saf): Promise<void> => {
  const ours = oursOf(textOf(one.hdf), nested(one.bounds))
  const refused = holding(one).some(({ settle }) => settle === undefined)
  check(refused === (ours.exitCode === 2), 'refused without a reason, or not refused', { one, more: ours })
  if (refused) return
  const rest = settled(one)
  const [hdf, threshold] = [textOf(rest.hdf), nested(rest.bounds)]
  const said = await saf.judge(hdf, threshold)
  const after = oursOf(hdf, threshold)
  const passes = unjudged(one) ? after.verdict?.violations.length === 0 : after.exitCode === 0
  check(passes === (said.exitCode === 0), 'the divergences do not explain it', {
    one: rest,
    more: { said, after, traits: holding(one).map(({ name }) => name) }
  })
  check(said.exitCode === 1 || said.stdout === PASSED, 'SAF did not judge', { one: rest, more: said })
}

describe('verdicts', () => {
  test(
    `${CASES} random cases: the same verdict as SAF, or a divergence that explains it`,
    async () => {
      await each(CASES, async (index, saf) => await compare(generateCase(SEED + index), saf))
      expect(tally.cases).toBe(CASES)
    },
    LIMIT
  )

  test.each([...ENFORCED])(
    '%s decides',
    async (key) => {
      const wanted = wantedFor(key)
      let decided = 0
      await each(PAIRS * 4, async (index, saf) => {
        if (decided >= PAIRS) return
        const seed = SEED + 7919 * index + ENFORCED.indexOf(key)
        const random = randomOf(seed)
        const hdf = generateHdf(seed, PLAIN, wanted === undefined ? [] : [{ ...wanted, count: 1 + random.below(3) }])
        if (await decides(key, { hdf, random, saf })) decided += 1
      })
      tally.pairs = tally.pairs === 0 ? decided : Math.min(tally.pairs, decided)
      expect(decided).toBeGreaterThanOrEqual(PAIRS)
    },
    LIMIT
  )
})

const wantedFor = (key: string): { status: Status; severity: Severity } | undefined => {
  const { status, cell } = partsOf(key)
  if (status === 'compliance') return undefined
  return { status: status as Status, severity: cell === 'total' ? 'medium' : (cell as Severity) }
}

/** With the bound just met both pass; with it just missed both fail, and both name it alone. */
const decides = async (key: string, { hdf, random, saf }: { hdf: Hdf; random: Random; saf: Saf }): Promise<boolean> => {
  const seen = viewOf(hdf)
  const edge = edgeOf(key, seen, random)
  if (edge === undefined) return false
  const beside = Array.from({ length: random.below(4) }, () => edgeOf(random.pick(ENFORCED.filter((other) => other !== key)), seen, random)?.met)
  const [, ...others] = tidy([edge.missed, ...beside.filter((entry) => entry !== undefined)])
  const text = textOf(hdf)
  for (const entry of [edge.met, edge.missed]) {
    const one = { hdf, bounds: [...others, entry] }
    const said = await saf.judge(text, nested(one.bounds))
    const ours = oursOf(text, nested(one.bounds))
    const expected = entry === edge.met ? [] : [key]
    const context = { one, more: { key, expected, said, ours } }
    check(JSON.stringify(ours.verdict?.violations.map(({ bound }) => bound)) === JSON.stringify(expected), 'our violations', context)
    check(said.exitCode === expected.length && (entry === edge.met ? said.stdout === PASSED : namedBy(said) === key), 'what SAF says', context)
  }
  return true
}

describe('counts', () => {
  test(
    `the files of ${CASES} cases: the counts of inspecjs, or a divergence that explains others`,
    async () => {
      await each(CASES, async (index, saf) => {
        const { hdf } = generateCase(SEED + index)
        const one: Case = { hdf, bounds: [{ key: 'passed.total.min', value: 0 }] }
        const same = await sameCounts(one, saf)
        const names = holding(one).map(({ name }) => name)
        check(same || names.length > 0, 'counts differ, and no divergence explains it', { one, more: names })
        if (!same || names.length > 0) check(await sameCounts(settled(one), saf), 'counts differ when settled', { one, more: names })
      })
      expect(tally.counts).toBeGreaterThanOrEqual(CASES)
    },
    LIMIT
  )
})

/** Of the settled file ours must be what they were: to settle changes what SAF reads, not what we do. */
const sameCounts = async (one: Case, saf: Saf): Promise<boolean> => {
  const counts = (await saf.count(textOf(one.hdf)))?.[0]?.cells
  const ours = cellsOf(oursOf(textOf(one.hdf), nested(one.bounds)))
  const before = cellsOf(oursOf(textOf(settled(one).hdf), nested(one.bounds)))
  check(sorted(ours) === sorted(before), 'settled, we count otherwise', { one, more: { ours, before } })
  const same = sorted(counts) === sorted(ours)
  if (same) tally.counts += 1
  return same
}

const sorted = (cells: Readonly<Record<string, number>> | undefined): string =>
  JSON.stringify(Object.entries(cells ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)))
