import { statfs } from 'node:fs/promises'
import { badInput, type Problem, ScanError } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import { compareVersions } from '../../kernel/version.ts'
import { gatherManifests } from '../applied/gather.ts'
import { type Manifest, manifestProblems } from '../applied/manifest.ts'
import { pullProblems } from '../applied/pull-policy.ts'
import { isPinned, KIND_CATALOG, type KindCatalog, type NodeImage, nodeImageOf } from './catalog.ts'
import { imagesIn, isProblem, type KindConfig, kindConfigText, readKindConfig } from './config.ts'
import { type Engine, findEngine } from './engine.ts'
import { reachFrom } from './here.ts'
import { localImage } from './images.ts'
import { chooseKind, type KindChoice, type KindOptions } from './program.ts'
import type { Reach } from './reach.ts'

/** What the user wants of a cluster that is made for the run. */
export interface KindWish {
  readonly version: string | undefined
  readonly nodeImage: string | undefined
  readonly config: { readonly path: string; readonly text: string } | undefined
  readonly loadImages: readonly string[]
  readonly manifests: readonly string[]
  /** Loaded where the engine has them; else the nodes pull them. */
  readonly otherImages: readonly string[]
}

/** What will be made, down to the last image. */
export interface KindPlan {
  readonly engine: Engine
  readonly kind: KindChoice
  readonly reach: Reach
  /** Undefined: those that the configuration names. */
  readonly nodeImage: string | undefined
  readonly config: string | undefined
  readonly load: readonly string[]
  readonly manifests: readonly Manifest[]
  readonly warnings: readonly string[]
}

/** What is wrong with the inputs, as far as they and the files that they name show it. */
export const kindProblems = ({ nodeImage, config, manifests }: Pick<KindWish, 'nodeImage' | 'config' | 'manifests'>, catalog = KIND_CATALOG): Problem[] => {
  const read = config === undefined ? undefined : readKindConfig(config)
  return [
    ...(nodeImageOf(nodeImage, catalog) === undefined ? [unknownVersion(nodeImage ?? '', catalog)] : []),
    ...(read !== undefined && isProblem(read) ? [read] : []),
    ...manifestProblems(manifests)
  ]
}

const unknownVersion = (wanted: string, { nodes }: KindCatalog): Problem => ({
  name: 'kind-node-image',
  expected: `one of ${Object.keys(nodes).join(', ')}, or the name of an image`,
  got: JSON.stringify(wanted)
})

export interface PlanPorts extends Omit<KindOptions, 'wanted'> {
  readonly catalog?: KindCatalog
  /** What was found before; else it is looked for. */
  readonly engine?: Engine
  readonly kind?: KindChoice
}

/** Looks at engine, kind, images and files, and makes nothing. Throws BAD_INPUT with every problem, CLUSTER_FAILED where no cluster can be made here. */
export const planKind = async (wish: KindWish, ports: PlanPorts): Promise<KindPlan> => {
  const { catalog = KIND_CATALOG, signal } = ports
  const config = configOf(wish)
  const engine = ports.engine ?? (await findEngine(ports))
  const manifests = await gatherManifests(wish.manifests, ports)
  const load = await imagesToLoad(wish, engine, signal)
  const problems = [...load.problems, ...pullProblems(manifests, load.images)]
  if (problems.length > 0) throw badInput(problems)
  const node = nodeOf(wish, { config, catalog })
  if (node !== undefined) demandCgroup(engine, node, catalog)
  const room = await roomOf(engine)
  if (room !== undefined && room.free < LEAST_BYTES)
    throw new ScanError(
      'CLUSTER_FAILED',
      `The engine has ${gigabytes(room.free)} GB left in ${engine.folder}: a kind cluster needs ${gigabytes(LEAST_BYTES)}`,
      {
        hint: 'Make room, for example with docker system prune.'
      }
    )
  const reach = await reachFrom(engine, signal)
  return {
    engine,
    kind: ports.kind ?? (await chooseKind({ ...ports, wanted: wish.version }, catalog)),
    reach,
    nodeImage: node?.image,
    config: kindConfigText(config, reach.kind === 'published' ? reach.listen : undefined),
    load: load.images,
    manifests,
    warnings: [...imageWarnings(node, config), ...hostWarnings(engine, room)]
  }
}

