import type { Connection } from '../cluster/connection.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Dialect } from '../session/dialect.ts'
import { Session } from '../session/session.ts'
import type { SessionOptions } from '../session/session-options.ts'
import type { ExecStream, StreamEvents } from '../session/stream.ts'
import type { ExecTarget } from './exec-endpoint.ts'
import { openExec } from './exec-stream.ts'

export interface ShellOptions extends Pick<SessionOptions, 'onShell' | 'onUnended' | 'onDead'> {
  readonly connection: Connection
  readonly target: ExecTarget
  readonly clock: Clock
  /** Throws when the container is no longer the one that was chosen; asked before each stream but the first. */
  readonly check: () => Promise<void>
  /** Aborted when nothing is to be opened any more: what is still under way then ends at once. */
  readonly signal: AbortSignal
  /** Aborted when the run is interrupted: a shell that has not answered yet is given up. One that has is ended in order. */
  readonly interrupt: AbortSignal
}

/** What is started in the target, and what it speaks. */
export interface Shell {
  readonly argv: readonly string[]
  readonly dialect: Dialect
}

/** A session over a shell in the target. Rejects with TARGET_UNUSABLE, ACCESS_DENIED or SESSION_FAILED. */
export const openShellSession = async ({ argv, dialect }: Shell, options: ShellOptions): Promise<Session> => {
  const { clock, interrupt, signal } = options
  const first = new AbortController()
  const giveUp = (): void => first.abort(interrupt.reason)
  let opened = false
  const open = async (events: StreamEvents): Promise<ExecStream> => {
    if (opened) await options.check()
    const until = opened ? signal : AbortSignal.any([signal, first.signal])
    opened = true
    return await openExec(options.connection, { target: options.target, argv }, { events, signal: until })
  }
  interrupt.addEventListener('abort', giveUp, { once: true })
  if (interrupt.aborted) giveUp()
  try {
    return await Session.open({ open, clock, dialect, ...heard(options) })
  } finally {
    interrupt.removeEventListener('abort', giveUp)
  }
}

const heard = ({ onShell, onUnended, onDead }: ShellOptions): Pick<SessionOptions, 'onShell' | 'onUnended' | 'onDead'> => ({
  ...(onShell === undefined ? {} : { onShell }),
  ...(onUnended === undefined ? {} : { onUnended }),
  ...(onDead === undefined ? {} : { onDead })
})
