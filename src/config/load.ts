import { delimiter, join } from 'node:path'
import { badInput, type Problem } from '../kernel/error.ts'
import { ISOLATIONS } from '../kernel/isolation.ts'
import { printableLine } from '../kernel/name.ts'
import { Secret } from '../kernel/secret.ts'
import { readApproach } from './approach.ts'
import { clusterKind, readCluster } from './cluster.ts'
import { type Config, FORMATS, UNJUDGED_OK } from './config.ts'
import {
  checkInputFiles,
  checkProfileInputs,
  type FileReader,
  readAttestations,
  readThresholds,
  readTotals,
  readUnjudgedOkFiles,
  readWaivers
} from './files.ts'
import { demandNothingToFetch, readAuditorVersion, readFetching } from './fetching.ts'
import type { Verb } from './input.ts'
import { inputsOf } from './inputs.ts'
import { readIdentity } from './identity.ts'
import { readProfileEnv } from './profile-env.ts'
import { type RawInputs, secretFlags, unknownNames } from './raw.ts'
import { Reader } from './reader.ts'
import { readHost, readProfiles } from './profile.ts'
import { readBenchmark } from './benchmark.ts'
import { readAccess, readAuditors, readControls, readNames, readTags, readTarget } from './target.ts'

export interface LoadContext {
  readonly verb: Verb
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** False where a stranger may have written what is checked out. */
  readonly trusted: boolean
  /** Reads a file as text; throws when it cannot. */
  readonly readFile: FileReader
  /** Further problems of what the inputs name: thresholds and profiles are known to other rooms. */
  readonly check: (config: Config) => readonly Problem[]
}

/** Raw inputs → Config. Touches nothing but the files that inputs name. Throws BAD_INPUT with every problem at once. */
export const loadConfig = (raw: RawInputs, context: LoadContext): Config => {
  const reader = new Reader(raw, context.verb)
  reader.problems.push(...unknownNames(raw, context.verb), ...secretFlags(raw))
  const config = assemble(reader, raw, context)
  demandNothingToFetch(reader, config)
  reader.problems.push(...context.check(config))
  if (reader.problems.length > 0) throw badInput(reader.problems.map((problem) => placed(problem, raw)))
  return Object.freeze(config)
}

/** With its place, where the value stands in a config file. */
const placed = (problem: Problem, raw: RawInputs): Problem => {
  const place = raw.get(problem.name)?.place
  return place === undefined ? problem : { ...problem, got: `${problem.got} (${place})` }
}

const assemble = (reader: Reader, raw: RawInputs, context: LoadContext): Config => ({
  ...clusterPart(reader, raw, context),
  ...targetPart(reader, context),
  ...scanPart(reader, context),
  ...waiverPart(reader, context),
  ...accessPart(reader, context),
  ...verdictPart(reader, context),
  auditor: readAuditors(reader),
  auditorVersion: readAuditorVersion(reader),
  fetching: readFetching(reader, context.readFile),
  isolation: reader.choice('isolation', ['auto', ...ISOLATIONS], 'auto'),
  ...reportPart(reader),
  given: showGiven(raw, context.verb)
})

const clusterPart = (
  reader: Reader,
  raw: RawInputs,
  { verb, env, home, trusted, readFile }: LoadContext
): Pick<Config, 'cluster' | 'kubeconfig' | 'context' | 'allowExec'> => ({
  cluster: readCluster(reader, { env, readFile, makes: verb === 'scan' || verb === 'plan' || verb === 'doctor' }),
  kubeconfig: reader.text('kubeconfig') || oneFile(reader, env['KUBECONFIG']) || join(home, '.kube', 'config'),
  context: reader.text('context') || undefined,
  allowExec: reader.choice('kubeconfig-exec', ['deny', 'allow'], trusted && raw.get('kubeconfig')?.origin !== 'config file' ? 'allow' : 'deny') === 'allow'
})

const accessPart = (reader: Reader, { verb, env }: LoadContext): Pick<Config, 'identity' | 'access' | 'tokenTtl'> => {
  const access = readAccess(reader)
  const scanTimeout = verb === 'scan' ? reader.number('scan-timeout') : undefined
  const identity = readIdentity(reader, { env, now: Date.now(), access: access.kind, scanTimeout })
  return { identity, access, tokenTtl: reader.number('token-ttl') }
}

/** KUBECONFIG may list several files for kubectl to merge; which of them is meant is for the user to say. */
const oneFile = (reader: Reader, list: string | undefined): string | undefined => {
  const files = (list ?? '').split(delimiter).filter((file) => file !== '')
  if (files.length > 1) reader.problem('kubeconfig', 'one file', [`KUBECONFIG with ${files.length} files`, 'Name the one that is meant with kubeconfig.'])
  return files[0]
}

