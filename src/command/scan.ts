import { relative } from 'node:path'
import type { Config } from '../config/config.ts'
import { REPORTS_PATH } from '../config/inputs-of-results.ts'
import type { RawInputs } from '../config/raw.ts'
import type { Host, Uploaded } from '../host/host.ts'
import { systemClock } from '../kernel/clock.ts'
import { EXIT, type ExitCode, messageOf, type ScanError } from '../kernel/error.ts'
import { inertJson, printableLine } from '../kernel/name.ts'
import { type Ending, endingJson, endingOf, endingOfFailure } from '../report/ending.ts'
import { markdown as md } from '../report/escape.ts'
import { markdown } from '../report/markdown.ts'
import { marksOf } from '../report/marks.ts'
import { noResults } from '../report/no-results.ts'
import { disownReports } from '../report/open.ts'
import { withoutSecrets } from '../kernel/redact/redact.ts'
import { terminalEnd } from '../report/terminal.ts'
import { type Outcome, scan } from '../scan/scan.ts'
import { Scope } from '../undo/scope.ts'
import type { Verdict } from '../verdict/model.ts'
import { DEFAULT_THRESHOLD } from '../verdict/threshold.ts'
import { todaysBounds } from '../verdict/todays-bounds.ts'
import { annotateEnding, annotateFindings } from './annotate.ts'
import { showFailure, tellFailure, toFailure } from './failure.ts'
import { withDoctor } from './doctor-line.ts'
import { demandGate } from './gate.ts'
import { setOutputs } from './outputs.ts'
import { rawInputs } from './raw-inputs.ts'
import { readConfig } from './read-config.ts'
import { repeatCommand } from './repeat.ts'
import type { Request } from './request.ts'
import { uploadReports } from './upload.ts'

/** `kscan scan`, and the action's main step. Resolves with the exit code; never throws. */
export const scanCommand = async (request: Request): Promise<ExitCode> => {
  const { host } = request
  const scope = new Scope()
  let cluster: string | undefined
  const { config, done } = await attempt(request, scope, (name) => (cluster = name))
  const { ending, outcome, uploaded } = 'outcome' in done ? await conclude(done.outcome, done, request) : await giveUp(done.failure, config, { request, scope })
  for (const { what, why } of scope.leftovers) host.log.warn(`could not be removed: ${what}: ${why}; run kscan cleanup`)
  setOutputs(host, { result: ending.result, outcome, cluster, uploaded, leftovers: scope.leftovers.length })
  if (ending.exitCode !== EXIT.notCompliant || config?.enforce !== false) return ending.exitCode
  host.log.warn('not compliant, and passed because of enforce: false')
  return EXIT.passed
}

interface Ended {
  readonly ending: Ending
  readonly outcome?: Outcome
  readonly uploaded?: Uploaded | undefined
}

type Done = { readonly outcome: Outcome; readonly config: Config; readonly raw: RawInputs } | { readonly failure: ScanError }

/** The config as far as it could be read. */
const attempt = async (request: Request, scope: Scope, onCluster: (name: string) => void): Promise<{ config?: Config; done: Done }> => {
  const { host, signal, version, plugin } = request
  let config: Config | undefined
  let raw: RawInputs | undefined
  try {
    host.begin?.()
    const read = readConfig('scan', request)
    ;({ config, raw } = read)
    demandGate(read.config, host)
    const ports = { host, clock: systemClock, signal, version, plugin, onCluster }
    return { config, done: { config, raw, outcome: await scan(config, read.rules, { ports, scope }) } }
  } catch (error) {
    return { ...(config === undefined ? {} : { config }), done: { failure: withDoctor(toFailure(error, signal), raw) } }
  }
}

/** A run without results: people and the CI system get its reason all the same. */
const giveUp = async (failure: ScanError, config: Config | undefined, { request, scope }: { request: Request; scope: Scope }): Promise<Ended> => {
  const { host } = request
  const leftovers = scope.leftovers.map(({ what }) => what)
  const run = { strictCleanup: config?.strictCleanup === true, leftovers }
  const ending = endingOfFailure(failure, run)
  tellFailure(failure, request, run)
  if (config === undefined) disown(request)
  if (config?.annotations ?? wants('annotations', request)) annotateEnding(ending, host)
  if (config?.summary ?? wants('summary', request)) await summarize(noResults(ending, leftovers), host)
  return { ending }
}

