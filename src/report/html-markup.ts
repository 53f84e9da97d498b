import { cut, html } from './escape.ts'
import { byWorst } from './findings.ts'
import type { Outcome, Row } from './rows.ts'

/** How many rows a table of the page has at most. */
const ROWS = 500
/** How long a name may be: an id, a title, a target. */
const NAME = 300

/** From the worst to the best, with the words that readers see. */
export const OUTCOMES: readonly (readonly [Outcome, string])[] = [
  ['failed', 'Failed'],
  ['error', 'Error'],
  ['unjudged', 'Unjudged'],
  ['not-reviewed', 'Not reviewed'],
  ['waived', 'Waived'],
  ['not-applicable', 'Not applicable'],
  ['passed', 'Passed']
]

/** A control of a target with its place on the page. */
export interface Entry extends Row {
  readonly anchor: string
}

/** The worst first. Anchors are numbers: no attribute of the page holds a text from outside. */
export const entriesOf = (rows: readonly Row[]): Entry[] =>
  OUTCOMES.flatMap(([outcome]) => rows.filter((row) => row.outcome === outcome).toSorted(byWorst)).map((row, index) => ({ ...row, anchor: `c${index + 1}` }))

/** The first control of that id and target. */
export type Find = (target: string, id: string) => Entry | undefined

export const finder = (entries: readonly Entry[]): Find => {
  const known = new Map(entries.toReversed().map((entry) => [keyOf(entry.target, entry.control.id), entry]))
  return (target, id) => known.get(keyOf(target, id))
}

const keyOf = (target: string, id: string): string => JSON.stringify([target, id])

export const name = (text: string): string => html(cut(text.trim(), NAME).replace(/\s+/g, ' '), Infinity)
/** A target's name, which may break before its second part and before its container. Always as many parts: no name decides what elements the page has. */
export const place = (target: string): string => {
  const text = cut(target.trim(), NAME).replace(/\s+/g, ' ')
  const [first, last] = [text.indexOf('/') + 1, text.lastIndexOf('/') + 1]
  return [text.slice(0, first), text.slice(first, last), text.slice(last)].map((part) => `<span class="part">${html(part, Infinity)}</span>`).join('')
}
export const plural = (count: number, word: string): string => `${number(count)} ${word}${count === 1 ? '' : 's'}`
export const number = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** A link to the control where the page has it. */
export const link = (id: string, entry: Entry | undefined): string => (entry === undefined ? name(id) : `<a href="#${entry.anchor}">${name(id)}</a>`)

export interface Section {
  readonly id: string
  readonly heading: string
  /** Empty where there is nothing to say. */
  readonly content: string
}

export const section = ({ id, heading, content }: Section): string =>
  `<section aria-labelledby="${id}">\n<h2 id="${id}">${heading}</h2>\n${content}\n</section>\n`

/** Cells are markup; the first of a row names it. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const cell = (content: string, index: number): string =>
    index === 0 ? `<th scope="row">${content}</th>` : `<td data-label="${heads[index] ?? ''}">${content}</td>`
  const head = heads.map((each) => `<th scope="col">${each}</th>`).join('')
  const body = rows
    .slice(0, ROWS)
    .map((cells) => `<tr>${cells.map(cell).join('')}</tr>\n`)
    .join('')
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table>${rows.length > ROWS ? `\n<p class="quiet">${number(rows.length - ROWS)} more in run.json.</p>` : ''}`
}

/** Texts that are markup already. */
export const list = (items: readonly string[]): string => {
  const more = items.length > ROWS ? [`${number(items.length - ROWS)} more in run.json.`] : []
  return `<ul>${[...items.slice(0, ROWS), ...more].map((item) => `<li>${item}</li>`).join('')}</ul>`
}

/** Terms with what they are; those without content are left out. */
export const facts = (pairs: readonly (readonly [string, string])[]): string => {
  const told = pairs.filter(([, content]) => content !== '')
  return told.length === 0 ? '' : `<dl>${told.map(([term, content]) => `<div><dt>${term}</dt><dd>${content}</dd></div>`).join('')}</dl>`
}

/** How many rows of each outcome. */
export type Shares = ReadonlyMap<Outcome, number>

export const sharesOf = (rows: readonly Row[]): Shares => {
  const shares = new Map<Outcome, number>()
  for (const { outcome } of rows) shares.set(outcome, (shares.get(outcome) ?? 0) + 1)
  return shares
}

const share = (shares: Shares, outcome: Outcome): number => shares.get(outcome) ?? 0

/** Outcomes that occur, in words. */
export const told = (shares: Shares): { readonly outcome: Outcome; readonly word: string; readonly count: number }[] =>
  OUTCOMES.map(([outcome, word]) => ({ outcome, word, count: share(shares, outcome) })).filter(({ count }) => count > 0)

/** A stacked bar, drawn without a style attribute, which the page's policy forbids. */
export const bar = (shares: Shares): string => {
  const parts = told(shares)
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  let before = 0
  const drawn = parts.map(({ outcome, count }) => {
    const rect = `<rect class="${outcome}" x="${percent(before, total)}%" width="${percent(count, total)}%" height="100%"/>`
    before += count
    return rect
  })
  const words = parts.map(({ word, count }) => `${count} ${word.toLowerCase()}`).join(', ')
  return `<svg class="bar" role="img" aria-label="${words === '' ? 'no controls' : words}">${drawn.join('')}</svg>`
}

const percent = (part: number, whole: number): string => ((100 * part) / whole).toFixed(3)
