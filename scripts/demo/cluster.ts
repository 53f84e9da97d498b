import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { ApiError, call } from '../../src/cluster/api.ts'
import type { Connection } from '../../src/cluster/connection.ts'
import { openExisting } from '../../src/cluster/existing.ts'
import { RESTRICTED_SECURITY } from '../../test/support/restricted-security.ts'
import { PLANTED_ENV, PLANTED_FILES } from '../../test/support/scratch/planted.ts'
import { LABEL, type Place, say, slowly } from './place.ts'

/** What `npm run demo` was told of a cluster. */
export interface ClusterWords {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  /** One that is there; undefined makes one. */
  readonly namespace: string | undefined
  /** The toolbox, as the cluster's nodes pull it. */
  readonly helperImage: string | undefined
  readonly signal: AbortSignal
}

/** Images that nodes have, so that nothing need be pulled, and where. */
interface Found {
  readonly image: string
  readonly node: string | undefined
}

const WITH_SHELL = /(?:^|\/)(?:busybox|alpine|debian|ubuntu|nginx)[:@]/
const WITHOUT_SHELL = /(?:^|\/)(?:distroless[\w-]*|pause)[:@]/
const PUBLIC = { shell: 'busybox:1.37', bare: 'registry.k8s.io/pause:3.10' }

/** Planted while the container starts, for the image is somebody else's. */
const PLANT = `umask 0; mkdir /drop
printf 'toor:x:0:0::/root:/bin/sh\\nopen::1002:1002::/home/open:/bin/sh\\n' >>/etc/passwd
${Object.entries(PLANTED_FILES)
  .map(([path, [text]]) => `mkdir -p '${dirname(path)}'; printf %s '${text}' >'${path}'`)
  .join('\n')}
sleep 1000000 & wait`

/** Three pods of its own on a cluster that is there; they go afterwards, and the namespace with them where it was made. */
export const openCluster = async ({ kubeconfig, context, namespace, helperImage, signal }: ClusterWords): Promise<Place> => {
  const path = kubeconfig ?? process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config')
  const { connection } = await openExisting({ kubeconfig: path, context, allowExec: true, env: process.env })
  const run = randomBytes(3).toString('hex')
  const made = namespace === undefined ? `kscan-demo-${run}` : undefined
  const room = { connection, namespace: made ?? namespace ?? '', run, signal }
  const close = async (): Promise<readonly string[]> => {
    const left = await remove(room, made)
    connection.agent.destroy()
    return left
  }
  try {
    const images = await imagesOf(connection)
    if (made !== undefined) await make(room, 'api/v1/namespaces', namespaceOf(made))
    const pods = podsOf(images, helperImage)
    for (const pod of pods) await make(room, `api/v1/namespaces/${room.namespace}/pods`, asPod(pod, room))
    await slowly(`Waiting for ${pods.length} pods in the namespace ${room.namespace}`, () => untilReady(room, pods.length))
    const lent = helperImage === undefined ? [] : ['--helper-image', helperImage, '--allow', 'unpoliced-ephemeral-container']
    const where = ['--kubeconfig', path, ...(context === undefined ? [] : ['--context', context])]
    return { words: [...where, '--namespace', room.namespace, '--selector', `${LABEL}=${run}`, ...lent], env: process.env, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Room {
  readonly connection: Connection
  readonly namespace: string
  readonly run: string
  readonly signal: AbortSignal
}

const make = ({ connection, signal }: Room, path: string, body: object): Promise<unknown> => call(connection, { method: 'POST', path, body, signal })

const namespaceOf = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } }
})

const Nodes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ images: z.array(z.object({ names: z.array(z.string()).nullish() })).nullish() })
    })
  )
})

/** Who may not look at nodes pulls. */
const imagesOf = async (connection: Connection): Promise<{ readonly shell: Found; readonly bare: Found }> => {
  const { items } = Nodes.parse(await call(connection, { method: 'GET', path: 'api/v1/nodes' }).catch(() => ({ items: [] })))
  const all = items.flatMap(({ metadata, status }) =>
    (status.images ?? []).flatMap(({ names }) => (names ?? []).map((image) => ({ image, node: metadata.name })))
  )
  const one = (pattern: RegExp, image: string): Found => all.find((each) => pattern.test(each.image) && !each.image.includes('@')) ?? { image, node: undefined }
  return { shell: one(WITH_SHELL, PUBLIC.shell), bare: one(WITHOUT_SHELL, PUBLIC.bare) }
}

interface Pod {
  readonly name: string
  readonly found: Found
  readonly container: object
}

const podsOf = ({ shell, bare }: { readonly shell: Found; readonly bare: Found }, helperImage: string | undefined): Pod[] => {
  const pods = [
    { name: 'web', found: shell, container: { command: ['sh', '-c', 'sleep 1000000 & wait'], securityContext: RESTRICTED_SECURITY } },
    { name: 'planted', found: shell, container: { command: ['sh', '-c', PLANT], env: VARIABLES } }
  ]
  if (helperImage !== undefined) return [...pods, { name: 'bare', found: bare, container: { securityContext: RESTRICTED_SECURITY } }]
  say('A container without a shell is left out: its scan takes the toolbox, as an image that the nodes can pull: --helper-image IMAGE (docs/approaches.md).')
  return pods
}

const VARIABLES = Object.entries(PLANTED_ENV).flatMap(([name, value]) => (name === 'LD_LIBRARY_PATH' ? [] : [{ name, value }]))

const asPod = ({ name, found, container }: Pod, { namespace, run }: Room): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: namespace.endsWith(run) ? name : `kscan-demo-${run}-${name}`, labels: { [LABEL]: run } },
  spec: {
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    ...(found.node === undefined ? {} : { nodeName: found.node }),
    containers: [{ name: 'main', image: found.image, imagePullPolicy: 'IfNotPresent', ...container }]
  }
})

const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.looseObject({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() })
    })
  )
})
const READY_S = 120

const list = async ({ connection, namespace, run }: Room): Promise<z.infer<typeof Pods>['items']> =>
  Pods.parse(await call(connection, { method: 'GET', path: `api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`${LABEL}=${run}`)}` }))
    .items

const untilReady = async (room: Room, count: number): Promise<void> => {
  for (let second = 0; second < READY_S; second += 1) {
    const ready = (await list(room)).filter(({ status }) => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true)
    if (ready.length === count) return
    await new Promise((wait) => setTimeout(wait, 1000))
    room.signal.throwIfAborted()
  }
  throw new Error(`the pods were not ready within ${READY_S} s: kubectl get pods -n ${room.namespace} says why`)
}

/** What could not be removed. */
const remove = async (room: Room, made: string | undefined): Promise<readonly string[]> => {
  const paths =
    made === undefined ? (await list(room)).map(({ metadata }) => `api/v1/namespaces/${room.namespace}/pods/${metadata.name}`) : [`api/v1/namespaces/${made}`]
  const left: string[] = []
  for (const path of paths) {
    try {
      await call(room.connection, { method: 'DELETE', path })
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) left.push(`${path.replace(/^api\/v1\//, '')}: ${String(error)}`)
    }
  }
  return left
}
