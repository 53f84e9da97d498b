import type { Log } from '../kernel/log.ts'
import type { Secret } from '../kernel/secret.ts'
import type { Mark } from '../kernel/tone.ts'

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

export interface UploadOptions {
  readonly root: string
  readonly reports: string
  readonly retentionDays: number
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
  readonly name: 'github' | 'gitlab' | 'terminal'
  readonly log: Log
  /** The process's environment, read once. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Before a scan: what an earlier job, or a commit, has left where this one's outputs and uploads go is taken away. Throws the system's error. */
  begin?(): void
  /** Inputs by name as the system gave them; absent and empty are left out. */
  inputs(): Map<string, RawInput>
  /** The folder whose contents are somebody's commit. */
  readonly workspace: string
  /** True in a job of a CI system: later steps look at what we leave. */
  readonly inJob: boolean
  /** The folder where journals live (DESIGN §7); made when first written. */
  readonly journalFolder: string
  /** A folder that lasts between runs on the same machine, for the auditor. */
  readonly toolFolder: string
  /** The base of the run's private folder. */
  readonly tempFolder: string
  /** Who runs us, for the annotation of what is made: a job's address or a user's name. */
  readonly owner: string
  /**
   * Why a stranger may have written what is checked out, in words that follow "because"; undefined where nobody has. Then no credential plugin of a kubeconfig
   * runs by default, and no config file is read.
   */
  readonly untrusted: string | undefined
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
  /** Remembers the seal of this run's journal, for a clean-up in a later process; the last one counts. */
  remember(seal: string): void
  setOutput(name: string, value: string): void
  /** Adds Markdown to the job's summary page, where there is one. */
  summary(markdown: string): Promise<void>
  annotate(level: 'error' | 'warning', title: string, message: string): void
  /** Puts files below `root` into the job's artifacts; undefined where there are none. `reports` is the folder that they are copies of. */
  upload(name: string, files: readonly string[], options: UploadOptions): Promise<Uploaded | undefined>
  progress(progress: Progress): void
  /** A line for people that is no result, beside what `print` gives to programs; said whatever is asked to be left out of the log. */
  say(text: string, marksOf?: (line: string) => readonly Mark[]): void
  /** The final text for people, and the machine's form with --json. `marksOf` says what stands out of a line where colours are shown; it gets each as it is printed. */
  print(text: string, marksOf?: (line: string) => readonly Mark[]): void
}
