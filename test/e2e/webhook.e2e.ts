import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { makeCertificates } from '../support/api-server/certificates.ts'
import { Folder } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'
import { kscan, type Ran } from './cli.ts'
import { KUBECONFIG, kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { ownAddress } from './registry.ts'

const PLACE = `${NAMESPACE}-webhook`
const HOOK = `kscan-${NAMESPACE}.test.example`
const folder = new Folder()

/** What the webhook does, by resource and operation, as `pods/exec CONNECT`. */
interface Doing {
  /** HTTP code of its refusal; 0 admits. */
  readonly code: number
  readonly milliseconds?: number
}
let doing: Map<string, Doing>
let asked: string[]
let server: Server

interface Review {
  readonly request: {
    readonly uid: string
    readonly operation: string
    readonly subResource?: string
    readonly resource: { readonly resource: string }
    readonly dryRun?: boolean
  }
}

const WORDS = 'not with us\u001b[31m\n::error::never'
const SHOWN = String.raw`not with us\x1b[31m ::error::never`

const answer = async ({ request }: Review): Promise<unknown> => {
  const { uid, operation, subResource, resource, dryRun = false } = request
  const what = `${resource.resource}${subResource === undefined ? '' : `/${subResource}`} ${operation}`
  asked.push(`${what}${dryRun ? ' dry' : ''}`)
  const { code, milliseconds = 0 } = doing.get(what) ?? { code: 0 }
  await new Promise((after) => setTimeout(after, milliseconds))
  const response = code === 0 ? { uid, allowed: true } : { uid, allowed: false, status: { code, message: WORDS } }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

const startWebhook = async (): Promise<{ url: string; ca: string }> => {
  const host = ownAddress()
  const { ca, cert, key } = makeCertificates([`IP:${host}`])
  server = createServer({ cert, key }, (request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer))
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Review
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await answer(review)))
    })()
  })
  server.listen(0, host)
  await once(server, 'listening')
  return { url: `https://${host}:${(server.address() as AddressInfo).port}/`, ca }
}

const apply = (object: unknown): void => void execFileSync('kubectl', ['--kubeconfig', KUBECONFIG, 'apply', '-f', '-'], { input: JSON.stringify(object) })

