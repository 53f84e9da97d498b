import { appendFileSync } from 'node:fs'
import type { NamelessFile } from '../kernel/nameless-file.ts'

/** Of a whole run, in bytes: people look for its end, and a profile may print without one. */
export const LOG_BYTES = 32 * 1024 * 1024

/** Where the auditor's output goes. */
export interface LogFile {
  write(chunk: Buffer): void
  /** Nothing more is written: an auditor that is not waited for may still print when the file has been closed. */
  end(): void
}

/** Appends to a log, up to what all of it may be. Never throws: the reports say that there is none, and its last lines are kept elsewhere, too. */
export const logInto = (file: NamelessFile, most = LOG_BYTES): LogFile => {
  const { descriptor } = file
  let left = most - file.size()
  return {
    write: (chunk) => {
      if (left <= 0) return
      append(descriptor, chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) append(descriptor, `\nkscan: the auditor printed more than the ${most} bytes that are kept.\n`)
    },
    end: () => (left = 0)
  }
}

const append = (descriptor: number, what: Buffer | string): void => {
  try {
    appendFileSync(descriptor, what)
  } catch {
    // a full disk
  }
}
