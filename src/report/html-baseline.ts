import type { Verdict } from '../verdict/model.ts'
import { beforeOf, changesOf, comparisonLine, nowOf } from './comparison.ts'
import { html } from './escape.ts'
import { type Find, link, name, place, plural, table } from './html-markup.ts'

/** What became of the controls since an earlier run: what is worse at once, the rest folded. */
export const compared = ({ baseline }: Verdict, find: Find): string => {
  if (baseline === undefined) return ''
  const folds = changesOf(baseline).map(({ kind, heading, changes }) => {
    const rows = changes.map((change) => [place(change.target), link(change.control, find(change.target, change.control)), beforeOf(change), nowOf(change)])
    const open = kind === 'worse' ? ' open' : ''
    return `<details class="changes"${open}><summary>${heading}: ${plural(changes.length, 'control')}</summary>${table(['Container', 'Control', 'Before', 'Now'], rows)}</details>`
  })
  return `<p>${html(comparisonLine(baseline))}.<span class="quiet">${name(baseline.source)}</span></p>${folds.join('')}`
}
