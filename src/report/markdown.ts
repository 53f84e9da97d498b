import type { Secret } from '../kernel/secret.ts'
import type { Judged, TargetVerdict, Verdict, Violation } from '../verdict/model.ts'
import { showCompliance } from '../verdict/count.ts'
import { markdown as md, markdownBegun as begun } from './escape.ts'
import { byTarget, worstFindings } from './findings.ts'
import { causesOf, controlsIn, idleWaivers, lacksByControl, WAYS_ON } from './causes.ts'
import { beforeOf, type Changes, changesOf, comparisonLine, nowOf } from './comparison.ts'
import { changeableShells, madeFor, minuteOf, type RunRecord, TWIN_ONLY, unusedWaiver, withoutManager } from './record.ts'
import { compliance } from './markdown-compliance.ts'
import { worstDetail } from './markdown-detail.ts'
import { table } from './markdown-table.ts'
import { type Ending, endingOf } from './ending.ts'
import { withoutSecrets } from '../kernel/redact/redact.ts'

/** GitHub drops a summary of more than 1 MiB whole. */
const BUDGET_BYTES = 900 * 1024
/** GitHub takes 65,536 characters, and none of them is longer than its bytes. */
const COMMENT_BYTES = 65_000
/** For the line that says what was left out. */
const END_BYTES = 100
const ROWS = 500
const WORST = 10
const CAUSES = 50

export const SIGNS: Readonly<Record<Ending['kind'], string>> = {
  passed: '✅',
  'not-compliant': '❌',
  unjudged: '⚠️',
  'not-scanned': '⛔',
  'not-cleaned-up': '⛔',
  'bad-input': '⛔',
  interrupted: '⛔'
}

/** The page that people read first: verdict, violations, targets, the worst failures, what was done in the cluster. */
export const markdown = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): string => within(sectionsOf(verdict, judged, record), BUDGET_BYTES)

export interface Published {
  readonly record: RunRecord
  /** What it must not hold, beside keys and tokens that are known by their form. */
  readonly secrets: readonly Secret[]
}

/** The same, cut to what a comment on a pull request may hold, and without secrets: it is made to be published. */
export const comment = (verdict: Verdict, judged: readonly Judged[], { record, secrets }: Published): string =>
  within(
    sectionsOf(verdict, judged, record).map((section) => withoutSecrets(section, secrets)),
    COMMENT_BYTES
  )

const sectionsOf = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): string[] =>
  [
    headline(verdict, record),
    violations(verdict.violations),
    compared(verdict),
    targets(verdict, record),
    worst(judged, verdict),
    unjudged(verdict),
    cluster(record),
    compliance(record),
    waived(verdict.targets),
    attested(judged),
    versions(record),
    notes(verdict, record),
    ...unchanged(verdict)
  ].filter((section) => section !== '')

/** Whole sections while they fit. */
const within = (sections: readonly string[], budget: number): string => {
  const kept: string[] = []
  let size = 0
  for (const section of sections) {
    size += Buffer.byteLength(section) + 2
    if (size + END_BYTES > budget) return `${kept.join('\n\n')}\n\n_${sections.length - kept.length} more sections in the report._\n`
    kept.push(section)
  }
  return `${kept.join('\n\n')}\n`
}

const headline = (verdict: Verdict, record: RunRecord): string => {
  const ending = endingOf(verdict, record)
  const failed = record.targets.filter(({ failure }) => failure !== undefined).length
  const incomplete = failed === 0 ? '' : ` ${failed} of ${record.targets.length} containers could not be scanned.`
  const facts = `Compliance ${showCompliance(verdict.compliance)} % over ${verdict.targets.length} container${verdict.targets.length === 1 ? '' : 's'}; container detection: ${record.containerDetection}.`
  const reasons = verdict.unjudgedReasons.slice(0, ROWS).map((reason) => `- ${begun(reason)}`)
  const failures = record.targets.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`- ${begun(name)} – ${md(failure.message)}${failure.hint === undefined ? '' : `. ${md(failure.hint)}`}`]
  )
  return [
    `## ${SIGNS[ending.kind]} ${ending.word}`,
    `${facts}${incomplete}`,
    ...(reasons.length + failures.length > 0 ? [[...failures, ...reasons].join('\n')] : [])
  ].join('\n\n')
}

