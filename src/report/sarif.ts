import { gzipSync } from 'node:zlib'
import type { Control, Severity } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { type Alert, alertsOf, type ControlAlert, fitting, RUN_RULE } from './alerts.ts'
import { automationId } from './automation-id.ts'
import { idLines } from './control-ids.ts'
import { incomplete } from './ending.ts'
import { digest, identifier, markdownLines, sarifMessage } from './escape.ts'
import { compare } from './findings.ts'
import type { ToldProfile } from './profile-of.ts'
import type { RunRecord } from './record.ts'

/** GitHub refuses a run of more than 25,000 results and keeps 5,000; each rule has a result, so there are never more rules. */
const MOST_RESULTS = 5000
/** GitHub refuses a file of more, once it is compressed. */
const MOST_GZIP_BYTES = 10_000_000
/** GitLab drops a result with a text of more than 1,024 characters, and the whole report where that is most of them; GitHub cuts longer descriptions. */
const LONGEST = 1000
/** Of the texts that help with a rule, which have no such limit. */
const HELP = 2000
const NOTES = 100

type Level = 'error' | 'warning' | 'note'

const LEVELS: Readonly<Record<Severity, Level>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note', none: 'note' }
/** The middle of each range by which GitHub names a severity. */
const SCORES: Readonly<Record<Severity, string | undefined>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0', none: undefined }
const TAGS = ['security', 'compliance', 'kubernetes']
const NODE_TAG = 'node-kernel'
/** Not a control's: those have the name of a profile before a slash. */
const CUT_RULE = 'kscan-cut'
const HOME = 'https://github.com/org/kscan-action'

interface Writing {
  readonly record: RunRecord
  readonly mostGzipBytes?: number | undefined
  readonly warn?: ((sentence: string) => void) | undefined
}

/**
 * SARIF 2.1.0 for code scanning: a rule for each control, a result for each target in which it failed or could not be judged. Beyond what code hosts take the worst
 * are kept, and the first result says how many are not there: a host closes the alerts of those, and nothing in the format keeps it from that.
 */
export const sarif = (verdict: Verdict, judged: readonly Judged[], { record, mostGzipBytes = MOST_GZIP_BYTES, warn }: Writing): string => {
  const alerts = alertsOf(verdict, judged, record)
  const write = (most: number): string => logOf(alerts, most, { verdict, record })
  let most = alerts.length <= MOST_RESULTS ? alerts.length : MOST_RESULTS - 1
  let text = write(most)
  while (most > 0 && isLarger(text, mostGzipBytes)) {
    most = Math.floor(most * 0.8)
    text = write(most)
  }
  if (most < alerts.length) warn?.(`sarif: ${cutSentence(alerts.length - most)}`)
  return text
}

/** Nothing is compressed to more than it was. */
const isLarger = (text: string, bytes: number): boolean => Buffer.byteLength(text) > bytes && gzipSync(text).length > bytes

interface Of {
  readonly verdict: Verdict
  readonly record: RunRecord
}

