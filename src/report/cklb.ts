import { isIP } from 'node:net'
import type { Check, Severity } from '../hdf/model.ts'
import { printable } from '../kernel/name.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { idsOf, legacyOf } from './control-ids.ts'
import { cut, digest } from './escape.ts'
import type { RunRecord, TargetRecord } from './record.ts'
import { acceptedLine, type Outcome, type Row, rowsOf } from './rows.ts'

/** STIG Manager refuses longer names of hosts. */
const LONGEST_HOST = 255
/** STIG Manager cuts what is longer than 32,767 characters, where these are written out. */
const LONGEST_DETAILS = 4000
const LONGEST_MESSAGE = 800

/** How checklists call the STIG that a profile was made from; what is undefined is taken from the profile. */
export interface Benchmark {
  readonly id: string | undefined
  readonly version: string | undefined
  readonly release: string | undefined
}

const NOT_GIVEN: Benchmark = { id: undefined, version: undefined, release: undefined }
const isGiven = ({ id, release }: Benchmark): boolean => id !== undefined || release !== undefined

interface Writing {
  readonly record: RunRecord
  readonly benchmark?: Benchmark | undefined
  readonly warn?: ((sentence: string) => void) | undefined
}

/**
 * Checklists of STIG Viewer 3 by target: a checklist has room for one host, so that several in one file would be read as one; each profile is a STIG in it. A target
 * without controls has none, because there is nothing that could be reviewed. `benchmark` is of one STIG, so it is not taken where a target has several profiles.
 */
export const cklb = (verdict: Verdict, judged: readonly Judged[], { record, benchmark = NOT_GIVEN, warn }: Writing): ReadonlyMap<string, string> => {
  const byTarget = [...Map.groupBy(rowsOf(verdict, judged), ({ target }) => target)].map(([target, rows]) => ({
    target,
    profiles: [...Map.groupBy(rows, ({ control }) => control.profile)]
  }))
  if (isGiven(benchmark) && byTarget.some(({ profiles }) => profiles.length > 1))
    warn?.('cklb: stig-id and stig-release are of one profile; a container that was scanned with several has their names instead')
  return new Map(
    byTarget.map(({ target, profiles }) => {
      const stigs = profiles.map(([name, rows]) => stig(name, rows, profiles.length > 1 ? NOT_GIVEN : benchmark))
      const done = record.targets.find(({ name }) => name === target)
      return [target, `${JSON.stringify(checklist(target, stigs, done), null, 2)}\n`]
    })
  )
}

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
    ip_address: addressOf(done),
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

/** Of the pod that was looked at. A pod's other addresses and its name in DNS depend on what kscan does not read, so they stay empty. */
const addressOf = (done: TargetRecord | undefined): string =>
  done?.podIp === undefined || done.approach === 'twin-pod' || isIP(done.podIp) === 0 ? '' : done.podIp

/** HDF has no release of a benchmark, and a profile's own version is not one: without the input there is none. */
const stig = (profile: string, rows: readonly Row[], benchmark: Benchmark): object => {
  const name = safe(profile)
  const { title = '', version = '' } = rows[0]?.profile ?? {}
  const shown = safe(title.trim()) || name
  const seen = new Map<string, number>()
  const id = uuid('stig', rows[0]?.target ?? '', profile)
  return {
    stig_name: shown,
    display_name: shown,
    stig_id: benchmark.id ?? name,
    release_info: benchmark.release ?? '',
    version: benchmark.version ?? safe(version),
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
  const ids = numbersOf(row)
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
    legacy_ids: legacyOf(control).map((each) => safe(each)),
    ccis: idsOf(control).cci.map((each) => safe(each)),
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
const numbersOf = ({ control }: Row) => {
  const { group, groupTitle, rule: given, stig: version } = idsOf(control)
  const id = safe(control.id)
  const source = safe(given) || id
  return {
    group_id: safe(group) || id,
    group_id_src: safe(group) || id,
    group_title: safe(groupTitle) || safe(control.title),
    rule_id: source.endsWith('_rule') ? source.slice(0, -'_rule'.length) : source,
    rule_id_src: source,
    rule_version: safe(version) || id
  }
}

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
