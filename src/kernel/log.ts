/** Where the program's own lines go. What a line holds from outside must have gone through `printable`. */
export interface Log {
  info(line: string): void
  warn(line: string): void
  error(line: string): void
  /** Shown with --verbose or when the CI system's debug switch is on. */
  debug(line: string): void
}

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
