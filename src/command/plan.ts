import { resolve } from 'node:path'
import { openExisting } from '../cluster/existing.ts'
import type { Config } from '../config/config.ts'
import { EXIT, type ExitCode } from '../kernel/error.ts'
import { inertJson } from '../kernel/name.ts'
import { planLines } from '../scan/plan.ts'
import { selectTargets } from '../target/select.ts'
import { showFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

/** `kscan plan`: everything that a scan would make, ask and start. Reads the cluster; makes and starts nothing. */
export const planCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { config } = readConfig('plan', request)
    const lines = await plan(config, request)
    host.print(request.json ? inertJson({ plan: lines }) : lines.join('\n'))
    return EXIT.passed
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return failure.exitCode
  }
}

const plan = async (config: Config, request: Request): Promise<string[]> => {
  const cluster = await openExisting({ ...config, env: request.host.env, onSecret: (value) => request.host.mask(value) })
  try {
    const namespace = config.namespace ?? cluster.namespace
    if (config.target === undefined) throw new Error('a plan has a target: the inputs were checked')
    const { targets, skipped } = await selectTargets(cluster.connection, {
      namespace,
      wanted: config.target,
      containers: config.containers,
      exclude: config.excludeContainers,
      maxTargets: config.maxTargets
    })
    const sources = config.auditor.map((source) => (typeof source === 'string' ? source : resolve(source.path))).join(' or ')
    return [
      `Cluster: ${cluster.connection.server.url.href} (Kubernetes ${cluster.version}, context ${cluster.context})`,
      ...planLines({ access: config.access, approach: config.approach, namespace, targets, auditor: `the auditor (${sources})` }),
      ...skipped.map(({ pod, why }) => `Not scanned: ${pod}: ${why}`)
    ]
  } finally {
    cluster.connection.agent.destroy()
  }
}
