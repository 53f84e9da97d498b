import { endHelper } from '../approach/ephemeral-container.ts'
import { openKubernetesApiStream } from '../approach/kubernetes-api.ts'
import { ApiError } from '../cluster/api.ts'
import { type Cluster, openExisting } from '../cluster/existing.ts'
import type { NamedCluster } from '../cluster/kind/name.ts'
import { engineOf, findClusters, leaveOwnNetwork, removeCluster } from '../cluster/kind/remove.ts'
import { loadKubeconfig } from '../cluster/kubeconfig.ts'
import { findMade, removeMarked, removeObject, type Whose } from '../cluster/sweep.ts'
import type { Config } from '../config/config.ts'
import { systemClock } from '../kernel/clock.ts'
import { ENGINES } from '../kernel/engine.ts'
import { EXIT, type ExitCode, messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { KILL_SCRIPT_S, killScript, NO_SESSION, NOT_ALL } from '../session/kill.ts'
import { helperPod } from '../scan/helper-pod.ts'
import { toldTo } from '../scan/ports.ts'
import { runScript } from '../session/script.ts'
import { podIfThere } from '../target/facts.ts'
import { statusOf } from '../target/pod.ts'
import { type ReadJournal, readSeal } from '../undo/line.ts'
import { type Journals, listJournals, sealedJournal } from '../undo/read-journal.ts'
import { hasOwnCluster, isInCluster, type Removers, replay } from '../undo/replay.ts'
import { showFailure, toFailure } from './failure.ts'
import { machineRemovers } from './machine-removers.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

const REMOVE_MS = 10_000
const KILL_MS = KILL_SCRIPT_S * 1000 + 2000
const REMOVE_KIND_MS = 60_000

/**
 * `kscan cleanup`, and the action's post step: undoes what runs that died on this machine left, by their journals, the post step by that of its run alone; with
 * --run also without a journal, by the run's label; with --expired everything of kscan whose time is over. Exit 4 when something remains.
 */
export const cleanupCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { dead, live, kept } = journalsOf(request)
    const byLabel = (request.sweep && kept === 0) || request.expired // never what a run that still runs has made
    if (dead.length === 0 && !byLabel) {
      demandContext(request)
      host.print(
        request.seal === undefined
          ? `nothing to clean up: this machine has no journal of an unfinished run${request.sweep ? '' : '. What runs elsewhere have left goes with --run ID or --expired'}`
          : 'nothing to clean up: this run left nothing'
      )
      return kept > 0 ? EXIT.scanFailed : EXIT.passed
    }
    const left = await undoAll({ dead, live, byLabel }, request)
    return left + kept > 0 ? EXIT.scanFailed : EXIT.passed
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return failure.exitCode
  }
}

/** A context that a flag names is looked up also where nothing is to be done: else a name that is wrong would pass for a cluster that is clean. */
const demandContext = (request: Request): void => {
  if (!request.flags.has('context')) return
  const { config } = readConfig('cleanup', request)
  if (config.cluster.kind === 'existing' && config.context !== 'in-cluster') loadKubeconfig(config.kubeconfig, config.context)
}

interface Due {
  readonly dead: readonly ReadJournal[]
  readonly live: readonly ReadJournal[]
  readonly byLabel: boolean
}

/** First what needs no cluster that exists, for there may be none. Resolves with the number of things that remain. */
const undoAll = async ({ dead, live, byLabel }: Due, request: Request): Promise<number> => {
  const { config } = byLabel || dead.some(needsCluster) ? readConfig('cleanup', request) : { config: undefined }
  const alone = await replayAll(
    undefined,
    dead.filter((journal) => !needsCluster(journal)),
    request
  )
  const swept = byLabel ? await sweepKind(request, live) : NOTHING
  const ofKind = request.run !== undefined && (swept.found > 0 || dead.some(hasOwnCluster)) // what such a run made was in that cluster
  const elsewhere = byLabel && !ofKind && config?.cluster.kind === 'existing'
  const inside = await cleanCluster(config, { journals: dead.filter(needsCluster), byLabel: elsewhere }, request)
  if (byLabel && !elsewhere && dead.length + swept.found === 0) request.host.print('nothing to clean up: there is no such kind cluster')
  return alone + swept.left + inside
}

