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
  /** Also what no journal names: by the run's label. */
  readonly sweep: boolean
  /** `cleanup --expired`. */
  readonly expired: boolean
  readonly json: boolean
  readonly host: Host
  readonly signal: AbortSignal
  readonly version: string
  /** Folder of the auditor's plugin and launcher. */
  readonly plugin: string
}
