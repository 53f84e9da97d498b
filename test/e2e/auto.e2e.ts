import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { watchAudit } from './audit-log.ts'
import { kscan, leftHere, type Ran } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE, removePod, startPod, untilReady } from './cluster.ts'
import { deploy } from './deployed.ts'
import { enforcePolicy } from './helper-policy.ts'
import { freshPods, RESTRICTED } from './restricted-pod.ts'
import { NOT_TO_BE_HAD, TOOLBOX } from './toolbox.ts'

const PROFILE = resolve('test/fixtures/profiles/unseen')

/** A scan that may choose; `allow` is what may be added. */
const scan = (namespace: string, pod: string, allow = 'none', { image = TOOLBOX, by = '--pod', more = [] as string[] } = {}): Promise<Ran> =>
  kscan(['scan', '--namespace', namespace, by, pod, '--profile', PROFILE, '--helper-image', image, '--allow', allow, ...more])

interface Way {
  readonly approach: string | undefined
  readonly why: string
  readonly rejected: { approach: string; why: string }[]
}
const wayOf = ({ folder }: Ran): Way => {
  const { targets } = JSON.parse(readFileSync(join(folder, 'kscan-reports', 'run.json'), 'utf8')) as { targets: [Way] }
  return targets[0]
}

const rejectedBy = (ran: Ran): Record<string, string> => Object.fromEntries(wayOf(ran).rejected.map(({ approach, why }) => [approach, why]))

beforeAll(freshPods)
afterEach(async () => expect(await leftBehind()).toEqual([]))

describe('1: what is not there, or must not be scanned, is an error and never called distroless', () => {
  test.each<[what: string, name: string, spec: Record<string, unknown> | undefined, message: RegExp]>([
    ['a pod that is not there', 'auto-none', undefined, /There is no pod auto-none/],
    ['a pod that does not run', 'auto-pending', { nodeSelector: { nosuch: 'node' } }, /not running \(Pending: 0\/1 nodes are available/],
    ['a Windows pod', 'auto-windows', { os: { name: 'windows' } }, /Windows/],
    ['a pod in the process namespace of its node', 'auto-host', { hostPID: true }, /hostPID/]
  ])('%s', async (_what, name, spec, message) => {
    if (spec !== undefined) await startPod(name, spec)
    try {
      const ran = await scan(NAMESPACE, name, 'ephemeral-container,scan-pod')
      expect([ran.code, leftHere(ran), ran.stderr]).toEqual([4, [], expect.stringMatching(message)])
      expect(ran.stderr).not.toMatch(/no usable shell/)
    } finally {
      await removePod(name)
    }
  })
})

describe('2: a usable shell', () => {
  /** A helper stays in its pod: not in one that other tests use. */
  const BARE = 'auto-busybox'
  beforeAll(async () => {
    await startPod(BARE, {}, 'test.local/busybox:1')
    await untilReady(BARE)
  })
  afterAll(() => removePod(BARE))

  test('is taken whatever is allowed, and the scanner gets no right to patch', async () => {
    const events = watchAudit()
    const ran = await scan(NAMESPACE, 'nginx', 'scan-pod')
    expect([wayOf(ran), leftHere(ran)]).toEqual([{ ...wayOf(ran), approach: 'kubernetes-api', rejected: [] }, []])
    const made = events()
      .filter(({ verb }) => verb === 'create')
      .map(({ requestURI }) => requestURI)
    expect(made.filter((uri) => /\/roles(\?|$)/.test(uri))).toHaveLength(1)
    expect(made.filter((uri) => /ephemeral|\/pods(\?|$)/.test(uri))).toEqual([])
  })

  test('without getent is given the tools where a helper is allowed', async () => {
    const ran = await scan(NAMESPACE, BARE, 'unpoliced-ephemeral-container')
    expect(wayOf(ran)).toMatchObject({ approach: 'debug-container', why: expect.stringContaining('the image lacks getent') })
    expect(rejectedBy(ran)).toMatchObject({ 'kubernetes-api': expect.stringContaining('the image has a shell, but not getent') })
  })

  test('without getent is taken as it is where none is, and what cannot be judged is said', async () => {
    const ran = await scan(NAMESPACE, BARE)
    expect(wayOf(ran)).toMatchObject({ approach: 'kubernetes-api', why: expect.stringContaining('getent') })
    expect(ran.stdout + ran.stderr).toContain('(user) may fail or be unjudged')
  })
})

test('3: without the right to open a shell the scan stops, and names it', async () => {
  await kubectl('create', 'serviceaccount', '-n', RESTRICTED, 'kscan')
  await kubectl('create', 'role', 'kscan', '-n', RESTRICTED, '--verb=get', '--resource=pods')
  await kubectl('create', 'rolebinding', 'kscan', '-n', RESTRICTED, '--role=kscan', `--serviceaccount=${RESTRICTED}:kscan`)
  try {
    const ran = await scan(RESTRICTED, 'static', 'ephemeral-container,scan-pod', { more: ['--access', 'service-account', '--service-account', 'kscan'] })
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/may not get,create pods\/exec static/)])
    expect(ran.stderr).not.toMatch(/no usable shell/)
  } finally {
    for (const kind of ['rolebinding', 'role', 'serviceaccount']) await kubectl('delete', kind, 'kscan', '-n', RESTRICTED)
  }
})

