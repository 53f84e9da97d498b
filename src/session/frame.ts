import { randomBytes } from 'node:crypto'
import { GrowingBuffer } from './growing-buffer.ts'

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

/** Reads one channel's answer to one frame after the other. Bytes outside of frames are an error. What a byte costs does not depend on how many come, or in what pieces. */
export class ChannelReader {
  readonly #cap: number
  #nonce: Buffer | undefined
  /** What has come before the end mark; where that is too long, no more than may begin the mark. */
  readonly #kept = new GrowingBuffer()
  #whole = true
  #answer: Buffer = Buffer.alloc(0)
  /** What has come of the end mark behind its nonce. */
  #mark: string | undefined

  /** `cap`: bytes of one answer that are kept; more is `too-large`. */
  constructor(cap: number) {
    this.#cap = cap
  }

  /** Waits for this frame's answer next. */
  expect(nonce: string): void {
    this.#nonce = Buffer.from(nonce)
    this.#kept.take()
    this.#whole = true
  }

  /** Takes what came. Returns the answer when its end mark is there, `overflow` each time while it is already too long; throws with a sentence when the stream is not as it must be. */
  push(chunk: Buffer): Answered | 'overflow' | undefined {
    const nonce = this.#nonce
    if (nonce === undefined) throw new Error('bytes came that belong to no command')
    if (this.#mark !== undefined) return this.#readMark(this.#mark, chunk)
    const from = Math.max(0, this.#kept.length - nonce.length + 1)
    this.#kept.append(chunk)
    const at = this.#kept.indexOf(nonce, from)
    if (at < 0) return this.#wait(nonce.length - 1)
    const bytes = this.#kept.take()
    this.#whole &&= at <= this.#cap
    this.#answer = this.#whole ? bytes.subarray(0, at) : Buffer.alloc(0)
    return this.#readMark('', bytes.subarray(at + nonce.length))
  }

  /** Keeps what has come while it is not too long; its last bytes may begin the end mark. */
  #wait(last: number): 'overflow' | undefined {
    if (this.#whole && this.#kept.length - last <= this.#cap) return undefined
    this.#whole = false
    const mark = Buffer.from(this.#kept.take().subarray(-last))
    this.#kept.append(mark)
    return 'overflow'
  }

  /** An end mark is short but for what its command could not see. */
  #readMark(before: string, data: Buffer): Answered | undefined {
    const end = data.indexOf('\n')
    const mark = before + data.toString('latin1', 0, end < 0 ? data.length : end)
    if (end < 0 && mark.length > MARK_BYTES) throw new Error('an end mark without an end came')
    this.#mark = end < 0 ? mark : undefined
    if (end < 0) return undefined
    const [, status, hex] = /^:(\d{1,3})(?: ((?:[0-9a-f]{2})+))?$/.exec(mark) ?? []
    if (status === undefined) throw new Error('an end mark without an exit status came')
    if (data.length > end + 1) throw new Error('bytes came that belong to no command')
    this.#nonce = undefined
    const unseen = hex === undefined ? [] : Buffer.from(hex, 'hex').toString('utf8').split('\0').slice(0, -1)
    return { bytes: this.#answer, status: Number(status), whole: this.#whole, unseen }
  }
}
