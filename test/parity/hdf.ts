import { type Random, randomOf } from '../support/random.ts'

export type Status = 'passed' | 'failed' | 'skipped' | 'no_impact' | 'error'
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'none'
export const STATUSES: readonly Status[] = ['passed', 'failed', 'skipped', 'no_impact', 'error']
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'none']

export interface Result {
  readonly status: 'passed' | 'failed' | 'skipped' | 'error'
  readonly backtrace?: readonly string[]
  readonly exception?: string
  readonly skip_message?: string
  readonly message?: string
  readonly resource_class?: string
}

export interface Control {
  readonly id: string
  readonly impact: number
  readonly tags: Readonly<Record<string, unknown>>
  readonly waiver_data: Readonly<Record<string, unknown>>
  readonly results: readonly Result[]
  readonly attestation_data?: Readonly<Record<string, string>>
}

export interface Profile {
  readonly name: string
  readonly status?: string
  readonly parent_profile?: string
  readonly depends?: readonly Readonly<Record<string, string>>[]
  readonly controls: readonly Control[]
}

export interface Hdf {
  readonly profiles: readonly Profile[]
}

const AROUND_CONTROL = { desc: null, descriptions: [], refs: [], source_location: { ref: 'a.rb', line: 1 }, code: '' }
const AROUND_RESULT = { code_desc: 'File /x is expected to exist', start_time: '2026-01-01T00:00:00+00:00' }

/** The whole file: with what inspecjs asks for beside what counts. */
export const textOf = ({ profiles }: Hdf): string =>
  JSON.stringify({
    platform: { name: 'debian', release: '12' },
    profiles: profiles.map((profile) => ({
      version: '1.0.0',
      sha256: 'ab',
      title: profile.name,
      attributes: [],
      groups: [],
      supports: [],
      status: 'loaded',
      ...profile,
      controls: profile.controls.map((control) => ({
        ...AROUND_CONTROL,
        title: control.id,
        ...control,
        results: control.results.map((each) => ({ ...AROUND_RESULT, ...each }))
      }))
    })),
    statistics: { duration: 0.1 },
    version: '5.24.24'
  })

export const result = (status: Result['status'], more: Partial<Result> = {}): Result => ({
  status,
  ...(status === 'skipped' ? { skip_message: 'by hand' } : {}),
  ...more
})

export const control = (id: string, results: readonly Result[], more: Partial<Control> = {}): Control => ({
  id,
  impact: 0.5,
  tags: {},
  waiver_data: {},
  results,
  ...more
})

export const profile = (name: string, controls: readonly Control[], more: Partial<Profile> = {}): Profile => ({ name, controls, ...more })

/** What an auditor writes of a control whose only_applicable_if is not met. */
export const unmet = (): Result => result('failed', { resource_class: 'noop', backtrace: ['a.rb:1'], exception: 'Inspec::Exceptions::ResourceFailed' })

/** What a file has beyond what both tools read alike. */
export interface Traits {
  readonly oddSeverities: boolean
  readonly unmet: boolean
  readonly structure: boolean
  readonly notRun: boolean
  readonly nothingJudged: boolean
}

export const PLAIN: Traits = { oddSeverities: false, unmet: false, structure: false, notRun: false, nothingJudged: false }

/** A control kind that the file must have. */
export interface Wanted {
  readonly status: Status
  readonly severity: Severity
  readonly count: number
}

const IMPACT: Readonly<Record<Severity, readonly number[]>> = {
  critical: [0.9, 0.95, 1],
  high: [0.7, 0.75, 0.89],
  medium: [0.4, 0.5, 0.69],
  low: [0.1, 0.3, 0.39],
  none: [0.01, 0.05, 0.099]
}
const IMPACTS = [0, ...Object.values(IMPACT).flat()]
const UNKNOWN_TAGS = ['moderate', '', 'CAT IV', 'unknown', null]
const ODD_TAGS = ['High', 'CRITICAL', 'Medium', 'Low', 'None', 'CAT I', 'CAT II', 'cat iii', ' high ', 3, ['high'], true]

export const generateHdf = (seed: number, traits: Traits, wanted: readonly Wanted[] = []): Hdf => {
  const random = randomOf(seed)
  const first = tree('base', [...wantedControls(wanted, random), ...controls(random, traits)], { random, traits })
  const more = traits.structure && random.chance(0.5) ? tree('other', controls(random, traits, random.chance(0.5) ? 1 : 100), { random, traits }) : []
  const profiles = traits.notRun ? notRun([...first, ...more], random) : [...first, ...more]
  return { profiles: traits.structure && random.chance(0.25) ? profiles.toReversed() : profiles }
}

const notRun = (profiles: readonly Profile[], random: Random): Profile[] =>
  random.pick([
    () => [],
    () => [...profiles, profile('gone', [], { status: 'skipped' })],
    () => [profile('gone', [], { status: 'failed' }), ...profiles],
    () => [profile('gone', [])],
    () => [profile('gone', [], { status: 'skipped' })],
    () => profiles.map((each, index) => (index === 0 ? { ...each, depends: [{ name: 'missing', status: random.pick(['failed', 'skipped']) }] } : each))
  ])()

const wantedControls = (wanted: readonly Wanted[], random: Random): Control[] =>
  wanted.flatMap(({ status, severity, count }, kind) =>
    Array.from({ length: count }, (_, index) => ({ ...ofStatus(`W-${kind}-${index}`, status, random), ...ofSeverity(severity, status, random) }))
  )