beforeAll(async () => {
  doing = new Map()
  asked = []
  const { url, ca } = await startWebhook()
  apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: PLACE } })
  const container = { name: 'app', image: 'test.local/debian:1', imagePullPolicy: 'Never', command: ['sleep', '100000'] }
  apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: PLACE }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } })
  await kubectl('wait', '-n', PLACE, 'pod/web', '--for=condition=Ready', '--timeout=120s')
  apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: PLACE },
    webhooks: [
      {
        name: HOOK,
        clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE', 'CONNECT'], resources: ['*/*'], scope: 'Namespaced' }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': PLACE } },
        failurePolicy: 'Ignore',
        sideEffects: 'None',
        timeoutSeconds: 30,
        admissionReviewVersions: ['v1']
      }
    ]
  })
  await untilAsked()
})
beforeEach(() => {
  doing = new Map()
  asked = []
})
afterEach(async () => expect(await leftBehind()).toEqual([]))
afterAll(async () => {
  await kubectl('delete', 'validatingwebhookconfiguration', PLACE, '--ignore-not-found')
  await kubectl('delete', 'namespace', PLACE, '--wait=false', '--ignore-not-found')
  server.close()
  folder.remove()
})

/** A webhook is in force a moment after it was made. */
const untilAsked = async (): Promise<void> => {
  for (let tries = 0; tries < 100 && asked.length === 0; tries += 1) {
    await kubectl('create', 'configmap', 'any', '-n', PLACE, '--dry-run=server')
    await new Promise((after) => setTimeout(after, 200))
  }
}

const scan = (...more: string[]): Promise<Ran> =>
  kscan([
    'scan',
    '--namespace',
    PLACE,
    '--pod',
    'web',
    '--profile',
    resolve('test/fixtures/profiles/first'),
    '--auditor',
    stubAuditor(folder),
    ...LENIENT,
    ...more
  ])

const by = (what: string, code: number): string => `The admission webhook "${HOOK}" refused ${what} (${code}): ${SHOWN}`

describe('what a webhook of a real server refuses, by whatever code, is told with its name and its words', () => {
  test.each([400, 403, 418, 500])('an exec stream, by %d', async (code) => {
    doing.set('pods/exec CONNECT', { code })
    const ran = await scan('--approach', 'kubernetes-api')
    expect([ran.code, ran.stderr + ran.stdout]).toEqual([4, expect.stringContaining(by(`an exec of /bin/sh in ${PLACE}/web/app`, code))])
    expect(asked.filter((what) => what === 'pods/exec CONNECT')).toHaveLength(1)
  })

  test.each([400, 409, 451])('the binding of a run, by %d: what was made before it is removed', async (code) => {
    doing.set('rolebindings CREATE', { code })
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringMatching(/error: The admission webhook ".*" refused the rolebinding .* of this run \(\d+\): not with us/)
    ])
  })

  test('all ways, one after the other, under auto: the helper by its dry runs too', async () => {
    doing.set('pods/exec CONNECT', { code: 400 })
    doing.set('pods/ephemeralcontainers UPDATE', { code: 422 })
    doing.set('pods CREATE', { code: 500 })
    const ran = await scan('--allow', 'ephemeral-container,scan-pod', '--helper-image', 'test.local/busybox:1')
    const said = ran.stderr + ran.stdout
    expect([ran.code, said]).toEqual([4, expect.stringContaining(`kubernetes-api: ${by(`an exec of /bin/sh in ${PLACE}/web/app`, 400)}`)])
    expect(said).toContain(`debug-container: ${by(`the helper in ${PLACE}/web`, 422)}`)
    expect(said).toMatch(new RegExp(`twin-pod: The admission webhook "${HOOK}" refused the pod ${PLACE}/kscan-\\w+-0 \\(500\\)`))
    expect(new Set(asked.filter((what) => what.startsWith('pods/ephemeralcontainers')))).toEqual(
      new Set(['pods/ephemeralcontainers UPDATE dry', 'pods/ephemeralcontainers UPDATE'])
    )
  })
})

test('a webhook that takes 8 s is waited for, and the user is told what for', async () => {
  doing.set('roles CREATE', { code: 0, milliseconds: 8000 })
  const ran = await scan()
  expect([ran.code, ran.stderr + ran.stdout]).toEqual([
    0,
    expect.stringMatching(/still waiting for the API server to answer POST .*\/roles: an admission webhook/)
  ])
  expect(asked.filter((what) => what === 'roles CREATE')).toHaveLength(1)
})

test('a pod of ours says what a quota asks for', async () => {
  apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'compute', namespace: PLACE },
    spec: { hard: { 'requests.cpu': '2', 'limits.memory': '2Gi' } }
  })
  try {
    // its own template is refused with words of the quota, so that the pod need not run
    const ran = await scan(
      '--approach',
      'twin-pod',
      '--allow',
      'scan-pod',
      '--helper-image',
      '127.0.0.1:1/toolbox:1',
      '--scan-pod-template',
      '{spec: {containers: [{resources: {requests: {cpu: 3}}}]}}'
    )
    expect([ran.code, ran.stderr + ran.stdout]).toEqual([4, expect.stringMatching(/exceeded quota: compute, requested: requests\.cpu=3/)])
    const small = await scan('--approach', 'twin-pod', '--allow', 'scan-pod', '--helper-image', '127.0.0.1:1/toolbox:1')
    expect([small.code, small.stderr + small.stdout]).toEqual([4, expect.stringContaining('The toolbox did not get into the pod')]) // the quota admitted it
  } finally {
    await kubectl('delete', 'resourcequota', 'compute', '-n', PLACE)
  }
})