const listed = (controls: readonly string[]): string =>
  `${controls
    .slice(0, 8)
    .map((id) => md(id))
    .join(', ')}${controls.length > 8 ? ` and ${controls.length - 8} more` : ''}`

const violations = (all: readonly Violation[]): string =>
  all.length === 0
    ? ''
    : `### Violated bounds\n\n${table(
        ['Container', 'Bound', 'Expected', 'Actual', 'Controls'],
        all.map((each) => [md(each.target), md(each.bound), md(each.expected), md(each.actual), listed(each.controls)])
      )}`

const compared = ({ baseline }: Verdict): string => {
  if (baseline === undefined) return ''
  return ['### Baseline', `${md(comparisonLine(baseline))}.`, ...changesOf(baseline).filter(isWorse).map(changes)].join('\n\n')
}

/** What the baseline had, too, does not keep what is new from a comment of limited length. */
const unchanged = ({ baseline }: Verdict): string[] =>
  baseline === undefined
    ? []
    : changesOf(baseline)
        .filter((each) => !isWorse(each))
        .map(changes)

const isWorse = ({ kind }: Changes): boolean => kind === 'worse'

const changes = ({ kind, heading, changes: all }: Changes): string => {
  const rows = all.map((change) => [md(change.target), md(change.control), beforeOf(change), nowOf(change)])
  return `<details${kind === 'worse' ? ' open' : ''}><summary>${heading}: ${all.length}</summary>\n\n${table(['Container', 'Control', 'Before', 'Now'], rows)}\n\n</details>`
}

const targets = (verdict: Verdict, record: RunRecord): string => {
  const rows = verdict.targets.map(({ target, counts, compliance, waived: withWaiver, unjudged: open }) => {
    const done = record.targets.find(({ name }) => name === target)
    const numbers = [
      counts.passed.total,
      counts.failed.total,
      counts.error.total,
      counts.skipped.total,
      counts.no_impact.total,
      withWaiver,
      lacksByControl(open).size
    ]
    return [
      md(target),
      done?.approach === 'twin-pod' ? 'twin-pod (image only)' : (done?.approach ?? ''),
      ...numbers.map(String),
      `${showCompliance(compliance)} %`
    ]
  })
  return rows.length === 0
    ? ''
    : `### Containers\n\n${table(['Container', 'Approach', 'Passed', 'Failed', 'Error', 'Not reviewed', 'Not applicable', 'Waived', 'Unjudged', 'Compliance'], rows)}`
}

const worst = (judged: readonly Judged[], verdict: Verdict): string => {
  const all = worstFindings(judged, verdict)
  if (all.length === 0) return ''
  const results = new Map(judged.map((each) => [each.target, each.results]))
  const details = all.slice(0, WORST).map((finding) => worstDetail(finding, results.get(finding.target)))
  return `### The worst failures\n\n${details.join('\n\n')}${all.length > WORST ? `\n\n_${all.length - WORST} more in the report._` : ''}`
}

const unjudged = (verdict: Verdict): string => {
  const groups = causesOf(verdict)
  if (groups.length === 0) return ''
  const shown = groups.slice(0, CAUSES).map(({ cause, reason, controls }) => {
    const rows = controls.map(({ target, control, commands }) => [md(target), md(control), md(commands.join('; '))])
    return `${begun(reason)} – ${controlsIn(controls.length)} (${md(cause)})\n\n<details><summary>Which</summary>\n\n${table(['Container', 'Control', 'Commands'], rows)}\n\n</details>`
  })
  const more = groups.length > CAUSES ? [`_${groups.length - CAUSES} more causes in the report._`] : []
  return ['### Unjudged controls', `They count as errors. Ways on: ${WAYS_ON}.`, ...shown, ...more].join('\n\n')
}

