import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ScanError } from '../../kernel/error.ts'
import type { Fetching } from '../../kernel/fetching.ts'
import type { Log } from '../../kernel/log.ts'
import { printableLine } from '../../kernel/name.ts'
import { type Ended, run } from '../../process/run.ts'
import { complaint, type Engine, engineRun, kindEnvironment } from './engine.ts'
import type { KindProgram } from './program.ts'

const ASK_MS = 20_000
const PULL_MS = 600_000
const SAVE_MS = 300_000
const LOAD_MS = 300_000

/** An image that the engine has. */
export interface LocalImage {
  readonly id: string
  /** `NAME@sha256:DIGEST`, where a registry gave it. */
  readonly digests: readonly string[]
  readonly arch: string
}

const Inspected = z.looseObject({ Id: z.string(), RepoDigests: z.array(z.string()).nullish(), Architecture: z.string().default('') })

/** What the engine has under a name; undefined when it has nothing. Throws CLUSTER_FAILED where it does not answer. */
export const localImage = async (engine: Engine, image: string, signal: AbortSignal): Promise<LocalImage | undefined> => {
  const ended = await engineRun(engine, { args: ['image', 'inspect', '--format', '{{json .}}', image], timeout: ASK_MS, signal })
  signal.throwIfAborted()
  if (ended.exitCode === 0) {
    const { Id, RepoDigests, Architecture } = Inspected.parse(JSON.parse(ended.stdout.split('\n')[0] ?? ''))
    return { id: Id, digests: RepoDigests ?? [], arch: Architecture }
  }
  if (/no such image|not found|not known|no such object/i.test(ended.stderr)) return undefined
  throw new ScanError('CLUSTER_FAILED', `${engine.name} does not say whether it has ${printableLine(image)}: ${complaint(ended)}`)
}

/** Fetches an image unless the engine has it; resolves with what it has then. Throws CLUSTER_FAILED. */
export const pullImage = async (
  engine: Engine,
  image: string,
  { log, signal, fetching }: { log: Log; signal: AbortSignal; fetching: Fetching }
): Promise<LocalImage> => {
  const there = await localImage(engine, image, signal)
  if (there !== undefined) return there
  if (fetching.offline)
    throw new ScanError('CLUSTER_FAILED', `${engine.name} has no image ${printableLine(image)}, and it is not pulled, for offline is true`, {
      hint: 'Pull or load it before, or let kind-node-image name one that is there.'
    })
  log.info(`  pulling ${printableLine(image)}`)
  const ended = await engineRun(engine, { args: ['pull', image], timeout: PULL_MS, signal })
  signal.throwIfAborted()
  const pulled = ended.exitCode === 0 ? await localImage(engine, image, signal) : undefined
  if (pulled !== undefined) return pulled
  throw new ScanError('CLUSTER_FAILED', `The image ${printableLine(image)} could not be pulled: ${complaint(ended)}`, {
    hint: 'Can the engine reach the registry from here? kind-node-image names another image for the nodes, as one of your mirror.'
  })
}

export interface LoadPorts {
  readonly engine: Engine
  readonly kind: KindProgram
  readonly cluster: string
  /** A private folder with room for an image. */
  readonly folder: string
  readonly log: Log
  readonly signal: AbortSignal
}

/**
 * Loads an image of the engine into every node. The archive holds one platform only: an engine that keeps images as containerd does has of many images the
 * index of all platforms and the content of one, on which `kind load` stumbles. Throws CLUSTER_FAILED; the signal's reason when aborted.
 */
export const loadImage = async (image: string, ports: LoadPorts): Promise<void> => {
  const archive = join(ports.folder, 'image.tar')
  try {
    await saveImage(image, archive, ports)
    const loaded = await kindLoad(archive, ports)
    if (loaded.exitCode === 0) return
    if (!LACKS_CONTENT.test(loaded.stderr)) throw notLoaded(image, loaded)
    ports.log.info(`  ${printableLine(image)} is of several platforms: only that of the nodes is loaded`)
    for (const node of await nodesOf(image, ports)) await importOne(image, { archive, node }, ports)
  } finally {
    await rm(archive, { force: true })
  }
}

