import { homeOf } from '../host/terminal.ts'
import { kindProblems } from '../cluster/kind/plan.ts'
import type { Config } from '../config/config.ts'
import type { Verb } from '../config/input.ts'
import { loadConfig } from '../config/load.ts'
import type { RawInputs } from '../config/raw.ts'
import type { Problem } from '../kernel/error.ts'
import { readText } from '../kernel/read-file.ts'
import { entryOf, sourceOfEntry } from '../profile/catalog.ts'
import { profileProblems } from '../profile/fetch.ts'
import type { ProfileSource } from '../profile/source.ts'
import { reportsProblems } from '../report/open.ts'
import { parseCauses, type ParsedCauses } from '../verdict/accepted-cause.ts'
import { parseAttestations, type ParsedAttestations } from '../verdict/attestation.ts'
import { demanded, type Demands, type Rules } from '../verdict/judge.ts'
import type { Threshold } from '../verdict/model.ts'
import { parseThreshold } from '../verdict/threshold.ts'
import { ofJobsOnly } from './ci-only.ts'
import { rawInputs } from './raw-inputs.ts'
import { readBaseline } from './read-baseline.ts'
import type { Request } from './request.ts'

/** Of a threshold, a waiver file and their like; people write them by hand. */
const LARGEST_BYTES = 1024 * 1024

/** The inputs of a command, checked: all problems at once, and nothing touched. Throws BAD_INPUT, and RESULTS_UNREADABLE for a baseline that cannot be read. */
export const readConfig = (verb: Verb, request: Request, more: readonly Problem[] = []): { config: Config; rules: Rules; raw: RawInputs } => {
  const { host } = request
  const { raw, problems } = rawInputs(request)
  const config = loadConfig(raw, {
    verb,
    env: host.env,
    home: homeOf(host.env),
    trusted: host.untrusted === undefined,
    readFile: (path) => readText(path, LARGEST_BYTES),
    check: (read) => [
      ...problems,
      ...more,
      ...ofJobsOnly(raw, host),
      ...parsed([...read.thresholds, ...read.totalThresholds]).problems,
      ...attestationsOf(read).flatMap(({ problems }) => problems),
      ...causesOf(read).flatMap(({ problems }) => problems),
      ...(read.cluster.kind === 'kind' ? kindProblems(read.cluster) : []),
      ...problemsOf(read),
      ...(verb === 'scan' || verb === 'report' ? reportsProblems(read.reportsPath, host.workspace) : [])
    ]
  })
  for (const line of config.given) host.log.info(line)
  const attestations = attestationsOf(config).flatMap(({ entries }) => entries)
  const baseline = config.baselineFile === undefined ? undefined : readBaseline(config.baselineFile)
  const demands: Demands = { thresholds: parsed(config.thresholds).thresholds, totals: parsed(config.totalThresholds).thresholds, baseline }
  const acceptedCauses = causesOf(config).flatMap(({ causes }) => causes)
  return { config, rules: { ...demands, thresholds: demanded(demands), attestations, acceptedCauses }, raw }
}

/** Those of a command line's words are looked at by who takes them. */
const problemsOf = ({ profiles }: Config): Problem[] => {
  const entries = profiles.flatMap((choice) => (choice.kind === 'catalog' ? [entryOf(choice.name)] : []))
  const sources = profiles.flatMap((choice): ProfileSource[] => (choice.kind === 'own' || choice.kind === 'catalog' ? [] : [choice]))
  const found = entries.flatMap((entry) => ('expected' in entry ? [] : [sourceOfEntry(entry)]))
  return [...entries.flatMap((entry) => ('expected' in entry ? [entry] : [])), ...profileProblems([...sources, ...found])]
}

const attestationsOf = ({ attestations }: Config): ParsedAttestations[] => attestations.map(({ text, source }) => parseAttestations(text, source))

const causesOf = ({ unjudgedOkFiles }: Config): ParsedCauses[] => unjudgedOkFiles.map(({ text, source }) => parseCauses(text, source))

const parsed = (texts: Config['thresholds']): { thresholds: readonly Threshold[]; problems: readonly Problem[] } => {
  const read = texts.map(({ text, source }) => parseThreshold(text, source))
  return {
    thresholds: read.flatMap((each) => (each.kind === 'threshold' ? [each.threshold] : [])),
    problems: read.flatMap((each) => (each.kind === 'problems' ? each.problems : []))
  }
}
