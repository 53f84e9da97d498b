import { describe, expect, test } from '@jest/globals'
import { type TwinLook, untilTwinRuns } from '../../../src/target/twin-pod.ts'
import { twinPod, type TwinSpec } from '../../../src/target/twin-spec.ts'
import { SMALL, showTemplate } from '../../../src/target/twin-template.ts'
import { systemClock } from '../../../src/kernel/clock.ts'

const DIGEST = `registry.example/app@sha256:${'a'.repeat(64)}`
const SPEC: TwinSpec = {
  namespace: 'scans',
  name: 'kscan-abc-0',
  container: 'main',
  image: { name: DIGEST, onNode: false },
  helper: { name: 'toolbox:1', onNode: false },
  user: { uid: 4321, gid: 1234 },
  podSecurity: { fsGroup: 7 },
  containerSecurity: { readOnlyRootFilesystem: true },
  drop: ['NET_RAW'],
  hostUsers: undefined,
  pullSecrets: ['registry'],
  nodeSelector: { 'kubernetes.io/arch': 'arm64' },
  tolerations: [],
  node: { name: 'node-1', only: false },
  lifetime: 90,
  marks: { run: 'abc', expires: 7, owner: 'ann' }
}

interface Made {
  readonly metadata: unknown
  readonly spec: {
    readonly containers: [Record<string, unknown> & { securityContext: Record<string, unknown> }]
    readonly initContainers: [Record<string, unknown> & { securityContext: Record<string, unknown> }]
  } & Record<string, unknown>
}
const made = (spec: Partial<TwinSpec> = {}, nonRoot = false): Made => twinPod({ ...SPEC, ...spec }, { nonRoot, bounded: false }) as unknown as Made

const TEMPLATE = {
  labels: { team: 'shop', 'app.kubernetes.io/managed-by': 'helm' },
  annotations: { 'sidecar.istio.io/inject': 'false' },
  nodeSelector: { pool: 'scans', 'kubernetes.io/os': 'windows' },
  tolerations: [{ operator: 'Exists' }],
  priorityClassName: 'low',
  schedulerName: undefined,
  requests: { cpu: '1' },
  limits: { memory: '1Gi' }
}

describe('what the user adds to a pod of ours', () => {
  test('is merged, and takes the place of nothing by which it is found or kept apart', () => {
    const { metadata, spec } = made({ template: TEMPLATE, tolerations: [{ key: 'a' }] })
    expect(metadata).toMatchObject({
      labels: { team: 'shop', 'app.kubernetes.io/managed-by': 'kscan', 'kscan.dev/run': 'abc' },
      annotations: { 'sidecar.istio.io/inject': 'false', 'kscan.dev/owner': 'ann' }
    })
    expect(spec).toMatchObject({
      nodeSelector: { pool: 'scans', 'kubernetes.io/arch': 'arm64', 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'a' }, { operator: 'Exists' }],
      priorityClassName: 'low'
    })
    expect([...spec.initContainers, ...spec.containers].map((each) => each['resources'])).toEqual(
      ['init', 'main'].map(() => ({ requests: { cpu: '1' }, limits: { memory: '1Gi' } }))
    )
    expect(Object.keys(spec)).not.toContain('schedulerName')
  })

  test('counts where a quota asks for resources, and what it does not say is small', () => {
    const resources = (template?: typeof TEMPLATE): unknown =>
      (twinPod({ ...SPEC, template }, { nonRoot: false, bounded: true }) as unknown as Made).spec.containers[0]['resources']
    expect(resources()).toEqual(SMALL)
    expect(resources(TEMPLATE)).toEqual({
      requests: { cpu: '1', 'ephemeral-storage': '16Mi' }, // the limit of memory is its request
      limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '512Mi' } // none is below what is asked for
    })
  })

  test('is shown in one line', () => {
    expect(showTemplate(TEMPLATE)).toBe(
      'labels team=shop, app.kubernetes.io/managed-by=helm; annotations sidecar.istio.io/inject=false; nodeSelector pool=scans, kubernetes.io/os=windows; tolerations [{"operator":"Exists"}]; priorityClassName low; requests cpu=1; limits memory=1Gi'
    )
  })
})

