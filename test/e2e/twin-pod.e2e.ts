import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { below, changes, watchAudit } from './audit-log.ts'
import { clusterOf, kubeconfigFile, makeCaller } from './caller.ts'
import { kscan, leftHere, type Ran, type Running, startKscan } from './cli.ts'
import { applyFixture, KUBECONFIG, kubectl, leftBehind, listOurs, NAMESPACE } from './cluster.ts'
import { type Registry, startRegistry } from './registry.ts'
import { freshPods, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'
import { archive, makeWaiting } from './waiting-image.ts'
import { kubeconfigOf } from '../support/api-server/wire.ts'

const UNSEEN = resolve('test/fixtures/profiles/unseen')
const SLOW = resolve('test/fixtures/profiles/slow')
const SCANS = `${NAMESPACE}-scans`

/** The arguments of a scan by a pod of ours; `target` is as one types it. */
const byTwin = (target: string, { profile = UNSEEN, namespace = RESTRICTED, image = TOOLBOX } = {}): string[] =>
  `scan --namespace ${namespace} ${target} --profile ${profile} --approach twin-pod --allow scan-pod --helper-image ${image}`.split(' ')

interface Twin {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly labels: Record<string, string>
    readonly annotations: Record<string, string>
  }
  readonly spec: Record<string, unknown> & {
    readonly containers: readonly Record<string, unknown>[]
    readonly initContainers: readonly Record<string, unknown>[]
    readonly volumes: readonly unknown[]
  }
  readonly status: { readonly phase: string }
}

const twins = (): Promise<Twin[]> => listOurs<Twin>('/api/v1/pods')

/** A scan under way, and its pod as the API had it while it ran. */
const startSlow = async (target: string): Promise<{ running: Running; twin: Twin }> => {
  const running = startKscan(byTwin(target, { profile: SLOW }))
  await running.until('✓ Grant access')
  for (let look = 0; look < 200; look += 1) {
    const [twin] = await twins()
    if (twin?.status.phase === 'Running') return { running, twin }
    await new Promise((wait) => setTimeout(wait, 100))
  }
  throw new Error(`no pod came to run: ${(await running.ended).stdout}`)
}

const recordOf = ({ folder }: Ran): { targets: [{ approach: string; why: string; pod: string; namespace: string; imageId: string }] } =>
  JSON.parse(readFileSync(join(folder, 'kscan-reports', 'run.json'), 'utf8'))

let work = ''
let registry: Registry
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kscan-e2e-twin-'))
  await freshPods()
  await applyFixture('pods/laden.yaml')
  await kubectl('delete', 'namespace', SCANS, '--ignore-not-found')
  await kubectl('create', 'namespace', SCANS)
  await kubectl('wait', '-n', RESTRICTED, '--for=condition=Ready', 'pod/laden', '--timeout=60s')
  makeWaiting(join(work, 'root'))
  registry = await startRegistry()
  for (const name of ['runs:1', 'runs-not:1']) registry.push(name, archive(join(work, 'root')))
})
afterAll(async () => {
  await registry.stop()
  await kubectl('delete', 'namespace', SCANS, '--wait=false')
  rmSync(work, { recursive: true, force: true })
})
afterEach(async () => expect(await leftBehind()).toEqual([]))

