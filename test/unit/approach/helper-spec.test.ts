import { describe, expect, test } from '@jest/globals'
import { FIELDS, forbiddenHelpers } from '../../../src/approach/forbidden-helpers.ts'
import { helperContainer, lentShellArgv } from '../../../src/approach/helper-spec.ts'

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

  const VOLUMES = [{ name: 'scratch', emptyDir: {} }, { name: 'token' }]
  const changed = (of: Readonly<Record<string, unknown>>): string[] => {
    const good = helperContainer(SPEC)
    return [...new Set([...Object.keys(of), ...Object.keys(good)])].filter((key) => JSON.stringify(of[key]) !== JSON.stringify(good[key]))
  }

  test('that a policy must refuse differs from the good one by one field, or stands beside it', () => {
    for (const { containers } of forbiddenHelpers(SPEC, { volumes: VOLUMES })) {
      const differ = containers.map(changed).filter((fields) => fields.length > 0)
      expect([containers.length, differ]).toEqual(containers.length === 1 ? [1, [[expect.any(String)]]] : [2, [['name', 'envFrom']]])
    }
  })

  test('that a policy must refuse is asked for by each field that gives something', () => {
    const asked = new Set(forbiddenHelpers(SPEC, { volumes: VOLUMES }).flatMap(({ containers }) => containers.flatMap(changed)))
    const giving = Object.entries(FIELDS).flatMap(([path, field]) => (typeof field === 'string' ? [] : [path.split('.')[0] ?? '']))
    expect([...asked].toSorted()).toEqual([...new Set(giving)].toSorted())
  })

  test('asks for each volume of the pod, and for none where it has none; for root only where the target is not', () => {
    const asked = (spec: typeof SPEC, volumes: typeof VOLUMES): string => JSON.stringify(forbiddenHelpers(spec, { volumes }))
    expect(asked(SPEC, VOLUMES).match(/"volumeMounts":\[\{"name":"\w+"/g)).toEqual(['"volumeMounts":[{"name":"scratch"', '"volumeMounts":[{"name":"token"'])
    expect(asked(SPEC, [])).not.toContain('volumeMounts')
    expect([asked(SPEC, []).includes('a helper that is root'), asked({ ...SPEC, uid: 0 }, []).includes('a helper that is root')]).toEqual([true, false])
  })

  test.each([
    ['toolbox:1', 'toolbox:kscan-other'],
    ['localhost:5000/toolbox', 'localhost:5000/toolbox:kscan-other'],
    [`r.test:443/a/b:2@sha256:${'a'.repeat(64)}`, 'r.test:443/a/b:kscan-other']
  ])('of another version than %s is %s', (image, other) => {
    expect(JSON.stringify(forbiddenHelpers({ ...SPEC, image }, { volumes: [] }))).toContain(`"image":"${other}"`)
  })

  test('is entered by one argument, which names its process', () => {
    expect(lentShellArgv(7)).toEqual(['/proc/7/root/kscan/bin/sh'])
  })
})
