import type { Verdict } from '../verdict/model.ts'
import { causesOf, controlsIn, WAYS_ON } from './causes.ts'
import { html } from './escape.ts'
import { type Find, link, list, name } from './html-markup.ts'

/** Unjudged controls by cause, each list folded. */
export const causes = (verdict: Verdict, find: Find): string => {
  const groups = causesOf(verdict).map(({ cause, reason, controls }) => {
    const links = controls.map(({ target, control }) => `${link(control, find(target, control))} <span class="quiet">${name(target)}</span>`)
    return `${html(reason)} <code>${name(cause)}</code><details class="more"><summary>${controlsIn(controls.length)}</summary>${list(links)}</details>`
  })
  return groups.length === 0 ? '' : `<p class="quiet">They count as errors. Ways on: ${html(WAYS_ON, 1000)}.</p>\n${list(groups)}`
}
