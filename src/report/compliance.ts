import { assess } from '../compliance/assess.ts'
import { FACT_NAMES, type Facts } from '../compliance/facts.ts'
import { catalog, checkedOn } from '../compliance/requirement.ts'
import type { AssessedRow, Compliance, ScanWay } from './compliance-shape.ts'
import { observedOf } from './observed.ts'
import type { RunRecord } from './record.ts'

/** Compares the way in which each container was scanned with what the frameworks ask for; containers that were scanned alike are told together. */
export const complianceOf = (record: RunRecord): Compliance => {
  const observed = record.targets.map((target) => ({ name: target.name, facts: toldFacts(observedOf(record, target)) }))
  const alike = Map.groupBy(observed, ({ facts }) => JSON.stringify(facts))
  return { checked: checkedOn(catalog()), ways: [...alike.values()].flatMap(wayOf) }
}

/** In one order, without what was not observed. */
const toldFacts = (facts: Facts): ScanWay['facts'] =>
  Object.fromEntries(
    FACT_NAMES.flatMap((name) => {
      const value = facts[name]
      return value === undefined ? [] : [[name, value]]
    })
  )

const wayOf = (targets: readonly { readonly name: string; readonly facts: ScanWay['facts'] }[]): ScanWay[] => {
  const [first] = targets
  return first === undefined ? [] : [{ targets: targets.map(({ name }) => name), facts: first.facts, assessed: assess(first.facts).map(toRow) }]
}

const toRow = ({ requirement: { framework, id, title }, status, because }: ReturnType<typeof assess>[number]): AssessedRow => ({
  framework,
  id,
  title,
  status,
  because
})

/** The words that readers see, from what needs them most to what needs nobody. */
export const STATUS_WORDS: readonly (readonly [AssessedRow['status'], string])[] = [
  ['conflict', 'conflict'],
  ['at-risk', 'at risk'],
  ['met', 'met'],
  ['not-assessed', 'not assessed']
]

export const wordOf = (status: AssessedRow['status']): string => STATUS_WORDS.find(([each]) => each === status)?.[1] ?? status

/** How many rows of each status, as `1 conflict, 12 at risk, 40 met`. */
export const countedStatuses = (rows: readonly AssessedRow[]): string =>
  STATUS_WORDS.map(([status, word]) => [rows.filter((row) => row.status === status).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ')

/** What somebody has to accept. */
export const openRows = ({ assessed }: ScanWay): AssessedRow[] => [
  ...assessed.filter(({ status }) => status === 'conflict'),
  ...assessed.filter(({ status }) => status === 'at-risk')
]

/** What it is, and what it is not. */
export const ABOUT_THE_SCAN =
  "This is about how the scan itself was done: its access, its shells, and what it added to the cluster. It says nothing of how the containers stand. It is kscan's own judgement of what the run observed of itself, and no assessor's."
