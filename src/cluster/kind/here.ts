import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Engine, engineRun } from './engine.ts'
import { type Reach, reachOf } from './reach.ts'

const ASK_MS = 20_000

/** How an engine's cluster is reached from here. */
export const reachFrom = async (engine: Engine, signal: AbortSignal): Promise<Reach> => {
  const inContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv')
  return reachOf({ endpoint: engine.endpoint, inContainer, ownContainer: inContainer ? await ownContainer(engine, signal) : undefined })
}

/** Files that an engine mounts into a container lie in a folder of its id; a host's name is it by default. */
export const ownContainer = async (engine: Pick<Engine, 'file' | 'env'>, signal: AbortSignal): Promise<string | undefined> => {
  for (const id of [idIn(mounts()), hostname()]) {
    if (id === undefined || !/^[0-9a-f]{12,64}$/.test(id)) continue
    const ended = await engineRun(engine, { args: ['inspect', '--type', 'container', '--format', '{{.Id}}', id], timeout: ASK_MS, signal })
    if (ended.exitCode === 0) return ended.stdout.trim()
  }
  return undefined
}

const mounts = (): string => {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}

const idIn = (mountinfo: string): string | undefined => /\/(?:containers|overlay-containers)\/([0-9a-f]{64})\//.exec(mountinfo)?.[1]
