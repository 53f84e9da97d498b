import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Connection } from '../../../src/cluster/connection.ts'
import { factsOf, readPod, sameAsBefore } from '../../../src/target/facts.ts'
import { type SelectOptions, selectTargets } from '../../../src/target/select.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

let server: ApiServer
let connection: Connection
beforeAll(async () => {
  server = await startApiServer()
  connection = await connectAdmin(server)
})
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

const owner = (kind: string, name: string, more: { uid?: string; controller?: boolean } = {}) => ({
  apiVersion: 'apps/v1',
  kind,
  name,
  uid: 'u',
  controller: true,
  ...more
})
const OPTIONS: Omit<SelectOptions, 'wanted' | 'namespace'> = { containers: [], exclude: [], maxTargets: 50 }

test("of a deployment's pods those that its own replica sets made are scanned, and others with its labels are named", async () => {
  const namespace = 'deployed'
  const labels = { app: 'web', 'pod-template-hash': 'abc' }
  server.addWorkload({ plural: 'deployments', namespace, name: 'web', selects: { app: 'web' } })
  const pod = (name: string, owners: ReturnType<typeof owner>[], more: object = {}): unknown =>
    server.addPod({ namespace, name, labels, ownerReferences: owners, ...more })
  pod('a-own', [owner('ReplicaSet', 'web-abc')])
  pod('b-of-another-deployment', [owner('ReplicaSet', 'other-abc')])
  pod('c-of-one-whose-name-begins-so', [owner('ReplicaSet', 'web-2-abc')])
  pod('d-of-another-hash', [owner('ReplicaSet', 'web-xyz')])
  pod('e-of-another-kind', [owner('StatefulSet', 'web-abc')])
  pod('f-of-an-owner-that-does-not-control-it', [owner('ReplicaSet', 'web-abc', { controller: false })])
  pod('g-of-nobody', [])
  pod('h-that-is-being-deleted', [owner('ReplicaSet', 'web-abc')], { deletionTimestamp: '2030-01-01T00:00:00Z' })
  const { targets, skipped } = await selectTargets(connection, { ...OPTIONS, namespace, wanted: { kind: 'workload', workload: 'deployment', name: 'web' } })
  expect(targets.map((target) => [target.pod, target.name])).toEqual([['a-own', 'deployed/web/main']])
  const foreign = 'it has the labels of deployment/web, and was not made by it'
  expect(skipped.map(({ pod: name, why }) => `${name.slice(0, 1)}: ${why}`)).toEqual(
    'bcdefg'
      .split('')
      .map((name) => `${name}: ${foreign}`)
      .concat('h: it is being deleted')
  )
})

test.each(['statefulset', 'daemonset', 'job'] as const)('of a %s the pods with its uid as their controller are scanned', async (workload) => {
  const namespace = `of-${workload}`
  server.addWorkload({ plural: `${workload}s`, namespace, name: 'db', selects: { app: 'db' }, uid: 'u-db' })
  server.addPod({ namespace, name: 'own', labels: { app: 'db' }, ownerReferences: [owner(workload, 'db', { uid: 'u-db' })] })
  server.addPod({ namespace, name: 'earlier', labels: { app: 'db' }, ownerReferences: [owner(workload, 'db', { uid: 'u-before' })] })
  server.addPod({ namespace, name: 'looser', labels: { app: 'db' }, ownerReferences: [owner(workload, 'db', { uid: 'u-db', controller: false })] })
  const { targets, skipped } = await selectTargets(connection, { ...OPTIONS, namespace, wanted: { kind: 'workload', workload, name: 'db' } })
  expect([targets.map(({ pod }) => pod), skipped.map(({ pod }) => pod)]).toEqual([['own'], ['earlier', 'looser']])
})

test('pods are found page by page', async () => {
  for (let n = 0; n < 501; n += 1) server.addPod({ namespace: 'paged', name: `web-${n}`, labels: { app: 'web' } })
  const { targets } = await selectTargets(connection, {
    ...OPTIONS,
    maxTargets: 1000,
    namespace: 'paged',
    wanted: { kind: 'selector', select: 'pods', selector: 'app=web' }
  })
  expect(new Set(targets.map(({ pod }) => pod)).size).toBe(501)
})

