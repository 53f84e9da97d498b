import { EXIT, exitCodeOf } from '../kernel/error.ts'
import { showCompliance } from '../verdict/count.ts'
import type { TargetVerdict, Verdict, Violation } from '../verdict/model.ts'
import { type Ending, endingOf } from './ending.ts'
import { html } from './escape.ts'
import { bar, type Entry, facts, type Find, link, list, name, number, place, plural, sharesOf, table, told } from './html-markup.ts'
import { subject } from './html-subject.ts'
import { minuteOf, type RunRecord, type TargetRecord } from './record.ts'

/** How many controls of a violated bound are named before the rest is folded. */
const NAMED = 12
const LINKED = 500

type Tone = 'passed' | 'failed' | 'unjudged' | 'error'

/** What the page begins with beside the words of the ending: a colour, and a sign that needs none. */
const LOOKS: Readonly<Record<Ending['kind'], { readonly tone: Tone; readonly sign: string }>> = {
  passed: { tone: 'passed', sign: '✓' },
  'not-compliant': { tone: 'failed', sign: '✕' },
  unjudged: { tone: 'unjudged', sign: '?' },
  'not-scanned': { tone: 'error', sign: '!' },
  'not-cleaned-up': { tone: 'error', sign: '!' },
  'bad-input': { tone: 'error', sign: '!' },
  interrupted: { tone: 'error', sign: '!' }
}

/** Of a container without results: why, and what to do. */
const toldOf = ({ message, hint }: NonNullable<TargetRecord['failure']>): string => (hint === undefined ? message : `${message}. ${hint}`)

export const minute = (iso: string): string => html(minuteOf(iso), 40)

export const banner = (verdict: Verdict, record: RunRecord, entries: readonly Entry[]): string => {
  const { kind, word, sentence } = endingOf(verdict, record)
  const { tone, sign } = LOOKS[kind]
  const shares = sharesOf(entries)
  const legend = told(shares).map((each) => `<li class="${each.outcome}"><a href="#${each.outcome}">${each.word}</a> <b>${number(each.count)}</b></li>`)
  const reasons = verdict.unjudgedReasons.map((reason) => html(reason))
  return `<header class="banner ${tone}">
<p class="product">kscan compliance report</p>
<div class="verdict"><span class="sign" aria-hidden="true">${sign}</span><div><h1>${word}</h1><p>${sentence}</p></div><p class="compliance"><b>${showCompliance(verdict.compliance)}&nbsp;%</b> compliance</p></div>
${reasons.length === 0 ? '' : `<div class="reasons">${list(reasons)}</div>\n`}${subject(record, entries)}${facts([
    ['Containers', number(verdict.targets.length)],
    ['Controls', number(entries.length)],
    ['Container detection', record.containerDetection],
    ['Date', minute(record.finished)],
    ['kscan', name(record.version)]
  ])}
${entries.length === 0 ? '' : `${bar(shares)}\n<ul class="legend">${legend.join('')}</ul>\n`}</header>
`
}

export const violations = (all: readonly Violation[], find: Find): string => {
  const several = new Set(all.map(({ source }) => source)).size > 1
  const rows = all.map((each) => [
    place(each.target),
    `<code>${name(each.bound)}</code>${several ? `<span class="quiet">${name(each.source)}</span>` : ''}`,
    html(each.expected),
    `<strong>${html(each.actual)}</strong>`,
    linked(each, find)
  ])
  return rows.length === 0 ? '' : table(['Container', 'Bound', 'Expected', 'Actual', 'Controls'], rows)
}

const linked = ({ target, controls }: Violation, find: Find): string => {
  const links = controls.slice(0, LINKED).map((id) => link(id, find(target, id)))
  if (links.length === 0) return '<span class="quiet">none named</span>'
  const first = links.slice(0, NAMED).join(', ')
  if (links.length <= NAMED) return first
  const more = controls.length > LINKED ? ` and ${number(controls.length - LINKED)} more` : ''
  return `${first}<details class="more"><summary>${number(controls.length - NAMED)} more</summary>${links.slice(NAMED).join(', ')}${more}</details>`
}

export const unscanned = ({ targets }: RunRecord): string => {
  const rows = targets.flatMap((target) =>
    target.failure === undefined
      ? []
      : [
          [
            place(target.name),
            exitCodeOf(target.failure.code) === EXIT.unjudged ? 'unjudged' : 'not scanned',
            `${html(toldOf(target.failure))}${folded(target)}`
          ]
        ]
  )
  return rows.length === 0 ? '' : table(['Container', 'Outcome', 'Why'], rows)
}

export const targets = (verdict: Verdict, record: RunRecord, entries: readonly Entry[]): string => {
  const byName = Map.groupBy(entries, ({ target }) => target)
  const rows = verdict.targets.map((judged) =>
    targetRow(
      judged,
      record.targets.find((other) => other.name === judged.target),
      byName.get(judged.target) ?? []
    )
  )
  return rows.length === 0 ? '' : table(['Container', 'Approach', 'Controls', 'Compliance'], rows)
}

const targetRow = ({ target, compliance }: TargetVerdict, done: TargetRecord | undefined, entries: readonly Entry[]): string[] => {
  const shares = sharesOf(entries)
  const counts = told(shares).map(({ outcome, word, count }) => `<li class="${outcome}">${word} <b>${number(count)}</b></li>`)
  return [
    place(target),
    done === undefined
      ? ''
      : `${done.approach}${done.approach === 'twin-pod' ? ' (image only)' : ''}<span class="quiet">${name(done.why)}</span>${folded(done)}`,
    `${bar(shares)}<ul class="legend">${counts.join('')}</ul>`,
    `<span class="figure">${showCompliance(compliance)}&nbsp;%</span>`
  ]
}

const folded = (target: TargetRecord): string => `<details class="more"><summary>Pod and image</summary>${facts(factsOf(target))}</details>`

const factsOf = (target: TargetRecord): [string, string][] => [
  ['Image', name(target.image)],
  ['Digest', name(target.imageId)],
  ['Pod', target.pod === '' ? '' : `${name(target.namespace)}/${name(target.pod)}`],
  ['Node', name(target.node)],
  ['Not taken', target.rejected.map(({ approach, why }) => `${name(approach)}: ${name(why)}`).join('<br>')],
  ['Tamper resistance', target.tamperResistance],
  ['Work', `${plural(target.commands, 'command')} in ${(target.duration / 1000).toFixed(1)} s`]
]
