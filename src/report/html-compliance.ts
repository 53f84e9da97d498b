import { ABOUT_THE_SCAN, countedStatuses, STATUS_WORDS, wordOf } from './compliance.ts'
import type { AssessedRow, ScanWay } from './compliance-shape.ts'
import { html } from './escape.ts'
import { facts, list, name, number, table } from './html-markup.ts'
import type { RunRecord } from './record.ts'

/** How many ways of scanning the page tells one by one. */
const WAYS = 20
/** How many containers are named before the rest is folded. */
const NAMED = 5

/** The way in which the run scanned, against each framework; folded, for it is about the scan and not about the containers. */
export const compliance = ({ compliance: told }: RunRecord): string => {
  if (told === undefined || told.ways.length === 0) return ''
  const several = told.ways.length > 1
  const ways = told.ways.slice(0, WAYS).map((way) => `${several ? headOf(way) : ''}${wayOf(way)}`)
  const more = told.ways.length > WAYS ? [`<p class="quiet">${number(told.ways.length - WAYS)} more ways in run.json.</p>`] : []
  const about = `<p class="note">${html(ABOUT_THE_SCAN)} Requirements were last compared with their sources on ${name(told.checked)}.</p>`
  return [about, ...ways, ...more].join('\n')
}

const headOf = ({ targets }: ScanWay): string => {
  const rest = targets.slice(NAMED).map((target) => name(target))
  const more = rest.length === 0 ? '' : `<details class="more"><summary>${number(rest.length)} more</summary>${list(rest)}</details>`
  return `<h3>${targets.slice(0, NAMED).map(name).join(', ')}</h3>\n${more}`
}

const wayOf = ({ facts: observed, assessed }: ScanWay): string => {
  const frameworks = [...Map.groupBy(assessed, ({ framework }) => framework)].map(
    ([framework, rows]) => `<details class="changes"><summary>${name(framework)}: ${countedStatuses(rows)}</summary>${rowsOf(rows)}</details>`
  )
  const seen = facts(Object.entries(observed).map(([fact, value]) => [name(fact), name(String(value))]))
  return `<p>In all: ${countedStatuses(assessed)}.</p>\n${frameworks.join('\n')}\n<details class="changes"><summary>What the run observed</summary>${seen}</details>`
}

const rowsOf = (rows: readonly AssessedRow[]): string =>
  table(
    ['Requirement', 'Status', 'In this run'],
    worstFirst(rows).map(({ id, title, status, because }) => [
      `${name(id)}<span class="quiet">${name(title)}</span>`,
      `<span class="chip ${TONES[status]}">${wordOf(status)}</span>`,
      html(because)
    ])
  )

const worstFirst = (rows: readonly AssessedRow[]): AssessedRow[] => STATUS_WORDS.flatMap(([status]) => rows.filter((row) => row.status === status))

/** The classes of the page whose colours say the like. */
const TONES: Readonly<Record<AssessedRow['status'], string>> = { conflict: 'failed', 'at-risk': 'unjudged', met: 'passed', 'not-assessed': 'not-applicable' }