test('more containers than max-targets are an error, as many are none; excluded ones do not count', async () => {
  server.addPod({ namespace: 'many', name: 'web', containers: ['a', 'b', 'c'] })
  const select = (more: Partial<SelectOptions>): Promise<string> =>
    selectTargets(connection, { ...OPTIONS, namespace: 'many', wanted: { kind: 'pod', pod: 'web' }, ...more }).then(
      ({ targets }) => targets.map(({ container }) => container).join(),
      String
    )
  expect(await select({ maxTargets: 3 })).toBe('a,b,c')
  expect(await select({ maxTargets: 2 })).toContain('3 containers were found, max-targets allows 2')
  expect(await select({ maxTargets: 2, exclude: ['b'] })).toBe('a,c')
  expect(await select({ exclude: ['a', 'b', 'c'] })).toContain('No container to scan was found')
})

describe('one container that does not run does not stop the others', () => {
  const ENDED = { name: 'setup', terminated: 'Completed', restartCount: 0 }
  const LOOPING = { name: 'proxy', waiting: 'CrashLoopBackOff', restartCount: 7 }
  const WAITING = { name: 'late', waiting: 'ContainerCreating' }
  const SIDECAR = { name: 'side', waiting: 'ImagePullBackOff', restartPolicy: 'Always' } as const
  const select = async (containers: readonly object[], more: Partial<SelectOptions> = {}): Promise<unknown> => {
    server.addPod({ namespace: 'partly', name: 'web', containers: containers as { name: string }[], initContainers: [SIDECAR] })
    return await selectTargets(connection, { ...OPTIONS, namespace: 'partly', wanted: { kind: 'pod', pod: 'web' }, ...more }).then(
      ({ targets, skipped }) => [targets.map(({ container }) => container), skipped],
      (error: unknown) => error
    )
  }
  const SKIPPED = [
    { pod: 'web', container: 'setup', why: expect.stringMatching(/^it has ended \(Completed, exit code \d+\)$/) },
    { pod: 'web', container: 'proxy', why: 'it is not running (CrashLoopBackOff), after 7 restarts' },
    { pod: 'web', container: 'late', why: 'it is not running (ContainerCreating)' },
    { pod: 'web', container: 'side', why: 'it is not running (ImagePullBackOff)' }
  ]

  test('each is left out with its reason', async () => {
    expect(await select(['main', ENDED, LOOPING, WAITING] as object[])).toEqual([['main'], SKIPPED])
  })

  test('nothing is said of one that is excluded', async () => {
    const exclude = ['setup', 'proxy', 'late', 'side']
    expect(await select(['main', ENDED, LOOPING, WAITING] as object[], { exclude })).toEqual([['main'], []])
  })

  test('one that was named is an error', async () => {
    expect(await select(['main', LOOPING] as object[], { containers: ['main', 'proxy'] })).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: 'The container proxy of partly/web cannot be scanned: it is not running (CrashLoopBackOff), after 7 restarts',
      hint: 'Look at `kubectl describe pod web -n partly`, and scan it once it runs.'
    })
  })

  test('where none is left it is an error with all reasons', async () => {
    expect(await select([LOOPING, WAITING])).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(
        /^No container to scan was found for the pod web in the namespace partly\n {2}web\/proxy: it is not running \(Crash.*\n {2}web\/late: .*\n {2}web\/side: /
      )
    })
  })
})

describe('a container after its audit', () => {
  const NAME = { namespace: 'audited', name: 'web' }
  const put = (more: { uid?: string; restartCount?: number; containerID?: string; deletionTimestamp?: string } = {}): void => {
    const { uid = 'u-1', deletionTimestamp, ...container } = more
    const status = { name: 'main', containerID: 'containerd://1', ...container }
    server.addPod({ ...NAME, uid, containers: [status], ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) })
  }

  test.each<[what: string, change: () => unknown, words: string | undefined]>([
    ['that is the same', () => put(), undefined],
    ['that is gone', () => server.objects.remove('pods', NAME.namespace, NAME.name), 'the pod is gone'],
    ['whose pod is another one by that name', () => put({ uid: 'u-2' }), 'another pod has its name'],
    ['that has another id', () => put({ containerID: 'containerd://2' }), 'the container was restarted'],
    ['that was restarted with its id', () => put({ restartCount: 1 }), 'the container was restarted'],
    ['whose pod is being deleted', () => put({ deletionTimestamp: '2030-01-01T00:00:00Z' }), 'the pod is being deleted']
  ])('%s', async (_what, change, words) => {
    put()
    const target = factsOf(await readPod(connection, NAME), 'main', 'web')
    change()
    const said = await sameAsBefore(connection, target).then(() => undefined, String)
    expect(said).toEqual(words === undefined ? undefined : `ScanError: audited/web/main changed while it was scanned: ${words}`)
  })
})
