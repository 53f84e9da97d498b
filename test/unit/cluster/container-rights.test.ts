import { expect, test } from '@jest/globals'
import { rightsOf, type Security } from '../../../src/cluster/container-rights.ts'
import { type ContainerRights, mostOf } from '../../../src/kernel/container-rights.ts'

const CONFINED: Security = {
  runAsUser: 1000,
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' }
}

test.each<[string, Security, Security, ContainerRights]>([
  ['all that the level restricted asks for', CONFINED, {}, 'restricted'],
  ['another profile of seccomp', { ...CONFINED, seccompProfile: { type: 'Localhost' } }, {}, 'restricted'],
  ['no user, and the promise that it is not root', { ...CONFINED, runAsUser: undefined }, {}, 'restricted'],
  ['a user, and no promise', { ...CONFINED, runAsNonRoot: undefined }, {}, 'restricted'],
  ['root', { ...CONFINED, runAsUser: 0, runAsNonRoot: false }, {}, 'root'],
  ['neither user nor promise', { ...CONFINED, runAsUser: undefined, runAsNonRoot: undefined }, {}, 'root'],
  ["the pod's user", { ...CONFINED, runAsUser: undefined, runAsNonRoot: undefined }, { runAsUser: 5 }, 'restricted'],
  ["the pod's seccomp profile", { ...CONFINED, seccompProfile: undefined }, { seccompProfile: { type: 'RuntimeDefault' } }, 'restricted'],
  ['no seccomp profile', { ...CONFINED, seccompProfile: { type: 'Unconfined' } }, { seccompProfile: { type: 'RuntimeDefault' } }, 'wider'],
  ['an added capability', { ...CONFINED, capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] } }, {}, 'wider'],
  ['capabilities that are not dropped', { ...CONFINED, capabilities: { drop: ['NET_RAW'] } }, {}, 'wider'],
  ['escalation that nobody forbids', { ...CONFINED, allowPrivilegeEscalation: undefined }, {}, 'wider'],
  ['privilege', { ...CONFINED, privileged: true }, {}, 'privileged'],
  ['nothing', {}, {}, 'wider']
])('a container with %s', (_what, container, pod, expected) => {
  expect(rightsOf(container, pod)).toBe(expected)
})

test('of several the strongest counts', () => {
  expect([mostOf([]), mostOf(['root', 'restricted']), mostOf(['wider', 'privileged', 'restricted'])]).toEqual([undefined, 'root', 'privileged'])
})
