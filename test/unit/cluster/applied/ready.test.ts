import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Applied, applyAll, type ApplyPorts } from '../../../../src/cluster/applied/apply.ts'
import { untilReady } from '../../../../src/cluster/applied/ready.ts'
import type { Connection } from '../../../../src/cluster/connection.ts'
import { ScanError } from '../../../../src/kernel/error.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { connectAdmin } from '../../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../../support/api-server/server.ts'

const LABELS = { app: 'web' }
let server: ApiServer
let connection: Connection
beforeAll(async () => {
  server = await startApiServer()
  connection = await connectAdmin(server)
})
afterEach(() => {
  for (const plural of ['pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs', 'configmaps'])
    for (const { metadata } of server.objects.list(plural)) server.objects.remove(plural, metadata.namespace ?? '', metadata.name)
})
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

/** Time passes only while somebody sleeps; then `between` is called with the milliseconds that have passed. */
const portsWith = (between: (passed: number) => void = () => {}): ApplyPorts & { readonly passed: () => number } => {
  let now = 0
  const sleep = (milliseconds: number): Promise<void> => {
    now += milliseconds
    between(now)
    return Promise.resolve()
  }
  return { connection, clock: { now: () => now, sleep }, signal: new AbortController().signal, passed: () => now }
}

const deployment = (status: Record<string, unknown>, spec: Record<string, unknown> = { replicas: 2 }): void =>
  void server.objects.put('deployments', {
    namespace: 'shop',
    name: 'web',
    metadata: { generation: 3 },
    fields: { spec: { ...spec, selector: { matchLabels: LABELS } }, status }
  })
const WEB: Applied = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop', path: 'apis/apps/v1/namespaces/shop/deployments/web' }
const READY = { observedGeneration: 3, updatedReplicas: 2, availableReplicas: 2 }

const wait = async (applied: readonly Applied[], between?: (passed: number) => void): Promise<{ passed: number; error: string | undefined }> => {
  const ports = portsWith(between)
  try {
    await untilReady(applied, { ...ports, log: silentLog })
    return { passed: ports.passed(), error: undefined }
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    return { passed: ports.passed(), error: `${error.code} ${error.message}` }
  }
}

