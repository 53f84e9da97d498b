import type { HelpConfiguration, Option } from 'commander'
import { paint } from '../host/colour.ts'

/** How a stream shows text. */
export interface Look {
  /** Columns. */
  readonly width: number
  readonly colour: boolean
}

/** Where nobody watches. */
export const PLAIN_LOOK: Look = { width: 80, colour: false }

/** Longer lines are hard to read. */
const WIDEST = 120
const NARROWEST = 40
/** With less room beside its name, a flag's text stands below it. */
const ROOM = 50
const BELOW = 8

export const EXIT_CODES = 'Exit codes: 0 passed · 1 not compliant · 2 bad input · 3 unjudged ·\n  4 could not scan · 130 interrupted'

export const columnsOf = ({ width }: Look): number => Math.max(NARROWEST, Math.min(width, WIDEST))

/** Flags in line with those that have a letter; texts beside their flags, or below where that would be a narrow column. */
export const LAYOUT: HelpConfiguration = {
  minWidthToWrap: NARROWEST - BELOW,
  subcommandTerm: (command) => command.name(),
  styleTitle: (title) => paint('heading', title),
  optionTerm: ({ short, flags }: Option) => (short === undefined ? `    ${flags}` : flags),
  formatItem: (...[term, termWidth, description, helper]) => {
    const width = helper.helpWidth ?? PLAIN_LOOK.width
    const beside = width - termWidth - 4
    if (description === '') return `  ${term}`
    if (beside >= ROOM) return `  ${term.padEnd(termWidth)}  ${wrap(helper, description, { width: beside, indent: termWidth + 4 })}`
    return `  ${term}\n${' '.repeat(BELOW)}${wrap(helper, description, { width: width - BELOW, indent: BELOW })}`
  }
}

const wrap = (helper: { boxWrap: (text: string, width: number) => string }, text: string, { width, indent }: { width: number; indent: number }): string =>
  helper.boxWrap(text, width).replaceAll('\n', `\n${' '.repeat(indent)}`)

/** Examples as a shell takes them, each long one on several lines; the parser takes colours out where they are not wanted. */
export const examplesText = (examples: readonly string[], look: Look): string =>
  `\n${paint('heading', 'Examples:')}\n${examples.map((example) => `  ${fold(example, columnsOf(look) - 4)}`).join('\n')}\n\n${EXIT_CODES}\n`

/** Before a flag, so that its value stays with it. */
const fold = (example: string, width: number): string => {
  const rows: string[] = []
  for (const part of example.split(/ (?=-)/)) {
    const last = rows.at(-1)
    if (last !== undefined && last.length + part.length + 1 <= width) rows[rows.length - 1] = `${last} ${part}`
    else rows.push(rows.length === 0 ? part : `    ${part}`)
  }
  return rows.join(' \\\n  ')
}
