import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { askUser } from '../../src/approach/debug-container.ts'
import { endHelper } from '../../src/approach/ephemeral-container.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { messageOf } from '../../src/kernel/error.ts'
import { helperPod } from '../../src/scan/helper-pod.ts'
import { hdfOf, kscan, leftHere, type Ran, startKscan } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE, openCluster, removePod, startPod, untilReady } from './cluster.ts'
import { notPassed } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'

const work = mkdtempSync(join(tmpdir(), 'kscan-e2e-containers-'))
const LENT = `--approach debug-container --helper-image ${TOOLBOX} --allow unpoliced-ephemeral-container`
const OWN = '--approach kubernetes-api'

afterAll(() => rmSync(work, { recursive: true, force: true }))
afterEach(async () => expect(await leftBehind()).toEqual([]))

/** What one container of a pod shows of itself. */
interface Sight {
  readonly user: number
  /** Folders that are there only in its image. */
  readonly has: string
  readonly hasNot: string
  /** A process that must be listed, and how often. */
  readonly process: string
  readonly not?: string
}

const profileOf = ({ user, has, hasNot, process, not = 'nosuch' }: Sight): string => {
  const folder = mkdtempSync(join(work, 'profile-'))
  mkdirSync(join(folder, 'controls'))
  writeFileSync(join(folder, 'inspec.yml'), 'name: sight\nversion: 1.0.0\n')
  writeFileSync(
    join(folder, 'controls', 'sight.rb'),
    `control 'sight' do
  describe command('id -u') do
    its('stdout') { should eq "${user}\\n" }
  end
  describe file('${has}') do
    it { should exist }
  end
  describe file('${hasNot}') do
    it { should_not exist }
  end
  describe command('cat /proc/[0-9]*/cmdline | tr "\\\\0" " "') do
    its('stdout') { should match(%r{${process}}) }
    its('stdout') { should_not match(%r{/kscan/bin/hold|${not}}) }
  end
end
`
  )
  return folder
}

const sees = async (pod: string, container: string, how: string, sight: Sight): Promise<unknown> => {
  const line = `scan --namespace ${NAMESPACE} --pod ${pod} --container ${container} --profile ${profileOf(sight)} ${how}`
  const ran = await kscan(line.split(' '))
  const [report] = [...hdfOf(ran).values()]
  return [ran.code, report === undefined ? ran.stderr : notPassed(report)]
}
const WELL = [0, []]

const image = (name: string): Record<string, unknown> => ({ image: `test.local/${name}:1`, imagePullPolicy: 'Never' })
const sleeping = (name: string, from: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  ...image(from),
  command: ['sh', '-c', `exec sleep 10000${name.length}`],
  ...more
})

const MANY = {
  initContainers: [
    { name: 'once', ...image('busybox'), command: ['true'] },
    sleeping('beside', 'busybox', { restartPolicy: 'Always', securityContext: { runAsUser: 4321, runAsGroup: 4321 } })
  ],
  containers: [sleeping('first', 'debian'), { name: 'bare', ...image('distroless-static') }]
}
const OF_DEBIAN = { has: '/var/lib/dpkg', hasNot: '/app' }
const OF_STATIC = { has: '/app', hasNot: '/bin/sh' }
const OF_BUSYBOX = { has: '/bin/busybox', hasNot: '/var/lib/dpkg' }

