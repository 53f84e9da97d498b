import type { Log } from '../kernel/log.ts'

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

/** The CI system or terminal that we run under: all that differs between the faces of the program. */
export interface Host {
  readonly name: 'github' | 'terminal'
  readonly log: Log
  /** Inputs by name as the system gave them; absent and empty are left out. */
  inputs(): Map<string, RawInput>
  /** The folder where journals live (DESIGN §7); made when first written. */
  readonly journalFolder: string
  /** A folder that lasts between runs on the same machine, for the auditor. */
  readonly toolFolder: string
  /** A private place for this run's own files. */
  readonly tempFolder: string
  /** Runs one phase with its own heading in the log. */
  phase<T>(title: string, work: () => Promise<T>): Promise<T>
  /** Keeps a value out of every later line of the log. */
  mask(secret: string): void
  setOutput(name: string, value: string): void
  /** Adds Markdown to the job's summary page, where there is one. */
  summary(markdown: string): Promise<void>
  annotate(level: 'error' | 'warning', title: string, message: string): void
  /** Puts files into the job's artifacts; undefined where there are none. */
  upload(name: string, files: readonly string[], root: string, retentionDays: number): Promise<Uploaded | undefined>
  /** Live progress: one line a control on a terminal, a quiet count in CI. */
  progress(done: number, total: number | undefined, line: string): void
  /** True outside pull requests from forks: whether a kubeconfig's credential plugin may run by default. */
  readonly trusted: boolean
}
