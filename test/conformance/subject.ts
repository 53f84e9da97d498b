import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { startApiServer } from '../support/api-server/server.ts'
import { ask, type Caller, callerOf } from './client.ts'

/** A server that the suite runs against, with the namespace and pods that the suite expects. */
export interface Subject {
  readonly admin: Caller
  /** The administrator by a client certificate. */
  readonly certified: Caller
  /** Of its version 1.x: from 35 on exec asks for the verb create too, from 36 on the node speaks the newest protocol itself. */
  readonly minor: number
  end(): Promise<void>
}

export const NAMESPACE = 'kscan-conformance'
export const IN_NAMESPACE = `/api/v1/namespaces/${NAMESPACE}`

/** The stand-in in both of its versions, and the real server where KSCAN_E2E_KUBECONFIG names one. */
export const subjects = (): (readonly [name: string, start: () => Promise<Subject>])[] => {
  const kubeconfig = process.env['KSCAN_E2E_KUBECONFIG'] ?? ''
  const real = kubeconfig === '' ? [] : [['the real server', () => startReal(kubeconfig)] as const]
  return [['the stand-in', () => startStandIn('1.37')], ['the stand-in of 1.34', () => startStandIn('1.34')], ...real]
}

const LABELS = { app: 'shell', tier: 'web' }

const startStandIn = async (version: '1.34' | '1.37'): Promise<Subject> => {
  const server = await startApiServer({ version })
  server.addPod({ namespace: NAMESPACE, name: 'shell', labels: LABELS, containers: ['main'] })
  server.addPod({ namespace: NAMESPACE, name: 'two', labels: { app: 'two' }, containers: ['main', 'side'] })
  server.addPod({ namespace: NAMESPACE, name: 'waiting', containers: [{ name: 'main', waiting: 'ErrImageNeverPull' }], phase: 'Pending' })
  server.addWorkload({ plural: 'deployments', namespace: NAMESPACE, name: 'web', labels: { tier: 'web' }, selects: { app: 'none' } })
  const { url, ca } = server
  const certified = { url, ca, ...server.clientCertificate() }
  return { admin: { url, ca, token: server.adminToken }, certified, minor: version === '1.34' ? 34 : 37, end: () => server.close() }
}

const container = (name: string, image = 'test.local/debian:1'): unknown => ({ name, image, imagePullPolicy: 'Never', command: ['sleep', '3600'] })

const pod = (name: string, labels: Readonly<Record<string, string>>, containers: readonly unknown[]): unknown => ({
  metadata: { name, labels },
  spec: { terminationGracePeriodSeconds: 0, containers }
})

const DEPLOYMENT = {
  metadata: { name: 'web', labels: { tier: 'web' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'none' } },
    template: { metadata: { labels: { app: 'none' } }, spec: { containers: [container('main')] } }
  }
}

const startReal = async (path: string): Promise<Subject> => {
  const admin = callerOf(path)
  await removeNamespace(admin)
  await must(admin, '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  await until('the default account', async () => (await ask(admin, 'GET', `${IN_NAMESPACE}/serviceaccounts/default`)).status === 200)
  await must(admin, `${IN_NAMESPACE}/pods`, pod('shell', LABELS, [container('main')]))
  await must(admin, `${IN_NAMESPACE}/pods`, pod('two', { app: 'two' }, [container('main'), container('side')]))
  await must(admin, `${IN_NAMESPACE}/pods`, pod('waiting', {}, [container('main', 'test.local/none:1')]))
  await must(admin, `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, DEPLOYMENT)
  for (const name of ['shell', 'two'])
    await until(`pod ${name}`, async () =>
      /"type":"Ready","(?:observedGeneration":\d+,")?status":"True"/.test((await ask(admin, 'GET', `${IN_NAMESPACE}/pods/${name}`)).text)
    )
  await until('the pod without image', async () => (await ask(admin, 'GET', `${IN_NAMESPACE}/pods/waiting`)).text.includes('ErrImageNeverPull'))
  const { minor } = z.looseObject({ minor: z.coerce.number() }).parse((await ask(admin, 'GET', '/version')).json)
  if (admin.cert === undefined) throw new Error('the kubeconfig must have a client certificate')
  return { admin, certified: admin, minor, end: () => removeNamespace(admin) }
}

const must = async (admin: Caller, path: string, body: unknown): Promise<void> => {
  const { status, text } = await ask(admin, 'POST', path, body)
  if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`)
}

const removeNamespace = async (admin: Caller): Promise<void> => {
  await ask(admin, 'DELETE', IN_NAMESPACE)
  await until('the namespace to be gone', async () => (await ask(admin, 'GET', IN_NAMESPACE)).status === 404)
}

/** Waits until something holds; throws after 60 s. */
export const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still waiting for ${what}`)
    await wait(50)
  }
}
