import { rm } from 'node:fs/promises'
import { applyAll, type ApplyPorts, readyNamespace } from '../cluster/applied/apply.ts'
import { untilReady } from '../cluster/applied/ready.ts'
import { type Cluster, openExisting } from '../cluster/existing.ts'
import { makeKind, type MadeKind, type NotedKind } from '../cluster/kind/make.ts'
import { type KindPlan, planKind } from '../cluster/kind/plan.ts'
import type { ClusterChoice, Config, TargetChoice } from '../config/config.ts'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { KindRecord } from '../report/record.ts'
import type { Journal } from '../undo/journal.ts'
import { type Leftover, Scope } from '../undo/scope.ts'
import { imagePod, kindWish } from './kind-wish.ts'
import { type Ports, toldTo } from './ports.ts'

/** The cluster of a run, open to the caller. */
export interface OpenCluster extends Cluster {
  /** Images that were loaded into its nodes, where no registry has them. */
  readonly loaded: readonly string[]
  /** What is to be scanned in it. */
  readonly target: TargetChoice | undefined
}

export interface ClusterRoom {
  readonly run: string
  readonly journal: Journal
  /** The run's private folder. */
  readonly folder: string
}

/** Longer than the removal of a cluster takes. */
const BUDGET_MS = 40_000

type KindConfig = Config & { readonly cluster: Extract<ClusterChoice, { kind: 'kind' }> }

/** Opens the cluster that a run scans in, and leaves it: what was made for the run is removed, unless it is to be kept for people to look at. */
export class RunCluster {
  readonly #config: Config
  readonly #ports: Ports
  readonly #scope = new Scope(BUDGET_MS)
  #noted: NotedKind | undefined
  #plan: KindPlan | undefined
  #record: KindRecord | undefined
  #left = false

  constructor(config: Config, ports: Ports) {
    this.#config = config
    this.#ports = ports
  }

  get leftovers(): readonly Leftover[] {
    return this.#scope.leftovers
  }

  /** Whether leaving means to remove a cluster, which takes a moment. */
  removes(passed: boolean): boolean {
    return this.#noted !== undefined && !this.#left && !this.#keeps(passed)
  }

  /** The record of a cluster that was made, with what became of it. */
  get record(): KindRecord | undefined {
    return this.#record
  }

