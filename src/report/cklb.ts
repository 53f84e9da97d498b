import type { Check, Control, Severity } from '../hdf/model.ts'
import { printable } from '../kernel/name.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { cut, digest } from './escape.ts'
import type { RunRecord, TargetRecord } from './record.ts'
import { acceptedLine, type Outcome, type Row, rowsOf } from './rows.ts'

/** STIG Manager refuses longer names of hosts. */
const LONGEST_HOST = 255
/** STIG Manager cuts what is longer than 32,767 characters, where these are written out. */
const LONGEST_DETAILS = 4000
const LONGEST_MESSAGE = 800

/**
 * Checklists of STIG Viewer 3 by target: a checklist has room for one host, so that several in one file would be read as one; each profile is a STIG in it. A target
 * without controls has none, because there is nothing that could be reviewed.
 */
export const cklb = (verdict: Verdict, judged: readonly Judged[], record: RunRecord): ReadonlyMap<string, string> =>
  new Map(
    [...Map.groupBy(rowsOf(verdict, judged), ({ target }) => target)].map(([target, rows]) => {
      const results = judged.find((other) => other.target === target)?.results
      const stigs = [...Map.groupBy(rows, ({ control }) => control.profile)].map(([name, own]) =>
        stig(name, results?.profiles.find((each) => each.name === name && each.outermost)?.version ?? '', own)
      )
      const done = record.targets.find(({ name }) => name === target)
      return [target, `${JSON.stringify(checklist(target, stigs, done), null, 2)}\n`]
    })
  )

const checklist = (target: string, stigs: readonly object[], done: TargetRecord | undefined): object => ({
  title: hostName(target),
  id: uuid('checklist', target),
  stigs,
  active: true,
  mode: 2,
  has_path: false,
  target_data: {
    target_type: 'Computing',
    host_name: hostName(target),
    ip_address: '',
    mac_address: '',
    fqdn: '',
    comments: done === undefined ? '' : safe(`Image ${done.image}, approach ${done.approach}`),
    role: 'None',
    is_web_database: false,
    technology_area: '',
    web_db_site: '',
    web_db_instance: '',
    classification: null
  },
  cklb_version: '1.0'
})

/** HDF has no release of a benchmark: the profile's own version is not one. */
const stig = (profile: string, version: string, rows: readonly Row[]): object => {
  const name = safe(profile)
  const seen = new Map<string, number>()
  const id = uuid('stig', rows[0]?.target ?? '', profile)
  return {
    stig_name: name,
    display_name: name,
    stig_id: name,
    release_info: '',
    version: safe(version),
    uuid: id,
    reference_identifier: null,
    size: rows.length,
    rules: rows.map((row) => {
      const copy = seen.get(row.control.id) ?? 0
      seen.set(row.control.id, copy + 1)
      return { uuid: uuid('rule', id, row.control.id, String(copy)), stig_uuid: id, ...rule(row) }
    })
  }
}

/** The numbers of the STIG are among the tags of profiles that were made from one; other profiles have only the control's id. */
const rule = (row: Row): object => {
  const { control } = row
  const ids = idsOf(control)
  return {
    ...ids,
    group_tree: [{ id: ids.group_id, title: ids.group_title, description: '' }],
    target_key: null,
    stig_ref: null,
    weight: '10.0',
    classification: 'Unclassified',
    severity: SEVERITIES[control.severity],
    rule_title: safe(control.title),
    discussion: safe(control.description),
    check_content: safe(control.checkText),
    check_content_ref: { href: '', name: 'M' },
    fix_text: safe(control.fixText),
    reference_identifier: null,
    ...NOT_KNOWN,
    documentable: 'false',
    legacy_ids: texts(control, 'legacy'),
    ccis: texts(control, 'cci'),
    status: STATUSES[row.outcome],
    overrides: {},
    finding_details: details(row),
    comments: comments(row)
  }
}

