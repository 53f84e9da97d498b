import { whyNoAccount } from '../access/behind-proxy.ts'
import { type Ask, type Need, showNeeds, unmetNeeds } from '../access/needs.ts'
import { may } from '../access/review.ts'
import { rightsYaml, subjectOf } from '../access/rights-yaml.ts'
import { whoAmI } from '../access/who.ts'
import { type Cluster, openExisting } from '../cluster/existing.ts'
import type { Config } from '../config/config.ts'
import { EXIT, type ExitCode } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { marksOf } from '../report/marks.ts'
import { toldTo } from '../scan/ports.ts'
import { demandNamespace } from '../target/namespace.ts'
import { callerNeeds, type Scope } from './caller-needs.ts'
import { type Doctor, examineAccount } from './doctor-account.ts'
import { examineAuditor } from './doctor-auditor.ts'
import { showAcceptance, showUnknownJob } from './doctor-job.ts'
import { examineKind } from './doctor-kind.ts'
import { findTargets, podsOf, showInputs, showTargets } from './doctor-target.ts'
import { showFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

/**
 * `kscan doctor`: what is missing for the scan that was asked for. Lines for people go to the standard error, the YAML that gives the rights to the standard output, to be
 * applied as it is. Makes nothing in the cluster, installs nothing, and starts no more than programs that tell their version. Exit 4 when something is missing.
 */
export const doctorCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { config } = readConfig('doctor', request)
    if (config.cluster.kind === 'kind') return await examineKind({ ...config, cluster: config.cluster }, request)
    const opening = { ...config, env: host.env, signal, ...toldTo(host) }
    const cluster = await openExisting(opening).catch(async (error: unknown) => {
      await showUnknownJob(error, config, request)
      throw error
    })
    return await examine(cluster, config, request).finally(() => cluster.connection.agent.destroy())
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return failure.exitCode
  }
}

const examine = async (cluster: Cluster, config: Config, request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  const { connection, context } = cluster
  const namespace = config.namespace ?? cluster.namespace
  await demandNamespace({ connection, namespace, signal })
  const who = await whoAmI(connection, signal)
  const say = (line: string): void => host.say(line, marksOf)
  const as = who === undefined ? '' : `, as ${printableLine(who, 200)}`
  say(`✓ ${connection.server.url.href} answers (Kubernetes ${cluster.version}, context ${context}, namespace ${namespace}${as})`)
  if (request.yaml === true) await showAcceptance(config, request)
  const noAccount = config.access.kind === 'self' ? undefined : whyNoAccount(connection.server)
  if (noAccount !== undefined) say(`✗ ${noAccount}. Use access: self, or a kubeconfig that reaches the API server itself`)
  const found = await findTargets(connection, { config, namespace, signal })
  const scope: Scope = { config, namespace, pods: podsOf(found) }
  const doctor: Doctor = { connection, request, say, whole: request.yaml === true }
  const caller = await examineCaller(who, scope, doctor)
  const account = await examineAccount(scope, doctor)
  const targets = showTargets(found, { config, say, rights: caller })
  showInputs(config, say)
  const auditor = await examineAuditor(config, request)
  return [noAccount === undefined, caller, account, targets, auditor].every((fine) => fine) ? EXIT.passed : EXIT.scanFailed
}

const NEEDED_BY: Readonly<Record<Config['access']['kind'], string>> = {
  'per-run': 'per-run access',
  'service-account': 'access by a service account',
  self: 'a scan with its own rights'
}

/** Says what the caller may not do, and prints the YAML. Resolves with whether nothing is missing. */
const examineCaller = async (who: string | undefined, scope: Scope, { connection, request, say, whole }: Doctor): Promise<boolean> => {
  const ask: Ask = (question) => may(connection, question, request.signal)
  const needs = callerNeeds(scope)
  const missing = await unmetNeeds(needs, ask)
  const shown: readonly Need[] = whole ? needs : missing
  if (missing.length === 0) say(`✓ the caller may do all that ${NEEDED_BY[scope.config.access.kind]} needs`)
  else say(`✗ the caller may not: ${showNeeds(missing)}`)
  if (missing.length > 0)
    say('  An administrator gives it by the YAML on the standard output: kubectl apply -f - (or installs a service account: access: service-account)')
  if (shown.length > 0 && who === undefined) say('✗ the server does not tell who the caller is (SelfSubjectReview): put the name in place of CALLER')
  if (shown.length > 0) request.host.print(rightsYaml('kscan-caller', subjectOf(who ?? 'CALLER'), shown).trimEnd())
  return missing.length === 0
}
