import { describe, expect, test } from '@jest/globals'
import { imageOf, mirrorOf } from '../../../src/target/mirror.ts'
import { Pod } from '../../../src/target/pod.ts'

const HEX = 'a'.repeat(64)

describe('the image of a running container', () => {
  test.each([
    [`registry.example/app@sha256:${HEX}`, { name: `registry.example/app@sha256:${HEX}`, onNode: false }],
    [`docker-pullable://app@sha256:${HEX}`, { name: `app@sha256:${HEX}`, onNode: false }],
    [`sha256:${HEX}`, { name: `sha256:${HEX}`, onNode: true }],
    [`docker://sha256:${HEX}`, { name: `sha256:${HEX}`, onNode: true }]
  ])('%s', (imageId, expected) => {
    expect(imageOf({ name: 'web/app/main', imageId })).toEqual(expected)
  })

  test.each(['', 'app:1', HEX, 'sha256:abc'])('is not guessed from %j', (imageId) => {
    expect(() => imageOf({ name: 'web/app/main', imageId })).toThrow(expect.objectContaining({ code: 'TARGET_UNUSABLE' }))
  })
})

test('of a container its users and groups are taken over, no privilege and no profile', () => {
  const pod = Pod.parse({
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: {
      hostUsers: false,
      imagePullSecrets: [{ name: 'registry' }, {}],
      securityContext: { fsGroup: 7, sysctls: [{ name: 'a', value: 'b' }], seccompProfile: { type: 'Unconfined' } },
      containers: [
        { name: 'other', securityContext: { runAsUser: 9 } },
        { name: 'main', securityContext: { runAsUser: 3, privileged: true, procMount: 'Unmasked', capabilities: { add: ['SYS_ADMIN'], drop: ['NET_RAW'] } } }
      ]
    }
  })
  expect(mirrorOf(pod, 'main')).toEqual({
    podSecurity: { fsGroup: 7 },
    containerSecurity: { runAsUser: 3 },
    drop: ['NET_RAW'],
    hostUsers: false,
    pullSecrets: ['registry'],
    nodeSelector: {},
    tolerations: []
  })
})
