import type { Isolation } from '../auditor/isolation/isolation.ts'
import type { AuditorProgram } from '../auditor/program.ts'
import type { Cluster } from '../cluster/existing.ts'
import type { Config } from '../config/config.ts'
import type { Profile } from '../profile/fetch.ts'
import { complianceOf } from '../report/compliance.ts'
import { IMAGE_ONLY, type KindRecord, type RunRecord, type TargetRecord } from '../report/record.ts'
import type { Skipped } from '../target/select.ts'
import type { Scope } from '../undo/scope.ts'
import type { Rules } from '../verdict/judge.ts'
import type { AuditRun } from './audit-target.ts'
import type { Audited } from './audit-under-grant.ts'
import type { Ports } from './ports.ts'

/** Milliseconds by phase. */
export type Timings = Map<string, number>

/** What is known of a run before it begins. */
export interface RunFacts extends Rules {
  readonly run: string
  readonly started: string
  readonly config: Config
  readonly ports: Ports
  readonly scope: Scope
}

/** What is known when it has ended. */
interface Done extends RunFacts, Pick<RunRecord, 'unusedWaivers' | 'judgedOn'> {
  readonly cluster: Cluster
  /** How it was made, where it was. */
  readonly kind?: KindRecord | undefined
  /** What was found and left out. */
  readonly skipped: readonly Skipped[]
  readonly auditor: AuditorProgram
  readonly isolation: Isolation
  readonly profiles: readonly Profile[]
  readonly time: Timings
}

/** What was done, for the reports. */
export const recordOf = (done: Done, audited: Audited): RunRecord => {
  const record = factsOf(done, audited)
  return { ...record, compliance: complianceOf(record) }
}

const factsOf = (done: Done, audited: Audited): RunRecord => ({
  run: done.run,
  version: done.ports.version,
  started: done.started,
  finished: new Date(done.ports.clock.now()).toISOString(),
  cluster: {
    server: done.cluster.connection.server.url.href,
    version: done.cluster.version,
    context: done.cluster.context,
    ...(done.kind === undefined ? {} : { kind: done.kind })
  },
  access: {
    mode: done.config.access.kind,
    made: audited.made,
    removed: done.scope.removed.filter((what) => audited.made.includes(what)),
    rules: audited.rules,
    excess: audited.excess,
    held: audited.held,
    tokenSeconds: audited.tokenSeconds
  },
  auditor: { product: done.auditor.product, version: done.auditor.version, source: done.auditor.source, ...mountOf(done) },
  offline: done.config.fetching.offline,
  isolation: { kind: done.isolation.kind, says: done.isolation.says },
  profiles: done.profiles.map(({ source, sha256, dependencies = [] }) => ({ source, sha256, dependencies })),
  containerDetection: done.config.containerDetection,
  runnerResources: done.config.runnerResources,
  threshold: [...done.thresholds, ...done.totals].map(({ source, bounds }) => ({
    source,
    bounds: bounds.map(({ key, value }) => `${key}: ${typeof value === 'number' ? value : value.join(' ')}`)
  })),
  targets: audited.runs.map(targetRecord),
  notScanned: done.skipped,
  timings: Object.fromEntries(done.time),
  leftovers: done.scope.leftovers.map(({ what, why }) => `${what} (${why})`),
  strictCleanup: done.config.strictCleanup,
  unusedWaivers: done.unusedWaivers,
  judgedOn: done.judgedOn,
  attestations: done.attestations,
  acceptedCauses: done.acceptedCauses,
  transcript: done.config.transcript
})

/** Other processes of the target cannot change what lends the shell. */
const isLent = (approach: TargetRecord['approach'] | undefined, { deployed }: AuditRun['target']): boolean => {
  const changeable = deployed?.kind === 'volume' && !deployed.readOnly
  return approach === 'debug-container' || approach === 'twin-pod' || (approach === 'sidecar-container' && !changeable)
}

const targetRecord = ({ target, way, rejected, services, kept, helpers, commands, foreign, duration, failure }: AuditRun): TargetRecord => ({
  name: target.name,
  stableName: target.stableName,
  namespace: target.namespace,
  pod: target.pod,
  podUid: target.podUid,
  podIp: target.podIp,
  container: target.container,
  image: target.image,
  imageId: target.imageId,
  node: target.node,
  approach: way?.approach ?? 'none',
  why: `${way?.why ?? 'no shell was reached'}${way?.approach === 'twin-pod' ? `; ${IMAGE_ONLY}` : ''}${foreign ? '; the helper-image is not the toolbox' : ''}`,
  rejected,
  tamperResistance: !foreign && isLent(way?.approach, target) ? 'lent-shell' : 'none',
  services,
  kept,
  helpers,
  commands,
  duration,
  failure: failure === undefined ? undefined : { code: failure.code, message: failure.message, hint: failure.hint }
})

/** An isolation that makes a file system puts the files there itself. */
const mountOf = ({ auditor: { prefix }, isolation: { kind } }: Pick<Done, 'auditor' | 'isolation'>): { mount?: string } => {
  if (prefix === undefined) return {}
  return { mount: prefix.way !== 'installed' && (kind === 'bwrap' || kind === 'namespaces') ? kind : prefix.way }
}
