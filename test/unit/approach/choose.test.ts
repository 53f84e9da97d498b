import { describe, expect, test } from '@jest/globals'
import { type Allowed, type ApproachKind, choose, type Known } from '../../../src/approach/choose.ts'

const known = (more: Partial<Omit<Known, 'allow' | 'failed'>> & { allow?: Allowed[]; failed?: Partial<Record<ApproachKind, string>> } = {}): Known => ({
  helper: false,
  lacking: undefined,
  ...more,
  allow: new Set(more.allow),
  failed: new Map(Object.entries(more.failed ?? {}) as [ApproachKind, string][])
})
const NO_SHELL = { 'kubernetes-api': 'the image has no /bin/sh' }

describe('the decision table', () => {
  test.each<[rule: string, chosen: ApproachKind | undefined, what: Known]>([
    ['the own shell is tried first, whatever is allowed', 'kubernetes-api', known({ allow: ['ephemeral-container', 'scan-pod'], helper: true })],
    ['a shell with its tools is enough', 'kubernetes-api', known({ allow: ['ephemeral-container'], lacking: [] })],
    ['a shell without its tools is enough where none may be lent', 'kubernetes-api', known({ lacking: ['ps'] })],
    ['… and where a pod of its own would be the only other way', 'kubernetes-api', known({ lacking: ['ps'], allow: ['scan-pod'] })],
    ['tools that lack are lent where that is allowed', 'debug-container', known({ lacking: ['ps'], allow: ['ephemeral-container'] })],
    ['tools that lack are lent by a deployed helper', 'sidecar-container', known({ lacking: ['ps'], helper: true })],
    [
      'a helper that does not come leaves the shell',
      'kubernetes-api',
      known({ lacking: ['ps'], allow: ['ephemeral-container'], failed: { 'debug-container': 'refused' } })
    ],
    ['a deployed helper goes before one that is added', 'sidecar-container', known({ failed: NO_SHELL, helper: true, allow: ['ephemeral-container'] })],
    ['without a shell a helper is added where that is allowed', 'debug-container', known({ failed: NO_SHELL, allow: ['ephemeral-container', 'scan-pod'] })],
    ['… also without a policy, where that is', 'debug-container', known({ failed: NO_SHELL, allow: ['unpoliced-ephemeral-container'] })],
    ['else a pod of its own', 'twin-pod', known({ failed: NO_SHELL, allow: ['scan-pod'] })],
    [
      '… also when the helper was refused',
      'twin-pod',
      known({ failed: { ...NO_SHELL, 'debug-container': 'refused' }, allow: ['ephemeral-container', 'scan-pod'] })
    ],
    ['else nothing', undefined, known({ failed: NO_SHELL })]
  ])('%s', (_rule, chosen, what) => expect(choose(what).approach).toBe(chosen))
})

test('each approach that was not taken is named with why', () => {
  expect(choose(known({ failed: { ...NO_SHELL, 'debug-container': 'the policy says no' }, allow: ['ephemeral-container', 'scan-pod'] }))).toEqual({
    approach: 'twin-pod',
    why: 'nothing else works, and a pod of its image may be made',
    rejected: [
      { approach: 'kubernetes-api', why: 'the image has no /bin/sh' },
      { approach: 'sidecar-container', why: 'no helper is deployed with the pod' },
      { approach: 'debug-container', why: 'the policy says no' }
    ]
  })
})
