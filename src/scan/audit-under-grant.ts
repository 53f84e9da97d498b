import { type Access, type AccessMode, grant, grantMore, type GrantOptions, type GrantPorts, type MoreRights } from '../access/grant.ts'
import { moreRules, showRule } from '../access/role.ts'
import type { Isolation } from '../auditor/isolation/isolation.ts'
import type { AuditorProgram } from '../auditor/program.ts'
import type { Cluster } from '../cluster/existing.ts'
import type { Marks } from '../cluster/manifests.ts'
import { OWN_PROFILE } from '../config/config.ts'
import { showDuration } from '../kernel/clock.ts'
import type { NamelessFile } from '../kernel/nameless-file.ts'
import type { Profile } from '../profile/fetch.ts'
import type { RunRecord } from '../report/record.ts'
import { CommandReader } from '../session/command-reader.ts'
import type { Target } from '../target/facts.ts'
import { READY_MS } from '../target/twin-spec.ts'
import type { Journal } from '../undo/journal.ts'
import type { Scope } from '../undo/scope.ts'
import { type AuditPlan, type AuditRun, auditTarget } from './audit-target.ts'
import { accessNamespace, type Approach, type Auto, firstOf, reachedPod, reachedPods, twinName } from './approach.ts'
import { childEnvironment, type Ports } from './ports.ts'

/** What is audited, as whom, and with what. Times in milliseconds. */
export interface GrantedAudit {
  readonly run: string
  readonly journal: Journal
  /** The run's private folder. */
  readonly folder: string
  readonly cluster: Cluster
  readonly targets: readonly Target[]
  readonly auditor: AuditorProgram
  readonly isolation: Isolation
  readonly profiles: readonly Profile[]
  readonly approach: Approach | Auto
  readonly access: AccessMode
  readonly tokenTtl: number
  readonly containerDetection: 'docker' | 'native'
  readonly runnerResources: 'deny' | 'allow'
  readonly profileEnv: Readonly<Record<string, string>>
  readonly transcript: 'off' | 'hashes' | 'full'
  readonly commandTimeout: number
  readonly scanTimeout: number
  readonly inputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
  readonly controls: readonly string[]
  readonly tags: readonly string[]
  readonly log: NamelessFile
  readonly logPlace: string
  /** Gets what goes on when the audits are over and access is revoked. */
  readonly later: (work: Promise<unknown>) => void
  /** Images that were loaded into the nodes, where there are any. */
  readonly loaded?: readonly string[]
}

/** The audits, and what was held for them. */
export interface Audited extends Pick<RunRecord['access'], 'made' | 'rules' | 'excess' | 'held' | 'tokenSeconds'> {
  readonly runs: readonly AuditRun[]
}

/** How much longer than the audits the objects may live before anyone may sweep them. */
const EXPIRY_MARGIN_MS = 600_000

/** Rights exist only while this function runs: when it returns or throws, sessions are closed and access is revoked, or is a leftover of the scope. */
export const auditUnderGrant = async (job: GrantedAudit, ports: Ports, scope: Scope): Promise<Audited> => {
  const marks = marksOf(job, ports)
  const now = (): string => new Date(ports.clock.now()).toISOString()
  const from = now()
  const audited = await underGrant(job, marks, { ports, scope })
  return { ...audited, held: { from, until: now() } }
}

const underGrant = async (job: GrantedAudit, marks: Marks, { ports, scope }: Room): Promise<Audited> => {
  const reader = new CommandReader()
  try {
    const granted = await ports.host.phase('Grant access', () => grantFor(job, marks, { ports, scope }))
    const runs = await ports.host.phase('Audit', () => auditAll(job, { granted, marks, reader }, { ports, scope }))
    const { made, rules, access } = granted
    return { runs, made, rules, excess: access.excess, tokenSeconds: access.tokenSeconds() }
  } finally {
    reader.close()
    await ports.host.phase('Revoke access', () => scope.close())
  }
}

interface Room {
  readonly ports: Ports
  readonly scope: Scope
}

const marksOf = (job: GrantedAudit, ports: Ports): Marks => {
  const lasting = (READY_MS + job.scanTimeout) * job.targets.length + EXPIRY_MARGIN_MS
  return { run: job.run, expires: Math.ceil((ports.clock.now() + lasting) / 1000), owner: ports.host.owner }
}

/** What the scanner was given, which may become more. */
interface Granted {
  readonly access: Access
  readonly made: string[]
  readonly rules: string[]
  readonly more: (target: Target, approach: Approach, index: number) => Promise<void>
}

const grantFor = async (job: GrantedAudit, marks: Marks, { ports, scope }: Room): Promise<Granted> => {
  const { targets, access: mode, tokenTtl } = job
  const approach = firstOf(job.approach)
  const namespace = accessNamespace(approach, targets[0]?.namespace ?? '')
  const options: GrantOptions = { mode, namespace, pods: reachedPods(approach, targets, job.run), approach: approach.kind, tokenTtl, marks }
  const grantPorts: GrantPorts = {
    caller: job.cluster.connection,
    scope,
    journal: job.journal,
    clock: ports.clock,
    log: ports.host.log,
    signal: ports.signal,
    onSecret: (value) => ports.host.mask(value)
  }
  const access = await grant(options, grantPorts)
  for (const rule of access.rules) ports.host.log.info(`  ${rule}`)
  const made = [...access.made]
  const rules = [...access.rules]
  const more = async (target: Target, wanted: Approach, index: number): Promise<void> => {
    const added = moreFor(target, wanted, { run: job.run, index })
    if (added.rules.length === 0) return
    made.push(...(await grantMore(options, { connection: access.connection, more: added }, grantPorts)))
    rules.push(...added.rules.map(showRule))
    for (const rule of added.rules) ports.host.log.info(`  ${showRule(rule)}`)
  }
  return { access, made, rules, more }
}

const moreFor = (target: Target, approach: Approach, { run, index }: { run: string; index: number }): MoreRights => ({
  namespace: accessNamespace(approach, target.namespace),
  suffix: `${approach.kind}-${index}`,
  rules: moreRules([reachedPod(approach, target, twinName(run, index))], approach.kind)
})

/** One target after the other; one that fails does not hide the others. */
const auditAll = async (
  job: GrantedAudit,
  { granted, marks, reader }: { granted: Granted; marks: Marks; reader: CommandReader },
  { ports, scope }: Room
): Promise<AuditRun[]> => {
  const plan: Omit<AuditPlan, 'index'> = {
    ...job,
    marks,
    reader,
    needsTools: job.profiles.some(({ source }) => source !== OWN_PROFILE),
    connection: granted.access.connection,
    grantMore: granted.more,
    plugin: job.isolation.at(ports.plugin),
    command: job.auditor.command,
    env: { ...job.profileEnv, ...childEnvironment(ports.host.env), ...job.auditor.env },
    profiles: job.profiles.map(({ path }) => path)
  }
  const runs: AuditRun[] = []
  for (const [index, target] of job.targets.entries()) {
    const audited = await auditTarget(target, { ...plan, index }, { ports, leftovers: scope.leftovers })
    runs.push(audited)
    ports.host.log.info(
      `  ${target.name}: ${audited.commands} commands in ${showDuration(audited.duration)}${audited.failure === undefined ? '' : '; it could not be scanned'}`
    )
  }
  return runs
}
