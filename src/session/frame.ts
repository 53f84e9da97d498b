import { randomBytes } from 'node:crypto'

/** One request over a session's shell: text for its stdin, and the marks by which its answer is known. */
export interface Frame {
  readonly nonce: string
  readonly text: Buffer
  /** Nothing comes on stderr, not even an end mark. */
  readonly quiet?: boolean
}

/** What one channel carried for a frame. */
export interface Answered {
  readonly bytes: Buffer
  readonly status: number
  /** False when there was more than the reader's cap; `bytes` is empty then. */
  readonly whole: boolean
  /** What a lent end says of things that the command's programs could not see. */
  readonly unseen: readonly string[]
}

/** Linux's limit for one argument, and so for `sh -c COMMAND` (MAX_ARG_STRLEN, with the closing zero). */
export const COMMAND_BYTES = 131_071

/** More than a lent end says of what a command could not see. */
const MARK_BYTES = 1024 * 1024

/** 128 random bits in hex, begun with a letter: `echo` takes no options from it and no escape eats its first digit. */
export const newNonce = (): string => `k${randomBytes(16).toString('hex')}`

/** Bytes as one word of a line: each quote leaves the quotes and comes back, a newline is a variable. */
export const quoted = (bytes: Uint8Array): Buffer =>
  Buffer.from(`'${Buffer.from(bytes).toString('latin1').replaceAll("'", "'\\''").replaceAll('\n', `'"$kscan_newline"'`)}'`, 'latin1')

/** Reads one channel's answer to one frame after the other. Bytes outside of frames are an error. */
export class ChannelReader {
  readonly #cap: number
  #nonce: Buffer | undefined
  #kept: Buffer[] = []
  #size = 0
  #rest: Buffer = Buffer.alloc(0)

  /** `cap`: bytes of one answer that are kept; more is `too-large`. */
  constructor(cap: number) {
    this.#cap = cap
  }

  /** Waits for this frame's answer next. */
  expect(nonce: string): void {
    this.#nonce = Buffer.from(nonce)
    this.#kept = []
    this.#size = 0
  }

  /** Takes what came. Returns the answer when its end mark is there, `overflow` each time while it is already too long; throws with a sentence when the stream is not as it must be. */
  push(chunk: Buffer): Answered | 'overflow' | undefined {
    const nonce = this.#nonce
    if (nonce === undefined) throw new Error('bytes came that belong to no command')
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = Buffer.alloc(0)
    const at = data.indexOf(nonce)
    const end = at < 0 ? -1 : data.indexOf('\n', at + nonce.length)
    if (at < 0) {
      const safe = Math.max(0, data.length - nonce.length + 1)
      this.#keep(data.subarray(0, safe))
      this.#rest = Buffer.from(data.subarray(safe))
      return this.#size > this.#cap ? 'overflow' : undefined
    }
    if (end < 0) {
      this.#keep(data.subarray(0, at))
      return this.#wait(data.subarray(at))
    }
    const [, status, hex] = /^:(\d{1,3})(?: ((?:[0-9a-f]{2})+))?$/.exec(data.toString('latin1', at + nonce.length, end)) ?? []
    if (status === undefined) throw new Error('an end mark without an exit status came')
    this.#keep(data.subarray(0, at))
    if (data.length > end + 1) throw new Error('bytes came that belong to no command')
    this.#nonce = undefined
    const unseen = hex === undefined ? [] : Buffer.from(hex, 'hex').toString('utf8').split('\0').slice(0, -1)
    return { bytes: Buffer.concat(this.#kept), status: Number(status), whole: this.#size <= this.#cap, unseen }
  }

  /** Of an end mark, which is short but for what its command could not see. */
  #wait(data: Buffer): undefined {
    if (data.length > MARK_BYTES) throw new Error('an end mark without an end came')
    this.#rest = Buffer.from(data)
    return undefined
  }

  #keep(bytes: Buffer): void {
    this.#size += bytes.length
    if (this.#size > this.#cap) this.#kept = []
    else if (bytes.length > 0) this.#kept.push(Buffer.from(bytes))
  }
}
