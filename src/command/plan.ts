import { resolve } from 'node:path'
import { showNeeds, unmetNeeds } from '../access/needs.ts'
import { may } from '../access/review.ts'
import type { Connection } from '../cluster/connection.ts'
import { openExisting } from '../cluster/existing.ts'
import { planKind } from '../cluster/kind/plan.ts'
import type { ClusterChoice, Config } from '../config/config.ts'
import type { RawInputs } from '../config/raw.ts'
import { EXIT, type ExitCode } from '../kernel/error.ts'
import { inertJson } from '../kernel/name.ts'
import { kindWish } from '../scan/kind-wish.ts'
import { planLines } from '../scan/plan.ts'
import { toldTo } from '../scan/ports.ts'
import { targetsOf } from '../scan/targets.ts'
import { kindLines } from '../scan/plan-kind.ts'
import { showSkipped } from '../target/select.ts'
import { callerNeeds, type Scope } from './caller-needs.ts'
import { withDoctor } from './doctor-line.ts'
import { tellFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

/** `kscan plan`: everything that a scan would make, ask and start. Reads the cluster; makes and starts nothing. */
export const planCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  let raw: RawInputs | undefined
  try {
    const read = readConfig('plan', request)
    const { config } = read
    ;({ raw } = read)
    const lines = await plan(config, request)
    host.print(request.json ? inertJson({ plan: lines }) : lines.join('\n'))
    return EXIT.passed
  } catch (error) {
    const failure = withDoctor(toFailure(error, signal), raw)
    tellFailure(failure, request)
    return failure.exitCode
  }
}

const plan = (config: Config, request: Request): Promise<string[]> => {
  const { cluster } = config
  return cluster.kind === 'kind' ? planMade({ ...config, cluster }, request) : planExisting(config, request)
}

const auditorOf = ({ auditor }: Config): string =>
  `the auditor (${auditor.map((source) => (typeof source === 'string' ? source : resolve(source.path))).join(' or ')})`

const planMade = async (config: Config & { readonly cluster: Extract<ClusterChoice, { kind: 'kind' }> }, { host, signal }: Request): Promise<string[]> => {
  const namespace = config.namespace ?? 'default'
  const ports = { env: host.env, toolFolder: host.toolFolder, log: host.log, signal, fetching: config.fetching }
  const { before, targets, after } = kindLines(await planKind(kindWish(config, config.cluster), ports), config, namespace)
  return [...before, ...planLines({ access: config.access, approach: config.approach, namespace, targets, auditor: auditorOf(config) }), ...after]
}

const planExisting = async (config: Config, request: Request): Promise<string[]> => {
  const cluster = await openExisting({ ...config, env: request.host.env, signal: request.signal, ...toldTo(request.host) })
  try {
    const namespace = config.namespace ?? cluster.namespace
    if (config.target === undefined) throw new Error('a plan has a target: the inputs were checked')
    const { targets, skipped } = await targetsOf(cluster.connection, config, { namespace, wanted: config.target, signal: request.signal })
    return [
      `Cluster: ${cluster.connection.server.url.href} (Kubernetes ${cluster.version}, context ${cluster.context})`,
      ...planLines({ access: config.access, approach: config.approach, namespace, targets, auditor: auditorOf(config) }),
      ...skipped.map((each) => `Not scanned: ${showSkipped(each)}`),
      ...(await refusedLines(cluster.connection, { config, namespace, pods: targets.flatMap(({ pod }) => (pod === '' ? [] : [pod])) }, request.signal))
    ]
  } finally {
    cluster.connection.agent.destroy()
  }
}

/** What would end the scan. */
const refusedLines = async (connection: Connection, scope: Scope, signal: AbortSignal): Promise<string[]> => {
  const missing = await unmetNeeds(callerNeeds(scope), (question) => may(connection, question, signal))
  return missing.length === 0 ? [] : [`The caller may not: ${showNeeds(missing)}; kscan doctor with the same flags prints the YAML that gives it`]
}