describe('what was applied', () => {
  test('is waited for until it is ready, and a moment more', async () => {
    deployment({})
    server.addPod({ namespace: 'shop', name: 'web-1', labels: LABELS })
    const { passed, error } = await wait([WEB], (now) => now === 7000 && deployment(READY))
    expect([passed, error]).toEqual([8000, undefined])
  })

  test('that looks ready for a moment only is waited for again', async () => {
    deployment(READY)
    server.addPod({ namespace: 'shop', name: 'web-1', labels: LABELS })
    const { passed } = await wait([WEB], (now) => (now === 1000 ? deployment({ ...READY, availableReplicas: 1 }) : now === 4000 && deployment(READY)))
    expect(passed).toBe(5000)
  })

  test.each<[string, Record<string, unknown>]>([
    ['an older generation', { ...READY, observedGeneration: 2 }],
    ['pods of an older template', { ...READY, updatedReplicas: 1 }],
    ['one pod of two', { ...READY, availableReplicas: 1 }]
  ])('that has %s is not ready', async (_what, status) => {
    deployment(status)
    const { passed, error } = await wait([WEB])
    expect([passed > 300_000, error]).toEqual([
      true,
      expect.stringMatching(/^TARGET_UNUSABLE What was deployed did not become ready:\n {2}deployment shop\/web: .*\n {4}it has no pod$/)
    ])
  })

  test.each([
    ['v1', 'ConfigMap'],
    ['batch.other.example/v1', 'Job'],
    ['v1', 'toString']
  ])('that starts no pods is ready when it is there: %s %s', async (apiVersion, kind) => {
    expect(await wait([{ apiVersion, kind, name: 'a', namespace: 'shop', path: 'nowhere' }])).toEqual({ passed: 0, error: undefined })
  })

  test.each<[string, string, string, Record<string, unknown>, boolean]>([
    ['Pod', 'pods', 'api/v1', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, true],
    ['Pod', 'pods', 'api/v1', { phase: 'Succeeded' }, true],
    ['Pod', 'pods', 'api/v1', { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }, false],
    ['StatefulSet', 'statefulsets', 'apis/apps/v1', { readyReplicas: 1, updatedReplicas: 1 }, true],
    ['StatefulSet', 'statefulsets', 'apis/apps/v1', { readyReplicas: 1, updatedReplicas: 0 }, false],
    ['DaemonSet', 'daemonsets', 'apis/apps/v1', { numberReady: 3, desiredNumberScheduled: 3 }, true],
    ['DaemonSet', 'daemonsets', 'apis/apps/v1', { numberReady: 0, desiredNumberScheduled: 0 }, false],
    ['Job', 'jobs', 'apis/batch/v1', { ready: 1 }, true],
    ['Job', 'jobs', 'apis/batch/v1', { conditions: [{ type: 'Complete', status: 'True' }] }, true],
    ['Job', 'jobs', 'apis/batch/v1', {}, false]
  ])('as a %s (%s, %s) of the status %j is ready: %s', async (kind, plural, group, status, ready) => {
    server.objects.put(plural, { namespace: 'shop', name: 'x', fields: { spec: {}, status } })
    const { error } = await wait([
      { apiVersion: group.replace(/^apis?\//, ''), kind, name: 'x', namespace: 'shop', path: `${group}/namespaces/shop/${plural}/x` }
    ])
    expect(error === undefined).toBe(ready)
  })
})

describe('what hardly comes by waiting', () => {
  const failing = (container: Parameters<ApiServer['addPod']>[0]['containers']): void => {
    deployment({})
    server.addPod({ namespace: 'shop', name: 'web-1', labels: LABELS, phase: 'Pending', ...(container === undefined ? {} : { containers: container }) })
  }

  test.each([
    ['ErrImageNeverPull', 0],
    ['InvalidImageName', 0],
    ['ImagePullBackOff', 31_000],
    ['ErrImagePull', 31_000],
    ['CrashLoopBackOff', 31_000],
    ['ContainerCreating', 301_000]
  ])('%s is given up after %i ms', async (waiting, expected) => {
    failing([{ name: 'app', image: 'shop/web:1', waiting }])
    const { passed, error } = await wait([WEB])
    expect([passed, error]).toEqual([expected, expect.stringContaining(`container app (shop/web:1): ${waiting}`)])
  })

  test.each([
    [0, 301_000],
    [1, 301_000],
    [2, 31_000]
  ])('a program that ended after %i restarts is given up after %i ms', async (restartCount, expected) => {
    failing([{ name: 'app', terminated: 'Error', restartCount }])
    const { passed, error } = await wait([WEB])
    expect([passed, error]).toEqual([
      expected,
      expect.stringMatching(restartCount === 0 ? /: Error$/m : new RegExp(`: Error, restarted ${restartCount} times$`, 'm'))
    ])
  })

  test('is given up also where it looks well between two tries', async () => {
    failing([{ name: 'app', waiting: 'CrashLoopBackOff' }])
    const flicker = (now: number): void => failing([now % 2000 === 0 ? { name: 'app', waiting: 'CrashLoopBackOff' } : 'app'])
    const { passed, error } = await wait([WEB], flicker)
    expect([passed > 30_000 && passed < 35_000, error]).toEqual([true, expect.stringContaining('CrashLoopBackOff')])
  })

  test('is given more time where something else became ready meanwhile', async () => {
    failing([{ name: 'app', waiting: 'CrashLoopBackOff' }])
    const other = (status: Record<string, unknown>): void => void server.objects.put('jobs', { namespace: 'shop', name: 'x', fields: { spec: {}, status } })
    other({})
    const job: Applied = { apiVersion: 'batch/v1', kind: 'Job', name: 'x', namespace: 'shop', path: 'apis/batch/v1/namespaces/shop/jobs/x' }
    const { passed } = await wait([WEB, job], (now) => now === 20_000 && other({ ready: 1 }))
    expect(passed).toBe(51_000)
  })

  test('is told without what could act on a log', async () => {
    failing([{ name: 'app', image: 'shop/web:1\n::error::x\u001b[31m', waiting: 'ErrImageNeverPull' }])
    const { error } = await wait([WEB])
    expect(error).toContain('shop/web:1 ::error::x\\x1b[31m')
    expect(error).not.toMatch(/\u001b|^::/m)
  })

  test('many pods are told of by the first', async () => {
    deployment({})
    for (const index of [1, 2, 3, 4, 5])
      server.addPod({ namespace: 'shop', name: `web-${index}`, labels: LABELS, containers: [{ name: 'app', waiting: 'ErrImageNeverPull' }] })
    expect((await wait([WEB])).error).toMatch(/pod web-1\n[^]*pod web-3\n[^]*and 2 pods more$/)
  })
})

describe('applying', () => {
  const config = (name: string, namespace?: string): Parameters<typeof applyAll>[0][number] => ({
    source: 'a.yaml',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }
  })

  test('makes the namespaces that are missing, and puts into the given one what names none', async () => {
    const applied = await applyAll([config('a'), config('b', 'other')], 'shop', portsWith())
    expect(applied.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['shop/a', 'other/b'])
    expect([server.objects.get('configmaps', 'shop', 'a')?.kind, server.objects.get('configmaps', 'other', 'b')?.kind]).toEqual(['ConfigMap', 'ConfigMap'])
  })

  test('of a kind that the cluster does not know says so, with its file', async () => {
    const unknown = { source: 'w.yaml', object: { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'a' } } }
    await expect(applyAll([unknown], 'shop', portsWith())).rejects.toThrow('The cluster knows no Widget of v1 (w.yaml)')
  })

  test('waits for a kind whose definition has just been applied, and not for ever', async () => {
    const custom = { source: 'w.yaml', object: { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' } } }
    const ports = portsWith()
    await expect(applyAll([custom], 'shop', ports)).rejects.toThrow('The cluster knows no Widget of example.com/v1')
    expect(ports.passed()).toBeGreaterThan(29_000)
  })

  test("what the server refuses is told in its words, with the object's name", async () => {
    const body = { kind: 'Status', message: 'spec.x: \u001b[31mnot allowed', code: 422 }
    server.faults.add({ method: 'PATCH', path: /configmaps\/a/, mishap: { kind: 'answer', answer: { status: 422, body } } })
    await expect(applyAll([config('a')], 'shop', portsWith())).rejects.toThrow(
      /^configmap\/a of a\.yaml could not be applied: .*spec\.x: \\x1b\[31mnot allowed/
    )
    server.faults.clear()
  })
})
