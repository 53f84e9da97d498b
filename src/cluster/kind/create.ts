import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { ScanError } from '../../kernel/error.ts'
import type { Log } from '../../kernel/log.ts'
import { printableLine } from '../../kernel/name.ts'
import { type Ended, run } from '../../process/run.ts'
import type { Journal } from '../../undo/journal.ts'
import { note } from '../../undo/note.ts'
import type { Scope } from '../../undo/scope.ts'
import { complaint, type Engine, engineRun, kindEnvironment, networkOf } from './engine.ts'
import type { KindProgram } from './program.ts'
import type { Reach } from './reach.ts'
import { leaveNetwork, removeCluster } from './remove.ts'

export interface KindSpec {
  readonly name: string
  /** Undefined: those that the configuration names. */
  readonly nodeImage: string | undefined
  /** The configuration as YAML text; undefined: kind's defaults. */
  readonly config: string | undefined
  /** Nodes stay where the making fails. */
  readonly retain: boolean
  readonly reach: Reach
  /** The run's private folder. */
  readonly folder: string
}

export interface KindPorts {
  readonly engine: Engine
  readonly kind: KindProgram
  readonly journal: Journal
  readonly scope: Scope
  readonly log: Log
  readonly signal: AbortSignal
}

/** A cluster that was made. */
export interface KindCluster {
  /** Path of its own kubeconfig, which only this user can read. */
  readonly kubeconfig: string
  readonly context: string
}

const WAIT_S = 180
const CREATE_MS = 600_000
const ASK_MS = 20_000
/** Milliseconds that the removal may take, and after an interruption, when whoever waits may kill us. */
const UNDO_MS = 30_000
const UNDO_INTERRUPTED_MS = 5000

/**
 * Makes a cluster, noted before it is made, and a kubeconfig by which it is reached. `onNoted` gets what takes the undoing back. Throws CLUSTER_FAILED; the
 * signal's reason when aborted.
 */
export const createCluster = async (spec: KindSpec, ports: KindPorts, onNoted: (keep: () => void) => void): Promise<KindCluster> => {
  const { engine, journal, scope, signal } = ports
  const undo = async (_uid: unknown, limit: AbortSignal): Promise<void> => {
    await removeCluster(engine, spec.name, { timeout: signal.aborted ? UNDO_INTERRUPTED_MS : UNDO_MS, signal: limit })
  }
  const entry = { kind: 'kind-cluster', name: spec.name, engine: engine.name, endpoint: engine.endpoint } as const
  const { forget } = note({ entry, what: `kind cluster ${spec.name}`, limit: UNDO_MS, undo }, { journal, scope })
  onNoted(forget)
  const kubeconfig = join(spec.folder, 'kind.kubeconfig')
  const ended = await startKind(await argumentsOf(spec, kubeconfig), ports)
  signal.throwIfAborted()
  if (ended.exitCode !== 0) {
    if (/already exist for a cluster with the name/.test(ended.stderr)) forget() // another's: its containers are not ours to remove
    throw failureOf(ended)
  }
  await chmod(kubeconfig, 0o600) // kind sees to that itself, and is not ours
  await makeReachable(spec, kubeconfig, ports)
  return { kubeconfig, context: `kind-${spec.name}` }
}

const argumentsOf = async ({ name, nodeImage, config, retain, folder }: KindSpec, kubeconfig: string): Promise<string[]> => {
  const file = join(folder, 'kind.yaml')
  if (config !== undefined) await writeFile(file, config, { mode: 0o600 })
  return [
    'create',
    'cluster',
    '--name',
    name,
    '--kubeconfig',
    kubeconfig,
    '--wait',
    `${WAIT_S}s`,
    ...(nodeImage === undefined ? [] : ['--image', nodeImage]),
    ...(config === undefined ? [] : ['--config', file]),
    ...(retain ? ['--retain'] : [])
  ]
}

/** Its steps become lines of the log as they come; its last words are kept. */
const startKind = async (args: readonly string[], { engine, kind, log, signal }: KindPorts): Promise<Ended> => {
  let said = ''
  let open = ''
  const onOutput = (chunk: Buffer): void => {
    const text = chunk.toString('utf8')
    said = (said + text).slice(-SAID)
    const lines = (open + text).split('\n')
    open = lines.pop() ?? ''
    for (const step of lines.flatMap(stepIn)) log.info(`  ${step}`)
  }
  const ended = await run({ file: kind.file, args, env: kindEnvironment(engine), timeout: CREATE_MS, signal, onOutput })
  return { ...ended, stderr: said }
}

const SAID = 64 * 1024

