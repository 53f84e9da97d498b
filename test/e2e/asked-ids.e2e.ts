import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { type Caller, kubeconfigFile, makeCaller, proxyToCluster } from './caller.ts'
import { hdfOf, kscan, leftHere } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { RESTRICTED } from './restricted-pod.ts'
import { readyToolbox, TOOLBOX } from './toolbox.ts'

const PODS = 'test/fixtures/pods/distroless.yaml'
const NAME = 'ids-caller'
let caller: Caller
let proxy: FaultProxy

beforeAll(async () => {
  readyToolbox()
  await kubectl('delete', 'pods', '--all', '-n', RESTRICTED, '--force', '--grace-period=0', '--ignore-not-found')
  await kubectl('apply', '-f', PODS)
  await kubectl('wait', '-n', RESTRICTED, '--for=condition=Ready', 'pod', '--all', '--timeout=60s')
  caller = await makeCaller(NAME)
  await kubectl('create', 'clusterrolebinding', NAME, '--clusterrole=cluster-admin', `--serviceaccount=${NAMESPACE}:${NAME}`)
  proxy = await proxyToCluster()
})
afterAll(async () => {
  await proxy.stop()
  await kubectl('delete', 'clusterrolebinding', NAME)
  await caller.remove()
})
afterEach(async () => expect(await leftBehind()).toEqual([]))

/** A pod as a kubelet before `status.user` tells of it, of an image that names its user itself. */
const withoutUsers = (pod: unknown): unknown =>
  JSON.parse(JSON.stringify(pod, (key, value: unknown) => (key === 'user' || key === 'runAsUser' || key === 'runAsGroup' ? undefined : value)))

/** In the order in which they were added. */
const usersOf = async (): Promise<unknown[]> => {
  const { spec } = JSON.parse(await kubectl('get', 'pod', 'static', '-n', RESTRICTED, '-o', 'json')) as {
    spec: { ephemeralContainers: { name: string; securityContext: { runAsUser: number; runAsGroup: number } }[] }
  }
  return spec.ephemeralContainers
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ securityContext }) => [securityContext.runAsUser, securityContext.runAsGroup])
}

test('a user of whom the API does not tell is asked of a first helper, and the second one is that user', async () => {
  proxy.change({ method: 'GET', path: /\/pods\/static$/, nth: 'every' }, withoutUsers)
  const line = `scan --namespace ${RESTRICTED} --pod static --approach debug-container --allow unpoliced-ephemeral-container --helper-image ${TOOLBOX}`
  const ran = await kscan([
    ...line.split(' '),
    '--kubeconfig',
    kubeconfigFile(proxy.kubeconfig(caller.token)),
    '--profile',
    resolve('test/fixtures/profiles/resources')
  ])
  expect([ran.code, leftHere(ran), hdfOf(ran).size]).toEqual([3, [], 1])
  expect(ran.stdout).toMatch(/high app-conf-mode/)
  expect(ran.stdout.match(/kept: ephemeral container/g)).toHaveLength(2)
  expect(await usersOf()).toEqual([
    [65534, 65534],
    [65532, 65532]
  ])
})
