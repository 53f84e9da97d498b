import type { Config } from '../config/config.ts'
import { NO_FILE } from '../config/config-file.ts'
import { INPUTS, type InputName, variableOf } from '../config/inputs.ts'
import type { RawInputs } from '../config/raw.ts'
import type { Input } from '../config/input.ts'
import { listText, parseValue } from '../config/values.ts'
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
 * - file: a config file that was read is not read again: what it said is given
 * - none: it changes no result
 */
type Fate = 'given' | 'target' | 'control' | 'cluster' | 'secret' | 'whole' | 'place' | 'file' | 'none'

const FATES: Readonly<Record<InputName, Fate>> = {
  cluster: 'given',
  kubeconfig: 'given',
  context: 'cluster',
  'kubeconfig-exec': 'given',
  identity: 'given',
  server: 'given',
  'oidc-audience': 'given',
  'kind-version': 'given',
  'kind-node-image': 'given',
  'kind-config': 'given',
  'load-images': 'given',
  manifests: 'given',
  'keep-cluster': 'none',
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
  'scan-pod-template': 'given',
  profile: 'given',
  'allow-unpinned-profiles': 'given',
  'git-token': 'secret',
  'git-token-host': 'given',
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
  'auditor-version': 'given',
  'download-mirror': 'given',
  'ca-file': 'given',
  offline: 'given',
  isolation: 'given',
  'run-json': 'none',
  reports: 'none',
  'reports-path': 'place',
  'stig-id': 'none',
  'stig-release': 'none',
  transcript: 'none',
  'strict-cleanup': 'none',
  upload: 'none',
  'artifact-name': 'none',
  'retention-days': 'none',
  summary: 'none',
  annotations: 'none',
  config: 'file'
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
      command: ['kscan', 'scan', ...options].map(word).join(' '),
      hidden: [
        ...INPUTS.filter(({ name }) => FATES[name] === 'secret' && run.raw.has(name)).map(({ name }) => variableOf(name)),
        ...Object.keys(run.config.profileEnv)
      ]
    }
  }

/** Undefined: it is left out. */
const valueOf = (input: (typeof INPUTS)[number], run: Run, finding: Finding): string | undefined => {
  switch (FATES[input.name]) {
    case 'given':
      return carried(input, run)
    case 'target':
      return ofTarget(input, run, finding)
    case 'control':
      return input.name === 'controls' ? listText([matching(finding.control.id)]) : undefined
    case 'cluster':
      return contextOf(run)
    case 'place':
      return PLACE
    case 'file':
      return withoutFile(run)
    case 'secret':
    case 'whole':
    case 'none':
      return undefined
  }
}

const carried = (input: Input, run: Run): string | undefined => (input.name === 'unjudged-ok' ? accepted(run) : givenOf(input, run))

const withoutFile = ({ raw }: Run): string | undefined => ([...raw.values()].some(({ origin }) => origin === 'config file') ? NO_FILE : undefined)

/** A cluster that was made for the run is made again; a job that signs in itself names a server. */
const contextOf = ({ config, record }: Run): string | undefined =>
  config.cluster.kind === 'kind' || config.identity.kind !== 'kubeconfig' ? undefined : record.cluster.context || undefined

const givenOf = (input: Input, { raw }: Run): string | undefined => {
  const given = raw.get(input.name)?.value.trim()
  if (given === undefined || given === input.default) return undefined
  const parsed = parseValue(input, given)
  return 'value' in parsed && Array.isArray(parsed.value) ? listText(parsed.value) : given
}

/** Of several profiles only one has the control. */
const accepted = ({ config }: Run): string | undefined => {
  const words = [...config.unjudgedOk, ...(config.profiles.length > 1 ? ['empty-profile'] : [])]
  return words.length === 0 ? undefined : listText([...new Set(words)])
}

/** The container that was scanned. A pod of ours is gone, and so is a cluster of ours: what it was made for is named as it was. */
const ofTarget = (input: (typeof INPUTS)[number], run: Run, { target }: Finding): string | undefined => {
  const where = run.record.targets.find(({ name }) => name === target)
  const image = run.config.target?.kind === 'image'
  if (where === undefined) return givenOf(input, run)
  if (run.config.cluster.kind === 'kind') return input.name === 'container' && !image ? where.container : givenOf(input, run)
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

/** As a POSIX shell takes it for one word. */
export const word = (text: string): string => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
