import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { hdfOf, kscan } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { TOOLBOX } from './toolbox.ts'

const STATE = dirname(process.env['KSCAN_E2E_KUBECONFIG'] ?? '')
const SETTINGS = join(STATE, 'etc', 'kubelet.yaml')
const FOLDER = join(STATE, 'static-pods')
const POD = 'static-web-node-1'

const MANIFEST = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'static-web', namespace: NAMESPACE },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'test.local/debian:1', imagePullPolicy: 'Never', command: ['sleep', 'infinity'] }]
  }
}

/** A kubelet that has just started answers an exec with "pod does not exist" until it has learnt its pods. */
const restartKubelet = async (): Promise<void> => {
  cluster('restart', 'kubelet')
  const learnt = (): Promise<boolean> =>
    kubectl('exec', '-n', NAMESPACE, 'debian', '--', 'true').then(
      () => true,
      () => false
    )
  const end = Date.now() + 60_000
  while (!(await learnt())) {
    if (Date.now() > end) throw new Error('the restarted kubelet does not know the pod debian')
    await sleep(250)
  }
}

let before = ''
beforeAll(async () => {
  before = readFileSync(SETTINGS, 'utf8')
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'web.yaml'), JSON.stringify(MANIFEST))
  appendFileSync(SETTINGS, `staticPodPath: ${FOLDER}\n`)
  await restartKubelet()
  await kubectl('wait', '-n', NAMESPACE, '--for=create', `pod/${POD}`, '--timeout=60s')
  await kubectl('wait', '-n', NAMESPACE, '--for=condition=Ready', `pod/${POD}`, '--timeout=60s')
})
afterAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true })
  await kubectl('wait', '-n', NAMESPACE, '--for=delete', `pod/${POD}`, '--timeout=60s')
  writeFileSync(SETTINGS, before)
  await restartKubelet()
})
afterEach(async () => expect(await leftBehind()).toEqual([]))

const scan = (line: string): ReturnType<typeof kscan> =>
  kscan([...`scan --namespace ${NAMESPACE} --pod ${POD} --profile`.split(' '), resolve('test/fixtures/profiles/resources'), ...line.split(' ')])

/** The API server lets nobody add to a static pod. */
describe('a static pod, which its node runs by itself', () => {
  test.each([
    ['its own shell', '--approach kubernetes-api'],
    ['a pod of its image', `--approach twin-pod --allow scan-pod --helper-image ${TOOLBOX}`]
  ])('is scanned by %s', async (_way, line) => {
    const ran = await scan(line)
    expect([ran.code, hdfOf(ran).size]).toEqual([3, 1])
    expect(ran.stdout).toMatch(/high app-conf-mode/)
  })

  test('gets no helper, in the words of the server', async () => {
    const ran = await scan(`--approach debug-container --allow unpoliced-ephemeral-container --helper-image ${TOOLBOX}`)
    expect(ran.code).toBe(4)
    expect(ran.stdout).toMatch(/static pods do not support\s+ephemeral containers/)
  })
})