describe('a pod of ours with the image of one that runs, of the level restricted', () => {
  test.each(['static', 'base'])('shows of distroless-%s only the image, and says so', async (pod) => {
    const ran = await kscan(byTwin(`--pod ${pod}`))
    expect([ran.code, leftHere(ran)]).toEqual([0, []])
    expect(ran.stdout).toContain(`${RESTRICTED}/${pod}/main: twin-pod (it was asked for; image only: nothing of the running pod was looked at)`)
    expect(readFileSync(join(ran.folder, 'kscan-reports', 'summary.md'), 'utf8')).toMatch(/twin-pod \(image only\)[^]*nothing of the running pod was looked at/)
    const [target] = recordOf(ran).targets
    expect(target).toMatchObject({ approach: 'twin-pod', why: expect.stringContaining('image only'), pod: expect.stringMatching(/^kscan-[a-z0-9]{10}-0$/) })
    expect(target.imageId).toBe((await kubectl('get', 'pod', pod, '-n', RESTRICTED, '-o', 'jsonpath={.status.containerStatuses[0].imageID}')).trim())
  })

  test('takes over user and groups, but no label, volume, variable, token or capability', async () => {
    const { running, twin } = await startSlow('--pod laden')
    const ran = await running.ended
    expect([ran.code, leftHere(ran)]).toEqual([0, []])
    const { metadata, spec } = twin
    expect(Object.keys(metadata.labels).toSorted()).toEqual(['app.kubernetes.io/managed-by', 'kscan.dev/expires-at', 'kscan.dev/run'])
    expect(Object.keys(metadata.annotations)).toEqual(['kscan.dev/owner'])
    expect(spec.volumes).toEqual([{ name: 'kscan', emptyDir: { sizeLimit: '256Mi' } }])
    expect(spec).toMatchObject({
      restartPolicy: 'Never',
      activeDeadlineSeconds: 2160,
      serviceAccountName: 'default',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      imagePullSecrets: [{ name: 'laden' }],
      securityContext: { supplementalGroups: [4444], fsGroup: 3333 }
    })
    expect(spec['tolerations']).toContainEqual({ key: 'laden', operator: 'Exists' })
    expect(JSON.stringify(spec['affinity'])).toContain('requiredDuringSchedulingIgnoredDuringExecution')
    expect(spec['hostAliases']).toBeUndefined()
    expect([spec.containers.length, spec.initContainers.length]).toEqual([1, 1])
    const [container = {}] = spec.containers
    expect([container['env'], container['envFrom'], container['ports'], container['args']]).toEqual([undefined, undefined, undefined, undefined])
    expect(container).toMatchObject({
      name: 'main',
      image: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      command: ['/kscan/bin/hold', '1860'],
      volumeMounts: [{ name: 'kscan', mountPath: '/kscan', subPath: 'kscan', readOnly: true }],
      securityContext: {
        runAsUser: 4321,
        runAsGroup: 1234,
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' }
      }
    })
    expect(container['securityContext']).not.toMatchObject({ capabilities: { add: expect.anything() } })
    expect(spec.initContainers[0]).toMatchObject({ command: ['/kscan/bin/fill', '/toolbox'], volumeMounts: [{ mountPath: '/toolbox' }] })
  })

  test('changes by the audit log what the plan lists, as caller and as scanner', async () => {
    const [, ...options] = byTwin('--pod static')
    const planned = await kscan(['plan', ...options])
    const events = watchAudit()
    const ran = await kscan(['scan', ...options])
    const seen = events().filter(({ user }) => !/^system:(serviceaccount:kube-system:|kube-|node:|apiserver|anonymous)/.test(user.username))
    const byScanner = seen.filter(({ user }) => user.username.startsWith(`system:serviceaccount:${RESTRICTED}:kscan-`))
    expect([planned.code, ran.code]).toEqual([0, 0])
    expect(changes(seen.filter((event) => !byScanner.includes(event)))).toEqual([
      ...below(planned.stdout, 'Made in the cluster:'),
      ...below(planned.stdout, 'Removed at the end')
    ])
    const [made = '', removed = '', asked = '', ...more] = below(planned.stdout, 'Made by the scanner')
    const own = [made, removed]
    expect([asked, more]).toEqual([expect.stringMatching(/^… once more with requests .*, where a quota asks/), []])
    expect(changes(byScanner).filter((each) => !each.endsWith('/exec'))).toEqual(own)
    expect(changes(byScanner).filter((each) => each.endsWith('/exec'))).toEqual([`get api/v1/namespaces/${RESTRICTED}/pods/kscan-RUN-0/exec`])
    expect(byScanner.filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0))).toEqual([])
  })
})

test('doctor asks in the namespace for scans, and gives a role for each namespace', async () => {
  const caller = await makeCaller('twin-caller')
  try {
    const { server, ca } = clusterOf(KUBECONFIG)
    const [, ...options] = byTwin('--pod debian', { namespace: NAMESPACE })
    const asked = ['doctor', ...options.filter((word, index) => word !== '--profile' && options[index - 1] !== '--profile')]
    const file = kubeconfigFile(kubeconfigOf({ url: server, ca, token: caller.token }))
    const ran = await kscan([...asked, '--kubeconfig', file, '--scan-namespace', SCANS])
    expect([ran.code, ran.stdout.match(/^ {2}namespace: \S+/gm)]).toEqual([4, [SCANS, SCANS, NAMESPACE, NAMESPACE].map((each) => `  namespace: ${each}`)])
    expect(ran.stderr).toContain(`create pods in ${SCANS}`)
    expect(ran.stderr).toContain(`get pods debian in ${NAMESPACE}`)
  } finally {
    await caller.remove()
  }
})

