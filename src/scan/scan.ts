import { join } from 'node:path'
import { demandTokens } from '../access/behind-proxy.ts'
import { readyAuditor } from '../auditor/install.ts'
import { LOG_BYTES } from '../auditor/log-file.ts'
import type { Config } from '../config/config.ts'
import { parseResults } from '../hdf/parse.ts'
import { localDay } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { newRunId, printableLine } from '../kernel/name.ts'
import { namelessFile } from '../kernel/nameless-file.ts'
import { together } from '../kernel/together.ts'
import { AUDITOR_LOG, type Format } from '../report/formats.ts'
import { openReports, type Reports } from '../report/open.ts'
import { type Selection, showSkipped } from '../target/select.ts'
import type { Scope } from '../undo/scope.ts'
import { unusedCauses } from '../verdict/accepted-cause.ts'
import { attest } from '../verdict/attestation.ts'
import { judge, type Rules } from '../verdict/judge.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { type Audited, auditUnderGrant } from './audit-under-grant.ts'
import type { AuditRun } from './audit-target.ts'
import { auditorOptions } from './auditor-options.ts'
import { acceptedOf, unjudgedOf, unmatched } from './evidence-of.ts'
import type { Ports } from './ports.ts'
import { readyProfiles } from './profiles.ts'
import { demandFitting } from './fitting.ts'
import { demandLoadable } from './loadable.ts'
import { isolateAuditor } from './isolate.ts'
import { type OpenCluster, RunCluster } from './run-cluster.ts'
import { type RunFolder, trustingPorts, withRunFolder } from './run-folder.ts'
import { recordOf, type RunFacts, type Timings } from './record-of.ts'
import { targetsOf } from './targets.ts'
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
export const scan = async (config: Config, rules: Rules, { ports: given, scope }: { ports: Ports; scope: Scope }): Promise<Outcome> => {
  const run = newRunId()
  const started = new Date(given.clock.now()).toISOString()
  const time: Timings = new Map()
  const formats = config.transcript === 'off' ? config.reports : [...config.reports, 'transcript' as const]
  using reports = openReports(config.reportsPath, formats, given.host.workspace)
  reports.clear() // however this run ends, those of an earlier one, or of a commit, do not pass for its own
  return await withRunFolder(config, { run, ports: given, scope }, async (own) => {
    const ports = trustingPorts(given, own)
    const facts: RunFacts = { run, started, config, ...rules, ports, scope }
    const { profiles, checked, gems } = await timed('profiles', { time, ports }, () => readyProfiles(config, { own, ports }))
    await demandFitting(config, { checked, ports, gems })
    const room = { ...own, gems }
    const house = new RunCluster(config, ports)
    try {
      const { cluster, auditor: early } = await openWithAuditor(house, { ...facts, own: room, time })
      demandTokens(config.access.kind, cluster.connection.server)
      own.journal.on({ server: cluster.connection.server.url.href, fingerprint: cluster.fingerprint })
      const selection = await timed('targets', { time, ports }, () => chooseTargets(config, cluster, ports))
      const auditor = early ?? (await timed('auditor', { time, ports }, () => ports.host.phase('Ready the auditor', () => prepareAuditor(config, room, ports))))
      const isolation = await timed('isolation', { time, ports }, () => isolateAuditor(config, { auditor, profiles, checked, own }, ports))
      await demandLoadable(config, { checked, auditor, isolation, own }, ports)
      using printed = namelessFile(own.folder)
      const job = {
        ...config,
        ...own,
        run: facts.run,
        cluster,
        loaded: cluster.loaded,
        targets: selection.targets,
        auditor,
        isolation,
        profiles,
        tags: config.controlTags,
        log: printed,
        logPlace: join(reports.folder, AUDITOR_LOG)
      }
      const audited = await timed('audit', { time, ports }, () => auditUnderGrant(job, ports, scope))
      ports.signal.throwIfAborted()
      const log = printed.head(2 * LOG_BYTES)
      const judgement = judgeAudits(facts, audited)
      await timed('removal', { time, ports }, () => leave(house, judgement, { ports, scope }))
      return conclude(
        { ...facts, cluster, kind: house.record, skipped: selection.skipped, auditor, isolation, profiles, time },
        { audited, judgement },
        { reports, log }
      )
    } finally {
      await leave(house, undefined, { ports, scope })
    }
  })
}

interface Opening extends RunFacts {
  readonly own: AuditorHome
  readonly time: Timings
}

/** A cluster that is made takes as long as an auditor that is installed: both at once. One that exists answers at once, and says whether it is worth installing anything. */
const openWithAuditor = async (
  house: RunCluster,
  { config, ports, run, own, time }: Opening
): Promise<{ cluster: OpenCluster; auditor: Awaited<ReturnType<typeof prepareAuditor>> | undefined }> => {
  const room = { run, journal: own.journal, folder: own.folder }
  await house.prepare()
  if (config.cluster.kind === 'existing') {
    const open = (): Promise<OpenCluster> => ports.host.phase('Connect to the cluster', () => house.open(room, ports.signal))
    return { cluster: await timed('cluster', { time, ports }, open), auditor: undefined }
  }
  const both = (): Promise<[OpenCluster, Awaited<ReturnType<typeof prepareAuditor>>]> =>
    together(
      [(signal) => house.open(room, signal), (signal) => timed('auditor', { time, ports }, () => prepareAuditor(config, own, { ...ports, signal }))],
      ports.signal
    )
  const [cluster, auditor] = await timed('cluster', { time, ports }, () => ports.host.phase('Make the kind cluster and ready the auditor', both))
  return { cluster, auditor }
}