/** Either the tag says so, or the impact; not applicable also by impact 0. */
const ofSeverity = (severity: Severity, status: Status, random: Random): Pick<Control, 'impact' | 'tags'> => {
  const tagged = { tags: random.chance(0.5) ? { severity } : { severityoverride: severity, severity: random.pick(SEVERITIES) } }
  if (status === 'no_impact' && severity !== 'none') return { impact: random.pick([0, 0.5]), ...tagged }
  return random.chance(0.5)
    ? { impact: random.pick(IMPACT[severity]), tags: random.chance(0.3) ? { severity: random.pick(UNKNOWN_TAGS) } : {} }
    : { impact: 0.5, ...tagged }
}

const WAIVED = { justification: 'known', skipped_due_to_waiver: true, message: '' }

const ofStatus = (id: string, status: Status, random: Random): Control => {
  if (status === 'no_impact') return control(id, random.pick([[], [result('skipped')], [result('failed')]]), { waiver_data: WAIVED })
  if (status === 'error')
    return control(id, random.pick([[], [result('error')], [result('failed', { backtrace: ['x'] })], [result('passed', { backtrace: [] }), result('failed')]]))
  return control(
    id,
    {
      passed: random.pick([[result('passed')], [result('passed'), result('skipped')]]),
      failed: random.pick([[result('failed')], [result('passed'), result('failed')], [result('failed'), result('skipped')]]),
      skipped: [result('skipped')]
    }[status]
  )
}

const controls = (random: Random, traits: Traits, from = 0): Control[] => [
  ...(traits.nothingJudged ? [] : [control(`J-${from}`, [result(random.pick(['passed', 'failed']))])]),
  ...Array.from({ length: random.below(9) }, (_, index) => anyControl(`V-${from + index}`, random, traits))
]

const WAIVERS: readonly Readonly<Record<string, unknown>>[] = [
  WAIVED,
  { ...WAIVED, skipped_due_to_waiver: 'true' },
  { justification: 'known', run: true, skipped_due_to_waiver: false, expiration_date: '2020-01-01', message: 'expired' },
  { justification: 'known', run: true, skipped_due_to_waiver: false },
  { justification: 'known', skipped_due_to_waiver: null }
]

const anyControl = (id: string, random: Random, traits: Traits): Control => {
  const status = traits.nothingJudged ? random.pick(['skipped', 'no_impact', 'error'] as const) : random.pick(STATUSES)
  const made = ofStatus(id, status, random)
  const attested = status === 'skipped' && !traits.nothingJudged && random.chance(0.2)
  const aside = traits.unmet && random.chance(0.35)
  return {
    ...made,
    impact: aside ? 0 : random.pick(IMPACTS),
    tags: tagsOf(random, traits),
    ...(made.waiver_data === WAIVED || traits.nothingJudged || random.chance(0.8) ? {} : { waiver_data: random.pick(WAIVERS) }),
    ...(attested ? { results: [...made.results, result('passed')], attestation_data: ATTESTED } : {}),
    ...(aside ? { results: [unmet()] } : {})
  }
}

const ATTESTED = { control_id: 'V', explanation: 'seen', frequency: 'annually', status: 'passed', updated: '2026-01-01', updated_by: 'somebody' }

const tagsOf = (random: Random, { oddSeverities }: Traits): Record<string, unknown> => {
  const tag = (): unknown =>
    oddSeverities && random.chance(0.4) ? random.pick(random.chance(0.1) ? ODD_TAGS : ODD_TAGS.slice(0, 9)) : random.pick([...SEVERITIES, ...UNKNOWN_TAGS])
  return { ...(random.chance(0.6) ? { severity: tag() } : {}), ...(random.chance(0.15) ? { severityoverride: tag() } : {}) }
}

interface Shape {
  readonly random: Random
  readonly traits: Traits
}

/** One to three layers, the outermost first: each shows the base's controls again, without results. Beside the base may be another. */
const tree = (name: string, base: readonly Control[], { random, traits }: Shape): Profile[] => {
  const layers = random.below(3)
  const shape = traits.structure ? (profiles: Profile[]) => deform(profiles, random) : (profiles: Profile[]) => profiles
  const names = [name, `${name}-overlay`, `${name}-outermost`].slice(0, layers + 1)
  const own = random.chance(0.3) ? [control(`${name}-own`, [result(random.pick(['passed', 'failed']))])] : []
  const profiles = names.map((each, index) => {
    const shown = index === 0 ? base : base.map((one) => ({ ...one, results: [], impact: random.pick([one.impact, 0.5]) }))
    const parent = names[index + 1]
    return profile(each, index > 0 && index === names.length - 1 ? [...shown, ...own] : shown, parent === undefined ? {} : { parent_profile: parent })
  })
  const outermost = names.at(-1) ?? name
  const beside =
    traits.structure && layers > 0 && random.chance(0.25) ? [profile(`${name}-beside`, controls(random, traits), { parent_profile: outermost })] : []
  return [...shape(profiles.toReversed()), ...beside]
}

/** What overlays may look like where a control is not simply handed up through all layers. */
const deform = (profiles: readonly Profile[], random: Random): Profile[] =>
  profiles.map((each, index) => {
    const lost = random.chance(0.3) ? random.below(each.controls.length + 1) : -1
    const kept = each.controls.filter((_, place) => place !== lost)
    const again =
      index < profiles.length - 1 && random.chance(0.3)
        ? kept.map((one) => (random.chance(0.3) ? { ...one, results: [result(random.pick(['passed', 'failed', 'error', 'skipped']))] } : one))
        : kept
    const twice = random.chance(0.2) && again[0] !== undefined ? [{ ...again[0], results: [result(random.pick(['passed', 'failed']))] }] : []
    return { ...each, controls: [...again, ...twice] }
  })
