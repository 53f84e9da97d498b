import type { Control, Severity } from '../hdf/model.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { type Alert, alertsOf, fitting, RUN_RULE } from './alerts.ts'
import { incomplete } from './ending.ts'
import { markdownLines, sarifMessage } from './escape.ts'
import { compare } from './findings.ts'
import type { RunRecord } from './record.ts'

/** GitHub refuses a run of more than 25,000 results and keeps 5,000; each rule has a result, so there are never more rules. */
const MOST_RESULTS = 5000
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

/** SARIF 2.1.0 for code scanning: a rule for each control, a result for each target in which it failed or could not be judged. */
export const sarif = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): string => {
  const alerts = alertsOf(verdict, judged, record)
  const kept = alerts.slice(0, MOST_RESULTS)
  const leftOut = alerts.length - kept.length
  const rules = rulesOf(kept)
  const places = new Map(rules.map(({ id }, index) => [id, index]))
  const run = {
    tool: { driver: { name: 'kscan', version: record.version, rules } },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation({ verdict, record, leftOut })],
    results: kept.map((alert) => ({ ruleIndex: places.get(alert.rule), ...result(alert) })),
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
  readonly properties: { readonly tags: readonly string[]; readonly 'security-severity'?: string }
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
    .map((alert) => (alert.kind === 'run' ? runRule() : controlRule(alert.rule, alert.control, nodes.has(alert.rule))))
}

const asksNode = (alert: Alert): boolean => alert.kind !== 'run' && alert.control.node

const runRule = (): Rule => {
  const text = 'A container could not be scanned, or what came of it could not be judged. Its earlier alerts say nothing of it now.'
  return {
    id: RUN_RULE,
    shortDescription: { text: 'The scan is not complete' },
    fullDescription: { text },
    help: { text, markdown: text },
    defaultConfiguration: { level: 'error' },
    properties: { tags: TAGS }
  }
}

const controlRule = (id: string, control: Control, node: boolean): Rule => {
  const title = control.title.trim() === '' ? control.id : control.title.trim()
  const score = SCORES[control.severity]
  return {
    id,
    shortDescription: { text: sarifMessage(title, LONGEST) },
    fullDescription: { text: sarifMessage(control.description.trim() === '' ? title : control.description.trim(), LONGEST) },
    help: help(control),
    defaultConfiguration: { level: LEVELS[control.severity] },
    properties: { tags: node ? [...TAGS, NODE_TAG] : TAGS, ...(score === undefined ? {} : { 'security-severity': score }) }
  }
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

const result = (alert: Alert): object => ({
  ruleId: alert.rule,
  level: levelOf(alert),
  message: { text: fitting(alert, (text) => sarifMessage(text, Infinity), LONGEST) },
  locations: [{ physicalLocation: { artifactLocation: { uri: alert.path, uriBaseId: '%SRCROOT%' }, region: { startLine: 1 } } }],
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
      ...(leftOut === 0
        ? []
        : [notification('warning', `${leftOut} results were left out, the least severe: a code host keeps no more than ${MOST_RESULTS}.`)]),
      ...(waived === 0 ? [] : [notification('note', `${waived} controls are waived.`)]),
      ...[...broken, ...leftovers].slice(0, NOTES)
    ]
  }
}

const notification = (level: Level, text: string): object => ({ level, message: { text: sarifMessage(text, LONGEST) } })