/** Journals to undo; what is kept, because its run still runs or it cannot be read, is said and counted. */
const journalsOf = (request: Request): { dead: ReadJournal[]; live: ReadJournal[]; kept: number } => {
  const { host, run: wanted } = request
  const { journals, unreadable } = readJournals(request)
  const mine = journals.filter(({ run }) => wanted === undefined || run === wanted)
  const live = mine.filter((journal) => journal.live)
  for (const { run } of live) host.log.warn(`run ${run} still runs: nothing of it was touched`)
  for (const { file, why } of unreadable)
    host.log.warn(
      `the journal ${file} cannot be read (${printableLine(why, 200)}); when kscan cleanup --expired finds nothing more to remove, delete that file`
    )
  return {
    dead: mine.filter((journal) => !journal.live),
    live: journals.filter((journal) => journal.live),
    kept: unreadable.length + (wanted === undefined ? 0 : live.length)
  }
}

/** Of the post step that of its own run, as far as that wrote it. */
const readJournals = ({ host, seal: text }: Request): Journals => {
  if (text === undefined) return listJournals(host.journalFolder)
  if (text === '') return { journals: [], unreadable: [] }
  const seal = readSeal(text)
  if (seal === undefined) return { journals: [], unreadable: [{ file: host.journalFolder, why: 'what this run remembered of it is not as kscan writes it' }] }
  return sealedJournal(host.journalFolder, seal)
}

/** What is to be undone in a cluster that exists. Resolves with the number of things that remain. */
const cleanCluster = async (
  config: Config | undefined,
  { journals, byLabel }: { journals: readonly ReadJournal[]; byLabel: boolean },
  request: Request
): Promise<number> => {
  if (config === undefined || (journals.length === 0 && !byLabel)) return 0
  const cluster = await openExisting({ ...config, env: request.host.env, signal: request.signal, ...toldTo(request.host) })
  try {
    const left = await replayAll(cluster, journals, request)
    return left + (byLabel ? await sweep(cluster, request) : 0)
  } finally {
    cluster.connection.agent.destroy()
  }
}

const replayAll = async (cluster: Cluster | undefined, journals: readonly ReadJournal[], request: Request): Promise<number> => {
  let left = 0
  for (const journal of journals) left += await replayOne(cluster, journal, request)
  return left
}

/** A run that died before it made something in a cluster needs none to be undone, and one that made a cluster takes all in it away with that. */
const needsCluster = (journal: ReadJournal): boolean => !hasOwnCluster(journal) && journal.remaining.some(({ entry }) => isInCluster(entry))

const replayOne = async (cluster: Cluster | undefined, journal: ReadJournal, { host, signal }: Request): Promise<number> => {
  signal.throwIfAborted()
  if (needsCluster(journal) && journal.cluster?.fingerprint !== cluster?.fingerprint) {
    host.log.warn(
      `run ${journal.run} was on another cluster (${journal.cluster?.server ?? 'its journal names none'}): nothing of it was touched; call cleanup with its context`
    )
    return 1
  }
  const inside = cluster === undefined ? NO_CLUSTER : inClusterRemovers(cluster, { run: journal.run, owner: host.owner }, signal)
  const { removed, absent, leftovers } = await replay(journal, {
    ...inside,
    ...machineRemovers(host),
    ...kindRemovers(host, signal)
  })
  for (const what of removed) host.print(`removed ${what}`)
  for (const what of absent) host.print(`already gone: ${what}`)
  for (const { what, why } of leftovers) host.log.warn(`could not be removed: ${what}: ${why}`)
  return leftovers.length
}

const notConnected = (): Promise<never> => Promise.reject(new Error('no cluster is connected'))
const NO_CLUSTER = { object: notConnected, shell: notConnected, helper: notConnected }

