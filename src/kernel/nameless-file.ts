import { randomUUID } from 'node:crypto'
import { closeSync, constants, fchmodSync, fstatSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { firstOf } from './own.ts'

/** A file that is in no folder: nobody can put another one, or a link, in its place, and only who was handed its descriptor writes to it. */
export interface NamelessFile extends Disposable {
  readonly descriptor: number
  /** Bytes. */
  size(): number
  /** Its first bytes, `most` at most. */
  head(most: number): Buffer
}

/** Makes one, on the disk of a folder. Throws the system's error. */
export const namelessFile = (folder: string): NamelessFile => {
  const path = join(folder, randomUUID())
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  rmSync(path)
  fchmodSync(descriptor, 0o602) // /dev/fd/N opens it anew, also for a child that runs as somebody else; no other has a way to it
  return {
    descriptor,
    size: () => fstatSync(descriptor).size,
    head: (most) => firstOf(descriptor, most),
    [Symbol.dispose]: () => closeSync(descriptor)
  }
}
