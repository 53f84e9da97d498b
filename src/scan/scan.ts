import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readyAuditor } from '../auditor/install.ts'
import { openExisting } from '../cluster/existing.ts'
import type { Config } from '../config/config.ts'
import { parseResults } from '../hdf/parse.ts'
import { localDay } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { newRunId, printableLine } from '../kernel/name.ts'
import { AUDITOR_LOG, type Format } from '../report/formats.ts'
import { openReports, type Reports } from '../report/open.ts'
import { selectTargets } from '../target/select.ts'
import type { Scope } from '../undo/scope.ts'
import { unusedCauses } from '../verdict/accepted-cause.ts'
import { attest } from '../verdict/attestation.ts'
import { judge, type Rules } from '../verdict/judge.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { type Audited, auditUnderGrant } from './audit-under-grant.ts'
import type { AuditRun } from './audit-target.ts'
import { acceptedOf, unjudgedOf, unmatched } from './evidence-of.ts'
import { childEnvironment, type Ports } from './ports.ts'
import { readyProfiles } from './profiles.ts'
import { withRunFolder } from './run-folder.ts'
import { recordOf, type RunFacts, type Timings } from './record-of.ts'
import { transcriptsOf } from './transcript-of.ts'
import type { RunRecord } from '../report/record.ts'

/** What a run gave. */
export interface Outcome {
  readonly verdict: Verdict
  readonly judged: readonly Judged[]
  readonly record: RunRecord
  readonly runs: readonly AuditRun[]
  readonly paths: ReadonlyMap<Format, string>
  readonly reports: Reports
}

/** The story of a run. Throws ScanError; what could not be undone is in the scope. */
export const scan = async (config: Config, rules: Rules, { ports, scope }: { ports: Ports; scope: Scope }): Promise<Outcome> => {
  const facts: RunFacts = { run: newRunId(), started: new Date(ports.clock.now()).toISOString(), config, ...rules, ports, scope }
  const time: Timings = new Map()
  const reports = openReports(config.reportsPath, config.transcript === 'off' ? config.reports : [...config.reports, 'transcript'])
  return await withRunFolder(config, { run: facts.run, ports }, async (own) => {
    const profiles = await timed('profiles', { time, ports }, () => readyProfiles(config, { folder: own.folder, ports }))
    const cluster = await timed('cluster', { time, ports }, () =>
      ports.host.phase('Connect to the cluster', () => openExisting({ ...config, env: ports.host.env, onSecret: (value) => ports.host.mask(value) }))
    )
    own.journal.on({ server: cluster.connection.server.url.href, fingerprint: cluster.fingerprint })
    try {
      const selection = await timed('targets', { time, ports }, () => chooseTargets(config, cluster, ports))
      const auditor = await timed('auditor', { time, ports }, () => ports.host.phase('Ready the auditor', () => prepareAuditor(config, ports)))
      const job = {
        ...config,
        ...own,
        run: facts.run,
        cluster,
        targets: selection.targets,
        auditor,
        profiles,
        tags: config.controlTags,
        logFile: join(own.folder, AUDITOR_LOG),
        logPlace: join(reports.folder, AUDITOR_LOG)
      }
      reports.clear()
      const audited = await timed('audit', { time, ports }, () => auditUnderGrant(job, ports, scope))
      ports.signal.throwIfAborted()
      const log = existsSync(job.logFile) ? readFileSync(job.logFile) : undefined
      return conclude({ ...facts, cluster, auditor, profiles, time }, audited, { reports, log })
    } finally {
      cluster.connection.agent.destroy()
    }
  })
}

const prepareAuditor = (config: Config, ports: Ports): ReturnType<typeof readyAuditor> => {
  const { host, plugin, signal } = ports
  const env = { ...childEnvironment(host.env), ...(host.env['HOME'] === undefined ? {} : { HOME: host.env['HOME'] }) }
  return readyAuditor({ order: config.auditor, toolFolder: host.toolFolder, pluginFolder: plugin, env, log: host.log, signal })
}

