import type { Verdict } from '../verdict/model.ts'
import { ABOUT_THE_SCAN, openRows } from './compliance.ts'
import type { ScanWay } from './compliance-shape.ts'
import { markdown as md, markdownBegun as begun } from './escape.ts'
import { requirementTable } from './markdown-compliance.ts'
import { table } from './markdown-table.ts'
import { minuteOf, type RunRecord, type TargetRecord } from './record.ts'
import { safeguardsOf } from './safeguards.ts'

/** How much of a sentence of the run is told. */
const LONGEST = 1000

/** A record to be read and signed by those who answer for a risk: what is open of how this run scanned, why it was done so, what it leaves, and what held against it. */
export const riskAcceptance = (verdict: Verdict, record: RunRecord): string => {
  const ways = record.compliance?.ways.filter((way) => openRows(way).length > 0) ?? []
  const parts = ways.flatMap((way, index) => partOf(way, index + 1, { verdict, record }))
  const body = parts.length === 0 ? [NOTHING_TOLD(record)] : [...parts, ...decision(record)]
  return `${['# Risk acceptance for a scan', ABOUT_THE_SCAN, runOf(record), ...body].join('\n\n')}\n`
}

const NOTHING_TOLD = ({ compliance }: RunRecord): string =>
  compliance === undefined
    ? 'The run.json of this run does not tell how it scanned: an earlier version of kscan wrote it. Scan again.'
    : 'Nothing of how this run scanned is at risk or in conflict: there is nothing to accept.'

const runOf = (record: RunRecord): string =>
  table(
    ['Run', md(record.run)],
    [
      ['Time', `${md(minuteOf(record.started))} to ${md(minuteOf(record.finished))}`],
      ['kscan', md(record.version)],
      ['Cluster', [record.cluster.context, record.cluster.server, `Kubernetes ${record.cluster.version}`].map((text) => md(text)).join(', ')],
      ['Auditor', `${md(record.auditor.product)} ${md(record.auditor.version)}, isolation: ${md(record.isolation.kind)}`],
      ...record.profiles.map(({ source, sha256 }) => [`Profile ${md(source)}`, `SHA-256 ${md(sha256)}`]),
      ['Access', md(record.access.mode)],
      ['Rights of the scanner', record.access.rules.length === 0 ? 'none' : record.access.rules.map((rule) => md(rule)).join('; ')],
      ...(record.access.held === undefined ? [] : [['Held', `${md(record.access.held.from)} to ${md(record.access.held.until)}`]]),
      ...(record.compliance === undefined ? [] : [['Requirements compared with their sources', md(record.compliance.checked)]])
    ]
  )

interface Run {
  readonly verdict: Verdict
  readonly record: RunRecord
}

const partOf = (way: ScanWay, number: number, run: Run): string[] => {
  const targets = run.record.targets.filter(({ name }) => way.targets.includes(name))
  const approach = String(way.facts['approach'] ?? 'no shell')
  return [
    `## ${number}. ${targets.length} container${targets.length === 1 ? '' : 's'} by ${md(approach)}`,
    table(
      ['Container', 'Pod', 'Image', 'Helper image', 'SHA-256 of its statuses'],
      targets.map((target) => rowOf(target, run.verdict))
    ),
    '### What is accepted',
    requirementTable(openRows(way)),
    '### Why it was done this way',
    reasonsOf(targets),
    '### What it leaves',
    list(leavesOf(targets, run.record)),
    '### What held against it in this run',
    list(safeguardsOf(way.facts))
  ]
}

const rowOf = ({ name, namespace, pod, image, imageId, helpers = [] }: TargetRecord, { targets }: Verdict): string[] => [
  md(name),
  `${md(namespace)}/${md(pod)}`,
  `${md(image)}, ${md(imageId)}`,
  [...new Set(helpers.map((helper) => md(helper.image)))].join(', ') || 'none',
  md(targets.find(({ target }) => target === name)?.statusSha256 ?? 'no results')
]

/** Which rule decided, and why none before it did; the same reasons are told once. */
const reasonsOf = (targets: readonly TargetRecord[]): string => {
  const alike = Map.groupBy(targets, ({ approach, why, rejected }) => JSON.stringify([approach, why, rejected]))
  return [...alike.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [reasonOf(first, others.length)])).join('\n\n')
}

const reasonOf = ({ name, approach, why, rejected }: TargetRecord, others: number): string =>
  list([
    `${begun(name)}${others === 0 ? '' : ` and ${others} more`} – ${approach} – ${md(why, LONGEST)}.`,
    ...(rejected.length === 0 ? ['No other approach was looked at.'] : rejected.map((each) => `Not ${md(each.approach)} – ${md(each.why, LONGEST)}.`))
  ])

const leavesOf = (targets: readonly TargetRecord[], { access, leftovers }: RunRecord): string[] => {
  const kept = targets.flatMap((target) => target.kept)
  const left = access.made.filter((what) => !access.removed.includes(what))
  return [
    ...kept.map((what) => `Kept: ${md(what, LONGEST)}.`),
    ...left.map((what) => `Not removed: ${md(what)}.`),
    ...leftovers.map((what) => `Left over: ${md(what, LONGEST)}.`),
    ...LASTING[access.mode],
    ...(kept.length + left.length + leftovers.length + LASTING[access.mode].length === 0 ? ['Nothing.'] : [])
  ]
}

const LASTING: Readonly<Record<RunRecord['access']['mode'], readonly string[]>> = {
  'per-run': [],
  'service-account': ['The token of the installed account stays valid until it expires.'],
  self: ["The caller's own rights, which are as they were."]
}

const list = (items: readonly string[]): string => (items.length === 0 ? '- Nothing was observed.' : items.map((item) => `- ${item}`).join('\n'))

const decision = ({ run }: RunRecord): string[] => [
  '## Decision',
  `For the run ${md(run)} as described here, and for runs that scan in the same way until the end of the acceptance.`,
  table(
    ['Question', 'Answer'],
    [
      ['Is the risk accepted (yes, no, with conditions)?', ''],
      ['Conditions', ''],
      ['Why the containers cannot be scanned in a way that risks less', ''],
      ['The acceptance ends on', ''],
      ['How it is watched until then', '']
    ]
  ),
  table(
    ['Role', 'Name', 'Date', 'Signature'],
    ['Owner of the containers', 'Owner of the cluster', 'Security officer', 'Authorizing official'].map((role) => [role, '', '', ''])
  )
]
