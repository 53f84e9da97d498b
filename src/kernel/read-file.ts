import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, realpathSync, type Stats } from 'node:fs'
import { dirname, sep } from 'node:path'

/** The standard input, in place of a path. */
export const STDIN = 0

/** Descriptors that whoever started us has opened, as a shell names them: `<(…)`. */
const OPENED = /^\/(?:dev|proc\/self)\/fd\/\d+$/

/**
 * The bytes of a regular file; undefined when there are more than `most`, of which no more is read than tells it. Somebody else may have put the file there: a
 * pipe or device would never end, and a link shows what was not meant, so that one is only followed within its own folder (as Kubernetes mounts files). Throws what it
 * is, or what the system says of a file that cannot be read.
 */
export const readAtMost = (file: string | typeof STDIN, most: number): Buffer | undefined => {
  if (file === STDIN) return readOpen(STDIN, { most, waits: true })
  if (OPENED.test(file)) return readAt(file, { most, waits: true })
  const stat = lstatSync(file)
  if (!stat.isSymbolicLink()) return readRegular(file, stat, most)
  const real = realpathSync(file)
  if (!real.startsWith(`${realpathSync(dirname(file))}${sep}`)) throw new Error(`it is a link to ${readlinkSync(file)}: name the file itself`)
  return readRegular(real, lstatSync(real), most)
}

/** The same of a file of the user's own, which may be a link. */
export const readLinked = (file: string, most: number): Buffer => {
  const real = realpathSync(file)
  const bytes = readRegular(real, lstatSync(real), most)
  if (bytes === undefined) throw new Error(`it has more than ${most} bytes`)
  return bytes
}

const readRegular = (file: string, stat: Stats, most: number): Buffer | undefined => {
  demandRegular(stat)
  return readAt(file, { most, waits: false }, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

/** Throws what it is in place of a file. */
export const demandRegular = (stat: Stats): void => {
  if (!stat.isFile()) throw new Error(`it is ${kindOf(stat)}`)
}

const kindOf = (stat: Stats): string => {
  if (stat.isDirectory()) return 'a folder'
  if (stat.isFIFO()) return 'a named pipe'
  if (stat.isSocket()) return 'a socket'
  return stat.isSymbolicLink() ? 'a link' : 'a device'
}

interface Reading {
  readonly most: number
  /** More may come where nothing is there yet. */
  readonly waits: boolean
}

const readAt = (file: string, reading: Reading, flags: number = constants.O_RDONLY): Buffer | undefined => {
  const descriptor = openSync(file, flags)
  try {
    if (!reading.waits) demandRegular(fstatSync(descriptor)) // it may be another one by now
    return readOpen(descriptor, reading)
  } finally {
    closeSync(descriptor)
  }
}

const CHUNK = 1024 * 1024

/** What a file says of its size is only where to begin: it may grow, and pipes and devices say nothing. */
const readOpen = (descriptor: number, { most, waits }: Reading): Buffer | undefined => {
  const { size } = fstatSync(descriptor)
  if (size > most) return undefined
  let buffer = Buffer.allocUnsafe(size + 1)
  let length = 0
  for (let read = -1; read !== 0; length += read) {
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length + CHUNK, most + 1))
    read = waits ? readSome(descriptor, buffer, length) : readSync(descriptor, buffer, length, buffer.length - length, null)
    if (length + read > most) return undefined
  }
  return buffer.subarray(0, length)
}

const PAUSE = 10 // milliseconds

/** Whoever started us may have made the standard input such that a read does not wait for what is to come. */
const readSome = (descriptor: number, buffer: Buffer, offset: number): number => {
  for (;;) {
    const read = readNow(descriptor, buffer, offset)
    if (read !== undefined) return read
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
  }
}

/** Undefined when nothing is there yet. */
const readNow = (descriptor: number, buffer: Buffer, offset: number): number | undefined => {
  try {
    return readSync(descriptor, buffer, offset, buffer.length - offset, null)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined
    throw error
  }
}

/** The text of a file of at most so many bytes. Throws for what is longer, and for what is no UTF-8: a text with other letters than were meant would be judged. */
export const readText = (file: string, most: number): string => {
  const bytes = readAtMost(file, most)
  if (bytes === undefined) throw new Error(`it has more than ${most} bytes`)
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}