describe('an image of a registry', () => {
  test('runs by its digest, in a namespace for scans, with the rights there', async () => {
    await startRestrictedPod('runs', `${registry.address}/runs:1`, {}, 'IfNotPresent')
    const ran = await kscan([...byTwin('--pod runs'), '--scan-namespace', SCANS])
    expect([ran.code, leftHere(ran)]).toEqual([0, []])
    expect(recordOf(ran).targets[0]).toMatchObject({ namespace: SCANS, imageId: expect.stringMatching(`^${registry.address}/runs@sha256:`) })
    expect(ran.stderr).toContain(`${RESTRICTED}/runs/main (pod runs`)
    expect(ran.stdout).toMatch(new RegExp(`revoked rolebinding\\s+${SCANS}/`))
  })

  test.each([RESTRICTED, NAMESPACE])('needs no pod that runs it (namespace %s)', async (namespace) => {
    const ran = await kscan(byTwin(`--target-image ${registry.address}/runs-not:1`, { namespace }))
    expect([ran.code, leftHere(ran)]).toEqual([0, []])
    expect(recordOf(ran).targets[0]).toMatchObject({ namespace, imageId: expect.stringMatching(`^${registry.address}/runs-not@sha256:`) })
  })

  test('that is not there is said in the words of the runtime', async () => {
    const ran = await kscan(byTwin(`--target-image ${registry.address}/none:1`))
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stdout).toMatch(new RegExp(`The image \\S+/none:1 did not start in the pod ${RESTRICTED}/kscan-\\S+-0: ErrImagePull: [^]*not found`))
  })
})

describe('a pod of ours that does not come', () => {
  test('for want of the toolbox', async () => {
    const ran = await kscan(byTwin('--pod static', { image: `${registry.address}/toolbox:1` }))
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stdout).toMatch(new RegExp(`The toolbox did not get into the pod ${RESTRICTED}/kscan-\\S+-0: ErrImagePull`))
  })

  test('for its image runs as root, which the namespace refuses', async () => {
    const ran = await kscan([...byTwin('--pod debian', { namespace: NAMESPACE }), '--scan-namespace', RESTRICTED])
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stdout).toMatch(
      new RegExp(`The cluster refused the pod ${RESTRICTED}/kscan-\\S+-0: [^]*violates\\s+PodSecurity "restricted:latest"[^]*runAsNonRoot\\s+!= true`)
    )
  })

  test('for its image names root, and the namespace has the promise that it does not', async () => {
    const ran = await kscan(byTwin('--target-image test.local/debian:1'))
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stdout).toMatch(/did not start in the pod \S+: CreateContainerConfigError:\s+container\s+has runAsNonRoot and image will run as root/)
  })
})

describe('a scan in a pod of ours that is cut short', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('by %s leaves none', async (signal) => {
    const { running } = await startSlow('--pod static')
    running.signal(signal)
    const ran = await running.ended
    expect([ran.code, leftHere(ran), await twins()]).toEqual([130, [], []])
  })

  test('by SIGINT while the pod is waited for leaves none', async () => {
    const running = startKscan([...byTwin(`--target-image ${registry.address}/runs-not:1`), '--pull-secret', 'not-there'])
    await running.until('✓ Grant access')
    running.signal('SIGINT')
    const ran = await running.ended
    expect([ran.code, leftHere(ran), await twins()]).toEqual([130, [], []])
  })

  test('by SIGKILL leaves one, which cleanup removes', async () => {
    const { running, twin } = await startSlow('--pod static')
    running.signal('SIGKILL')
    const { folder } = await running.ended
    expect((await twins()).map(({ metadata }) => metadata.name)).toEqual([twin.metadata.name])
    const cleaned = await kscan(['cleanup'], { folder })
    expect([cleaned.code, cleaned.stderr, leftHere({ folder }), await twins()]).toEqual([0, '', [], []])
    expect(cleaned.stdout).toContain(`removed pod ${RESTRICTED}/${twin.metadata.name}`)
  })

  test('by SIGKILL, without its journal, is swept when its time is over', async () => {
    const { running } = await startSlow('--pod static')
    running.signal('SIGKILL')
    await running.ended
    const early = await kscan(['cleanup', '--expired'])
    expect([early.code, (await twins()).length]).toEqual([0, 1])
    const ours = ['-n', RESTRICTED, '-l', 'app.kubernetes.io/managed-by=kscan']
    await kubectl('label', 'pods,serviceaccounts,roles,rolebindings', ...ours, '--overwrite', 'kscan.dev/expires-at=1')
    const late = await kscan(['cleanup', '--expired'])
    expect([late.code, await twins()]).toEqual([0, []])
    expect(late.stdout).toMatch(new RegExp(`removed pod ${RESTRICTED}/kscan-\\S+-0`))
  })

  test('by the deletion of the pod says so', async () => {
    const { running, twin } = await startSlow('--pod static')
    await running.until('of 40 checks')
    await kubectl('delete', 'pod', twin.metadata.name, '-n', RESTRICTED, '--force', '--grace-period=0')
    const ran = await running.ended
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stdout).toMatch(/changed while it was scanned: the pod is (?:gone|being deleted)/)
  })
})
