import { describe, expect, test } from '@jest/globals'
import { deployedHelper, waitingContainers } from '../../../src/target/deployed.ts'
import { Pod } from '../../../src/target/pod.ts'

const pod = (spec: object): Pod => Pod.parse({ metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec })

const at = (mountPath: string, more: object = {}): object => ({ volumeMounts: [{ name: 'box', mountPath, ...more }] })
const FILLER = { name: 'fill', ...at('/toolbox') }
const HELPER = { name: 'helper', command: ['/kscan/bin/hold', '9'], restartPolicy: 'Always' }
const EMPTY = { volumes: [{ name: 'box', emptyDir: {} }] }

describe('a deployed helper', () => {
  test.each<[string, object, unknown]>([
    [
      'a volume',
      { ...EMPTY, initContainers: [FILLER], containers: [{ name: 'app', ...at('/kscan', { readOnly: true }) }] },
      { kind: 'volume', readOnly: true }
    ],
    [
      'a volume that the target may write to',
      { ...EMPTY, initContainers: [FILLER], containers: [{ name: 'app', ...at('/kscan/') }] },
      { kind: 'volume', readOnly: false }
    ],
    ['a native sidecar', { shareProcessNamespace: true, initContainers: [HELPER], containers: [{ name: 'app' }] }, { kind: 'sidecar', container: 'helper' }],
    [
      'a container beside the target',
      { shareProcessNamespace: true, containers: [{ name: 'app' }, { name: 'helper', command: ['/kscan/bin/hold', '9'] }] },
      { kind: 'sidecar', container: 'helper' }
    ],
    [
      'a volume, where there is both',
      { ...EMPTY, shareProcessNamespace: true, initContainers: [FILLER, HELPER], containers: [{ name: 'app', ...at('/kscan') }] },
      { kind: 'volume', readOnly: false }
    ],
    [
      'a volume that another container may write',
      {
        ...EMPTY,
        initContainers: [FILLER],
        containers: [
          { name: 'app', ...at('/kscan', { readOnly: true }) },
          { name: 'other', ...at('/tools') }
        ]
      },
      { kind: 'volume', readOnly: false }
    ],
    [
      'a volume that nobody may write but who filled it',
      {
        ...EMPTY,
        initContainers: [FILLER],
        containers: [
          { name: 'app', ...at('/kscan', { readOnly: true }) },
          { name: 'other', ...at('/tools', { readOnly: true }) }
        ]
      },
      { kind: 'volume', readOnly: true }
    ]
  ])('is %s', (_what, spec, expected) => {
    expect(deployedHelper(pod(spec), 'app')).toEqual({ ...Object(expected), image: '', rights: 'wider' })
  })

  const CONFINED = {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' }
  }
  const lent = { image: 'toolbox:1', securityContext: CONFINED }
  test.each<[string, object, object]>([
    [
      'of the container that fills the volume',
      { ...EMPTY, initContainers: [{ ...FILLER, ...lent }], containers: [{ name: 'app', ...at('/kscan') }] },
      { image: 'toolbox:1', rights: 'restricted' }
    ],
    [
      'of the strongest of those that fill it',
      {
        ...EMPTY,
        initContainers: [
          { ...FILLER, ...lent },
          { ...FILLER, name: 'more', securityContext: { privileged: true } }
        ],
        containers: [{ name: 'app', ...at('/kscan') }]
      },
      { image: 'toolbox:1', rights: 'privileged' }
    ],
    [
      'of the sidecar, not of the target',
      { shareProcessNamespace: true, initContainers: [{ ...HELPER, ...lent }], containers: [{ name: 'app', securityContext: { privileged: true } }] },
      { image: 'toolbox:1', rights: 'restricted' }
    ],
    [
      'of the pod, where the sidecar leaves it to that',
      {
        shareProcessNamespace: true,
        securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } },
        initContainers: [{ ...HELPER, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
        containers: [{ name: 'app' }]
      },
      { image: '', rights: 'root' }
    ]
  ])('has the rights %s', (_what, spec, expected) => {
    expect(deployedHelper(pod(spec), 'app')).toMatchObject(expected)
  })

  test.each<[string, object]>([
    ['nothing', { containers: [{ name: 'app' }] }],
    ['a volume elsewhere', { ...EMPTY, initContainers: [FILLER], containers: [{ name: 'app', ...at('/tools') }] }],
    ['a volume of another container', { ...EMPTY, initContainers: [FILLER], containers: [{ name: 'app' }, { name: 'other', ...at('/kscan') }] }],
    ['a volume that nobody fills', { ...EMPTY, containers: [{ name: 'app', ...at('/kscan') }] }],
    [
      'a volume of another kind',
      { volumes: [{ name: 'box', hostPath: { path: '/x' } }], initContainers: [FILLER], containers: [{ name: 'app', ...at('/kscan') }] }
    ],
    ['a helper in a process namespace of its own', { initContainers: [HELPER], containers: [{ name: 'app' }] }],
    [
      'a helper that ends before the target starts',
      { shareProcessNamespace: true, initContainers: [{ ...HELPER, restartPolicy: undefined }], containers: [{ name: 'app' }] }
    ],
    ['the target itself', { shareProcessNamespace: true, containers: [{ name: 'app', command: ['/kscan/bin/hold', '9'] }] }],
    ['another sidecar', { shareProcessNamespace: true, initContainers: [{ ...HELPER, command: ['/proxy'] }], containers: [{ name: 'app' }] }]
  ])('is not %s', (_what, spec) => {
    expect(deployedHelper(pod(spec), 'app')).toBeUndefined()
  })
})

test('containers that only wait are told from others', () => {
  expect(waitingContainers(pod({ initContainers: [HELPER, { name: 'proxy', restartPolicy: 'Always' }], containers: [{ name: 'app' }] }))).toEqual(['helper'])
})
