import type { Check, Control, ProfileResult, Results, SafControl, Severity, Status } from '../../../src/hdf/model.ts'
import { type Demands, judge, type Limits } from '../../../src/verdict/judge.ts'
import type { Bound, Judged, Threshold, Verdict } from '../../../src/verdict/model.ts'
import { parseThreshold } from '../../../src/verdict/threshold.ts'

export const check = (status: Check['status'], message = ''): Check => ({ status, description: `File /x is expected to be ${status}`, message })

export const control = (id: string, status: Status, more: Partial<Control> = {}): Control => ({
  id,
  profile: 'p',
  title: `Title of ${id}`,
  impact: 0.5,
  severity: 'medium',
  status,
  checks: [check(status === 'no_impact' ? 'skipped' : status, 'because')],
  unmet: false,
  waiver: undefined,
  attestations: [],
  node: false,
  file: 'controls/a.rb',
  description: '',
  checkText: '',
  fixText: '',
  tags: {},
  ...more
})

export const profile = (name: string, more: Partial<ProfileResult> = {}): ProfileResult => ({
  name,
  version: '1.0.0',
  title: name,
  sha256: 'ab',
  status: 'loaded',
  statusMessage: '',
  outermost: true,
  controls: 1,
  ...more
})

export const results = (controls: readonly Control[], profiles: readonly ProfileResult[] = [profile('p')]): Results => ({
  auditorVersion: '5.24.24',
  platform: { name: 'debian', release: '12' },
  profiles: profiles.map((each) => ({ ...each, controls: each.outermost ? controls.filter((one) => one.profile === each.name).length : 0 })),
  controls,
  saf: controls.filter((one) => one.profile === profiles.find(({ outermost }) => outermost)?.name).map(asSaf),
  duration: 1.5
})

/** SAF takes the note of an unmet only_applicable_if for an error. */
const asSaf = ({ id, severity, status, checks }: Control): SafControl => ({
  id,
  severity,
  status: status === 'no_impact' && checks.some((one) => one.status === 'error') ? 'error' : status
})

export const judged = (target: string, controls: readonly Control[], more: Partial<Judged> = {}): Judged => ({
  target,
  results: results(controls),
  unjudged: [],
  ...more
})

/** `count` controls of one status and severity. */
export const many = (count: number, status: Status, severity: Severity = 'medium'): Control[] =>
  Array.from({ length: count }, (_, index) => control(`${status}-${severity}-${index}`, status, { severity }))

export const threshold = (text: string, source = 't.yaml'): Threshold => {
  const parsed = parseThreshold(text, source)
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems))
  return parsed.threshold
}

export const bound = (text: string): Bound => {
  const [first] = threshold(text).bounds
  if (first === undefined) throw new Error('no bound')
  return first
}

/** By these thresholds alone, and with nothing unjudged, unless more is said. */
export const judgeBy = (targets: readonly Judged[], thresholds: readonly Threshold[], more: Partial<Demands & Limits> = {}): Verdict =>
  judge(
    targets,
    { thresholds, totals: [], baseline: undefined, ...more },
    { maxUnjudged: 0, maxWaived: Infinity, unjudgedOk: [], today: '2026-11-24', ...more }
  )
