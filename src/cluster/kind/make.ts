import type { Clock } from '../../kernel/clock.ts'
import { together } from '../../kernel/together.ts'
import type { Journal } from '../../undo/journal.ts'
import type { Scope } from '../../undo/scope.ts'
import { createCluster, type KindCluster, type KindPorts } from './create.ts'
import { type LocalImage, loadImage, pullImage } from './images.ts'
import { clusterName } from './name.ts'
import type { KindPlan } from './plan.ts'
import { type KindOptions, type KindProgram, readyKind } from './program.ts'
import type { KindCatalog } from './catalog.ts'

export interface MakeKindOptions extends KindOptions {
  readonly run: string
  readonly keep: boolean
  /** The run's private folder. */
  readonly folder: string
  readonly journal: Journal
  readonly scope: Scope
  readonly clock: Clock
  readonly catalog?: KindCatalog
  /** Learns of the cluster as soon as there is something to undo. */
  readonly onNoted: (noted: NotedKind) => void
}

/** A cluster that is about to be made. */
export interface NotedKind {
  readonly name: string
  readonly engine: string
  /** The program by which people reach it. */
  readonly program: string
  /** Takes the undoing back. */
  readonly keep: () => void
}

/** A cluster that was made, and what it was made of. */
export interface MadeKind extends KindCluster {
  readonly name: string
  readonly program: KindProgram
  readonly nodeImage: string
  /** `sha256:…`; empty where the engine has no digest of a registry for it. */
  readonly nodeDigest: string
  /** Milliseconds. */
  readonly timings: { readonly ready: number; readonly create: number; readonly load: number }
}

/** Fetches kind and the node image, makes the cluster, loads images. Throws CLUSTER_FAILED; the signal's reason when aborted. */
export const makeKind = async (plan: KindPlan, options: MakeKindOptions): Promise<MadeKind> => {
  const { engine, nodeImage } = plan
  const { clock, log, signal, folder } = options
  const begun = clock.now()
  const [kind, node] = await together(
    [
      (inner) => readyKind({ ...options, signal: inner }, options.catalog),
      (inner) => (nodeImage === undefined ? Promise.resolve(undefined) : pullImage(engine, nodeImage, { log, signal: inner, fetching: options.fetching }))
    ],
    signal
  )
  const ready = clock.now()
  const name = clusterName(options.run, ready)
  const ports: KindPorts = { engine, kind, journal: options.journal, scope: options.scope, log, signal }
  log.info(`  making ${name}${nodeImage === undefined ? '' : ` of ${nodeImage}`}; ${plan.reach.why}`)
  const cluster = await createCluster({ ...plan, name, retain: options.keep, folder }, ports, (keep) =>
    options.onNoted({ name, engine: engine.name, program: kind.file, keep })
  )
  const created = clock.now()
  for (const image of plan.load) {
    log.info(`  loading ${image}`)
    await loadImage(image, { engine, kind, cluster: name, folder, log, signal })
  }
  const timings = { ready: ready - begun, create: created - ready, load: clock.now() - created }
  return { ...cluster, name, program: kind, nodeImage: nodeImage ?? '', nodeDigest: digestOf(nodeImage, node), timings }
}

const digestOf = (image: string | undefined, local: LocalImage | undefined): string =>
  (/@(sha256:[0-9a-f]{64})$/.exec(image ?? '') ?? /@(sha256:[0-9a-f]{64})$/.exec(local?.digests[0] ?? ''))?.[1] ?? ''