const chooseTargets = async (config: Config, cluster: Awaited<ReturnType<typeof openExisting>>, ports: Ports): ReturnType<typeof selectTargets> => {
  const wanted = config.target
  if (wanted === undefined) throw new Error('a scan has a target: the inputs were checked')
  const selection = await selectTargets(cluster.connection, {
    namespace: config.namespace ?? cluster.namespace,
    wanted,
    containers: config.containers,
    exclude: config.excludeContainers,
    maxTargets: config.maxTargets
  })
  for (const { pod, why } of selection.skipped) ports.host.log.info(`  not scanned: ${pod}: ${why}`)
  for (const target of selection.targets) ports.host.log.info(`  ${target.name} (pod ${target.pod}, ${printableLine(target.image)})`)
  return selection
}

/** After the rights are gone: results are read, judged and written. */
const conclude = (
  done: Omit<Parameters<typeof recordOf>[0], 'unusedWaivers' | 'judgedOn'>,
  audited: Audited,
  { reports, log }: { reports: Reports; log: Uint8Array | undefined }
): Outcome => {
  const read = audited.runs.map((each) => readAudit(each, done))
  const today = localDay(done.ports.clock.now())
  const { judged, unused } = attest(
    read.flatMap((each) => each.judged ?? []),
    done.attestations,
    today
  )
  for (const sentence of unused) done.ports.host.log.warn(printableLine(sentence))
  const runs = read.map((each) => each.run)
  const verdict = judge(judged, done, { ...done.config, today })
  for (const sentence of unusedCauses(verdict, done.acceptedCauses, today)) done.ports.host.log.warn(printableLine(sentence))
  const record = recordOf({ ...done, unusedWaivers: unusedWaivers(done.config, judged), judgedOn: today }, { ...audited, runs })
  const raw = new Map(runs.flatMap(({ target, raw: bytes }) => (bytes === undefined ? [] : [[target.name, bytes] as const])))
  const transcripts = transcriptsOf(read, done.config.transcript)
  const paths = reports.write({ verdict, judged, record, raw, transcripts, log, secrets: done.ports.host.secrets() })
  return { verdict, judged, record, runs, paths, reports }
}

/** Where only some controls run, waivers of the others are as they must be. */
const unusedWaivers = ({ waivedControls, controls, controlTags }: Config, judged: readonly Judged[]): string[] => {
  const ids = new Set(judged.flatMap(({ results }) => results.controls.map(({ id }) => id)))
  return judged.length === 0 || controls.length + controlTags.length > 0 ? [] : waivedControls.filter((id) => !ids.has(id))
}

/** Results that cannot be read are that target's failure, and hide no other. */
const readAudit = (
  each: AuditRun,
  { config: { controls }, acceptedCauses: accepts }: Pick<RunFacts, 'config' | 'acceptedCauses'>
): { run: AuditRun; judged: Judged | undefined } => {
  if (each.raw === undefined || each.failure !== undefined) return { run: each, judged: undefined }
  try {
    const results = parseResults(each.raw, `of ${each.target.name}`)
    const reasons = unmatched(results, controls).map((word) => `no control matches ${word}, which the input controls names`)
    const seen = { unjudged: unjudgedOf(results, each.lacks), accepted: acceptedOf(results, each.allowed) }
    return { run: each, judged: { target: each.target.name, stableName: each.target.stableName, results, ...seen, accepts, reasons } }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return { run: { ...each, failure: error }, judged: undefined }
  }
}

const timed = async <T>(name: string, { time, ports }: { time: Timings; ports: Ports }, work: () => Promise<T>): Promise<T> => {
  const begun = ports.clock.now()
  ports.signal.throwIfAborted()
  try {
    return await work()
  } finally {
    time.set(name, ports.clock.now() - begun)
  }
}