describe.each([
  ['processes of their own', 'many', false],
  ['shared processes', 'many-shared', true]
])('in a pod of several containers with %s', (_what, pod, shareProcessNamespace) => {
  beforeAll(async () => {
    await startPod(pod, { ...MANY, shareProcessNamespace })
    await untilReady(pod)
  })
  afterAll(() => removePod(pod))

  test.each<[container: string, how: string, sight: Sight]>([
    ['first', OWN, { ...OF_DEBIAN, user: 0, process: 'sleep 100005' }],
    ['beside', OWN, { ...OF_BUSYBOX, user: 4321, process: 'sleep 100006' }],
    ['bare', LENT, { ...OF_STATIC, user: 65532, process: '/app' }],
    ['beside', LENT, { ...OF_BUSYBOX, user: 4321, process: 'sleep 100006' }]
  ])('%s is seen as itself (%s)', async (container, how, sight) => {
    const others = shareProcessNamespace || container !== 'first' ? {} : { not: 'sleep 100006' }
    expect(await sees(pod, container, how, { ...sight, ...others })).toEqual(WELL)
  })

  test('without a name all that keep running are scanned, the native sidecar too', async () => {
    const line = `scan --namespace ${NAMESPACE} --pod ${pod} --profile ${resolve('test/fixtures/profiles/first')} --controls accounts-1 ${OWN}`
    expect([...hdfOf(await kscan(line.split(' '))).keys()].toSorted()).toEqual([`${NAMESPACE}_${pod}_beside.json`, `${NAMESPACE}_${pod}_first.json`])
  })

  test('a helper of another user tells who a container runs as, for an API that does not, unless its processes are shared', async () => {
    const { connection } = await openCluster()
    const podUid = await kubectl('get', 'pod', pod, '-n', NAMESPACE, '-o', 'jsonpath={.metadata.uid}')
    const at = helperPod(connection, { namespace: NAMESPACE, pod, podUid }, { clock: systemClock, signal: new AbortController().signal })
    const spec = { name: 'kscan-asks', image: TOOLBOX, target: 'bare', uid: 65534, gid: 65534, lifetime: 600 }
    const said = await askUser({ pod: at, spec, unpoliced: true, onKept: () => {}, onHelper: () => () => {} }).catch(messageOf)
    await endHelper(at, spec.name)
    connection.agent.destroy()
    expect(said).toEqual(shareProcessNamespace ? expect.stringContaining("process 1 is not the container's") : { uid: 65532, gid: 65532 })
  })

  test('an init container that has ended is no target, and the message says which are', async () => {
    const ran = await kscan(`scan --namespace ${NAMESPACE} --pod ${pod} --container once --profile ${resolve('test/fixtures/profiles/first')}`.split(' '))
    expect([ran.code, leftHere(ran), ran.stderr]).toEqual([4, [], expect.stringMatching(/once of .* is an init container.*\n.*first, bare, beside/)])
  })
})

describe('a server that has given up root', () => {
  const POD = 'dropped'
  beforeAll(async () => {
    const server = ['setpriv', '--reuid=33', '--regid=33', '--clear-groups', 'sleep', '123456']
    await startPod(POD, { containers: [{ name: 'server', ...image('debian'), command: server }] })
    await untilReady(POD)
  })
  afterAll(() => removePod(POD))

  test.each([OWN, LENT])('is seen as the user that its container starts as (%s)', async (how) =>
    expect(await sees(POD, 'server', how, { ...OF_DEBIAN, user: 0, process: 'sleep 123456' })).toEqual(WELL)
  )
})

describe('a pod with a user namespace of its own', () => {
  const POD = 'own-users'
  beforeAll(async () => {
    await startPod(POD, { hostUsers: false, containers: [sleeping('main', 'debian'), { name: 'bare', ...image('distroless-static') }] })
    await untilReady(POD)
  })
  afterAll(() => removePod(POD))

  test.each<[container: string, how: string, sight: Sight]>([
    ['main', OWN, { ...OF_DEBIAN, user: 0, process: 'sleep 100004' }],
    ['main', LENT, { ...OF_DEBIAN, user: 0, process: 'sleep 100004' }],
    ['bare', LENT, { ...OF_STATIC, user: 65532, process: '/app' }]
  ])('%s is seen as any other (%s)', async (container, how, sight) => expect(await sees(POD, container, how, sight)).toEqual(WELL))
})

test.each([OWN, LENT])('a pod that is replaced by one of its name during the scan gives no results (%s)', async (how) => {
  const POD = 'replaced'
  await startPod(POD)
  await untilReady(POD)
  try {
    const running = startKscan(`scan --namespace ${NAMESPACE} --pod ${POD} --profile ${resolve('test/fixtures/profiles/slow')} ${how}`.split(' '))
    await running.until('of 40 checks')
    await removePod(POD)
    await startPod(POD)
    const ran: Ran = await running.ended
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/error: .*(the pod is gone|being deleted|another pod has its name)/)])
  } finally {
    await removePod(POD)
  }
})