const NOT_KNOWN = {
  false_positives: '',
  false_negatives: '',
  security_override_guidance: '',
  potential_impacts: '',
  third_party_tools: '',
  ia_controls: '',
  responsibility: '',
  mitigations: '',
  mitigation_control: ''
}

const SEVERITIES: Readonly<Record<Severity, 'high' | 'medium' | 'low'>> = { critical: 'high', high: 'high', medium: 'medium', low: 'low', none: 'low' }

/**
 * Only what passed is no finding. A checklist has no word for a risk that was accepted: a waived control was not looked at, and "not applicable" would say that the
 * requirement does not concern the target.
 */
const STATUSES: Readonly<Record<Outcome, 'open' | 'not_a_finding' | 'not_applicable' | 'not_reviewed'>> = {
  passed: 'not_a_finding',
  failed: 'open',
  error: 'not_reviewed',
  unjudged: 'not_reviewed',
  'not-reviewed': 'not_reviewed',
  waived: 'not_reviewed',
  'not-applicable': 'not_applicable'
}

/** STIG Viewer shows a rule's id without the ending that its source has. */
const idsOf = (control: Control) => {
  const id = safe(control.id)
  const group = text(control, 'gid') || id
  const source = text(control, 'rid') || id
  return {
    group_id: group,
    group_id_src: group,
    group_title: text(control, 'gtitle') || safe(control.title),
    rule_id: source.endsWith('_rule') ? source.slice(0, -'_rule'.length) : source,
    rule_id_src: source,
    rule_version: text(control, 'stig_id') || id
  }
}

const text = ({ tags }: Control, name: string): string => {
  const value = tags[name]
  return typeof value === 'string' ? safe(value.trim()) : ''
}

/** One text or a list of them. */
const texts = ({ tags }: Control, name: string): string[] =>
  [tags[name]]
    .flat()
    .filter((value) => typeof value === 'string')
    .map((value) => safe(value.trim()))
    .filter((value) => value !== '')

const details = ({ control, outcome, why, command }: Row): string =>
  safe(
    [
      `Outcome: ${outcome}${why === '' ? '' : `: ${cut(why, LONGEST_MESSAGE)}`}`,
      ...(command === '' ? [] : [`Command: ${cut(command, LONGEST_MESSAGE)}`]),
      ...(control.node ? ["A check asks what the node's kernel is like, which says nothing of the container."] : []),
      ...control.checks.toSorted((a, b) => WORST.indexOf(a.status) - WORST.indexOf(b.status)).map(shown)
    ].join('\n'),
    LONGEST_DETAILS
  )

/** First what a reader must see, where there is no room for all. */
const WORST: readonly Check['status'][] = ['error', 'failed', 'skipped', 'passed']

const shown = ({ status, description, message }: Check): string =>
  `${status}: ${cut(description, LONGEST_MESSAGE)}${message === '' ? '' : `\n${cut(message, LONGEST_MESSAGE)}`}`

const comments = ({ control: { waiver, attestations }, accepted }: Row): string =>
  safe(
    [
      ...(waiver === undefined ? [] : [`Waiver (${waiver.expires === undefined ? 'without an end' : `until ${waiver.expires}`}): ${waiver.justification}`]),
      ...accepted.map((each) => `Could not be seen, and ${acceptedLine(each)}`),
      ...attestations.map((each) => `Attested ${each.status} by ${each.by} on ${each.updated}, until ${each.expires}: ${each.explanation}`)
    ].join('\n'),
    LONGEST_DETAILS
  )

/** Kept different for different targets where it must be cut. */
const hostName = (target: string): string => {
  const name = printable(cut(target, LONGEST_DETAILS))
  return name.length <= LONGEST_HOST ? name : `${name.slice(0, LONGEST_HOST - 9)}-${digest(target).slice(0, 8)}`
}

const safe = (value: string, longest = LONGEST_DETAILS): string => printable(cut(value, longest))

/** The same for the same names in each run, so that checklists can be compared; version and variant are those of a UUID from a hash (RFC 9562, version 8). */
const uuid = (...names: readonly string[]): string => {
  const hex = digest(JSON.stringify(names))
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
