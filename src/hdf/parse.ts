import type { z } from 'zod'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { RESULTS_BYTES } from '../kernel/results-size.ts'
import { faultOf } from './fault.ts'
import { foreignJson, utf16 } from './foreign.ts'
import type { Check, Control, ProfileResult, Results, Waiver } from './model.ts'
import { type Counted, countedTrees } from './overlay.ts'
import { treeProblem } from './tree.ts'
import { asksNode } from './node.ts'
import { type RawControl, type RawDependency, type RawProfile, RawReport, type RawResult } from './schema.ts'
import { safView } from './saf-view.ts'
import { severityOf } from './severity.ts'
import { checkStatus, skippedByWaiver, statusOf, unmet } from './status.ts'

/** Reads the auditor's JSON. `source` names it in messages. Throws RESULTS_UNREADABLE for whatever is not as it must be. */
export const parseResults = (bytes: Uint8Array, source: string): Results => {
  if (bytes.length > RESULTS_BYTES) throw tooLarge(source)
  const { version, platform, profiles, statistics } = readReport(bytes, source)
  const problem = treeProblem(profiles)
  if (problem !== undefined) throw unreadable(source, problem)
  const trees = countedTrees(profiles)
  const outermost = new Map(trees.map((tree) => [tree.outermost, tree.counted.length]))
  return {
    auditorVersion: version,
    platform: { name: platform.name ?? '', release: platform.release ?? '' },
    profiles: [
      ...profiles.map((profile) => toProfile(profile, { outermost: outermost.has(profile), controls: outermost.get(profile) ?? 0 })),
      ...missingDependencies(profiles)
    ],
    controls: trees.flatMap(({ counted }) => counted).map(toControl),
    saf: safView(profiles),
    duration: statistics?.duration ?? 0
  }
}

/** As an auditor writes it, or what it is in its place. */
const readReport = (bytes: Uint8Array, source: string): z.infer<typeof RawReport> => {
  const value = parseJson(bytes, source)
  const report = RawReport.safeParse(value)
  if (report.success) return report.data
  const foreign = foreignJson(value)
  if (foreign !== undefined) throw unreadable(source, foreign.what, foreign.instead)
  const [issue] = report.error.issues
  throw unreadable(source, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as an auditor writes it'}`)
}

/** RESULTS_UNREADABLE for more bytes than can be judged. */
export const tooLarge = (source: string): ScanError => unreadable(source, `it has more than the ${RESULTS_BYTES} bytes that can be judged`)

const unreadable = (source: string, why: string, instead = ''): ScanError =>
  new ScanError('RESULTS_UNREADABLE', `The results ${printableLine(source)} cannot be read: ${printableLine(why)}`, {
    hint: `Expected the JSON report of CINC Auditor or InSpec (HDF).${instead === '' ? '' : ` ${instead}`}`
  })

const parseJson = (bytes: Uint8Array, source: string): unknown => {
  const encoding = utf16(bytes)
  if (encoding !== undefined) throw unreadable(source, `it is ${encoding}, and JSON is UTF-8`, `Convert it: iconv -f ${encoding} -t UTF-8`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw unreadable(source, messageOf(error))
  }
}

const toProfile = (profile: RawProfile, place: Pick<ProfileResult, 'outermost' | 'controls'>): ProfileResult => ({
  name: profile.name,
  version: profile.version ?? '',
  title: profile.title ?? '',
  sha256: profile.sha256 ?? '',
  ...place,
  ...ended(profile)
})

const ended = ({ status, status_message, skip_message }: RawProfile | RawDependency): Pick<ProfileResult, 'status' | 'statusMessage'> => ({
  status: profileStatus(status),
  statusMessage: status_message || skip_message || ''
})

/** A profile that another depends on and that did not run is not among the profiles: only its dependent tells. */
const missingDependencies = (profiles: readonly RawProfile[]): ProfileResult[] => {
  const known = new Set(profiles.map(({ name, status }) => JSON.stringify([name, profileStatus(status)])))
  return profiles
    .flatMap(({ depends }) => depends ?? [])
    .map((each) => ({ name: each.name ?? 'without a name', version: '', title: '', sha256: '', outermost: false, controls: 0, ...ended(each) }))
    .filter(({ name, status }) => status !== 'loaded' && !known.has(JSON.stringify([name, status])))
}

/** Whatever is not known to be loaded has failed. */
const profileStatus = (status: string | null | undefined): ProfileResult['status'] => {
  if (status === 'loaded' || status === undefined || status === null) return 'loaded'
  return status === 'skipped' ? 'skipped' : 'failed'
}

const toControl = ({ profile, control }: Counted): Control => ({
  id: control.id,
  profile,
  title: control.title ?? '',
  impact: control.impact,
  severity: severityOf(control.impact, control.tags ?? {}),
  status: statusOf(control),
  checks: (control.results ?? []).map(toCheck),
  unmet: unmet(control),
  waiver: toWaiver(control),
  attestations: [],
  node: (control.results ?? []).some(asksNode),
  file: namelessFile(control.id) ?? control.source_location?.ref ?? '',
  description: control.desc ?? '',
  checkText: textOf(control, 'check'),
  fixText: textOf(control, 'fix'),
  tags: control.tags ?? {}
})

/** The file of a check that stands outside of any control: its id tells, for the auditor gives such a check a place in its own code. */
const namelessFile = (id: string): string | undefined => /^\(generated from .*\/(controls\/.*):\d+ \d+\)$/s.exec(id)?.[1]

const toCheck = (result: RawResult): Check => {
  const message = result.message ?? result.skip_message ?? ''
  const fault = faultOf(result)
  return {
    status: checkStatus(result),
    description: result.code_desc ?? '',
    message: fault === undefined ? message : `${fault}, not a finding in the container: ${message}`
  }
}

const toWaiver = (control: RawControl): Waiver | undefined => {
  const data = control.waiver_data
  const skipped = skippedByWaiver(control)
  if (data === undefined || data === null || (!data.justification && !skipped)) return undefined
  const run = String(data.run).toLowerCase() === 'true'
  return { justification: data.justification ?? '', expires: dayOf(data.expiration_date), skipped, run }
}

/** A day of the calendar, or undefined: what is no day must not count as one that is still to come. */
const dayOf = (date: string | number | null | undefined): string | undefined => {
  const day = String(date).slice(0, 10)
  const time = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day ? undefined : day
}

/** `check` and `fix` are among the descriptions, a list or a mapping, or among the tags. */
const textOf = (control: RawControl, label: string): string => {
  const { descriptions, tags } = control
  const described = Array.isArray(descriptions) ? descriptions.find((entry) => entry.label === label)?.data : descriptions?.[label]
  if (typeof described === 'string') return described
  const tagged = tags?.[label]
  return typeof tagged === 'string' ? tagged : ''
}