/** Closes what was opened, and removes what was made for the run: before anything is written, so that the record says what became of it. */
const leave = async (house: RunCluster, judgement: Judgement | undefined, { ports, scope }: { ports: Ports; scope: Scope }): Promise<void> => {
  const passed = judgement?.verdict.result === 'passed' && judgement.runs.every(({ failure }) => failure === undefined)
  const work = (): Promise<void> => house.leave(passed)
  await (house.removes(passed) ? ports.host.phase('Remove the kind cluster', work) : work())
  for (const leftover of house.leftovers) if (!scope.leftovers.includes(leftover)) scope.leftovers.push(leftover)
}

/** Gems may have come with the profiles. */
interface AuditorHome extends RunFolder {
  readonly gems: string | undefined
}

const prepareAuditor = (config: Config, own: AuditorHome, ports: Ports): ReturnType<typeof readyAuditor> =>
  readyAuditor({ ...auditorOptions(config, ports, own), gems: own.gems })

const chooseTargets = async (config: Config, cluster: OpenCluster, ports: Ports): Promise<Selection> => {
  const wanted = cluster.target
  if (wanted === undefined) throw new Error('a scan has a target: the inputs were checked')
  const selection = await targetsOf(cluster.connection, config, { namespace: config.namespace ?? cluster.namespace, wanted, signal: ports.signal })
  for (const each of selection.skipped) ports.host.log.info(`  not scanned: ${showSkipped(each)}`)
  for (const target of selection.targets) ports.host.log.info(`  ${target.name} (pod ${target.pod}, ${printableLine(target.image)})`)
  return selection
}

/** What the audits came to. */
interface Judgement {
  readonly read: readonly ReturnType<typeof readAudit>[]
  readonly runs: readonly AuditRun[]
  readonly judged: readonly Judged[]
  readonly verdict: Verdict
  readonly today: string
}

/** After the rights are gone: results are read and judged. */
const judgeAudits = (done: RunFacts, audited: Audited): Judgement => {
  const read = audited.runs.map((each) => readAudit(each, done))
  const today = localDay(done.ports.clock.now())
  const { judged, unused } = attest(
    read.flatMap((each) => each.judged ?? []),
    done.attestations,
    today
  )
  for (const sentence of unused) done.ports.host.log.warn(printableLine(sentence))
  const verdict = judge(judged, done, { ...done.config, today })
  for (const sentence of unusedCauses(verdict, done.acceptedCauses, today)) done.ports.host.log.warn(printableLine(sentence))
  return { read, runs: read.map((each) => each.run), judged, verdict, today }
}

/** What was done and what came of it is written. */
const conclude = (
  done: Omit<Parameters<typeof recordOf>[0], 'unusedWaivers' | 'judgedOn'>,
  { audited, judgement: { read, runs, judged, verdict, today } }: { audited: Audited; judgement: Judgement },
  { reports, log }: { reports: Reports; log: Uint8Array | undefined }
): Outcome => {
  const record = recordOf({ ...done, unusedWaivers: unusedWaivers(done.config, judged), judgedOn: today }, { ...audited, runs })
  const raw = new Map(runs.flatMap(({ target, raw: bytes }) => (bytes === undefined ? [] : [[target.name, bytes] as const])))
  const transcripts = transcriptsOf(read, done.config.transcript)
  const { host } = done.ports
  const told = { log, secrets: host.secrets(), benchmark: done.config.benchmark, warn: (sentence: string) => host.log.warn(sentence) }
  const paths = reports.write({ verdict, judged, record, raw, transcripts, ...told })
  return { verdict, judged, record, runs, paths, reports }
}

/** Where only some controls run, waivers of the others are as they must be. */
const unusedWaivers = ({ waivedControls, controls, controlTags }: Config, judged: readonly Judged[]): string[] => {
  const ids = new Set(judged.flatMap(({ results }) => results.controls.map(({ id }) => id)))
  return judged.length === 0 || controls.length + controlTags.length > 0 ? [] : waivedControls.filter((id) => !ids.has(id))
}

/** Results that cannot be read are that target's failure, and hide no other. They are not kept: who wrote them may have chosen what of this machine is in them. */
const readAudit = (
  each: AuditRun,
  { config: { controls }, acceptedCauses: accepts }: Pick<RunFacts, 'config' | 'acceptedCauses'>
): { run: AuditRun; judged: Judged | undefined } => {
  if (each.raw === undefined) return { run: each, judged: undefined }
  try {
    const results = parseResults(each.raw, `of ${each.target.name}`)
    if (each.failure !== undefined) return { run: each, judged: undefined }
    const reasons = unmatched(results, controls).map((word) => `no control matches ${word}, which the input controls names`)
    const seen = { unjudged: unjudgedOf(results, each.lacks), accepted: acceptedOf(results, each.allowed) }
    return { run: each, judged: { target: each.target.name, stableName: each.target.stableName, results, ...seen, accepts, reasons } }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return { run: { ...each, raw: undefined, failure: each.failure ?? error }, judged: undefined }
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
