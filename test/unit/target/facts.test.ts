import { expect, test } from '@jest/globals'
import { factsOf, refusal } from '../../../src/target/facts.ts'
import { Pod } from '../../../src/target/pod.ts'

const podOf = (spec: object, { metadata = {}, phase = 'Running' }: { metadata?: object; phase?: string } = {}): Pod =>
  Pod.parse({
    metadata: { name: 'web', namespace: 'shop', uid: 'u-1', ...metadata },
    spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
    status: { phase, containerStatuses: [] }
  })

test.each<[why: string | undefined, pod: Pod]>([
  [undefined, podOf({})],
  [undefined, podOf({}, { metadata: { annotations: { 'kubernetes.io/config.mirror': 'abc' } } })],
  ['it is being deleted', podOf({}, { metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } })],
  ['it is a Windows pod, which kscan cannot scan', podOf({ os: { name: 'windows' } })],
  ['it is a Windows pod, which kscan cannot scan', podOf({ nodeSelector: { 'kubernetes.io/os': 'windows' } })],
  ["it shares the process namespace of its node (hostPID), so that its answers would be the node's", podOf({ hostPID: true })],
  ['it is not running (Pending)', podOf({}, { phase: 'Pending' })]
])('a pod is refused because %s', (why, pod) => expect(refusal(pod)).toBe(why))

test.each(['10.1.2.3', undefined])('the address of a pod is that of its status: %s', (podIP) => {
  const pod = podOf({})
  const running = { name: 'main', restartCount: 0, containerID: 'containerd://1', state: { running: {} } }
  expect(factsOf({ ...pod, status: { ...pod.status, podIP, containerStatuses: [running] } }, 'main', 'web').podIp).toBe(podIP)
})
