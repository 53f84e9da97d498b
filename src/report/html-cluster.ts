import type { Verdict } from '../verdict/model.ts'
import { idleWaivers } from './causes.ts'
import { html } from './escape.ts'
import { facts, list, name } from './html-markup.ts'
import { minute } from './html-verdict.ts'
import { changeableShells, madeFor, notScanned, type RunRecord, TWIN_ONLY, unusedWaiver, withoutManager } from './record.ts'

/** What was made and removed, what stays, and what the scanner could do. */
export const cluster = (record: RunRecord): string => {
  const { access, targets, leftovers } = record
  const kept = targets.flatMap((target) => target.kept.map((what) => html(what)))
  const notes = [...changeableShells(targets), ...withoutManager(targets), ...(targets.some(({ approach }) => approach === 'twin-pod') ? [TWIN_ONLY] : [])]
  const left =
    leftovers.length === 0 ? '' : `<div class="leftovers"><p><strong>Left over</strong> – run <code>kscan cleanup</code>.</p>${strongList(leftovers)}</div>\n`
  return `${left}${facts([
    ['Access', access.mode],
    ['Made', codes(access.made) || 'nothing'],
    ['Removed', codes(access.removed) || 'nothing'],
    ['Not scanned', listed(notScanned(record).map((line) => html(line)))],
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
    [
      'Auditor',
      `${name(record.auditor.product)} ${name(record.auditor.version)}<span class="quiet">${name([record.auditor.source, record.auditor.mount].filter((each) => each !== undefined).join(', '))}</span>`
    ],
    ['Isolation', `${name(record.isolation.kind)}<span class="quiet">${name(record.isolation.says)}</span>`],
    ['Kubernetes', `${name(record.cluster.version)}<span class="quiet">${name(record.cluster.context)} ${name(record.cluster.server)}</span>`],
    ...(record.cluster.kind === undefined ? [] : ([['Kind cluster', name(madeFor(record.cluster.kind))]] as const)),
    ['Profiles', listed(record.profiles.flatMap(({ source, sha256, dependencies = [] }) => [pinned(name(source), sha256), ...dependencies.map(included)]))],
    ['Threshold', listed(record.threshold.map(({ source, bounds }) => `${name(source)}${codes(bounds)}`))]
  ])

const pinned = (what: string, sha256: string): string => `${what}<span class="quiet">SHA-256 <code>${name(sha256)}</code></span>`

const included = ({ way, source, sha256 }: NonNullable<RunRecord['profiles'][number]['dependencies']>[number]): string =>
  pinned(`${name(way)}<span class="quiet">${name(source)}</span>`, sha256)

const listed = (items: readonly string[]): string => (items.length === 0 ? '' : list(items))

/** What plain SAF would have said, and waivers without a control. */
export const notes = (verdict: Verdict, { unusedWaivers }: RunRecord): string =>
  listed([...verdict.accepted, ...verdict.safDiffers, ...idleWaivers(verdict), ...unusedWaivers.map(unusedWaiver)].map((note) => html(note)))