/**
 * Of a run whose inputs are wrong. On a person's machine nothing is lost by that; in a job of a CI system later steps look where they were told to, and must not
 * find there what was committed, or what a job before has left.
 */
const disown = (request: Request): void => {
  const { workspace, inJob, log } = request.host
  const path = rawInputs(request).raw.get('reports-path')?.value ?? REPORTS_PATH
  const stays = disownReports(path, { workspace, remove: inJob })
  if (stays !== undefined) log.warn(`the reports in ${printableLine(path)} are of the run ${printableLine(stays)}, and tell nothing of this one`)
}

/** What the inputs say where others of them cannot be read. */
const wants = (name: 'summary' | 'annotations', request: Request): boolean => rawInputs(request).raw.get(name)?.value.trim() !== 'false'

const summarize = async (text: string, host: Host): Promise<void> => {
  try {
    await host.summary(withoutSecrets(text, host.secrets()))
  } catch (error) {
    host.log.warn(`the job summary failed: ${messageOf(error)}; the result stands`)
  }
}

/** Everything that people and the CI system get; none of it changes the verdict. */
const conclude = async (outcome: Outcome, given: { config: Config; raw: RawInputs }, { host, json }: Request): Promise<Ended> => {
  const { config } = given
  const { verdict, judged, record } = outcome
  const ending = endingOf(verdict, record)
  for (const { failure } of outcome.runs) if (failure !== undefined) showFailure(failure, host.log)
  if (record.threshold.some(({ source }) => source === DEFAULT_THRESHOLD.source)) sayDefault(verdict, host)
  if (json) host.print(withoutSecrets(inertJson({ ...endingJson(ending), record, verdict }), host.secrets()))
  else host.print(withoutSecrets(endOf(outcome, given, host), host.secrets()), marksOf)
  if (config.annotations) {
    annotateEnding(ending, host)
    annotateFindings(outcome, host)
  }
  if (config.summary) await summarize(markdown(verdict, judged, record), host)
  return { ending, outcome, uploaded: await upload(outcome, config, host) }
}

/** Why there is no artifact is said in the log and on the summary: who looks for one looks there. */
const upload = async (outcome: Outcome, config: Config, host: Host): Promise<Uploaded | undefined> => {
  const done = await uploadReports(outcome, config, host).catch((error: unknown) => ({ failed: messageOf(error) }))
  if ('id' in done) return done
  if ('failed' in done) host.log.warn(`the upload failed: ${done.failed}; the verdict stands`)
  else if (host.name !== 'terminal' || config.upload === 'always') host.log.info(`no artifact: ${done.why}`)
  const why = 'failed' in done ? `the upload failed: ${done.failed}` : done.why
  if (config.summary) await summarize(`\n_No artifact: ${md(why)}._\n`, host)
  return undefined
}

const endOf = ({ verdict, judged, record, reports }: Outcome, inputs: { config: Config; raw: RawInputs }, host: Host): string => {
  const folder = relative(process.cwd(), reports.folder)
  const reportsPath = folder.startsWith('..') ? reports.folder : folder
  return terminalEnd(verdict, { judged, record }, { width: host.width ?? 160, reportsPath, repeat: repeatCommand({ ...inputs, record }) })
}

/** Without a threshold of their own, users are shown one that this run would meet. */
const sayDefault = (verdict: Verdict, host: Host): void => {
  const bounds = verdict.result === 'unjudged' ? '' : todaysBounds(verdict) // no threshold changes that result
  host.log.info('no threshold was given: failed.total.max: 0 and error.total.max: 0 hold')
  if (bounds !== '') host.log.info(`a threshold that this run would meet:\n${bounds.trimEnd().replace(/^/gm, '  ')}`)
}
