import type { Attestation, Check, Control, Waiver } from '../hdf/model.ts'
import type { Verdict, WaiverUse } from '../verdict/model.ts'
import { idLines } from './control-ids.ts'
import { html } from './escape.ts'
import { foundBy, SEVERITIES } from './findings.ts'
import { type Entry, facts, name, number, OUTCOMES, place, sharesOf, table, type Find, link, told } from './html-markup.ts'
import { titled } from './profile-of.ts'

/** How much of the controls' texts a page carries, so that browsers open it quickly: the worst come first, and those behind it are told in short. */
const BUDGET = 12 * 1024 * 1024
const CHECKS = 20
const LONGEST_TEXT = 6000

const LEFT_OUT = '<p class="quiet">More texts are left out here, so that the page stays small: the results (hdf) hold them.</p>'
/** All controls of all targets, the worst first. Each is folded, and can be read without script. */
export const controls = (entries: readonly Entry[], verdict: Verdict, evidence: (entry: Entry) => string): string => {
  if (entries.length === 0) return ''
  const names = verdict.targets.map(({ target }) => target)
  const write = writer(verdict, { places: new Map(names.map((target, index) => [target, index])), evidence })
  const groups = OUTCOMES.map(([outcome, word]) => {
    const rows = entries.filter((entry) => entry.outcome === outcome).map((entry) => write(entry, word))
    if (rows.length === 0) return ''
    return `<section class="group ${outcome}${names.length === 1 ? ' alone' : ''}" aria-labelledby="${outcome}">\n<h3 id="${outcome}">${word} <span class="quiet">${number(rows.length)}</span></h3>\n${rows.join('')}</section>\n`
  })
  return `${filter(entries, names)}${groups.join('')}`
}

/** Shown by the script alone: without it there is nothing to filter with. */
const filter = (entries: readonly Entry[], names: readonly string[]): string => {
  const boxes = told(sharesOf(entries)).map(
    ({ outcome, word }) => `<label class="${outcome}"><input type="checkbox" name="outcome" value="${outcome}" checked> ${word}</label>`
  )
  const severities = SEVERITIES.filter((severity) => entries.some(({ control }) => control.severity === severity))
  const option = (value: string, label: string): string => `<option value="${value}">${label}</option>`
  const choice = (word: string, all: string, options: readonly string[]): string =>
    `<label>${word} <select name="${word.toLowerCase()}">${option('', all)}${options.join('')}</select></label>`
  const select = [
    choice(
      'Severity',
      'All severities',
      severities.map((each) => option(each, each))
    ),
    ...(names.length < 2
      ? []
      : [
          choice(
            'Container',
            'All containers',
            names.map((each, index) => option(String(index), name(each)))
          )
        ])
  ]
  return `<form id="filter" aria-label="Filter of the controls" hidden>
<div class="choices"><label class="search">Search by id, title or text <input type="search" name="text" autocomplete="off"></label>${select.join('')}</div>
<fieldset><legend>Outcome</legend>${boxes.join('')}</fieldset>
<div class="actions"><button type="button" id="open">Open all shown</button><button type="button" id="close">Close all</button><button type="reset">Reset</button></div>
</form>
<p id="shown" role="status"></p>
`
}

interface Writing {
  readonly places: ReadonlyMap<string, number>
  readonly evidence: (entry: Entry) => string
}

const writer = (verdict: Verdict, { places, evidence }: Writing): ((entry: Entry, word: string) => string) => {
  const uses = new Map(
    verdict.targets.flatMap(({ target, waivers: all }) =>
      all.flatMap((use) => (use.cause === undefined ? [[waiverKey(target, use.control, use), use] as const] : []))
    )
  )
  let left = BUDGET
  return (entry, word) => {
    const { target, control, anchor } = entry
    const { waiver } = control
    const use = waiver === undefined ? undefined : uses.get(waiverKey(target, control.id, waiver))
    const rest =
      left > 0 ? `${checks(control.checks, CHECKS)}${more(entry, use)}${evidence(entry)}${texts(control)}` : `${checks(control.checks, 1)}${LEFT_OUT}`
    const body = `${reasons(entry)}${rest}`
    left -= body.length
    const node = control.node ? '<span class="node">node</span>' : ''
    return `<details class="row" data-s="${control.severity}" data-t="${places.get(target) ?? ''}"><summary><span class="chip">${word}</span><span class="severity ${control.severity}">${control.severity}</span><span class="id">${name(control.id)}</span><span class="what"><span class="title">${name(control.title)}${node}</span> <span class="target">${place(target)}</span></span></summary><div class="body" id="${anchor}">${body}</div></details>\n`
  }
}

