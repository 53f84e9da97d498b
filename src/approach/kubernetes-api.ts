import type { Connection } from '../cluster/connection.ts'
import type { Clock } from '../kernel/clock.ts'
import { Session, type SessionOptions } from '../session/session.ts'
import { type ExecTarget, execEndpoint } from './exec-endpoint.ts'
import { type ExecStream, openStream, type StreamEvents, UpgradeRefused } from '../session/stream.ts'

export interface KubernetesApiOptions extends Pick<SessionOptions, 'onShell' | 'onDead'> {
  readonly connection: Connection
  readonly target: ExecTarget
  readonly clock: Clock
  /** Throws when the container is no longer the one that was chosen; asked before each stream but the first. */
  readonly check: () => Promise<void>
  /** Aborted when nothing is to be opened any more: what is still under way then ends at once. */
  readonly signal: AbortSignal
}

/** What is started in the target; admission policies may admit exactly this. */
export const SHELL_ARGV = ['/bin/sh'] as const
/** After a fresh grant, one server of several may not know it yet. */
const REFUSED_MS = 5000
const PAUSE_MS = 250

/** A session over the target's own shell. Rejects with TARGET_UNUSABLE when the image has none, ACCESS_DENIED or SESSION_FAILED. */
export const openKubernetesApi = (options: KubernetesApiOptions): Promise<Session> => {
  let opened = false
  const open = async (events: StreamEvents): Promise<ExecStream> => {
    if (opened) await options.check()
    opened = true
    return await openPatiently(options, events)
  }
  const { clock, onShell, onDead } = options
  return Session.open({ open, clock, ...(onShell === undefined ? {} : { onShell }), ...(onDead === undefined ? {} : { onDead }) })
}

/** One exec stream of the target's shell. */
export const openKubernetesApiStream = async (
  connection: Connection,
  target: ExecTarget,
  { events, signal }: { events: StreamEvents; signal?: AbortSignal }
): Promise<ExecStream> => await openStream(await execEndpoint(connection, target, SHELL_ARGV), events, signal)

const openPatiently = async (options: KubernetesApiOptions, events: StreamEvents): Promise<ExecStream> => {
  const end = options.clock.now() + REFUSED_MS
  for (;;) {
    try {
      return await openKubernetesApiStream(options.connection, options.target, { events, signal: options.signal })
    } catch (error) {
      const early = error instanceof UpgradeRefused && error.status === 403 && options.clock.now() < end
      await (early ? options.clock.sleep(PAUSE_MS, options.signal) : Promise.reject(error))
    }
  }
}