describe('a pod of ours', () => {
  test('has our marks, no token, no variable, and one volume', () => {
    const { metadata, spec } = made()
    expect(metadata).toEqual({
      namespace: 'scans',
      name: 'kscan-abc-0',
      labels: { 'app.kubernetes.io/managed-by': 'kscan', 'kscan.dev/run': 'abc', 'kscan.dev/expires-at': '7' },
      annotations: { 'kscan.dev/owner': 'ann' }
    })
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      activeDeadlineSeconds: 390,
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' },
      volumes: [{ name: 'kscan', emptyDir: { sizeLimit: '256Mi' } }]
    })
    expect(Object.keys(spec.containers[0]).toSorted()).toEqual(['command', 'image', 'imagePullPolicy', 'name', 'securityContext', 'volumeMounts'])
  })

  test('has the toolbox put in by a container that has ended by then, and cannot change it', () => {
    const { spec } = made()
    expect(spec.initContainers).toMatchObject([{ image: 'toolbox:1', volumeMounts: [{ name: 'kscan', mountPath: '/toolbox' }] }])
    expect(spec.containers[0]['volumeMounts']).toEqual([{ name: 'kscan', mountPath: '/kscan', subPath: 'kscan', readOnly: true }])
    expect(spec.containers[0]['command']).toEqual(['/kscan/bin/hold', '90'])
  })

  test('is what the level restricted admits, when its user is not root', () => {
    for (const { securityContext } of [...made().spec.containers, ...made().spec.initContainers])
      expect(securityContext).toEqual({
        runAsUser: 4321,
        runAsGroup: 1234,
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' }
      })
  })

  test('of a root container keeps the capabilities that it has, and reads what it may read', () => {
    const { spec } = made({ user: { uid: 0, gid: 0 } })
    expect(spec.containers[0].securityContext).toMatchObject({ runAsUser: 0, runAsNonRoot: false, capabilities: { drop: ['NET_RAW'] } })
    expect(spec.initContainers[0].securityContext).toMatchObject({ capabilities: { drop: ['ALL'] } })
  })

  test('of an image whose user nobody knows runs as the image says; the promise not to be root is made where it is asked for', () => {
    const { spec } = made({ user: undefined })
    expect(Object.keys(spec.containers[0].securityContext)).not.toContain('runAsUser')
    expect(Object.keys(spec.containers[0].securityContext)).not.toContain('runAsNonRoot')
    expect(spec.initContainers[0].securityContext).toMatchObject({ runAsUser: 65532, runAsNonRoot: true })
    expect(made({ user: undefined }, true).spec.containers[0].securityContext).toMatchObject({ runAsNonRoot: true, capabilities: { drop: ['ALL'] } })
  })

  test.each([
    [true, 'requiredDuringSchedulingIgnoredDuringExecution'],
    [false, 'preferredDuringSchedulingIgnoredDuringExecution']
  ])('where the image may run nowhere else (%s), its node is %s', (only, rule) => {
    expect(Object.keys((made({ node: { name: 'node-1', only } }).spec['affinity'] as { nodeAffinity: object }).nodeAffinity)).toEqual([rule])
    expect(made({ node: undefined }).spec['affinity']).toBeUndefined()
  })

  test('never pulls an image that was loaded into a node', () => {
    expect(made({ image: { name: `sha256:${'a'.repeat(64)}`, onNode: true } }).spec.containers[0]).toMatchObject({ imagePullPolicy: 'Never' })
    expect(made().spec.containers[0]).toMatchObject({ image: DIGEST, imagePullPolicy: 'IfNotPresent' })
  })
})

describe('what a pod of ours waits for', () => {
  const look = (seen: Partial<TwinLook>): TwinLook => ({ helper: {}, target: {}, pod: '', over: false, ...seen })
  const wait = (...seen: (TwinLook | undefined)[]): Promise<void> => {
    const clock = { now: () => 0, sleep: () => Promise.resolve() }
    return untilTwinRuns(SPEC, () => Promise.resolve(seen.shift()), { clock, signal: new AbortController().signal })
  }

  test('is that its container runs', async () => {
    const filled = { terminated: { exitCode: 0 } }
    await expect(wait(look({}), look({ helper: filled }), look({ helper: filled, target: { running: {} } }))).resolves.toBeUndefined()
  })

  test.each<[string, string, RegExp, TwinLook | undefined]>([
    ['it is deleted', 'HELPER_FAILED', /was deleted/, undefined],
    [
      'the toolbox is not pulled',
      'HELPER_FAILED',
      /toolbox did not .*ErrImagePull: gone/,
      look({ helper: { waiting: { reason: 'ErrImagePull', message: 'gone' } } })
    ],
    ['the toolbox is another image', 'HELPER_FAILED', /StartError/, look({ helper: { terminated: { reason: 'StartError', exitCode: 128 } } })],
    ['the image is not pulled', 'TARGET_UNUSABLE', /did not start .*ImagePullBackOff/, look({ target: { waiting: { reason: 'ImagePullBackOff' } } })],
    ['the image does not run', 'TARGET_UNUSABLE', /StartError/, look({ target: { terminated: { reason: 'StartError', exitCode: 128 } } })],
    ['its time is over', 'HELPER_FAILED', /DeadlineExceeded/, look({ pod: 'DeadlineExceeded', over: true })]
  ])('ends when %s', async (_why, code, message, seen) => {
    await expect(wait(seen)).rejects.toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  test('ends when no node takes it for long', async () => {
    let now = 0
    const clock = { now: () => (now += 200_000), sleep: () => Promise.resolve() }
    const unscheduled = (): Promise<TwinLook> => Promise.resolve(look({ pod: '0/3 nodes are available' }))
    await expect(untilTwinRuns(SPEC, unscheduled, { clock, signal: new AbortController().signal })).rejects.toThrow(/did not come to run: 0\/3 nodes/)
  })

  test('ends at an interruption', async () => {
    const waiting = untilTwinRuns(SPEC, () => Promise.resolve(look({})), { clock: systemClock, signal: AbortSignal.timeout(50) })
    await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  })
})
