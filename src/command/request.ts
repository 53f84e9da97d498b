import type { RawInputs } from '../config/raw.ts'
import type { Host } from '../host/host.ts'

/** One call of a command: what the user gave, and where we run. */
export interface Request {
  /** Flags only; the host's inputs are added by `readConfig`. */
  readonly flags: RawInputs
  /** Words that are no flags: files of `judge` and `report`. */
  readonly files: readonly string[]
  /** `cleanup --run`. */
  readonly run: string | undefined
  /** What a run remembered of its journal, for the clean-up of that run alone; empty where it came to none. Undefined: all journals of this machine are meant. */
  readonly seal?: string
  /** Also what no journal names: by the run's label. */
  readonly sweep: boolean
  /** `cleanup --expired`. */
  readonly expired: boolean
  readonly json: boolean
  /** `vendor --output`. */
  readonly output?: string | undefined
  /** `profiles --os-release`. */
  readonly osRelease?: string | undefined
  /** `doctor --yaml`: also of rights that are there. */
  readonly yaml?: boolean
  readonly host: Host
  readonly signal: AbortSignal
  readonly version: string
  /** Folder of the auditor's plugin and launcher. */
  readonly plugin: string
}
