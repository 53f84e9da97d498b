import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { openExisting, type Cluster } from '../../src/cluster/existing.ts'
import { ask, callerOf, exec as execStream } from '../conformance/client.ts'

const exec = promisify(execFile)

/** The administrator's kubeconfig of the cluster that `.ci/run` started. */
export const KUBECONFIG = ((): string => {
  const path = process.env['KSCAN_E2E_KUBECONFIG']
  if (path === undefined || path === '') throw new Error('KSCAN_E2E_KUBECONFIG must name the kubeconfig of a test cluster')
  return path
})()

/** The tests of each worker have targets of their own. */
export const namespaceOf = (worker: number): string => `kscan-e2e-${worker}`

/** Targets with a shell. */
export const NAMESPACE = namespaceOf(Number(process.env['JEST_WORKER_ID'] ?? '1'))

/** A namespace of the Pod Security level restricted. */
export const RESTRICTED = `${NAMESPACE}-restricted`

/** Of the tests of another worker, by a name that holds one of their namespaces, or that of a demo, which looks after its own. */
export const isOthers = (name = ''): boolean => !(name.match(/kscan-e2e-\d+|kscan-demo-[0-9a-f]{6}/g) ?? []).every((namespace) => namespace === NAMESPACE)

/** kubectl as the administrator; rejects with its stderr. */
export const kubectl = async (...args: string[]): Promise<string> =>
  (await exec('kubectl', ['--kubeconfig', KUBECONFIG, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout

/** Applies a file of test/fixtures, whose names are those of the first worker without its number, with these words in it changed. */
export const applyFixture = async (path: string, { namespace = NAMESPACE, change = (text: string) => text } = {}): Promise<void> => {
  const text = change(readFileSync(`test/fixtures/${path}`, 'utf8')).replaceAll('kscan-e2e', namespace)
  const applied = exec('kubectl', ['--kubeconfig', KUBECONFIG, 'apply', '-f', '-'])
  applied.child.stdin?.end(text)
  await applied
}

/** What the API answers to a GET of the administrator's: without the cost of a kubectl, where many ask or one asks again and again. */
export const read = async <T>(path: string): Promise<T> => {
  const { status, json, text } = await ask(callerOf(KUBECONFIG), 'GET', path)
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
  return json as T
}

/** Starts a pod of the debian image that sleeps, unless its spec says otherwise; `removePod` ends it. */
export const startPod = async (name: string, spec: Readonly<Record<string, unknown>> = {}, image = 'test.local/debian:1'): Promise<void> => {
  const overrides = JSON.stringify({ spec: { terminationGracePeriodSeconds: 0, ...spec } })
  const what = ['-n', NAMESPACE, `--image=${image}`, '--image-pull-policy=Never', `--overrides=${overrides}`]
  await kubectl('run', name, ...what, '--command', '--', 'sh', '-c', 'sleep 100000 & wait')
}

export const untilReady = (name: string): Promise<string> => kubectl('wait', '-n', NAMESPACE, `pod/${name}`, '--for=condition=Ready', '--timeout=60s')

export const removePod = (name: string): Promise<string> => kubectl('delete', 'pod', name, '-n', NAMESPACE, '--force', '--grace-period=0', '--ignore-not-found')

export const openCluster = (): Promise<Cluster> => openExisting({ kubeconfig: KUBECONFIG, context: undefined, allowExec: false, env: {} })

const LISTS = ['/api/v1/serviceaccounts', '/api/v1/pods', '/apis/rbac.authorization.k8s.io/v1/roles', '/apis/rbac.authorization.k8s.io/v1/rolebindings']

/** Of these kinds all that is ours, but what other workers are at. */
export const listOurs = async <T extends { readonly metadata: { readonly namespace: string } }>(list: string): Promise<T[]> => {
  const { items } = await read<{ items: T[] }>(`${list}?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dkscan`)
  return items.filter(({ metadata }) => !isOthers(metadata.namespace))
}

/** Everything of ours that is in the cluster, as LIST NAMESPACE/NAME: must be nothing after each run. */
export const leftBehind = async (): Promise<string[]> => {
  const lists = LISTS.map(async (list) => {
    const objects = await listOurs<{ metadata: { name: string; namespace: string } }>(list)
    return objects.map(({ metadata }) => `${list} ${metadata.namespace}/${metadata.name}`)
  })
  return (await Promise.all(lists)).flat()
}

/**
 * Processes in a container that no one of the image started: shells and readers of a session; and ended ones that no one collects, of whom most images'
 * process 1 is no help to us.
 */
export const strayProcesses = async (pod: string, namespace: string = NAMESPACE): Promise<string[]> => {
  const script =
    'for d in /proc/[0-9]*; do [ "${d#/proc/}" = $$ ] && continue; read -r c <$d/comm 2>/dev/null || continue; read -r l <$d/stat; l=${l##*) }; set -- $l; echo "${d#/proc/} $1 $2 $c"; done'
  const argv = ['/bin/sh', '-c', script].map((word) => ['command', word] as const)
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec`
  const { stdout, status } = await execStream(callerOf(KUBECONFIG), { path, query: [...argv, ['stdout', 'true']] })
  if ((status as { status?: string }).status !== 'Success') throw new Error(`exec in ${pod}: ${JSON.stringify(status)}`)
  return stdout
    .trim()
    .split('\n')
    .filter((line) => /^\d+ (?:Z|\S 0) /.test(line) && !/^1 \S 0 /.test(line))
}