const inClusterRemovers = (cluster: Cluster, whose: Whose, stop: AbortSignal): Pick<Removers, 'object' | 'helper' | 'shell'> => ({
  object: ({ type, namespace, name }, uid) =>
    uid === undefined
      ? removeMarked(cluster.connection, { type, namespace, name, ...whose }, { timeout: REMOVE_MS, signal: stop })
      : removeObject(cluster.connection, { type, namespace, name, uid }, { timeout: REMOVE_MS, signal: stop }),
  helper: (entry) => endHelper(helperPod(cluster.connection, entry, { clock: systemClock, signal: AbortSignal.timeout(REMOVE_MS) }), entry.container),
  shell: async (entry) => {
    const pod = await podIfThere(cluster.connection, { namespace: entry.namespace, name: entry.pod })
    if (pod?.metadata.uid !== entry.podUid || statusOf(pod, entry.container)?.containerID !== entry.containerId) return false // its processes went with it
    const signal = AbortSignal.timeout(KILL_MS)
    const script = killScript(entry, 'session')
    const code = await runScript((events) => openKubernetesApiStream(cluster.connection, entry, { events, signal }), script, KILL_MS)
    if (code === NOT_ALL) throw new Error(`its shell is ended, but processes that a command started there were not all found within ${KILL_SCRIPT_S} s`)
    return code !== NO_SESSION
  }
})

const kindRemovers = ({ env }: Request['host'], signal: AbortSignal): Pick<Removers, 'kindCluster' | 'kindNetwork'> => ({
  kindCluster: async (entry) => await removeCluster(await engineOf(entry, env), entry.name, { timeout: REMOVE_KIND_MS, signal }),
  kindNetwork: async (entry) => await leaveOwnNetwork(await engineOf(entry, env), entry, { timeout: REMOVE_MS, signal })
})

interface Swept {
  readonly found: number
  readonly left: number
}
const NOTHING: Swept = { found: 0, left: 0 }

/** Kind clusters by their names, on the engines that answer: of one run, or those whose time is over. */
const sweepKind = async ({ host, run, signal }: Request, live: readonly ReadJournal[]): Promise<Swept> => {
  const all = await findClusters(ENGINES, host.env, { timeout: REMOVE_MS, signal })
  const now = Date.now() / 1000
  const isLive = (of: string): boolean => live.some((each) => each.run === of)
  const isDue = ({ run: of, expires }: NamedCluster): boolean => !isLive(of) && (run === undefined ? expires < now : of === run)
  const due = all.filter(({ cluster }) => isDue(cluster))
  let left = 0
  for (const { engine, cluster } of due) {
    signal.throwIfAborted()
    try {
      const wasThere = await removeCluster(engine, cluster.name, { timeout: REMOVE_KIND_MS, signal })
      host.print(`${wasThere ? 'removed' : 'already gone:'} kind cluster ${cluster.name}`)
    } catch (error) {
      left += 1
      host.log.warn(`could not be removed: kind cluster ${cluster.name}: ${messageOf(error)}`)
    }
  }
  return { found: due.length, left }
}

/** By labels, in all namespaces, else in the caller's own. */
const sweep = async (cluster: Cluster, request: Request): Promise<number> => {
  const { signal } = request
  const scope = { signal, ...(request.run === undefined ? {} : { run: request.run }) }
  const found = await findMade(cluster.connection, scope).catch((error: unknown) => {
    signal.throwIfAborted()
    if (!(error instanceof ApiError) || error.status !== 403) throw error
    return findMade(cluster.connection, { ...scope, namespace: cluster.namespace })
  })
  const now = Date.now() / 1000
  const due = found.filter(({ expires }) => request.run !== undefined || expires < now)
  if (due.length === 0)
    request.host.print(`nothing to clean up: the cluster has nothing of ${request.run === undefined ? 'kscan whose time is over' : `the run ${request.run}`}`)
  let left = 0
  for (const object of due) {
    const what = `${object.type} ${object.namespace}/${object.name}`
    signal.throwIfAborted()
    try {
      const wasThere = await removeObject(cluster.connection, object, { timeout: REMOVE_MS, signal })
      request.host.print(`${wasThere ? 'removed' : 'already gone:'} ${what}`)
    } catch (error) {
      left += 1
      request.host.log.warn(`could not be removed: ${what}: ${messageOf(error)}`)
    }
  }
  return left
}
