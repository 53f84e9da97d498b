import type { Verdict } from '../verdict/model.ts'
import { idleWaivers } from './causes.ts'
import { html } from './escape.ts'
import { facts, list, name } from './html-markup.ts'
import { minute } from './html-verdict.ts'
import { changeableShells, type RunRecord, TWIN_ONLY, unusedWaiver, withoutManager } from './record.ts'

/** What was made and removed, what stays, and what the scanner could do. */
export const cluster = ({ access, targets, leftovers }: RunRecord): string => {
  const kept = targets.flatMap((target) =>
    target.kept.map((what) => `${html(what)}<span class="quiet">Its process has ended; the entry goes with the pod.</span>`)
  )
  const notes = [...changeableShells(targets), ...withoutManager(targets), ...(targets.some(({ approach }) => approach === 'twin-pod') ? [TWIN_ONLY] : [])]
  const left =
    leftovers.length === 0 ? '' : `<div class="leftovers"><p><strong>Left over</strong> – run <code>kscan cleanup</code>.</p>${strongList(leftovers)}</div>\n`
  return `${left}${facts([
    ['Access', access.mode],
    ['Made', codes(access.made) || 'nothing'],
    ['Removed', codes(access.removed) || 'nothing'],
    ['Kept', kept.length === 0 ? '' : list(kept)],
    ['Rights of the scanner', codes(access.rules) || 'none']
  ])}${notes.map((note) => `\n<p class="note">${html(note)}</p>`).join('')}`
}

const codes = (texts: readonly string[]): string => (texts.length === 0 ? '' : list(texts.map((text) => `<code>${html(text)}</code>`)))
const strongList = (texts: readonly string[]): string => list(texts.map((text) => `<strong>${html(text)}</strong>`))

/** What the verdict rests on. */
export const versions = (record: RunRecord): string =>
  facts([
    ['Run', `<code>${name(record.run)}</code>`],
    ['Started', minute(record.started)],
    ['Finished', minute(record.finished)],
    ['kscan', name(record.version)],
    ['Auditor', `${name(record.auditor.product)} ${name(record.auditor.version)}<span class="quiet">${name(record.auditor.source)}</span>`],
    ['Kubernetes', `${name(record.cluster.version)}<span class="quiet">${name(record.cluster.context)} ${name(record.cluster.server)}</span>`],
    ['Profiles', listed(record.profiles.map(({ source, sha256 }) => `${name(source)}<span class="quiet">SHA-256 <code>${name(sha256)}</code></span>`))],
    ['Threshold', listed(record.threshold.map(({ source, bounds }) => `${name(source)}${codes(bounds)}`))]
  ])

const listed = (items: readonly string[]): string => (items.length === 0 ? '' : list(items))

/** What plain SAF would have said, and waivers without a control. */
export const notes = (verdict: Verdict, { unusedWaivers }: RunRecord): string =>
  listed([...verdict.accepted, ...verdict.safDiffers, ...idleWaivers(verdict), ...unusedWaivers.map(unusedWaiver)].map((note) => html(note)))
