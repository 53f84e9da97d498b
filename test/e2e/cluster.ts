import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openExisting, type Cluster } from '../../src/cluster/existing.ts'

const exec = promisify(execFile)

/** The administrator's kubeconfig of the cluster that `.ci/run` started. */
export const KUBECONFIG = ((): string => {
  const path = process.env['KSCAN_E2E_KUBECONFIG']
  if (path === undefined || path === '') throw new Error('KSCAN_E2E_KUBECONFIG must name the kubeconfig of a test cluster')
  return path
})()

export const NAMESPACE = 'kscan-e2e'

/** kubectl as the administrator; rejects with its stderr. */
export const kubectl = async (...args: string[]): Promise<string> =>
  (await exec('kubectl', ['--kubeconfig', KUBECONFIG, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout

/** Starts a pod of the debian image that sleeps, unless its spec says otherwise; `removePod` ends it. */
export const startPod = async (name: string, spec: Readonly<Record<string, unknown>> = {}, image = 'test.local/debian:1'): Promise<void> => {
  const overrides = JSON.stringify({ spec: { terminationGracePeriodSeconds: 0, ...spec } })
  const what = ['-n', NAMESPACE, `--image=${image}`, '--image-pull-policy=Never', `--overrides=${overrides}`]
  await kubectl('run', name, ...what, '--command', '--', 'sh', '-c', 'sleep 100000 & wait')
}

export const untilReady = (name: string): Promise<string> => kubectl('wait', '-n', NAMESPACE, `pod/${name}`, '--for=condition=Ready', '--timeout=60s')

export const removePod = (name: string): Promise<string> => kubectl('delete', 'pod', name, '-n', NAMESPACE, '--force', '--grace-period=0', '--ignore-not-found')

export const openCluster = (): Promise<Cluster> => openExisting({ kubeconfig: KUBECONFIG, context: undefined, allowExec: false, env: {} })

/** Everything of ours that is in the cluster: must be nothing after each run. */
export const leftBehind = async (): Promise<string[]> => {
  const listed = await kubectl('get', 'serviceaccounts,roles,rolebindings,pods', '-A', '-o', 'name', '-l', 'app.kubernetes.io/managed-by=kscan')
  return listed.split('\n').filter((line) => line !== '')
}

/**
 * Processes in a container that no one of the image started: shells and readers of a session; and ended ones that no one collects, of whom most images'
 * process 1 is no help to us.
 */
export const strayProcesses = async (pod: string, namespace: string = NAMESPACE): Promise<string[]> => {
  const script =
    'for d in /proc/[0-9]*; do [ "${d#/proc/}" = $$ ] && continue; read -r c <$d/comm 2>/dev/null || continue; read -r l <$d/stat; l=${l##*) }; set -- $l; echo "${d#/proc/} $1 $2 $c"; done'
  const lines = (await kubectl('exec', '-n', namespace, pod, '--', '/bin/sh', '-c', script)).trim().split('\n')
  return lines.filter((line) => /^\d+ (?:Z|\S 0) /.test(line) && !/^1 \S 0 /.test(line))
}
