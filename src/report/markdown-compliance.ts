import { ABOUT_THE_SCAN, countedStatuses, openRows, wordOf } from './compliance.ts'
import type { AssessedRow, ScanWay } from './compliance-shape.ts'
import { markdown as md, markdownBegun as begun } from './escape.ts'
import { table } from './markdown-table.ts'
import type { RunRecord } from './record.ts'

/** How many ways of scanning are told one by one. */
const WAYS = 10
/** How many containers are named of each. */
const NAMED = 5

/** What of the way in which the run scanned somebody has to accept, folded; the rest is counted. */
export const compliance = ({ compliance: told }: RunRecord): string => {
  if (told === undefined || told.ways.length === 0) return ''
  const several = told.ways.length > 1
  const ways = told.ways.slice(0, WAYS).map((way) => [...(several ? [`${begun(namesOf(way), 1000)} – ${countedStatuses(way.assessed)}.`] : []), tableOf(way)])
  const more = told.ways.length > WAYS ? [`_${told.ways.length - WAYS} more in run.json._`] : []
  const title = `How it was scanned${several ? '' : `: ${countedStatuses(told.ways[0]?.assessed ?? [])}`}`
  return [`<details><summary>${title}</summary>`, ABOUT_THE_SCAN, ...ways.flat(), ...more, '</details>'].filter((part) => part !== '').join('\n\n')
}

/** Some containers of a way. Not escaped. */
const namesOf = ({ targets }: ScanWay): string => `${targets.slice(0, NAMED).join(', ')}${targets.length > NAMED ? ` and ${targets.length - NAMED} more` : ''}`

/** Empty where nothing is open. */
const tableOf = (way: ScanWay): string => {
  const rows = openRows(way)
  return rows.length === 0 ? '' : requirementTable(rows)
}

export const requirementTable = (rows: readonly AssessedRow[]): string =>
  table(
    ['Status', 'Requirement', 'What it asks for', 'In this run'],
    rows.map(({ status, framework, id, title, because }) => [wordOf(status), `${md(framework)} ${md(id)}`, md(title), md(because)])
  )
