import type { ExecStream } from './stream.ts'

/** A session at one moment. Times in milliseconds since 1970. */
export interface Pulse {
  readonly stream: ExecStream
  readonly now: number
  readonly lastUse: number
  /** No command is under way. */
  readonly idle: boolean
  /** More input was written than a pipe holds: until the shell has read it, the server may hold back pongs. */
  readonly inputOpen: boolean
  /** Sends a frame that does nothing. */
  readonly touch: () => void
  readonly lose: (message: string) => void
}

const TICK_MS = 10_000
const SILENT_MS = 60_000
const IDLE_MS = 30_000

/** Keeps a session's connection alive, against the idle timers of proxies too, and notices when it is not. */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout

  constructor(pulse: () => Pulse | undefined) {
    this.#timer = setInterval(() => beat(pulse()), TICK_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/** One tick. While input is open there is none: silence means nothing then, and a ping would only wait behind the input. */
export const beat = (pulse: Pulse | undefined): void => {
  if (pulse === undefined || pulse.inputOpen) return
  if (pulse.now - pulse.stream.lastHeard() > SILENT_MS) {
    pulse.lose(`nothing was heard for ${SILENT_MS / 1000} s`)
    return
  }
  pulse.stream.ping()
  if (pulse.idle && pulse.now - pulse.lastUse > IDLE_MS) pulse.touch()
}
