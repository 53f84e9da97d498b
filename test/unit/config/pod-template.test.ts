import { describe, expect, test } from '@jest/globals'
import type { Problem } from '../../../src/kernel/error.ts'
import { scanWith } from './load-support.ts'

const TWIN = { approach: 'twin-pod', allow: 'scan-pod', 'helper-image': 'toolbox:1' }
const read = (text: string): unknown => {
  try {
    const { approach } = scanWith({ ...TWIN, 'scan-pod-template': text })
    return 'template' in approach ? approach.template : undefined
  } catch (error) {
    return (error as { problems: Problem[] }).problems.map(({ name, got }) => `${name}: ${got}`)
  }
}
const NOTHING = {
  labels: {},
  annotations: {},
  nodeSelector: {},
  tolerations: [],
  priorityClassName: undefined,
  schedulerName: undefined,
  requests: {},
  limits: {}
}

describe('a partial pod', () => {
  test('may say how pods of ours are told apart, where they run and how much they ask for', () => {
    const text = `
apiVersion: v1
kind: Pod
metadata:
  labels: { team: shop, app.kubernetes.io/name: scan, empty: '' }
  annotations: { sidecar.istio.io/inject: false, example.com/cost: 7 }
spec:
  nodeSelector: { pool: scans }
  tolerations: [{ key: dedicated, operator: Equal, value: scans, effect: NoSchedule }, { operator: Exists }]
  priorityClassName: low
  schedulerName: other
  containers: [{ resources: { requests: { cpu: 1, memory: 64Mi }, limits: { memory: 0.5Gi, ephemeral-storage: 1e3 } } }]
`
    expect(read(text.replace('1e3', '1000k'))).toEqual({
      labels: { team: 'shop', 'app.kubernetes.io/name': 'scan', empty: '' },
      annotations: { 'sidecar.istio.io/inject': 'false', 'example.com/cost': '7' },
      nodeSelector: { pool: 'scans' },
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'scans', effect: 'NoSchedule' }, { operator: 'Exists' }],
      priorityClassName: 'low',
      schedulerName: 'other',
      requests: { cpu: '1', memory: '64Mi' },
      limits: { memory: '0.5Gi', 'ephemeral-storage': '1000k' }
    })
  })

  test('may be empty', () => {
    expect([read('{}'), read('metadata: {}\nspec: {}'), read('spec: {containers: [{}]}')]).toEqual([NOTHING, NOTHING, NOTHING])
  })

  test.each([
    ['spec: {serviceAccountName: admin}', 'spec.serviceAccountName, which would give the pod more rights'],
    ['spec: {automountServiceAccountToken: true}', 'spec.automountServiceAccountToken, which would give the pod more rights'],
    ['spec: {volumes: [{name: a, hostPath: {path: /}}]}', 'spec.volumes, which would give the pod more rights'],
    ['spec: {containers: [{envFrom: [{secretRef: {name: a}}]}]}', 'spec.containers.0.envFrom, which would give the pod more rights'],
    ['spec: {containers: [{resources: {claims: [{name: a}]}}]}', 'spec.containers.0.resources.claims, which would give the pod more rights'],
    ['spec: {containers: [{resources: {limits: {example.com/gpu: 1}}}]}', 'spec.containers.0.resources.limits.example.com/gpu, which kscan does not set'],
    ['spec: {hostNetwork: true}', 'spec.hostNetwork, which changes how the pod is kept apart'],
    ['spec: {hostPID: true, hostIPC: true}', 'spec.hostPID, which changes how the pod is kept apart from its node; spec.hostIPC'],
    ['spec: {securityContext: {}}', 'spec.securityContext, which changes'],
    ['spec: {containers: [{securityContext: {privileged: true}}]}', 'spec.containers.0.securityContext, which changes'],
    ['spec: {runtimeClassName: kata}', 'spec.runtimeClassName, which changes'],
    ['spec: {containers: [{image: other}]}', 'spec.containers.0.image, which the target says'],
    ['spec: {containers: [{name: main}]}', 'spec.containers.0.name, which kscan gives'],
    ['spec: {containers: [{command: [sh]}]}', 'spec.containers.0.command, which is the program of the toolbox'],
    ['spec: {initContainers: []}', 'spec.initContainers, which kscan does not set'],
    ['spec: {imagePullSecrets: []}', 'spec.imagePullSecrets: say it with pull-secret'],
    ['metadata: {namespace: x}', 'metadata.namespace: say it with scan-namespace'],
    ['metadata: {finalizers: [a/b]}', 'metadata.finalizers, which kscan does not set'],
    ['status: {}', 'status, which kscan does not set']
  ])('that says more is refused: %s', (text, words) => {
    expect(read(text)).toEqual([expect.stringContaining(`scan-pod-template: ${words}`)])
  })

  test.each([
    ['metadata: {labels: {kscan.dev/run: x}}', "it has one of kscan's own names"],
    ['metadata: {labels: {app.kubernetes.io/managed-by: helm}}', "it has one of kscan's own names"],
    ['metadata: {annotations: {kscan.dev/owner: x}}', "it has one of kscan's own names"],
    ['metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/main: unconfined}}', 'changes how the pod is kept apart'],
    ['metadata: {annotations: {k8s.v1.cni.cncf.io/networks: host}}', 'changes how the pod is kept apart'],
    ['metadata: {labels: {"a b": c}}', 'a name that Kubernetes does not take'],
    ['metadata: {labels: {a: "b c"}}', 'it is no value of a label'],
    ['metadata: {labels: [a]}', 'metadata.labels'],
    ['spec: {nodeSelector: {kubernetes.io/os: windows}}', 'kscan scans Linux only'],
    ['spec: {priorityClassName: system-node-critical}', 'the priorities of the system are not for a scan'],
    ['spec: {tolerations: [{operator: Any}]}', 'it must be Exists or Equal'],
    ['spec: {containers: [{resources: {limits: {cpu: much}}}]}', 'it must be a quantity like 100m or 64Mi'],
    ['spec: {containers: [{}, {}]}', 'it must be a list of one container'],
    ['kind: Deployment', 'it must be Pod'],
    ['just text', 'it must be a mapping'],
    ['a: [', 'scan-pod-template:'],
    ['a: &a [*a]', 'scan-pod-template:']
  ])('that is not as it must be is refused: %s', (text, words) => {
    expect(read(text)).toEqual([expect.stringContaining(words)])
  })

  test('has all that is wrong told at once', () => {
    expect(read('metadata: {labels: {a: "b c"}}\nspec: {hostNetwork: true, priorityClassName: system-x}')).toHaveLength(3)
  })

  test('is refused where no pod of ours is made', () => {
    expect(() => scanWith({ 'scan-pod-template': '{}' })).toThrow()
  })
})
