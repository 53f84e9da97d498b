import type { Clock } from '../kernel/clock.ts'
import type { ScanError } from '../kernel/error.ts'
import type { Dialect } from './dialect.ts'
import type { ShellProcess } from './kill.ts'
import type { ExecStream, StreamEvents } from './stream.ts'

export interface SessionOptions {
  /** Opens a new exec stream of a shell in the target; checks that the target is still the same. */
  readonly open: (events: StreamEvents) => Promise<ExecStream>
  readonly clock: Clock
  /** What that shell speaks; by default the target's own does. */
  readonly dialect?: Dialect
  /** Bytes of stdout, and of stderr, that one command may answer. */
  readonly outputCap?: number
  /** Called with each shell that is started, before any command: for the journal. */
  readonly onShell?: (shell: ShellProcess) => void
  /** Called when it was not seen that what a command left running has ended. */
  readonly onUnended?: () => void
  /** Called once when the session is beyond repair. */
  readonly onDead?: (error: ScanError) => void
}
