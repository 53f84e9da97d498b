import { relative } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Host, Uploaded } from '../host/host.ts'
import { systemClock } from '../kernel/clock.ts'
import { EXIT, type ExitCode, messageOf, worstExit } from '../kernel/error.ts'
import { inertJson } from '../kernel/name.ts'
import { markdown } from '../report/markdown.ts'
import { withoutSecrets } from '../report/redact.ts'
import { terminalEnd } from '../report/terminal.ts'
import { type Outcome, scan } from '../scan/scan.ts'
import { Scope } from '../undo/scope.ts'
import type { Verdict } from '../verdict/model.ts'
import { DEFAULT_THRESHOLD } from '../verdict/threshold.ts'
import { todaysBounds } from '../verdict/todays-bounds.ts'
import { annotate } from './annotate.ts'
import { resultOf, showFailure, toFailure } from './failure.ts'
import { setOutputs } from './outputs.ts'
import { readConfig } from './read-config.ts'
import { repeatCommand } from './repeat.ts'
import type { Request } from './request.ts'
import { uploadReports } from './upload.ts'

/** `kscan scan`, and the action's main step. Resolves with the exit code; never throws. */
export const scanCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  const scope = new Scope()
  let config: Config | undefined
  let code: ExitCode
  let outcome: Outcome | undefined
  try {
    const read = readConfig('scan', request)
    config = read.config
    outcome = await scan(config, read.rules, { ports: { host, clock: systemClock, signal, version: request.version, plugin: request.plugin }, scope })
    code = exitOf(outcome)
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    host.annotate('error', 'kscan', failure.message)
    code = failure.exitCode
  }
  const final = scope.leftovers.length > 0 && config?.strictCleanup === true ? worstExit([code, EXIT.scanFailed]) : code
  const [done, settings] = [outcome, config]
  const uploaded =
    done === undefined || settings === undefined ? undefined : await quietly(host, 'the end of the run', () => publish(done, settings, { request, final }))
  sayLeftovers(scope, host)
  setOutputs(host, { result: resultOf(final), outcome, uploaded, leftovers: scope.leftovers.length })
  if (final !== EXIT.notCompliant || config?.enforce !== false) return final
  host.log.warn('not compliant, and passed because of enforce: false')
  return EXIT.passed
}

/** The verdict's code, and the worst of what kept a container from being scanned. */
const exitOf = ({ verdict, runs }: Outcome): ExitCode => {
  const judged = { passed: EXIT.passed, 'not-compliant': EXIT.notCompliant, unjudged: EXIT.unjudged } as const
  return worstExit([judged[verdict.result], ...runs.flatMap(({ failure }) => (failure === undefined ? [] : [failure.exitCode]))])
}

const sayLeftovers = (scope: Scope, host: Host): void => {
  for (const { what, why } of scope.leftovers) host.log.warn(`could not be removed: ${what}: ${why}; run kscan cleanup`)
}

/** Everything that people and the CI system get; none of it changes the verdict. */
const publish = async (outcome: Outcome, config: Config, { request, final }: { request: Request; final: ExitCode }): Promise<Uploaded | undefined> => {
  const { host, json } = request
  const { verdict, judged, record } = outcome
  for (const { failure } of outcome.runs) if (failure !== undefined) showFailure(failure, host.log)
  if (record.threshold.some(({ source }) => source === DEFAULT_THRESHOLD.source)) sayDefault(verdict, host)
  host.print(withoutSecrets(json ? inertJson({ result: resultOf(final), record, verdict }) : endOf(outcome, config, host), host.secrets()))
  if (config.annotations) annotate(outcome, host)
  if (config.summary) await quietly(host, 'the job summary', () => host.summary(withoutSecrets(markdown(verdict, judged, record), host.secrets())))
  return await quietly(host, 'the upload', () => uploadReports(outcome, config, host))
}

const endOf = ({ verdict, judged, record, reports }: Outcome, config: Config, host: Host): string => {
  const folder = relative(process.cwd(), reports.folder)
  const reportsPath = folder.startsWith('..') ? reports.folder : folder
  return terminalEnd(verdict, { judged, record }, { width: host.width ?? 160, reportsPath, repeat: repeatCommand(config, record) })
}

/** Without a threshold of their own, users are shown one that this run would meet. */
const sayDefault = (verdict: Verdict, host: Host): void => {
  const bounds = verdict.result === 'unjudged' ? '' : todaysBounds(verdict) // no threshold changes that result
  host.log.info('no threshold was given: failed.total.max: 0 and error.total.max: 0 hold')
  if (bounds !== '') host.log.info(`a threshold that this run would meet:\n${bounds.trimEnd().replace(/^/gm, '  ')}`)
}

/** What may fail without changing the verdict is said in one line. */
const quietly = async <T>(host: Host, what: string, work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work()
  } catch (error) {
    host.log.warn(`${what} failed: ${messageOf(error)}; the verdict stands`)
    return undefined
  }
}
