import { describe, expect, test } from '@jest/globals'
import { forbiddenHelpers, helperContainer, lentShellArgv } from '../../../src/approach/helper-spec.ts'

const SPEC = { name: 'kscan-abc-main-0', image: 'toolbox:1', target: 'main', uid: 65532, gid: 65533, lifetime: 90 }

describe('a helper', () => {
  test('holds no right but its target user, has no variables and no volumes, and ends by itself', () => {
    expect(helperContainer(SPEC)).toEqual({
      name: 'kscan-abc-main-0',
      image: 'toolbox:1',
      command: ['/kscan/bin/hold', '90'],
      targetContainerName: 'main',
      securityContext: {
        runAsUser: 65532,
        runAsGroup: 65533,
        runAsNonRoot: true,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' }
      }
    })
  })

  test('of a root target says that it runs as root', () => {
    expect(helperContainer({ ...SPEC, uid: 0, gid: 0 })).toMatchObject({ securityContext: { runAsUser: 0, runAsNonRoot: false } })
  })

  test('that a policy must refuse differs from the good one by one thing each', () => {
    const good = helperContainer(SPEC)
    expect(
      forbiddenHelpers(SPEC).map(({ container }) => Object.keys(container).filter((key) => JSON.stringify(container[key]) !== JSON.stringify(good[key])))
    ).toEqual([['envFrom'], ['securityContext'], ['image'], ['command']])
  })

  test('is entered by one argument, which names its process', () => {
    expect(lentShellArgv(7)).toEqual(['/proc/7/root/kscan/bin/sh'])
  })
})
