import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { below, changes, watchAudit } from './audit-log.ts'
import { kscan, leftHere, type Ran, startKscan } from './cli.ts'
import { kubectl, leftBehind, read } from './cluster.ts'
import { deploy } from './deployed.ts'
import { RESTRICTED } from './restricted-pod.ts'

const IMAGE = 'test.local/distroless-static:1'
const KINDS = ['sidecar', 'toolbox-volume'] as const

const byDeployed = (workload: string, profile = 'unseen'): string[] =>
  `scan --namespace ${RESTRICTED} --workload deployment/${workload} --profile ${resolve('test/fixtures/profiles', profile)} --approach sidecar-container`.split(
    ' '
  )

interface Seen {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly spec: unknown
  readonly status: { readonly containerStatuses: unknown; readonly initContainerStatuses: unknown; readonly ephemeralContainerStatuses?: unknown }
}

const podOf = async (workload: string): Promise<Seen> => {
  const list = await read<{ items: [Seen] }>(`/api/v1/namespaces/${RESTRICTED}/pods?labelSelector=app%3D${workload}`)
  expect(list.items).toHaveLength(1)
  return list.items[0]
}

/** What a scan could have changed; the kubelet writes figures of its own into the status a while after a start. */
const lasting = ({ metadata, spec, status }: Seen): unknown => [
  metadata.uid,
  spec,
  status.containerStatuses,
  status.initContainerStatuses,
  status.ephemeralContainerStatuses
]

const targetsOf = ({ folder }: Ran): unknown => (JSON.parse(readFileSync(join(folder, 'kscan-reports', 'run.json'), 'utf8')) as { targets: unknown }).targets

beforeAll(async () => {
  for (const kind of KINDS) await deploy(kind, IMAGE, { components: [kind] })
  await deploy('bare', IMAGE, { components: [] })
})
afterAll(async () => void (await kubectl('delete', 'deployments', ...KINDS, 'bare', '-n', RESTRICTED, '--ignore-not-found')))
afterEach(async () => expect(await leftBehind()).toEqual([]))

describe.each(KINDS)('a shell that the owner deploys by examples/%s', (kind) => {
  test('is found, shows nothing of itself, and leaves the pod as it was', async () => {
    const before = await podOf(kind)
    const ran = await kscan(byDeployed(kind))
    const after = await podOf(kind)
    expect([ran.code, leftHere(ran)]).toEqual([0, []])
    expect(lasting(after)).toEqual(lasting(before))
    expect(targetsOf(ran)).toEqual([
      expect.objectContaining({ name: `${RESTRICTED}/${kind}/app`, approach: 'sidecar-container', kept: [], tamperResistance: 'lent-shell' })
    ])
  })

  test('finds what is wrong in the image', async () => {
    const ran = await kscan([...byDeployed(kind, 'resources'), '--controls', 'app-conf-mode'])
    expect([ran.code, leftHere(ran)]).toEqual([1, []])
    expect(ran.stdout).toContain(`high app-conf-mode (${RESTRICTED}/${kind}/app)`)
  })

  test('changes nothing by the audit log but the access of the run', async () => {
    const [, ...options] = byDeployed(kind)
    const planned = await kscan(['plan', ...options])
    const events = watchAudit()
    const ran = await kscan(['scan', ...options])
    const seen = events().filter(({ user }) => !/^system:(serviceaccount:kube-system:|kube-|node:|apiserver|anonymous)/.test(user.username))
    const byScanner = seen.filter(({ user }) => user.username.startsWith(`system:serviceaccount:${RESTRICTED}:kscan-`))
    const { name } = (await podOf(kind)).metadata
    expect([planned.code, ran.code]).toEqual([0, 0])
    expect(changes(seen.filter((event) => !byScanner.includes(event)))).toEqual([
      ...below(planned.stdout, 'Made in the cluster:'),
      ...below(planned.stdout, 'Removed at the end')
    ])
    const execs = kind === 'sidecar' ? 2 : 1
    expect(changes(byScanner)).toEqual(Array(execs).fill(`get api/v1/namespaces/${RESTRICTED}/pods/${name}/exec`))
    expect(below(planned.stdout, 'Rights of the scanner:')).toEqual([`get pods [${name}]`, `get,create pods/exec [${name}]`])
    expect(below(planned.stdout, 'Started in each container')).toEqual([
      `${RESTRICTED}/${kind}/app: ${kind === 'sidecar' ? '/proc/PID/root/kscan/bin/sh' : '/kscan/bin/sh'}`
    ])
  })

  test.each(['SIGINT', 'SIGKILL'] as const)('goes on after a %s of the scan, which leaves nothing', async (signal) => {
    const running = startKscan(byDeployed(kind, 'slow'))
    await running.until('of 40 checks')
    running.signal(signal)
    const { folder } = await running.ended
    if (signal === 'SIGKILL') await kscan(['cleanup'], { folder })
    expect(leftHere({ folder })).toEqual([])
    const again = await kscan(byDeployed(kind))
    expect(again.code).toBe(0)
  })
})

test('a pod without a deployed helper is no target, and the message says what to deploy', async () => {
  const ran = await kscan(byDeployed('bare'))
  expect([ran.code, leftHere(ran)]).toEqual([4, []])
  expect(ran.stdout).toContain(`No helper is deployed with ${RESTRICTED}/bare/app`)
  expect(ran.stderr).toContain('examples/toolbox-volume')
})
