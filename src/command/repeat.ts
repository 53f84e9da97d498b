import type { Config } from '../config/config.ts'
import { INPUTS, type InputName } from '../config/inputs.ts'
import type { RawInputs } from '../config/raw.ts'
import type { Input } from '../config/input.ts'
import { parseValue } from '../config/values.ts'
import { inertJson } from '../kernel/name.ts'
import type { Finding } from '../report/findings.ts'
import type { RunRecord } from '../report/record.ts'
import type { Repeat } from '../report/terminal.ts'

/**
 * What becomes of an input where one control is run again:
 * - given: it may change what comes of the control, and is given as it was
 * - target, control, cluster: what was scanned takes its place
 * - secret: the same as given, but it is not shown
 * - whole: a bound on all controls together. One of them would meet it or not for its number only, so the default threshold holds: the control fails as it did
 * - place: reports of one control do not take the place of those of all
 * - none: it changes no result
 */
type Fate = 'given' | 'target' | 'control' | 'cluster' | 'secret' | 'whole' | 'place' | 'none'

const FATES: Readonly<Record<InputName, Fate>> = {
  kubeconfig: 'given',
  context: 'cluster',
  'kubeconfig-exec': 'given',
  namespace: 'target',
  pod: 'target',
  workload: 'target',
  selector: 'target',
  'target-image': 'target',
  select: 'target',
  container: 'target',
  'exclude-containers': 'target',
  'max-targets': 'target',
  approach: 'given',
  allow: 'given',
  'helper-image': 'given',
  'scan-namespace': 'given',
  'pull-secret': 'given',
  profile: 'given',
  'git-token': 'secret',
  'profile-env': 'given',
  'profile-inputs': 'secret',
  'profile-inputs-file': 'given',
  'waivers-file': 'given',
  controls: 'control',
  'control-tags': 'control',
  'container-detection': 'given',
  'runner-resources': 'given',
  'command-timeout': 'given',
  'scan-timeout': 'given',
  access: 'given',
  'service-account': 'given',
  'token-ttl': 'none',
  threshold: 'whole',
  'threshold-file': 'whole',
  'total-threshold': 'whole',
  'baseline-file': 'whole',
  enforce: 'whole',
  'attestation-file': 'given',
  'max-waived': 'whole',
  'max-unjudged': 'whole',
  'unjudged-ok': 'given',
  'unjudged-ok-file': 'given',
  auditor: 'given',
  'run-json': 'none',
  reports: 'none',
  'reports-path': 'place',
  transcript: 'none',
  'strict-cleanup': 'none',
  upload: 'none',
  'artifact-name': 'none',
  'retention-days': 'none',
  summary: 'none',
  annotations: 'none'
}

const PLACE = 'kscan-repeat'

interface Run {
  readonly raw: RawInputs
  readonly config: Config
  readonly record: RunRecord
}

/** The command that runs one failed control again, as one types it in a POSIX shell, and the inputs that have to be added by hand. */
export const repeatCommand =
  (run: Run) =>
  (finding: Finding): Repeat => {
    const options = INPUTS.flatMap((input) => {
      const value = valueOf(input, run, finding)
      return value === undefined ? [] : [`--${input.name}`, value]
    })
    return {
      command: [...Object.entries(run.config.profileEnv).map(([name, value]) => `${name}=${word(value)}`), ...['kscan', 'scan', ...options].map(word)].join(
        ' '
      ),
      hidden: INPUTS.filter(({ name }) => FATES[name] === 'secret' && run.raw.has(name)).map(({ name }) => name)
    }
  }

/** Undefined: it is left out. */
const valueOf = (input: (typeof INPUTS)[number], run: Run, finding: Finding): string | undefined => {
  switch (FATES[input.name]) {
    case 'given':
      return input.name === 'unjudged-ok' ? accepted(run) : givenOf(input, run)
    case 'target':
      return ofTarget(input, run, finding)
    case 'control':
      return input.name === 'controls' ? listed([matching(finding.control.id)]) : undefined
    case 'cluster':
      return run.record.cluster.context || undefined
    case 'place':
      return PLACE
    case 'secret':
    case 'whole':
    case 'none':
      return undefined
  }
}

const givenOf = (input: Input, { raw }: Run): string | undefined => {
  const given = raw.get(input.name)?.value.trim()
  if (given === undefined || given === input.default) return undefined
  const parsed = parseValue(input, given)
  return 'value' in parsed && Array.isArray(parsed.value) ? listed(parsed.value) : given
}

/** Of several profiles only one has the control. */
const accepted = ({ config }: Run): string | undefined => {
  const words = [...config.unjudgedOk, ...(config.profiles.length > 1 ? ['empty-profile'] : [])]
  return words.length === 0 ? undefined : listed([...new Set(words)])
}

/** The container that was scanned. A pod of ours is gone: what it was made for is named as it was. */
const ofTarget = (input: (typeof INPUTS)[number], run: Run, { target }: Finding): string | undefined => {
  const where = run.record.targets.find(({ name }) => name === target)
  const image = run.config.target?.kind === 'image'
  if (where === undefined) return givenOf(input, run)
  if (input.name === 'container') return image ? undefined : where.container
  if (input.name === 'exclude-containers') return undefined
  if (image || [run.config.approach.kind, where.approach].includes('twin-pod')) return givenOf(input, run)
  return new Map([
    ['namespace', where.namespace],
    ['pod', where.pod]
  ]).get(input.name)
}

/** An id that would be read as an expression or a flag is matched by an expression. */
const matching = (id: string): string => (/^[/-]/.test(id) ? `/^${id.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}$/` : id)

/** As a list is read: by commas, and as JSON what these would take apart. */
const listed = (values: readonly string[]): string => (values.every((value) => PLAIN.test(value)) ? values.join(',') : inertJson(values))
const PLAIN = /^[^\s,[\]"\\\p{C}](?:[^,\n\p{C}]*[^\s,\p{C}])?$/u

const word = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
