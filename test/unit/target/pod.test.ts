import { expect, test } from '@jest/globals'
import { Pod, userOf } from '../../../src/target/pod.ts'

const pod = (spec: object, container: object, status: object): Pod =>
  Pod.parse({
    metadata: { name: 'p', namespace: 'n', uid: 'u' },
    spec: { ...spec, containers: [{ name: 'main', ...container }] },
    status: { containerStatuses: [{ name: 'main', ...status }] }
  })

test.each([
  ['its status', pod({ securityContext: { runAsUser: 1, runAsGroup: 2 } }, {}, { user: { linux: { uid: 7, gid: 8 } } }), { uid: 7, gid: 8 }],
  ['the container', pod({ securityContext: { runAsUser: 1, runAsGroup: 2 } }, { securityContext: { runAsUser: 3 } }, {}), { uid: 3, gid: 2 }],
  ['the pod', pod({ securityContext: { runAsUser: 1, runAsGroup: 2 } }, {}, {}), { uid: 1, gid: 2 }],
  ['nobody: a user without a group may have any', pod({}, { securityContext: { runAsUser: 3 } }, {}), undefined],
  ['nobody', pod({}, {}, {}), undefined]
])('the user of a container is told by %s', (_who, given, expected) => {
  expect(userOf(given, 'main')).toEqual(expected)
})