const cluster = ({ access, targets: done, leftovers }: RunRecord): string => {
  const kept = done.flatMap((target) => target.kept)
  const lines = [
    `Access: ${md(access.mode)}. Made: ${access.made.length === 0 ? 'nothing' : access.made.map((what) => md(what)).join(', ')}. Removed: ${access.removed.length === 0 ? 'nothing' : access.removed.map((what) => md(what)).join(', ')}.`,
    ...(access.rules.length > 0 ? [`Rights of the scanner: ${access.rules.map((rule) => md(rule)).join('; ')}.`] : []),
    ...changeableShells(done),
    ...withoutManager(done).map((note) => begun(note, 1000)),
    ...(done.some(({ approach }) => approach === 'twin-pod') ? [TWIN_ONLY] : []),
    ...kept.map((what) => `Kept: ${md(what)}.`),
    ...(leftovers.length > 0 ? [`**Left over:** ${leftovers.map((what) => md(what)).join('; ')}. Run kscan cleanup.`] : [])
  ]
  return `### In the cluster\n\n${lines.join('\n\n')}`
}

const waived = (verdicts: readonly TargetVerdict[]): string => {
  const all = verdicts.flatMap(({ target, waivers }) => waivers.map((waiver) => ({ target, waiver })))
  const ended = all.filter(({ waiver }) => !waiver.inForce).length
  const rows = all.map(({ target, waiver: { control, cause, justification, expires, skipped, inForce } }) => [
    md(target),
    md(control),
    md(justification),
    inForce ? (expires ?? 'never') : `**ended ${expires ?? ''}**`,
    `${skipped ? 'not run' : 'run'}${cause === undefined ? '' : `; accepted: ${md(cause)}`}`
  ])
  const title = `${all.length - ended} waived${ended === 0 ? '' : `, ${ended} waiver${ended === 1 ? ' has' : 's have'} ended`}`
  return rows.length === 0
    ? ''
    : `<details><summary>${title}</summary>\n\n${table(['Container', 'Control', 'Justification', 'Expires', 'Run'], rows)}\n\n</details>`
}

const attested = (judged: readonly Judged[]): string => {
  const rows = byTarget(judged).flatMap(({ target, results }) =>
    results.controls.flatMap(({ id, attestations }) =>
      attestations.map((word) => [md(target), md(id), word.status, md(word.explanation), md(word.by), word.updated, word.expires])
    )
  )
  const heads = ['Container', 'Control', 'Status', 'Explanation', 'By', 'On', 'Until']
  return rows.length === 0 ? '' : `<details><summary>${rows.length} attested</summary>\n\n${table(heads, rows)}\n\n</details>`
}

const versions = (record: RunRecord): string => {
  const rows = [
    ['Run', `${md(record.run)}, ended ${md(minuteOf(record.finished))}`],
    ['kscan', record.version],
    ['Auditor', `${md(record.auditor.product)} ${md(record.auditor.version)}`],
    ['Isolation of the auditor', md(record.isolation.kind)],
    ['Cluster', [record.cluster.context, record.cluster.server, `Kubernetes ${record.cluster.version}`].map((text) => md(text)).join(', ')],
    ...(record.cluster.kind === undefined ? [] : [['Kind cluster', md(madeFor(record.cluster.kind))]]),
    ...record.targets.map(({ name, image, imageId }) => [`Image of ${md(name)}`, `${md(image)}, ${md(imageId)}`]),
    ...record.profiles.flatMap(({ source, sha256, dependencies = [] }) => [
      [`Profile ${md(source)}`, `SHA-256 ${sha256}`],
      ...dependencies.map((each) => [`Included ${md(each.way)}: ${md(each.source)}`, `SHA-256 ${each.sha256}`])
    ]),
    ...record.threshold.map(({ source, bounds }) => [`Threshold ${md(source)}`, md(bounds.join(', '))])
  ]
  return `<details><summary>Versions and inputs</summary>\n\n${table(['What', 'Which'], rows)}\n\n</details>`
}

const notes = (verdict: Verdict, { unusedWaivers }: RunRecord): string =>
  [...verdict.accepted, ...verdict.safDiffers, ...idleWaivers(verdict), ...unusedWaivers.map(unusedWaiver)].map((note) => `> ${begun(note)}`).join('\n')