const targetPart = (reader: Reader, { verb, env }: LoadContext): Pick<Config, 'namespace' | 'target' | 'containers' | 'excludeContainers' | 'maxTargets'> => ({
  namespace: readNames.one(reader, 'namespace'),
  target: readTarget(reader, { needed: verb === 'scan' || verb === 'plan', ourCluster: clusterKind(reader, env) === 'kind' }),
  containers: readNames.list(reader, 'container'),
  excludeContainers: readNames.list(reader, 'exclude-containers'),
  maxTargets: reader.number('max-targets')
})

type ScanPart =
  | 'approach'
  | 'profiles'
  | 'allowUnpinned'
  | 'gitToken'
  | 'gitTokenHost'
  | 'profileEnv'
  | 'profileInputs'
  | 'profileInputFiles'
  | 'controls'
  | 'controlTags'
  | 'containerDetection'
  | 'runnerResources'
  | 'commandTimeout'
  | 'scanTimeout'

const waiverPart = (reader: Reader, { readFile }: LoadContext): Pick<Config, 'waiverFiles' | 'waivedControls'> => {
  const { files, controls } = readWaivers(reader, readFile)
  return { waiverFiles: files, waivedControls: controls }
}

type VerdictPart =
  | 'runJson'
  | 'thresholds'
  | 'totalThresholds'
  | 'baselineFile'
  | 'enforce'
  | 'maxUnjudged'
  | 'maxWaived'
  | 'unjudgedOk'
  | 'unjudgedOkFiles'
  | 'attestations'

const verdictPart = (reader: Reader, { readFile }: LoadContext): Pick<Config, VerdictPart> => ({
  thresholds: readThresholds(reader, readFile),
  totalThresholds: readTotals(reader),
  runJson: reader.text('run-json') || undefined,
  baselineFile: reader.text('baseline-file') || undefined,
  enforce: reader.flag('enforce'),
  maxUnjudged: reader.number('max-unjudged'),
  maxWaived: reader.number('max-waived'),
  unjudgedOk: readUnjudgedOk(reader),
  unjudgedOkFiles: readUnjudgedOkFiles(reader, readFile),
  attestations: readAttestations(reader, readFile)
})

const readUnjudgedOk = (reader: Reader): Config['unjudgedOk'] =>
  reader.words('unjudged-ok', UNJUDGED_OK, 'A cause, such as missing:systemctl, needs a reason and an end: give it in a file, with unjudged-ok-file.')

const scanPart = (reader: Reader, { env, readFile }: LoadContext): Pick<Config, ScanPart> => ({
  approach: readApproach(reader, { ourCluster: clusterKind(reader, env) === 'kind' }),
  profiles: readProfiles(reader),
  allowUnpinned: reader.flag('allow-unpinned-profiles'),
  gitToken: reader.text('git-token') === '' ? undefined : new Secret(reader.text('git-token')),
  gitTokenHost: readHost(reader),
  profileEnv: readProfileEnv(reader, env),
  profileInputs: checkProfileInputs(reader),
  profileInputFiles: checkInputFiles(reader, readFile),
  controls: readControls(reader),
  controlTags: readTags(reader),
  containerDetection: reader.choice('container-detection', ['docker', 'native'], 'docker'),
  runnerResources: reader.choice('runner-resources', ['deny', 'allow'], 'deny'),
  commandTimeout: reader.number('command-timeout'),
  scanTimeout: reader.number('scan-timeout')
})

type ReportPart =
  | 'reports'
  | 'reportsPath'
  | 'benchmark'
  | 'transcript'
  | 'strictCleanup'
  | 'upload'
  | 'artifactName'
  | 'retentionDays'
  | 'summary'
  | 'annotations'

const reportPart = (reader: Reader): Pick<Config, ReportPart> => ({
  reports: reader.words('reports', FORMATS),
  reportsPath: reader.text('reports-path'),
  benchmark: readBenchmark(reader),
  transcript: reader.choice('transcript', ['off', 'hashes', 'full'], 'off'),
  strictCleanup: reader.flag('strict-cleanup'),
  upload: reader.choice('upload', ['auto', 'always', 'never'], 'never'),
  artifactName: readArtifactName(reader),
  retentionDays: reader.number('retention-days'),
  summary: reader.flag('summary'),
  annotations: reader.flag('annotations')
})

const readArtifactName = (reader: Reader): string => {
  const name = reader.text('artifact-name')
  if (/["<>|*?\r\n\\/:]/.test(name)) reader.problem('artifact-name', 'a name without " : < > | * ? \\ / and line ends', [JSON.stringify(name)])
  return name
}

const showGiven = (raw: RawInputs, verb: Verb): string[] =>
  inputsOf(verb).flatMap((input) => {
    const given = raw.get(input.name)
    const value = given?.value.trim()
    if (given === undefined || value === undefined || value === input.default) return []
    return [`${input.name}: ${input.secret === true ? '***' : printableLine(value.split(/\r?\n/).join(' ⏎ '))} (${given.place ?? given.origin})`]
  })