const logOf = (alerts: readonly Alert[], most: number, { verdict, record }: Of): string => {
  const kept = alerts.slice(0, most)
  const leftOut = alerts.length - kept.length
  const rules = [...(leftOut === 0 ? [] : [cutRule()]), ...rulesOf(kept)]
  const places = new Map(rules.map(({ id }, index) => [id, index]))
  const results = [...(leftOut === 0 ? [] : [cutResult(leftOut)]), ...kept.map(result)]
  const run = {
    automationDetails: { id: automationId(record) },
    tool: { driver: { name: 'kscan', version: record.version, informationUri: HOME, rules } },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation({ verdict, record, leftOut })],
    results: results.map((each) => ({ ruleIndex: places.get(each.ruleId), ...each })),
    properties: { run: record.run, leftOut, waived: waivedIn(verdict) }
  }
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, null, 2)}\n`
}

const waivedIn = ({ targets }: Verdict): number => targets.reduce((sum, target) => sum + target.waived, 0)

interface Rule {
  readonly id: string
  readonly shortDescription: Text
  readonly fullDescription: Text
  readonly help: Text & { readonly markdown: string }
  readonly defaultConfiguration: { readonly level: Level }
  readonly properties: { readonly tags: readonly string[]; readonly profile?: object; readonly 'security-severity'?: string }
}

interface Text {
  readonly text: string
}

/** By id; of controls that targets rate differently, the worst counts, and it comes first. */
const rulesOf = (alerts: readonly Alert[]): Rule[] => {
  const firsts = new Map(alerts.toReversed().map((alert) => [alert.rule, alert]))
  const nodes = new Set(alerts.filter(asksNode).map(({ rule }) => rule))
  return [...firsts.values()]
    .toSorted((a, b) => compare(a.rule, b.rule))
    .map((alert) => (alert.kind === 'run' ? runRule() : controlRule(alert, nodes.has(alert.rule))))
}

const asksNode = (alert: Alert): boolean => alert.kind !== 'run' && alert.control.node

const runRule = (): Rule =>
  ownRule(
    RUN_RULE,
    'The scan is not complete',
    'A container could not be scanned, or what came of it could not be judged. Its earlier alerts say nothing of it now.'
  )

const cutRule = (): Rule =>
  ownRule(
    CUT_RULE,
    'Not all results are here',
    'There were more results than a code host takes. Alerts that this run closed may be among those left out, and not fixed.'
  )

const ownRule = (id: string, title: string, text: string): Rule => {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text },
    help: { text, markdown: text },
    defaultConfiguration: { level: 'error' },
    properties: { tags: TAGS }
  }
}

const controlRule = ({ rule: id, control, profile }: ControlAlert, node: boolean): Rule => {
  const title = control.title.trim() === '' ? control.id : control.title.trim()
  const score = SCORES[control.severity]
  return {
    id,
    shortDescription: { text: sarifMessage(title, LONGEST) },
    fullDescription: { text: sarifMessage(control.description.trim() === '' ? title : control.description.trim(), LONGEST) },
    help: help(control),
    defaultConfiguration: { level: LEVELS[control.severity] },
    properties: { tags: tagsOf(control, node), profile: profileTold(control.profile, profile), ...(score === undefined ? {} : { 'security-severity': score }) }
  }
}

const profileTold = (name: string, { title, version }: ToldProfile): object => ({
  name: identifier(name),
  title: identifier(title.trim()),
  version: identifier(version.trim())
})

/** GitHub takes 20, and shows 10. */
const MOST_TAGS = 20
const LONGEST_TAG = 80

/** Ids in the way in which GitHub writes those of CWE: `external/cci/CCI-000366`. */
const tagsOf = (control: Control, node: boolean): readonly string[] => {
  const external = idLines(control).flatMap(([word, ids]) =>
    ids.map((id) => `external/${word.toLowerCase().replace(' ', '-')}/${identifier(id.replace(/\s+/g, '-'), LONGEST_TAG)}`)
  )
  return [...TAGS, ...(node ? [NODE_TAG] : []), ...new Set(external)].slice(0, MOST_TAGS)
}

const help = ({ checkText, fixText }: Control): Rule['help'] => {
  const parts = [
    ['Check', checkText],
    ['Fix', fixText]
  ].flatMap(([head = '', text = '']) => (text.trim() === '' ? [] : [{ head, text: text.trim() }]))
  if (parts.length === 0) return { text: 'The profile has no check or fix text.', markdown: 'The profile has no check or fix text.' }
  return {
    text: parts.map(({ head, text }) => `${head}:\n${sarifMessage(text, HELP)}`).join('\n\n'),
    markdown: parts.map(({ head, text }) => `**${head}**\n\n${markdownLines(text, HELP)}`).join('\n\n')
  }
}

const cutSentence = (leftOut: number): string =>
  `${leftOut} results are left out, the least severe: a code host takes no more than ${MOST_RESULTS} results and 10 MB. They are not fixed, though their alerts close: see the other reports.`

const cutResult = (leftOut: number) => ({
  ruleId: CUT_RULE,
  level: 'error',
  message: { text: cutSentence(leftOut) },
  locations: placeAt('k8s'),
  partialFingerprints: { primaryLocationLineHash: digest(CUT_RULE) },
  properties: { outcome: 'cut' }
})

const placeAt = (uri: string) => [{ physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region: { startLine: 1 } } }]

const result = (alert: Alert) => ({
  ruleId: alert.rule,
  level: levelOf(alert),
  message: { text: fitting(alert, (text) => sarifMessage(text, Infinity), LONGEST) },
  locations: placeAt(alert.path),
  // the one that GitHub looks at
  partialFingerprints: { primaryLocationLineHash: alert.fingerprint },
  properties: { outcome: alert.kind, ...(asksNode(alert) ? { tags: [NODE_TAG] } : {}) }
})

const levelOf = (alert: Alert): Level => {
  switch (alert.kind) {
    case 'run':
      return 'error'
    case 'failed':
      return LEVELS[alert.control.severity]
    case 'error':
    case 'unjudged':
      return 'note'
  }
}

const invocation = ({ verdict, record, leftOut }: { readonly verdict: Verdict; readonly record: RunRecord; readonly leftOut: number }): object => {
  const broken = incomplete(verdict, record).map((text) => notification('error', text))
  const waived = waivedIn(verdict)
  const leftovers = (record.strictCleanup ? [] : record.leftovers).map((what) => notification('warning', `left over: ${what}`))
  return {
    executionSuccessful: broken.length === 0,
    startTimeUtc: record.started,
    endTimeUtc: record.finished,
    toolExecutionNotifications: [
      ...(leftOut === 0 ? [] : [notification('error', cutSentence(leftOut))]),
      ...(waived === 0 ? [] : [notification('note', `${waived} controls are waived.`)]),
      ...[...broken, ...leftovers].slice(0, NOTES)
    ]
  }
}

const notification = (level: Level, text: string): object => ({ level, message: { text: sarifMessage(text, LONGEST) } })
