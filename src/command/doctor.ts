import { stringify } from 'yaml'
import { refused } from '../access/review.ts'
import { type Question, scanRules, showQuestion } from '../access/role.ts'
import { ApiError, call } from '../cluster/api.ts'
import { type Cluster, openExisting } from '../cluster/existing.ts'
import type { Connection } from '../cluster/connection.ts'
import type { Config } from '../config/config.ts'
import { EXIT, type ExitCode, ScanError } from '../kernel/error.ts'
import { accessNamespace, firstOf, possibleOf } from '../scan/approach.ts'
import { TOOLS } from '../session/tools.ts'
import { selectTargets } from '../target/select.ts'
import { showFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

/** `kscan doctor`: what the caller is missing for a scan, with the YAML that gives it. Makes and starts nothing. Exit 4 when something is missing. */
export const doctorCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { config } = readConfig('doctor', request)
    const cluster = await openExisting({ ...config, env: host.env, onSecret: (value) => host.mask(value) })
    return await examine(cluster, config, request).finally(() => cluster.connection.agent.destroy())
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return failure.exitCode
  }
}

const examine = async (cluster: Cluster, config: Config, request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  const namespace = config.namespace ?? cluster.namespace
  await demandNamespace(cluster, namespace, signal)
  host.print(`✓ ${cluster.connection.server.url.href} answers (Kubernetes ${cluster.version}, context ${cluster.context}, namespace ${namespace})`)
  const missing = await refused(cluster.connection, callerQuestions(namespace, config), signal)
  host.print(missing.length === 0 ? '✓ the caller may do all that per-run access needs' : explain(missing))
  await checkTargets(cluster.connection, { config, namespace, request })
  return missing.length === 0 ? EXIT.passed : EXIT.scanFailed
}

/** Rights can be asked for, and had, in a namespace that is not there. One that the caller may not read is left to the other questions. */
const demandNamespace = async ({ connection, context }: Cluster, namespace: string, signal: AbortSignal): Promise<void> => {
  try {
    await call(connection, { method: 'GET', path: `api/v1/namespaces/${encodeURIComponent(namespace)}`, signal })
  } catch (error) {
    if (error instanceof ApiError && error.code === 'ACCESS_DENIED') return
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    throw new ScanError('TARGET_UNUSABLE', `The cluster of the context ${context} has no namespace ${namespace}`, {
      cause: error,
      hint: 'Look at `kubectl get namespaces`.'
    })
  }
}

const checkTargets = async (connection: Connection, what: { config: Config; namespace: string; request: Request }): Promise<void> => {
  const { config, namespace, request } = what
  if (config.target === undefined) return
  const { targets, skipped } = await selectTargets(connection, {
    namespace,
    wanted: config.target,
    containers: config.containers,
    exclude: config.excludeContainers,
    maxTargets: config.maxTargets
  })
  for (const { name, pod } of targets) request.host.print(pod === '' ? `- ${name} would be run in a pod of ours` : `✓ ${name} runs (pod ${pod})`)
  for (const { pod, why } of skipped) request.host.print(`- ${pod} would not be scanned: ${why}`)
  if (!possibleOf(config.approach).some(({ kind }) => kind === 'debug-container' || kind === 'twin-pod'))
    for (const [tool, resources] of Object.entries(TOOLS))
      request.host.print(`- should an image lack ${tool}, controls that rest on it (${resources}) may fail or be unjudged`)
}

/** What the caller needs to find the targets, to make the scanner's account, to hand on its rights, and to take all of it away again. */
const callerQuestions = (namespace: string, config: Config): Question[] => {
  const account = accessNamespace(firstOf(config.approach), namespace)
  const asked = possibleOf(config.approach).flatMap((approach) => {
    const ask = askIn(accessNamespace(approach, namespace))
    const roles = ['roles', 'rolebindings'].flatMap((resource) => [ask('create', resource), ask('delete', resource)])
    const handedOn = scanRules(['any'], approach.kind).flatMap(({ resources, verbs }) =>
      verbs.map((verb) => {
        const [resource = '', subresource = ''] = (resources[0] ?? '').split('/')
        return ask(verb, resource, subresource)
      })
    )
    return [...roles, ...handedOn]
  })
  const accounts = [
    askIn(account)('create', 'serviceaccounts'),
    askIn(account)('delete', 'serviceaccounts'),
    askIn(account)('create', 'serviceaccounts', 'token')
  ]
  const all = [...accounts, ...asked, ...findingQuestions(namespace, config)]
  return [...new Map(all.map((question) => [showQuestion(question), question])).values()]
}

/** Pods of a workload are listed by its own selector, which is read first; one pod is read by what is handed on, unless that holds elsewhere. */
const findingQuestions = (namespace: string, { target, approach }: Config): Question[] => {
  if (target === undefined || target.kind === 'image') return []
  const ask = askIn(namespace)
  if (target.kind === 'pod') return accessNamespace(firstOf(approach), namespace) === namespace ? [] : [ask('get', 'pods')]
  const listed = ask('list', 'pods')
  if (target.kind === 'workload') return [ask('get', `${target.workload}s`), listed]
  return target.select === 'pods' ? [listed] : [ask('list', target.select), ask('get', target.select), listed]
}

const GROUP: Readonly<Record<string, string>> = {
  roles: 'rbac.authorization.k8s.io',
  rolebindings: 'rbac.authorization.k8s.io',
  deployments: 'apps',
  statefulsets: 'apps',
  daemonsets: 'apps',
  jobs: 'batch'
}

const askIn =
  (namespace: string) =>
  (verb: string, resource: string, subresource = ''): Question => ({ namespace, verb, group: GROUP[resource] ?? '', resource, subresource, name: '' })

const explain = (missing: readonly Question[]): string => {
  const roles = [...new Set(missing.map(({ namespace }) => namespace))].map((namespace) => {
    const rules = missing
      .filter((question) => question.namespace === namespace)
      .map(({ verb, group, resource, subresource }) => ({
        apiGroups: [group],
        resources: [subresource === '' ? resource : `${resource}/${subresource}`],
        verbs: [verb]
      }))
    return stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'kscan-caller', namespace }, rules })
  })
  return [
    `✗ the caller may not: ${missing.map(showQuestion).join('; ')}`,
    `An administrator gives it with ${roles.length === 1 ? 'this role' : 'these roles'} and a binding to the caller (or installs a service account: access: service-account):`,
    roles.join('---\n')
  ].join('\n')
}