test('4: a helper that the owner has deployed is used, though more is allowed', async () => {
  await deploy('auto-deployed', 'test.local/distroless-static:1', { components: ['toolbox-volume'] })
  const ran = await scan(RESTRICTED, 'deployment/auto-deployed', 'unpoliced-ephemeral-container,scan-pod', { by: '--workload' })
  await kubectl('delete', 'deployment', 'auto-deployed', '-n', RESTRICTED)
  expect([wayOf(ran), leftHere(ran)]).toEqual([expect.objectContaining({ approach: 'sidecar-container' }), []])
  expect(Object.keys(rejectedBy(ran))).toEqual(['kubernetes-api'])
})

describe('without a shell', () => {
  test('5: a helper is added where that is allowed and a policy limits it; the right to patch comes only then, for this pod', async () => {
    const dropPolicy = await enforcePolicy()
    try {
      const events = watchAudit()
      const ran = await scan(RESTRICTED, 'static', 'ephemeral-container,scan-pod')
      expect(wayOf(ran)).toMatchObject({ approach: 'debug-container', why: expect.stringContaining('no usable shell') })
      expect(Object.keys(rejectedBy(ran))).toEqual(['kubernetes-api', 'sidecar-container'])
      expect(ran.stdout).toMatch(/patch pods\/ephemeralcontainers \[static\]/)
      expect(events().filter(({ verb, requestURI }) => verb === 'create' && /\/roles(\?|$)/.test(requestURI))).toHaveLength(2)
    } finally {
      await dropPolicy()
    }
  })

  test('6: a pod of its image is made where the helper is refused, and its results are called image only', async () => {
    const ran = await scan(RESTRICTED, 'base', 'ephemeral-container,scan-pod')
    expect(wayOf(ran)).toMatchObject({ approach: 'twin-pod', why: expect.stringContaining('image only') })
    expect(rejectedBy(ran)).toMatchObject({ 'debug-container': expect.stringContaining('would also give the scanner') })
    expect(await kubectl('get', 'pod', 'base', '-n', RESTRICTED, '-o', 'jsonpath={.spec.ephemeralContainers}')).toBe('')
  })

  test('6: … also when the helper does not start', async () => {
    const ran = await scan(RESTRICTED, 'base', 'unpoliced-ephemeral-container,scan-pod', { image: NOT_TO_BE_HAD })
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/debug-container: .*did not start.*twin-pod: /s)])
    expect(ran.stdout).toMatch(/kept: ephemeral container/)
  })

  test('7: Pod Security admits neither to a target that is root: its words are the reasons', async () => {
    const namespace = `${NAMESPACE}-late`
    await kubectl('create', 'namespace', namespace)
    try {
      const files = `--overrides=${JSON.stringify({ spec: { containers: [{ name: 'root', image: 'test.local/distroless-static:1', securityContext: { runAsUser: 0 } }] } })}`
      await kubectl('run', 'root', '-n', namespace, '--image=test.local/distroless-static:1', '--image-pull-policy=Never', files)
      await kubectl('wait', '-n', namespace, '--for=condition=Ready', 'pod/root', '--timeout=60s')
      await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted')
      const ran = await scan(namespace, 'root', 'unpoliced-ephemeral-container,scan-pod')
      expect([ran.code, leftHere(ran), ran.stderr]).toEqual([4, [], expect.stringContaining('All is allowed: change what refused it')])
      expect(rejectedBy(ran)).toMatchObject({
        'debug-container': expect.stringContaining('violates PodSecurity "restricted:latest"'),
        'twin-pod': expect.stringContaining('violates PodSecurity "restricted:latest"')
      })
    } finally {
      await kubectl('delete', 'namespace', namespace, '--wait=false')
    }
  })

  test('7: nothing is left: every reason, and what to allow', async () => {
    const ran = await scan(RESTRICTED, 'base')
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stderr).toMatch(
      /There is no way into .*kubernetes-api: .*sidecar-container: no helper is deployed.*debug-container: allow does not hold.*twin-pod: allow does not hold/s
    )
    expect(ran.stderr).toMatch(/allow: ephemeral-container,scan-pod/)
    expect(wayOf(ran).approach).toBe('none')
  })
})