/** `• Starting control-plane 🕹️ …` → `Starting control-plane`. */
const stepIn = (line: string): string[] => {
  const step = /^\s*•\s*(.+)$/.exec(line)?.[1]
  return step === undefined ? [] : [printableLine(step.replace(/[^\x20-\x7e]|\.\.\./g, '').trim(), 120)]
}

/** Known words of kind, and what to do. */
const HINTS: readonly (readonly [words: RegExp, hint: string])[] = [
  [/too many open files|inotify/i, 'Raise the limits of inotify: sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512.'],
  [/no space left/i, 'The engine has no room left: docker system prune, or a bigger disk.'],
  [
    /cgroup ?v2|cgroup v1|cgroup.*delegat/i,
    'This node image needs cgroup v2 (with delegation, where the engine is rootless): try kind-node-image: 1.34, or another machine.'
  ],
  [/failed to pull image|manifest unknown|not found.*kindest/i, 'Can the engine pull the node image from here? kind-node-image names another one.'],
  [/permission denied/i, "Give this user the right to the engine's socket (group docker)."],
  [/port is already allocated|address already in use/i, 'Another program listens on a port that kind-config names.']
]

const failureOf = (ended: Ended): ScanError => {
  const lines = ended.stderr.split('\n')
  const error = lines.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length)
  const hint = HINTS.find(([words]) => words.test(ended.stderr))?.[1]
  const why = ended.reason === 'timed-out' ? `it took longer than ${CREATE_MS / 60_000} minutes` : (error ?? complaint(ended))
  return new ScanError('CLUSTER_FAILED', `The kind cluster could not be made: ${printableLine(why, 600)}`, {
    hint: hint ?? 'With keep-cluster: on-failure its nodes stay, and their logs can be read (kind export logs).'
  })
}

const makeReachable = async (spec: KindSpec, kubeconfig: string, ports: KindPorts): Promise<void> => {
  const { reach } = spec
  if (reach.kind === 'network') {
    await joinNetwork(reach.container, ports)
    await writeFile(kubeconfig, await internalKubeconfig(spec, ports), { mode: 0o600 })
  }
  if (reach.kind === 'published') await writeFile(kubeconfig, redirected(await readFile(kubeconfig, 'utf8'), reach), { mode: 0o600 })
}

const joinNetwork = async (container: string, { engine, journal, scope, signal }: KindPorts): Promise<void> => {
  const network = networkOf(engine.env)
  const entry = { kind: 'kind-network', network, container, engine: engine.name, endpoint: engine.endpoint } as const
  const undo = async (_uid: unknown, limit: AbortSignal): Promise<void> => {
    await leaveNetwork(engine, entry, { timeout: UNDO_INTERRUPTED_MS, signal: limit })
  }
  const { forget } = note({ entry, what: `membership in the network ${network}`, limit: UNDO_INTERRUPTED_MS, undo }, { journal, scope })
  const ended = await engineRun(engine, { args: ['network', 'connect', network, container], timeout: ASK_MS, signal })
  if (ended.exitCode === 0) return
  if (ended.reason === 'exited') forget() // refused; who was cut off may have been heard
  signal.throwIfAborted()
  if (/already exists in network|already connected/i.test(ended.stderr)) return // it was in it before us, and stays
  throw new ScanError('CLUSTER_FAILED', `The container that we run in could not join the network of the cluster: ${complaint(ended)}`, {
    hint: 'Run kscan on the host of the engine, or start its container with --network kind.'
  })
}

const internalKubeconfig = async ({ name }: KindSpec, { engine, kind, signal }: KindPorts): Promise<string> => {
  const args = ['get', 'kubeconfig', '--internal', '--name', name]
  const ended = await run({ file: kind.file, args, env: kindEnvironment(engine), timeout: ASK_MS, signal })
  if (ended.exitCode === 0) return ended.stdout
  throw new ScanError('CLUSTER_FAILED', `The kubeconfig of the kind cluster could not be read: ${complaint(ended)}`)
}

const Kubeconfig = z.looseObject({ clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string() }) })) })

/** The same port at the engine's own machine, whose certificate is looked at for a name that it surely has. */
export const redirected = (text: string, { host, serverName }: Pick<Extract<Reach, { kind: 'published' }>, 'host' | 'serverName'>): string => {
  const config = Kubeconfig.parse(parse(text))
  const clusters = config.clusters.map((each) => {
    const { port } = new URL(each.cluster.server)
    return { ...each, cluster: { ...each.cluster, server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, 'tls-server-name': serverName } }
  })
  return stringify({ ...config, clusters })
}