const LACKS_CONTENT = /content digest sha256:[0-9a-f]+: not found|blob sha256:[0-9a-f]+.*not found/i
/** An engine that is too old to choose, by its client or by its daemon. */
const NO_PLATFORM = /unknown flag: --platform|unknown shorthand|flag provided but not defined|requires API version/i
const OTHER_PLATFORM = /does not provide the specified platform|no suitable export target|not found.*platform|cannot export.*platform/i

const saveImage = async (image: string, archive: string, { engine, signal }: LoadPorts): Promise<void> => {
  const save = (flags: readonly string[]): Promise<Ended> =>
    engineRun(engine, { args: ['save', ...flags, '--output', archive, image], timeout: SAVE_MS, signal })
  const chosen = engine.name === 'podman' ? ['--format', 'docker-archive'] : ['--platform', `linux/${engine.arch}`]
  let ended = await save(chosen)
  if (ended.exitCode !== 0 && NO_PLATFORM.test(ended.stderr)) ended = await save([])
  signal.throwIfAborted()
  if (ended.exitCode === 0) return
  const hint = OTHER_PLATFORM.test(ended.stderr)
    ? `The nodes are linux/${engine.arch}: build or pull the image for that platform.`
    : 'Is there room for it in TMPDIR?'
  throw new ScanError('CLUSTER_FAILED', `The image ${printableLine(image)} could not be saved from ${engine.name}: ${complaint(ended)}`, { hint })
}

const kindLoad = (archive: string, { engine, kind, cluster, signal }: LoadPorts): Promise<Ended> =>
  run({ file: kind.file, args: ['load', 'image-archive', archive, '--name', cluster], env: kindEnvironment(engine), timeout: LOAD_MS, signal })

const notLoaded = (image: string, ended: Ended): ScanError =>
  new ScanError('CLUSTER_FAILED', `The image ${printableLine(image)} could not be loaded into the kind cluster: ${complaint(ended)}`, {
    hint: 'An older kind cannot load images into newer nodes: leave kind-version out. Or push the image to a registry that the nodes can reach.'
  })

const nodesOf = async (image: string, { engine, kind, cluster, signal }: LoadPorts): Promise<string[]> => {
  const ended = await run({ file: kind.file, args: ['get', 'nodes', '--name', cluster], env: kindEnvironment(engine), timeout: ASK_MS, signal })
  signal.throwIfAborted()
  const nodes = ended.stdout.split('\n').filter((line) => /^[\w.-]+$/.test(line) && !line.endsWith('-external-load-balancer'))
  if (ended.exitCode !== 0 || nodes.length === 0) throw notLoaded(image, ended)
  return nodes
}

const IN_NODE = '/kscan-image.tar'

/** What `kind load` does, but for one platform. */
const importOne = async (image: string, { archive, node }: { archive: string; node: string }, { engine, signal }: LoadPorts): Promise<void> => {
  const ask = (args: readonly string[]): Promise<Ended> => engineRun(engine, { args, timeout: LOAD_MS, signal })
  const step = async (args: readonly string[]): Promise<void> => {
    const ended = await ask(args)
    signal.throwIfAborted()
    if (ended.exitCode !== 0) throw notLoaded(image, ended)
  }
  const only = ['--platform', `linux/${engine.arch}`, '--digests', `--snapshotter=${snapshotterOf(engine)}`]
  try {
    await step(['cp', archive, `${node}:${IN_NODE}`])
    await step(['exec', node, 'ctr', '--namespace=k8s.io', 'images', 'import', ...only, IN_NODE])
  } finally {
    await ask(['exec', node, 'rm', '-f', IN_NODE])
  }
}

const snapshotterOf = ({ env }: Engine): string => env['KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER'] ?? 'overlayfs'
