import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, startApiServer } from '../../test/support/api-server/server.ts'
import { kubeconfigOf } from '../../test/support/api-server/wire.ts'
import { type Container, startContainer } from '../../test/support/scratch/container.ts'
import { LABEL, type Place, say } from './place.ts'
import { type Pod, readyPods, rootOf, variablesOf } from './pods.ts'

const NAMESPACE = 'demo'

/**
 * Three containers that need neither a cluster nor a container engine: real processes in roots and namespaces of their own, behind the API server that the
 * tests have.
 */
export const openEmbedded = async (): Promise<Place> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-demo-'))
  const server = await startApiServer()
  const containers: Container[] = []
  const close = async (): Promise<readonly string[]> => {
    for (const container of containers) container.stop()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
    return server.objects.made()
  }
  try {
    const pods = await readyPods()
    for (const pod of pods) containers.push(await start(pod, folder, server))
    const kubeconfig = join(folder, 'kubeconfig')
    const text = kubeconfigOf({ url: server.url, ca: server.ca, token: server.adminToken, name: 'simulated-by-the-demo' })
    writeFileSync(kubeconfig, text, { mode: 0o600 })
    say('Simulated: the API server, on 127.0.0.1, and the kubelet. Real: kscan, the auditor, the profile, and the containers that answer, which are')
    say('processes of this machine in namespaces of their own, each with a root that holds copies of its programs.')
    return { words: ['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, '--selector', LABEL], env: process.env, close }
  } catch (error) {
    await close()
    throw error
  }
}

const start = async (pod: Pod, folder: string, server: ApiServer): Promise<Container> => {
  const { name, command, toolbox } = pod
  const root = rootOf(pod, folder)
  const env = variablesOf(pod)
  const uid = `00000000-0000-4000-8000-${Buffer.from(name.padEnd(6).slice(0, 6)).toString('hex')}`
  const mount = toolbox === undefined ? {} : { mount: { from: join(toolbox, 'kscan'), at: '/kscan' } }
  const container = await startContainer({ root, podFolder: join(folder, name, 'pods', uid), name: 'main', command, env, ...mount })
  const place = { env, wrap: container.wrap, missing: toolbox === undefined ? [] : ['/bin/sh'] }
  server.addPod({ namespace: NAMESPACE, name, uid, labels: { [LABEL]: name }, place, ...(toolbox === undefined ? plain(name) : WITH_TOOLBOX) })
  return container
}

const plain = (name: string): Partial<Parameters<ApiServer['addPod']>[0]> => ({ containers: [{ name: 'main', image: `demo/${name}:1` }] })

/** As examples/toolbox-volume deploys it. */
const TOOLBOX_MOUNT = { volumeMounts: [{ name: 'kscan', mountPath: '/kscan', readOnly: true }] }
const WITH_TOOLBOX = {
  containers: [{ name: 'main', image: 'demo/bare:1', ...TOOLBOX_MOUNT }],
  initContainers: [{ name: 'kscan-fill', terminated: 'Completed', ...TOOLBOX_MOUNT }],
  spec: { volumes: [{ name: 'kscan', emptyDir: {} }] }
}
