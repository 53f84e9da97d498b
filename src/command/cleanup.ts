import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { endHelper } from '../approach/ephemeral-container.ts'
import { openKubernetesApiStream } from '../approach/kubernetes-api.ts'
import { orphansOf } from '../auditor/orphans.ts'
import { type Cluster, openExisting } from '../cluster/existing.ts'
import { findMade, removeObject } from '../cluster/sweep.ts'
import { systemClock } from '../kernel/clock.ts'
import { EXIT, type ExitCode, messageOf } from '../kernel/error.ts'
import { killScript } from '../session/kill.ts'
import { helperPod } from '../scan/helper-pod.ts'
import { runScript } from '../session/script.ts'
import { podIfThere } from '../target/facts.ts'
import { statusOf } from '../target/pod.ts'
import { listJournals, type ReadJournal } from '../undo/journal.ts'
import { type Removers, replay } from '../undo/replay.ts'
import { showFailure, toFailure } from './failure.ts'
import { readConfig } from './read-config.ts'
import type { Request } from './request.ts'

const REMOVE_MS = 10_000
const KILL_MS = 5000
/** How the script that ends a session says that there is none. */
const NO_SESSION = 3

/**
 * `kscan cleanup`, and the action's post step: undoes what runs that died on this machine left, by their journals; with --run also without a journal, by the
 * run's label; with --expired everything of kscan whose time is over. Exit 4 when something remains.
 */
export const cleanupCommand = async (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { dead, kept } = journalsOf(request)
    const byLabel = (request.sweep && kept === 0) || request.expired // never what a run that still runs has made
    if (dead.length === 0 && !byLabel) {
      host.print(
        `nothing to clean up: this machine has no journal of an unfinished run${request.sweep ? '' : '. What runs elsewhere have left goes with --run ID or --expired'}`
      )
      return kept > 0 ? EXIT.scanFailed : EXIT.passed
    }
    const cluster =
      byLabel || dead.some(inCluster)
        ? await openExisting({ ...readConfig('cleanup', request).config, env: host.env, onSecret: (value) => host.mask(value) })
        : undefined
    const left = await cleanAll(cluster, dead, request).finally(() => cluster?.connection.agent.destroy())
    return left + kept > 0 ? EXIT.scanFailed : EXIT.passed
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return failure.exitCode
  }
}

/** Journals to undo; what is kept, because its run still runs or it cannot be read, is said and counted. */
const journalsOf = ({ host, run: wanted }: Request): { dead: ReadJournal[]; kept: number } => {
  const { journals, unreadable } = listJournals(host.journalFolder)
  const mine = journals.filter(({ run }) => wanted === undefined || run === wanted)
  const live = mine.filter((journal) => journal.live)
  for (const { run } of live) host.log.warn(`run ${run} still runs: nothing of it was touched`)
  for (const { file } of unreadable)
    host.log.warn(`the journal ${file} cannot be read; when kscan cleanup --expired finds nothing more to remove, delete that file`)
  return { dead: mine.filter((journal) => !journal.live), kept: unreadable.length + (wanted === undefined ? 0 : live.length) }
}

/** Resolves with the number of things that remain. */
const cleanAll = async (cluster: Cluster | undefined, journals: readonly ReadJournal[], request: Request): Promise<number> => {
  let left = 0
  for (const journal of journals) left += await replayOne(cluster, journal, request)
  if (cluster !== undefined && (request.sweep || request.expired)) left += await sweep(cluster, request)
  return left
}

/** A run that died before it made something in a cluster needs none to be undone. */
const inCluster = ({ remaining }: ReadJournal): boolean => remaining.some(({ entry }) => entry.kind !== 'folder')

const replayOne = async (cluster: Cluster | undefined, journal: ReadJournal, { host }: Request): Promise<number> => {
  if (inCluster(journal) && journal.cluster?.fingerprint !== cluster?.fingerprint) {
    host.log.warn(`run ${journal.run} was on another cluster (${journal.cluster?.server}): nothing of it was touched; call cleanup with its context`)
    return 1
  }
  const { removed, absent, leftovers } = await replay(journal, { ...(cluster === undefined ? NO_CLUSTER : inClusterRemovers(cluster)), folder: removeFolder })
  for (const what of removed) host.print(`removed ${what}`)
  for (const what of absent) host.print(`already gone: ${what}`)
  for (const { what, why } of leftovers) host.log.warn(`could not be removed: ${what}: ${why}`)
  return leftovers.length
}

const notConnected = (): Promise<never> => Promise.reject(new Error('no cluster is connected'))
const NO_CLUSTER = { object: notConnected, shell: notConnected, helper: notConnected }

/** Only what has the name that a run gives to its folder: the journal is a file, and files can be wrong. */
const removeFolder = async ({ path }: { path: string }): Promise<boolean> => {
  if (!/^kscan-[a-z0-9]{10}$/.test(basename(path))) throw new Error('it is not named like the folder of a run')
  for (const pid of orphansOf(path)) end(pid)
  const wasThere = existsSync(path)
  await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 })
  return wasThere
}

const end = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended by itself
  }
}

const inClusterRemovers = (cluster: Cluster): Omit<Removers, 'folder'> => ({
  object: ({ type, namespace, name }, uid) => removeObject(cluster.connection, { type, namespace, name, uid }, { timeout: REMOVE_MS }),
  helper: (entry) => endHelper(helperPod(cluster.connection, entry, { clock: systemClock, signal: AbortSignal.timeout(REMOVE_MS) }), entry.container),
  shell: async (entry) => {
    const pod = await podIfThere(cluster.connection, { namespace: entry.namespace, name: entry.pod })
    if (pod?.metadata.uid !== entry.podUid || statusOf(pod, entry.container)?.containerID !== entry.containerId) return false // its processes went with it
    const signal = AbortSignal.timeout(KILL_MS)
    const code = await runScript((events) => openKubernetesApiStream(cluster.connection, entry, { events, signal }), killScript(entry), KILL_MS)
    return code !== NO_SESSION
  }
})

/** By labels, in all namespaces, else in the caller's own. */
const sweep = async (cluster: Cluster, request: Request): Promise<number> => {
  const scope = request.run === undefined ? {} : { run: request.run }
  const found = await findMade(cluster.connection, scope).catch(() => findMade(cluster.connection, { ...scope, namespace: cluster.namespace }))
  const now = Date.now() / 1000
  const due = found.filter(({ expires }) => request.run !== undefined || expires < now)
  if (due.length === 0)
    request.host.print(`nothing to clean up: the cluster has nothing of ${request.run === undefined ? 'kscan whose time is over' : `the run ${request.run}`}`)
  let left = 0
  for (const object of due) {
    const what = `${object.type} ${object.namespace}/${object.name}`
    try {
      const wasThere = await removeObject(cluster.connection, object, { timeout: REMOVE_MS })
      request.host.print(`${wasThere ? 'removed' : 'already gone:'} ${what}`)
    } catch (error) {
      left += 1
      request.host.log.warn(`could not be removed: ${what}: ${messageOf(error)}`)
    }
  }
  return left
}
