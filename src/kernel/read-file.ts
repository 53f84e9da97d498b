import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** The standard input, in place of a path. */
export const STDIN = 0

/**
 * The bytes of a file, a pipe or a device; undefined when there are more than `most`, of which no more is read than tells it. Throws what the system says of a
 * file that cannot be read.
 */
export const readAtMost = (file: string | typeof STDIN, most: number): Buffer | undefined => {
  const descriptor = file === STDIN ? file : openSync(file, 'r')
  try {
    return readOpen(descriptor, most)
  } finally {
    if (file !== STDIN) closeSync(descriptor)
  }
}

const CHUNK = 1024 * 1024

/** What a file says of its size is only where to begin: it may grow, and pipes and devices say nothing. */
const readOpen = (descriptor: number, most: number): Buffer | undefined => {
  const { size } = fstatSync(descriptor)
  if (size > most) return undefined
  let buffer = Buffer.allocUnsafe(size + 1)
  let length = 0
  for (let read = -1; read !== 0; length += read) {
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length + CHUNK, most + 1))
    read = readSome(descriptor, buffer, length)
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
