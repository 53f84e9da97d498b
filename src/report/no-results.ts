import type { Ending } from './ending.ts'
import { markdown as md, markdownBegun as begun } from './escape.ts'
import { SIGNS } from './markdown.ts'

/** How many of very many problems are shown. */
const REASONS = 100

/** The job's summary of a run that ended before it had results: why, all of it, and what to do. */
export const noResults = ({ kind, word, sentence, reasons, remedy }: Ending, leftovers: readonly string[]): string => {
  const others = reasons.filter((reason) => reason !== sentence).slice(0, REASONS)
  return `${[
    `## ${SIGNS[kind]} ${word}`,
    begun(sentence, 2000),
    others.map((reason) => `- ${begun(reason, 1000)}`).join('\n'),
    md(remedy, 2000),
    leftovers.length === 0 ? '' : `**Left over:** ${leftovers.map((what) => md(what)).join('; ')}. Run kscan cleanup.`,
    'This run has no results, no reports and no artifact.'
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}