  /** Finds out what will be made, where something will be. Throws BAD_INPUT, CLUSTER_FAILED. */
  async prepare(): Promise<void> {
    const { cluster } = this.#config
    if (cluster.kind !== 'kind') return
    const { host, signal } = this.#ports
    this.#plan = await planKind(kindWish(this.#config, cluster), {
      env: host.env,
      toolFolder: host.toolFolder,
      log: host.log,
      signal,
      fetching: this.#config.fetching
    })
    for (const line of this.#plan.warnings) host.log.warn(line)
  }

  /** Throws CLUSTER_FAILED, or what `openExisting` throws. */
  async open(room: ClusterRoom, signal: AbortSignal): Promise<OpenCluster> {
    const { cluster } = this.#config
    if (cluster.kind === 'kind' && this.#plan !== undefined) return await this.#make({ ...this.#config, cluster }, { ...room, plan: this.#plan }, signal)
    const { host } = this.#ports
    const opened = this.#closing(await openExisting({ ...this.#config, env: host.env, signal, ...toldTo(host) }))
    return { ...opened, loaded: [], target: this.#config.target }
  }

  /** Once: later calls do nothing. A cluster that is to be kept after a failure is announced; after an interruption nothing is kept. */
  async leave(passed: boolean): Promise<void> {
    if (this.#left) return
    this.#left = true
    const kept = this.#keeps(passed) ? this.#noted : undefined
    if (kept !== undefined) this.#announce(kept)
    kept?.keep()
    await this.#scope.close()
    if (this.#record !== undefined) this.#record = { ...this.#record, kept: kept !== undefined }
  }

  #closing(cluster: Cluster): Cluster {
    this.#scope.defer({ what: 'connections of the caller', limit: 1000, undo: () => Promise.resolve(cluster.connection.agent.destroy()) })
    return cluster
  }

  #keeps(passed: boolean): boolean {
    const { cluster } = this.#config
    return cluster.kind === 'kind' && cluster.keep === 'on-failure' && !passed && !this.#ports.signal.aborted
  }

  async #make(config: KindConfig, { plan, ...room }: ClusterRoom & { readonly plan: KindPlan }, signal: AbortSignal): Promise<OpenCluster> {
    const { host, clock } = this.#ports
    const made = await makeKind(plan, {
      ...room,
      env: host.env,
      toolFolder: host.toolFolder,
      log: host.log,
      signal,
      fetching: config.fetching,
      wanted: config.cluster.version,
      keep: config.cluster.keep === 'on-failure',
      scope: this.#scope,
      clock,
      onNoted: (noted) => {
        this.#noted = noted
        this.#ports.onCluster?.(noted.name)
      }
    })
    const cluster = this.#closing(await openExisting({ ...made, allowExec: false, env: {}, ...toldTo(host) })) // no proxy is on the way to it
    await rm(made.kubeconfig, { force: true }) // it is read, and no profile is to find it
    return await this.#deploy(config, { plan, made, cluster }, signal)
  }

  async #deploy(config: KindConfig, { plan, made, cluster }: { plan: KindPlan; made: MadeKind; cluster: Cluster }, signal: AbortSignal): Promise<OpenCluster> {
    const { clock, host } = this.#ports
    const ports: ApplyPorts = { connection: cluster.connection, clock, signal }
    const begun = clock.now()
    const pod = imagePod(config, plan.load)
    const namespaces = [config.namespace ?? cluster.namespace, ...('scanNamespace' in config.approach ? [config.approach.scanNamespace] : [])]
    for (const name of new Set(namespaces)) if (name !== undefined) await readyNamespace(name, ports)
    const manifests = pod === undefined ? plan.manifests : [...plan.manifests, pod.manifest]
    const applied = await applyAll(manifests, config.namespace ?? cluster.namespace, ports)
    for (const { kind, name, namespace } of applied)
      host.log.info(`  applied ${printableLine(`${kind.toLowerCase()} ${namespace === '' ? '' : `${namespace}/`}${name}`, 200)}`)
    await untilReady(applied, { ...ports, log: host.log }).catch((error: unknown) => {
      throw pod === undefined ? error : withHint(error)
    })
    this.#record = recordOf({ plan, made, applied: applied.length, deploy: clock.now() - begun })
    return { ...cluster, loaded: plan.load, target: pod?.target ?? config.target }
  }

  #announce({ name, engine, program: file }: NotedKind): void {
    const { log } = this.#ports.host
    const program = engine === 'docker' ? file : `KIND_EXPERIMENTAL_PROVIDER=${engine} ${file}`
    log.warn(`the kind cluster ${name} is kept, because the run did not pass (keep-cluster: on-failure)`)
    log.info(`  to reach it: ${program} get kubeconfig --name ${name} >${name}.kubeconfig && kubectl --kubeconfig ${name}.kubeconfig get pods --all-namespaces`)
    log.info(`  to delete it: ${program} delete cluster --name ${name}`)
  }
}

/** A program that needs its configuration, its database or its arguments does not run alone. */
const withHint = (error: unknown): unknown =>
  error instanceof ScanError && error.code === 'TARGET_UNUSABLE'
    ? new ScanError(error.code, error.message, {
        cause: error,
        hint: 'It is run as it is. With helper-image it is scanned without being run (approach: twin-pod); with manifests it gets what it needs.'
      })
    : error

const recordOf = ({ plan, made, applied, deploy }: { plan: KindPlan; made: MadeKind; applied: number; deploy: number }): KindRecord => ({
  name: made.name,
  version: made.program.version,
  source: made.program.source,
  nodeImage: made.nodeImage,
  nodeDigest: made.nodeDigest,
  engine: plan.engine.name,
  engineVersion: plan.engine.version,
  loaded: plan.load,
  applied,
  timings: { ...made.timings, deploy },
  kept: false
})
