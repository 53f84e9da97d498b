import type { Results } from '../hdf/model.ts'
import { idLines } from './control-ids.ts'
import { markdown as md } from './escape.ts'
import { type WorstFinding, whyFailed } from './findings.ts'
import { named, profileOf } from './profile-of.ts'

/** A control that did not pass, folded: what was expected and found, what mends it, and what others know it by. */
export const worstDetail = ({ target, control, worse }: WorstFinding, results: Results | undefined): string => {
  const { check, found } = whyFailed(control)
  const fix = control.fixText === '' ? [] : [`Fix: ${md(control.fixText, 800)}`]
  const ids = idLines(control).map(([word, all]) => `${word}: ${md(all.join(', '))}`)
  const profile = named(control.profile, results === undefined ? { title: '', version: '' } : profileOf(control, results))
  return [
    `<details><summary>${worse ? 'worse · ' : ''}${md(control.severity)} · ${md(control.id)} · ${md(control.title)}</summary>`,
    `Container: ${md(target)}`,
    `Expected: ${md(check)}`,
    `Found: ${md(found, 800)}`,
    ...fix,
    ...(ids.length === 0 ? [] : [ids.join('; ')]),
    `Profile: ${md(profile)}`,
    '</details>'
  ].join('\n\n')
}
