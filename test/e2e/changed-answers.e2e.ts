import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { type Caller, kubeconfigFile, makeCaller, proxyToCluster } from './caller.ts'
import { hdfOf, kscan, leftHere, type Ran } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE, read } from './cluster.ts'
import { freshPods, RESTRICTED } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'

const NAME = 'ids-caller'
let caller: Caller
let proxy: FaultProxy

beforeAll(async () => {
  await freshPods()
  caller = await makeCaller(NAME)
  await kubectl('create', 'rolebinding', NAME, '-n', RESTRICTED, '--clusterrole=cluster-admin', `--serviceaccount=${NAMESPACE}:${NAME}`)
  proxy = await proxyToCluster()
})
afterAll(async () => {
  await proxy.stop()
  await kubectl('delete', 'rolebinding', NAME, '-n', RESTRICTED)
  await caller.remove()
})
afterEach(async () => {
  proxy.clear()
  expect(await leftBehind()).toEqual([])
})

/** A pod as a kubelet before `status.user` tells of it, of an image that names its user itself. */
const withoutUsers = (pod: unknown): unknown =>
  JSON.parse(JSON.stringify(pod, (key, value: unknown) => (key === 'user' || key === 'runAsUser' || key === 'runAsGroup' ? undefined : value)))

/** In the order in which they were added. */
const usersOf = async (): Promise<unknown[]> => {
  const { spec } = await read<{ spec: { ephemeralContainers: { name: string; securityContext: { runAsUser: number; runAsGroup: number } }[] } }>(
    `/api/v1/namespaces/${RESTRICTED}/pods/static`
  )
  return spec.ephemeralContainers
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ securityContext }) => [securityContext.runAsUser, securityContext.runAsGroup])
}

const scan = (how: string): Promise<Ran> => {
  const line = `scan --namespace ${RESTRICTED} --pod static ${how} --helper-image ${TOOLBOX} --kubeconfig ${kubeconfigFile(proxy.kubeconfig(caller.token))}`
  return kscan([...line.split(' '), '--profile', resolve('test/fixtures/profiles/resources')])
}

test('a user of whom the API does not tell is asked of a first helper, and the second one is that user', async () => {
  proxy.change({ method: 'GET', path: /\/pods\/static$/, nth: 'every' }, withoutUsers)
  const ran = await scan('--approach debug-container --allow unpoliced-ephemeral-container')
  expect([ran.code, leftHere(ran), hdfOf(ran).size]).toEqual([3, [], 1])
  expect(ran.stdout).toMatch(/high app-conf-mode/)
  expect(ran.stdout.match(/kept: ephemeral container/g)).toHaveLength(2)
  expect(await usersOf()).toEqual([
    [65534, 65534],
    [65532, 65532]
  ])
})

/** A pod that took the place of another. */
const ofAnotherPod = (pod: unknown): unknown => {
  const { metadata, ...rest } = pod as { metadata: object }
  return { ...rest, metadata: { ...metadata, uid: '00000000-0000-4000-8000-000000000000' } }
}

test('a pod that was replaced while a shell was tried in it is a change, not one without a shell', async () => {
  proxy.change({ method: 'GET', path: /\/pods\/static$/, nth: 2 }, ofAnotherPod)
  const ran = await scan('--allow scan-pod')
  expect([ran.code, leftHere(ran), ran.stderr]).toEqual([4, [], expect.stringMatching(/error: .*changed while it was scanned: another pod has its name/)])
  expect(proxy.log.filter(({ method, path }) => method === 'POST' && path.endsWith('/pods'))).toEqual([])
})

test('a helper is not added to another pod that has the name by then', async () => {
  proxy.change({ method: 'GET', path: /\/pods\/static$/, nth: 'every' }, ofAnotherPod)
  const before = (await usersOf()).length
  const ran = await scan('--approach debug-container --allow unpoliced-ephemeral-container')
  expect([ran.code, leftHere(ran), ran.stderr]).toEqual([4, [], expect.stringMatching(/error: .*Another pod has the name of the target/)])
  expect(await usersOf()).toHaveLength(before)
})

/** As whom a pod runs who is not that user. */
const ofAnotherUser = (pod: unknown): unknown => JSON.parse(JSON.stringify(pod, (key, value: unknown) => (key === 'uid' && value === 65532 ? 1234 : value)))

test("an API that names another user than the target's: the reason says so, and auto looks further", async () => {
  proxy.change({ method: 'GET', path: /\/pods\/static$/, nth: 'every' }, ofAnotherUser)
  const ran = await scan('--allow unpoliced-ephemeral-container')
  expect([ran.code, leftHere(ran), ran.stderr]).toEqual([
    4,
    [],
    expect.stringMatching(/debug-container: The lent shell does not start in the target, whose user its helper must be: .*permission denied/)
  ])
})