const configOf = ({ config }: KindWish): KindConfig | undefined => {
  const read = config === undefined ? undefined : readKindConfig(config)
  if (read !== undefined && isProblem(read)) throw badInput([read])
  return read
}

/** A flag of kind would go before the images that a configuration names. */
const nodeOf = ({ nodeImage }: KindWish, { config, catalog }: { config: KindConfig | undefined; catalog: KindCatalog }): NodeImage | undefined => {
  if (nodeImage === undefined && imagesIn(config).length > 0) return undefined
  const node = nodeImageOf(nodeImage, catalog)
  if (node === undefined) throw badInput([unknownVersion(nodeImage ?? '', catalog)])
  return node
}

const imagesToLoad = async (wish: KindWish, engine: Engine, signal: AbortSignal): Promise<{ images: string[]; problems: Problem[] }> => {
  const problems: Problem[] = []
  const images: string[] = []
  for (const image of wish.loadImages) {
    if ((await localImage(engine, image, signal)) !== undefined) images.push(image)
    else
      problems.push({
        name: 'load-images',
        expected: `images that ${engine.name} has`,
        got: printableLine(image),
        hint: `Build it, or ${engine.name} pull it, before.`
      })
  }
  // under its digest a node would not find what was loaded: it pulls that
  for (const image of wish.otherImages.filter((each) => !each.includes('@'))) if ((await localImage(engine, image, signal)) !== undefined) images.push(image)
  return { images: [...new Set(images)], problems }
}

/** From this version of Kubernetes on, the nodes of the catalog refuse cgroup v1. */
const CGROUP2_SINCE = '1.35'

const demandCgroup = ({ name, cgroup }: Engine, { minor }: NodeImage, { nodes }: KindCatalog): void => {
  if (cgroup !== '1' || minor === undefined || compareVersions(minor, CGROUP2_SINCE) < 0) return
  const older = Object.keys(nodes).find((each) => compareVersions(each, CGROUP2_SINCE) < 0)
  throw new ScanError('CLUSTER_FAILED', `Kubernetes ${minor} needs cgroup v2, and ${name} here has cgroup v1`, {
    hint: older === undefined ? 'Use a machine with cgroup v2.' : `kind-node-image: ${older} does without; or use a machine with cgroup v2.`
  })
}

const imageWarnings = (node: NodeImage | undefined, config: KindConfig | undefined): string[] =>
  (node === undefined ? imagesIn(config) : [node.image])
    .filter((image) => !isPinned(image))
    .map((image) => `the node image ${printableLine(image)} has no digest: it may be another one tomorrow`)

const GB = 1024 ** 3
const LEAST_BYTES = 2 * GB
/** Below it a kubelet takes no pods. */
const LEAST_SHARE = 0.15
const gigabytes = (bytes: number): string => (bytes / GB).toFixed(1)

export interface Room {
  /** Bytes. */
  readonly free: number
  readonly share: number
}

/** What is left where the engine keeps its images; undefined where that is on another machine, or cannot be seen. */
export const roomOf = async ({ endpoint, folder }: Pick<Engine, 'endpoint' | 'folder'>): Promise<Room | undefined> => {
  if (folder === '' || /^(?:tcp|ssh):/.test(endpoint)) return undefined
  try {
    const { bavail, bsize, blocks } = await statfs(folder)
    return { free: bavail * bsize, share: bavail / blocks }
  } catch {
    return undefined
  }
}

const hostWarnings = ({ rootless, cgroup, folder }: Engine, room: Room | undefined): string[] => [
  ...(rootless && cgroup === '1' ? ['a rootless engine with cgroup v1 can make no nodes, as a rule'] : []),
  ...(room === undefined || room.share >= LEAST_SHARE
    ? []
    : [`only ${Math.floor(room.share * 100)} % of the disk of ${folder} is free: below 15 % the nodes take no pods`])
]
