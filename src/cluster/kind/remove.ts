import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { EngineName } from '../../kernel/engine.ts'
import { findOnPath } from '../../process/find.ts'
import { pids } from '../../process/pids.ts'
import type { Ended } from '../../process/run.ts'
import { complaint, type Engine, engineEndpoint, engineEnvironment, engineRun, networkOf } from './engine.ts'
import { ownContainer } from './here.ts'
import { CLUSTER_LABEL, clustersOf, isContainerOf, type NamedCluster, readClusterName } from './name.ts'

/** What a journal tells of an engine. */
export interface EngineRef {
  readonly engine: EngineName
  readonly endpoint: string
}

/** As far as removing needs to know it. */
export type Remover = Pick<Engine, 'name' | 'file' | 'env' | 'endpoint'>

export interface RemoveOptions {
  /** Milliseconds for one command of the engine. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

const LOOKS = 3
const PAUSE_MS = 300

/**
 * Removes the containers of a cluster of kscan with their volumes, by its label and its name: with or without kind, whole or half made. Resolves with false when
 * there was none, or its engine is gone and all its containers with it. Throws an Error.
 */
export const removeCluster = async (engine: Remover, name: string, { timeout, signal }: RemoveOptions): Promise<boolean> => {
  const ask = (args: readonly string[]): Promise<Ended> => engineRun(engine, { args, timeout, ...(signal === undefined ? {} : { signal }) })
  const list = ['ps', '--all', '--filter', `label=${CLUSTER_LABEL}=${name}`, '--format', '{{.Names}}']
  if (readClusterName(name) === undefined) throw new Error('it is not named like a cluster of kscan')
  let wasThere = endOrphans(name)
  for (let look = 0; ; look += 1) {
    const listed = await ask(list)
    if (listed.exitCode !== 0 && isGone(engine, listed)) return false
    if (listed.exitCode !== 0) throw new Error(complaint(listed))
    const containers = listed.stdout
      .split('\n')
      .map((line) => line.trim())
      .filter((container) => isContainerOf(name, container))
    if (containers.length === 0) return wasThere
    wasThere = true
    const removed = await ask(['rm', '--force', '--volumes', ...containers])
    if (look === LOOKS || removed.reason === 'timed-out') throw new Error(complaint(removed))
    await wait(PAUSE_MS, undefined, signal === undefined ? {} : { signal })
  }
}

/** The daemon of a service container goes with its job, name and all, and with it every container that it had. Of one that only does not answer nobody knows. */
const isGone = ({ endpoint }: Pick<Remover, 'endpoint'>, { stderr }: Ended): boolean => endpoint.startsWith('tcp:') && /no such host/i.test(stderr)

/** What engines say of a network or container that is not there; of a socket that is not there they say that there is no such file. */
const NOT_THERE = /is not connected|no such (?:object|container|network)\b|(?:network|container)\b[^\n]*not found/i

/** Takes a container out of a network; resolves with false when it was not in it, or the network or its engine is gone. Throws an Error. */
export const leaveNetwork = async (
  engine: Remover,
  { network, container }: { network: string; container: string },
  options: RemoveOptions
): Promise<boolean> => {
  const { timeout, signal } = options
  const ended = await engineRun(engine, {
    args: ['network', 'disconnect', '--force', network, container],
    timeout,
    ...(signal === undefined ? {} : { signal })
  })
  if (ended.exitCode === 0) return true
  if (isGone(engine, ended) || NOT_THERE.test(ended.stderr)) return false
  throw new Error(complaint(ended))
}

/**
 * Takes the container that we run in out of the network of its engine's clusters, as a journal says. Resolves with false also where that container is gone. Throws
 * an Error, also where the entry is of a network or a container that is not ours.
 */
export const leaveOwnNetwork = async (
  engine: Remover,
  { network, container }: { network: string; container: string },
  options: RemoveOptions
): Promise<boolean> => {
  if (network !== networkOf(engine.env)) throw new Error('it is not the network of kind')
  const { timeout, signal = AbortSignal.timeout(timeout) } = options
  if ((await ownContainer(engine, signal)) === container) return await leaveNetwork(engine, { network, container }, options)
  const found = await engineRun(engine, { args: ['inspect', '--type', 'container', '--format', '{{.Id}}', container], timeout, signal })
  if (found.exitCode !== 0 && (isGone(engine, found) || NOT_THERE.test(found.stderr))) return false
  throw new Error('it is not the container that this runs in: call cleanup there')
}

/** The engine that a journal names. Throws an Error where it cannot be asked from here. */
export const engineOf = async ({ engine: name, endpoint }: EngineRef, given: Readonly<Record<string, string | undefined>>): Promise<Remover> => {
  const env = engineEnvironment(given)
  const file = await findOnPath(name, env['PATH'])
  if (file === undefined) throw new Error(`${name} is not on PATH`)
  const here = await engineEndpoint({ name, file, env })
  if (here !== endpoint) throw new Error(`it is on ${name}${endpoint === '' ? '' : ` at ${endpoint}`}, and ${here === '' ? 'another one' : here} answers here`)
  return { name, file, env, endpoint }
}

/** The clusters of kscan on any engine that answers here; engines that do not are passed over. */
export const findClusters = async (
  names: readonly EngineName[],
  given: Readonly<Record<string, string | undefined>>,
  { timeout, signal }: RemoveOptions
): Promise<{ engine: Remover; cluster: NamedCluster }[]> => {
  const env = engineEnvironment(given)
  const found: { engine: Remover; cluster: NamedCluster }[] = []
  for (const name of names) {
    const file = await findOnPath(name, env['PATH'])
    if (file === undefined) continue
    const args = ['ps', '--all', '--filter', `label=${CLUSTER_LABEL}`, '--format', '{{.Names}}']
    const listed = await engineRun({ file, env }, { args, timeout, ...(signal === undefined ? {} : { signal }) })
    if (listed.exitCode !== 0) continue
    const engine = { name, file, env, endpoint: await engineEndpoint({ name, file, env }) }
    found.push(...clustersOf(listed.stdout.split('\n').map((line) => line.trim())).map((cluster) => ({ engine, cluster })))
  }
  return found
}

/** Ends programs of kind that still make the cluster, because whoever started them was killed, with what they have started. Resolves with whether there were any. */
const endOrphans = (name: string): boolean => {
  const groups = pids().filter((pid) => {
    const argv = argvOf(pid)
    return argv.slice(0, 2).some((word) => basename(word) === 'kind') && argv.includes('create') && argv.includes(name) // a shim has it behind its shell
  })
  for (const pid of groups) endGroup(pid)
  return groups.length > 0
}

const argvOf = (pid: number): string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // it ended
  }
}

/** It was started as the leader of a group of its own. */
const endGroup = (pid: number): void => {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // it ended by itself, or leads no group
    }
  }
}
