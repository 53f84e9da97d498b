import { type Access, type AccessMode, grant } from '../access/grant.ts'
import type { AuditorProgram } from '../auditor/program.ts'
import type { Cluster } from '../cluster/existing.ts'
import type { Marks } from '../cluster/manifests.ts'
import { showDuration } from '../kernel/clock.ts'
import type { Profile } from '../profile/fetch.ts'
import type { Target } from '../target/facts.ts'
import type { Journal } from '../undo/journal.ts'
import type { Scope } from '../undo/scope.ts'
import { type AuditPlan, type AuditRun, auditTarget } from './audit-target.ts'
import { accessNamespace, type Approach, reachedPods } from './approach.ts'
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
  readonly profiles: readonly Profile[]
  readonly approach: Approach
  readonly access: AccessMode
  readonly tokenTtl: number
  readonly containerDetection: 'docker' | 'native'
  readonly commandTimeout: number
  readonly scanTimeout: number
  readonly inputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
  readonly controls: readonly string[]
  readonly tags: readonly string[]
  readonly logFile: string
}

/** The audits, and what was held for them. */
export interface Audited {
  readonly runs: readonly AuditRun[]
  readonly made: readonly string[]
  readonly rules: readonly string[]
}

/** How much longer than the audits the objects may live before anyone may sweep them. */
const EXPIRY_MARGIN_MS = 600_000

/** Rights exist only while this function runs: when it returns or throws, sessions are closed and access is revoked, or is a leftover of the scope. */
export const auditUnderGrant = async (job: GrantedAudit, ports: Ports, scope: Scope): Promise<Audited> => {
  const marks = marksOf(job, ports)
  try {
    const access = await ports.host.phase('Grant access', () => grantFor(job, marks, { ports, scope }))
    const runs = await ports.host.phase('Audit', () => auditAll(job, { access, marks }, { ports, scope }))
    return { runs, made: access.made, rules: access.rules }
  } finally {
    await ports.host.phase('Revoke access', () => scope.close())
  }
}

interface Room {
  readonly ports: Ports
  readonly scope: Scope
}

const marksOf = (job: GrantedAudit, ports: Ports): Marks => {
  const lasting = job.scanTimeout * job.targets.length + EXPIRY_MARGIN_MS
  return { run: job.run, expires: Math.ceil((ports.clock.now() + lasting) / 1000), owner: ports.host.owner }
}

const grantFor = async (job: GrantedAudit, marks: Marks, { ports, scope }: Room): Promise<Access> => {
  const { approach, targets, access: mode, tokenTtl } = job
  const namespace = accessNamespace(approach, targets[0]?.namespace ?? '')
  const options = { mode, namespace, pods: reachedPods(approach, targets, job.run), approach: approach.kind, tokenTtl, marks }
  const access = await grant(options, {
    caller: job.cluster.connection,
    scope,
    journal: job.journal,
    clock: ports.clock,
    log: ports.host.log,
    signal: ports.signal,
    onSecret: (value) => ports.host.mask(value)
  })
  for (const rule of access.rules) ports.host.log.info(`  ${rule}`)
  return access
}

/** One target after the other; one that fails does not hide the others. */
const auditAll = async (job: GrantedAudit, { access, marks }: { access: Access; marks: Marks }, { ports, scope }: Room): Promise<AuditRun[]> => {
  const plan: Omit<AuditPlan, 'index'> = {
    ...job,
    marks,
    connection: access.connection,
    plugin: ports.plugin,
    command: job.auditor.command,
    env: { ...childEnvironment(ports.host.env), ...job.auditor.env },
    profiles: job.profiles.map(({ path }) => path)
  }
  const runs: AuditRun[] = []
  for (const [index, target] of job.targets.entries()) {
    const audited = await auditTarget(target, { ...plan, index }, { ports, leftovers: scope.leftovers })
    runs.push(audited)
    ports.host.log.info(
      `  ${target.name}: ${audited.commands} commands in ${showDuration(audited.duration)}${audited.failure === undefined ? '' : `; ${audited.failure.message}`}`
    )
  }
  return runs
}
