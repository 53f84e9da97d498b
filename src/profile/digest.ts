import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readAtMost } from '../kernel/read-file.ts'
import type { Found } from './walk.ts'

/** Of an archive, or of one file. */
export const MOST_BYTES = 512 * 1024 * 1024

/** One fault of a profile. */
export const notA = (expected: string, got: string, hint?: string): ScanError =>
  new ScanError('BAD_INPUT', 'An input is not usable', {
    problems: [{ name: 'profile', expected, got: printableLine(got), ...(hint === undefined ? {} : { hint }) }]
  })

export const digestOfBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Throws BAD_INPUT for a file that cannot be read. */
export const digestFile = (path: string): string => digestOfBytes(bytesOf(path))

/** The same. */
export const bytesOf = (path: string): Buffer => {
  try {
    const bytes = readAtMost(path, MOST_BYTES)
    if (bytes === undefined) throw new Error(`it has more than ${MOST_BYTES} bytes`)
    return bytes
  } catch (error) {
    throw notA('a profile that can be read', `${path}: ${messageOf(error)}`)
  }
}

/** Over every file's path and content, in order; a link counts by its text. */
export const digestOf = (files: readonly Found[]): string => {
  const hash = createHash('sha256')
  for (const { name, path, stat } of files.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (stat.isSymbolicLink()) hash.update(`link ${name}\0${readlinkSync(path)}\0`)
    else hash.update(`file ${name}\0${digestFile(path)}\0`)
  }
  return hash.digest('hex')
}