/** Two profiles may have a control of one id with a waiver each. */
const waiverKey = (target: string, id: string, { expires, skipped }: Waiver): string => JSON.stringify([target, id, skipped, expires ?? ''])

const reasons = ({ control, outcome, why, command }: Entry): string => {
  const node = control.node
    ? '<p class="note">This control speaks of the node, not the container: it asks the kernel that all containers of the node share.</p>'
    : ''
  const first = outcome === 'waived' || why === '' ? '' : html(why)
  return `${node}${facts([
    ['Why', first],
    ['Command', command === '' ? '' : `<code>${html(command)}</code>`]
  ])}`
}

const checks = (all: readonly Check[], most: number): string => {
  const bad = all.filter(({ status }) => status === 'failed' || status === 'error')
  if (bad.length === 0) return ''
  const items = bad.slice(0, most).map(
    (check) =>
      `<li>${facts([
        ['Expected', html(check.description)],
        [check.status === 'error' ? 'Error' : 'Found', html(foundBy(check))]
      ])}</li>`
  )
  const rest = bad.length > most ? `<p class="quiet">${number(bad.length - most)} more failed checks in the results (hdf).</p>` : ''
  return `<ol class="checks">${items.join('')}</ol>${rest}`
}

const more = ({ control, profile }: Entry, waiver: WaiverUse | undefined): string =>
  facts([
    ['Waiver', waiver === undefined ? '' : `${html(waiver.justification)}<span class="quiet">${waiverState(waiver)}</span>`],
    ['Attestation', control.attestations.map(attestation).join('<br>')],
    ['Checks', checkCounts(control.checks)],
    ['Profile', `${name(control.profile)}, impact ${control.impact}${quiet(titled('', profile))}`],
    ...idLines(control).map(([word, ids]) => [word, ids.map(name).join(', ')] as const)
  ])

const quiet = (text: string): string => (text === '' ? '' : `<span class="quiet">${name(text)}</span>`)

const waiverState = ({ expires, inForce, skipped, cause, idle }: WaiverUse): string =>
  [
    `${inForce ? 'In force' : 'Has ended, and waives nothing'}; expires ${expires === undefined ? 'never' : html(expires)}; the control was ${skipped ? 'not run' : 'run'}.`,
    ...(cause === undefined ? [] : [`Accepted: <code>${name(cause)}</code>.`]),
    ...(idle ? ['It changes nothing: the control was run, and its failure counts; with <code>run: false</code> it is left out.'] : [])
  ].join(' ')

const attestation = ({ status, explanation, by, updated, expires }: Attestation): string =>
  `${html(explanation)}<span class="quiet">Attested as ${status} by ${name(by)} on ${name(updated)}; ends ${name(expires)}.</span>`

const checkCounts = (all: readonly Check[]): string =>
  (['failed', 'error', 'skipped', 'passed'] as const)
    .map((status) => [status, all.filter((check) => check.status === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${number(count)} ${status}`)
    .join(', ')

const texts = ({ description, checkText, fixText }: Control): string =>
  [
    ['About', description],
    ['Check', checkText],
    ['Fix', fixText]
  ]
    .filter(([, text]) => text !== '')
    .map(([word, text = '']) => `<h4>${word}</h4><p class="text">${html(text.trim().replaceAll('\r\n', '\n'), LONGEST_TEXT)}</p>`)
    .join('')

/** Every waiver of the run, also those that waive nothing. */
export const waivers = (verdict: Verdict, find: Find): string => {
  const rows = verdict.targets.flatMap(({ target, waivers: all }) =>
    all.map((use) => [link(use.control, find(target, use.control)), place(target), html(use.justification, 600), waiverState(use)])
  )
  return rows.length === 0 ? '' : table(['Control', 'Container', 'Justification', 'State'], rows)
}
