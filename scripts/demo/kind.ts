import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { LABEL, type Place, say, slowly } from './place.ts'
import { type Pod, readyPods, rootOf, variablesOf } from './pods.ts'

const NAMESPACE = 'demo'
const TOOLBOX = 'kscan-demo/toolbox:1'
const imageOf = (name: string): string => `kscan-demo/${name}:1`

/** Whether Docker is here and answers. */
export const dockerAnswers = (): boolean => spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0

/** Three pods on a kind cluster that the scan itself makes and removes; their images are made of programs of this machine. */
export const openKind = async (nodeImage: string | undefined): Promise<Place> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-demo-'))
  const images: string[] = []
  const close = (): Promise<readonly string[]> => {
    rmSync(folder, { recursive: true, force: true })
    const { status, stderr } = spawnSync('docker', ['rmi', '--force', ...images], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
    return Promise.resolve(images.length === 0 || status === 0 ? [] : [`images of the container engine: ${stderr.trim()}`])
  }
  try {
    const pods = await readyPods()
    await slowly('Making the images of the demo', async () => {
      for (const pod of pods) images.push(await importImage(imageOf(pod.name), rootOf(pod, folder)))
      for (const { toolbox } of pods) if (toolbox !== undefined) images.push(await importImage(TOOLBOX, toolbox))
    })
    const manifest = join(folder, 'pods.yaml')
    writeFileSync(manifest, pods.map((pod) => stringify(asPod(pod))).join('---\n'))
    say('The scan makes a kind cluster for these containers, and removes it.')
    const lent = images.includes(TOOLBOX) ? ['--helper-image', TOOLBOX] : []
    const node = nodeImage === undefined ? [] : ['--kind-node-image', nodeImage]
    const load = ['--load-images', images.filter((image) => image !== TOOLBOX).join(',')]
    const words = ['--cluster', 'kind', ...node, ...load, '--manifests', manifest, '--namespace', NAMESPACE, '--selector', LABEL, ...lent]
    return { words, env: process.env, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** In a user namespace, so that whoever this is may read all files of the root, and they are root's. */
const importImage = async (name: string, root: string): Promise<string> => {
  const own = process.getuid?.() === 0 ? [] : ['unshare', '--user', '--map-root-user']
  const [file, ...words] = [...own, 'tar', '-C', root, '-c', '.']
  const packed = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const imported = spawn('docker', ['import', '-', name], { stdio: ['pipe', 'ignore', 'inherit'] })
  packed.stdout.pipe(imported.stdin)
  const [[tar], [docker]] = (await Promise.all([once(packed, 'close'), once(imported, 'close')])) as [[number], [number]]
  if (tar !== 0 || docker !== 0) throw new Error(`the image ${name} could not be made: tar ended with ${tar}, docker import with ${docker}`)
  return name
}

const asPod = (pod: Pod): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: pod.name, namespace: NAMESPACE, labels: { [LABEL]: pod.name } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        image: imageOf(pod.name),
        imagePullPolicy: 'Never',
        command: pod.command,
        env: Object.entries(variablesOf(pod)).flatMap(([name, value]) => (name === 'HOSTNAME' ? [] : [{ name, value }]))
      }
    ]
  }
})
