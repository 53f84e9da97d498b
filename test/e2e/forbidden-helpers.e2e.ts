import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { admittedHelpers, type HelperPod } from '../../src/approach/ephemeral-container.ts'
import { FIELDS, forbiddenHelpers } from '../../src/approach/forbidden-helpers.ts'
import { ephemeralPatch, helperContainer, type HelperSpec } from '../../src/approach/helper-spec.ts'
import { call } from '../../src/cluster/api.ts'
import { connectWithToken } from '../../src/cluster/connection.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { helperPod } from '../../src/scan/helper-pod.ts'
import { applyFixture, kubectl, NAMESPACE, openCluster, read, removePod, RESTRICTED, startPod, untilReady } from './cluster.ts'
import { enforcePolicy } from './helper-policy.ts'
import { TOOLBOX } from './toolbox.ts'

const SPEC: HelperSpec = { name: 'kscan-run-main-0', image: TOOLBOX, target: 'main', uid: 65532, gid: 65532, lifetime: 60, onNode: true }

/** What the API server refuses by itself, in every pod: it is asked for all the same, for another version may not. */
const BY_THE_API = [
  'a helper with a resource claim of the pod',
  'a helper with a hook at its end',
  'a helper with a hook at its start',
  'a helper with a liveness probe',
  'a helper with a port of the node',
  'a helper with a readiness probe',
  'a helper with a startup probe',
  'a helper that is a process of the node',
  'a helper that sees all of /proc',
  'a helper with a block device of the pod'
]

/** Admitted where the API knows variables out of files. */
const OF_FILES = "a helper with a variable out of the pod's volume"

const scannerOf = async (namespace: string): Promise<() => Promise<void>> => {
  await kubectl('create', 'serviceaccount', 'kscan-probe', '-n', namespace)
  await kubectl('create', 'rolebinding', 'kscan-probe', '-n', namespace, '--clusterrole=cluster-admin', `--serviceaccount=${namespace}:kscan-probe`)
  return async () => {
    for (const kind of ['rolebinding', 'serviceaccount']) await kubectl('delete', kind, 'kscan-probe', '-n', namespace)
  }
}

/** A pod as a scanner of its namespace sees it. */
const podOf = async (namespace: string, pod: string): Promise<HelperPod> => {
  const { connection } = await openCluster()
  const token = new Secret((await kubectl('create', 'token', 'kscan-probe', '-n', namespace)).trim())
  const { metadata } = await read<{ metadata: { uid: string } }>(`/api/v1/namespaces/${namespace}/pods/${pod}`)
  const ports = { clock: systemClock, signal: new AbortController().signal }
  return helperPod(
    connectWithToken(connection.server, () => token),
    { namespace, pod, podUid: metadata.uid },
    ports
  )
}

const undo: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  const container = {
    name: 'main',
    image: 'test.local/busybox:1',
    imagePullPolicy: 'Never',
    command: ['sleep', '100000'],
    securityContext: { runAsUser: 65532 }
  }
  await startPod('probed', { containers: [container], volumes: [{ name: 'scratch', emptyDir: {} }] }, 'test.local/busybox:1')
  undo.push(() => removePod('probed'), await scannerOf(NAMESPACE), await scannerOf(RESTRICTED))
  await untilReady('probed')
}, 120_000)
afterAll(async () => {
  for (const step of undo.toReversed()) await step()
}, 60_000)

const all = (): string[] => [...new Set(forbiddenHelpers(SPEC, { volumes: [{ name: 'scratch', emptyDir: {} }] }).map(({ what }) => what))]

/** The fields of a type below a path, down to those that have none. */
const Schemas = z.looseObject({
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() })) })
})
type Schemas = z.infer<typeof Schemas>['components']['schemas']
const fieldsOf = (schemas: Schemas, type: string, before: readonly string[] = []): string[] => {
  const { properties } = schemas[type] ?? {}
  if (properties === undefined || before.length > 6) return [before.join('.')]
  return Object.entries(properties).flatMap(([name, value]) => {
    const [, below = ''] = /"\$ref":"#\/components\/schemas\/([^"]+)"/.exec(JSON.stringify(value)) ?? []
    return fieldsOf(schemas, below, [...before, name])
  })
}

test('no field of an ephemeral container is unknown', async () => {
  const { components } = Schemas.parse(await read('/openapi/v3/api/v1'))
  const fields = fieldsOf(components.schemas, 'io.k8s.api.core.v1.EphemeralContainer')
  expect(fields.length).toBeGreaterThan(100)
  const known = (path: string): boolean => Object.keys(FIELDS).some((each) => `${path}.`.startsWith(`${each}.`))
  expect(fields.filter((path) => !known(path))).toEqual([])
})

describe('the dry runs of what a policy must refuse', () => {
  test('are admitted one and all where there is no policy, but for what the API refuses by itself', async () => {
    const pod = await podOf(NAMESPACE, 'probed')
    const admitted = await admittedHelpers(pod, SPEC)
    const refused = all().filter((what) => !admitted.includes(what) && what !== OF_FILES)
    expect(refused.toSorted()).toEqual(BY_THE_API.toSorted())
  })

  test('show that a policy of four shapes leaves all others open, the Secrets too', async () => {
    await applyFixture('policies/four-shapes.yaml', { change: (text) => text.replace('TOOLBOX', TOOLBOX) })
    undo.push(async () => {
      for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy']) await kubectl('delete', kind, `${NAMESPACE}-four-shapes`)
    })
    const pod = await podOf(NAMESPACE, 'probed')
    let admitted = await admittedHelpers(pod, SPEC)
    for (let look = 0; look < 60 && admitted.includes('a privileged helper'); look += 1) {
      await systemClock.sleep(250)
      admitted = await admittedHelpers(pod, SPEC)
    }
    admitted = await admittedHelpers(pod, SPEC) // the last look may have begun before the policy was in force
    expect(admitted).toEqual(
      expect.arrayContaining([
        'a helper with a variable of any Secret',
        'a helper with a volume of the pod',
        'a helper that is root',
        'a helper with more capabilities'
      ])
    )
    expect(admitted).not.toContain('a helper with the variables of any Secret')
  }, 60_000)

  test('are refused one and all where the policy of these tests holds, which admits the helper', async () => {
    undo.push(await enforcePolicy())
    const pod = await podOf(RESTRICTED, 'static')
    expect(await admittedHelpers(pod, SPEC)).toEqual([])
    const path = `api/v1/namespaces/${RESTRICTED}/pods/static/ephemeralcontainers?dryRun=All`
    await call(pod.connection, { method: 'PATCH', path, body: ephemeralPatch(pod.podUid, [helperContainer(SPEC)]) })
  }, 60_000)
})
