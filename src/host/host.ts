import type { Log } from '../kernel/log.ts'
import type { Secret } from '../kernel/secret.ts'

/** A raw input and where it came from, for the log and for error messages. */
export interface RawInput {
  readonly value: string
  readonly origin: 'flag' | 'input' | 'environment'
}

export interface Uploaded {
  readonly id: string
  readonly url: string
  readonly digest: string
}

/** What the audit reports while it runs: checks done, of how many where that is known, and the control that ended last. */
export interface Progress {
  readonly target: string
  readonly done: number
  readonly total: number | undefined
  readonly control: string
  readonly status: 'passed' | 'failed' | 'pending'
}

/** The CI system or terminal that we run under: all that differs between the faces of the program. */
export interface Host {
  readonly name: 'github' | 'terminal'
  readonly log: Log
  /** The process's environment, read once. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Inputs by name as the system gave them; absent and empty are left out. */
  inputs(): Map<string, RawInput>
  /** The folder where journals live (DESIGN §7); made when first written. */
  readonly journalFolder: string
  /** A folder that lasts between runs on the same machine, for the auditor. */
  readonly toolFolder: string
  /** The base of the run's private folder. */
  readonly tempFolder: string
  /** Who runs us, for the annotation of what is made: a job's address or a user's name. */
  readonly owner: string
  /** False in pull requests from forks: whether a kubeconfig's credential plugin may run by default. */
  readonly trusted: boolean
  /** True where reports may be uploaded without being asked: not in public repositories. */
  readonly uploadByDefault: boolean
  /** Columns of the terminal; undefined where nobody watches. */
  readonly width: number | undefined
  /** Runs one phase with its own heading in the log. */
  phase<T>(title: string, work: () => Promise<T>): Promise<T>
  /** Keeps a value out of every later line of the log. */
  mask(secret: string): void
  /** All that was given to `mask`, line by line; without what is too short to be told from an ordinary word. */
  secrets(): readonly Secret[]
  /** Remembers which run this is, for a clean-up in a later process. */
  remember(run: string): void
  setOutput(name: string, value: string): void
  /** Adds Markdown to the job's summary page, where there is one. */
  summary(markdown: string): Promise<void>
  annotate(level: 'error' | 'warning', title: string, message: string): void
  /** Puts files into the job's artifacts; undefined where there are none. */
  upload(name: string, files: readonly string[], options: { root: string; retentionDays: number }): Promise<Uploaded | undefined>
  progress(progress: Progress): void
  /** The final text for people, and the machine's form with --json. */
  print(text: string): void
}
