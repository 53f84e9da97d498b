import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'

/** Why somebody else could have written into a folder; undefined where nobody but this user could. Throws the system's error. */
export const folderFault = (path: string): string | undefined => {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return 'it is a link'
  return found.isDirectory() ? writersFault(found) : 'it is no folder'
}

/** Throws an Error for a folder in which somebody else could have put or changed something. */
export const demandOwnFolder = (path: string): void => {
  const fault = folderFault(path)
  if (fault !== undefined) throw new Error(`${path}: ${fault} (${fault === OPEN ? 'chmod go-w it, or ' : ''}remove it)`)
}

/** The same for each folder from `root` down to `folder`, as far as they are there. */
export const demandOwnWay = (root: string, folder: string): void => {
  if (folder !== root && folder !== dirname(folder)) demandOwnWay(root, dirname(folder))
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) demandOwnFolder(folder)
}

const OPEN = 'others may write to it'

/** Root may change anything anyway: what is root's is nobody else's doing, such as the tools in an image. */
const writersFault = ({ uid, mode }: Stats): string | undefined => {
  const own = process.geteuid?.()
  if (own !== undefined && uid !== own && uid !== 0) return `it belongs to the user ${uid}`
  return (mode & 0o022) === 0 ? undefined : OPEN
}

/**
 * Opens a file that nobody but this user could have written to: no link, no pipe, no device. `more` are flags of open(2) beside those that see to that.
 * Throws an Error that says why it is none.
 */
export const openOwn = (file: string, more: number): number => {
  const descriptor = openSync(file, more | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const found = fstatSync(descriptor)
  const fault = found.isFile() ? writersFault(found) : 'it is no file'
  if (fault === undefined) return descriptor
  closeSync(descriptor)
  throw new Error(fault)
}

/** The bytes of such a file, of which there are `most` at most. */
export const readOwn = (file: string, most: number): Buffer => {
  const descriptor = openOwn(file, constants.O_RDONLY)
  try {
    const bytes = firstOf(descriptor, most + 1)
    if (bytes.length > most) throw new Error(`it has more than ${most} bytes`)
    return bytes
  } finally {
    closeSync(descriptor)
  }
}

/** The first bytes of an open regular file, `most` at most, wherever whoever else has it open stands in it. */
export const firstOf = (descriptor: number, most: number): Buffer => {
  const buffer = Buffer.alloc(Math.min(fstatSync(descriptor).size, most))
  let length = 0
  for (let read = -1; read !== 0 && length < buffer.length; length += read) read = readSync(descriptor, buffer, length, buffer.length - length, length)
  return buffer.subarray(0, length)
}
