import { randomBytes } from 'node:crypto'

/** One request over a session's shell: text for its stdin, and the marks by which its answer is known. */
export interface Frame {
  readonly nonce: string
  readonly text: Buffer
}

/** What one channel carried for a frame. */
export interface Answered {
  readonly bytes: Buffer
  readonly status: number
  /** False when there was more than the reader's cap; `bytes` is empty then. */
  readonly whole: boolean
}

/** Linux's limit for one argument, and so for `sh -c COMMAND` (MAX_ARG_STRLEN, with the closing zero). */
export const COMMAND_BYTES = 131_071

/**
 * First lines for the shell of a session: its own stdout and stderr become 3 and 4, so that nothing it says itself
 * ("Killed", a syntax error) can reach an answer; and bash's count of nested shells is put back, so that its children count as `kubectl exec` does.
 */
export const PRELUDE =
  'exec 3>&1 4>&2 >/dev/null 2>/dev/null\nif [ -n "$BASH_VERSION" ]; then if [ "$SHLVL" -gt 1 ]; then SHLVL=$((SHLVL-1)); else unset SHLVL; fi; fi\n'

/** What may come of the next answer before this channel's partner has ended the present one. */
const STRAY_BYTES = 256 * 1024

/** 128 random bits in hex, begun with a letter: `echo` takes no options from it and no escape eats its first digit. */
export const newNonce = (): string => `k${randomBytes(16).toString('hex')}`

/** What a session uses of its target's programs; `setsid` is empty where there is none. */
export interface ShellTools {
  readonly cat: string
  readonly setsid: string
}

/**
 * A command in a child shell of its own: stdin /dev/null, a pipe of its own each for stdout and stderr, read to the end by `cat`, so that
 * late output belongs to its command; descriptors 3 to 7 closed; the exit status on a third pipe, read last. Our own processes alone hold that
 * pipe as descriptor 5: by it `kill.ts` tells them from the command's. The child is a subshell's `exec`, for dash would print "Killed" where
 * the child's stderr goes. A command that may say `kill 0` gets a process group of its own, as `kubectl exec` gives one to each.
 */
export const commandFrame = (command: Uint8Array, tools: ShellTools): Frame => {
  const own = tools.setsid !== '' && Buffer.from(command).includes('kill') ? `${quotedText(tools.setsid)} ` : ''
  const child = Buffer.concat([Buffer.from(`(exec ${own}/bin/sh -c '`), quoted(command), Buffer.from("' </dev/null 2>&7 3>&- 4>&- 5>&- 6>&- 7>&-)")])
  const reader = quotedText(tools.cat)
  return frame((marks) => [
    Buffer.from('r=$(exec 5>&1; { { '),
    child,
    Buffer.from(`; echo $? >&5; } 7>&1 >&6 6>&- 3>&- 4>&- | ${reader} >&4 3>&- 6>&-; } 6>&1 | ${reader} >&3 4>&- 6>&-)\n${marks('"$r"')}`)
  ])
}

/** Shell code of ours, run by the session's shell itself; it may write to 3 and 4. */
export const ownFrame = (code: string): Frame => frame((marks) => [Buffer.from(`${code}\n${marks('0')}`)])

const frame = (body: (marks: (status: string) => string) => Buffer[]): Frame => {
  const nonce = newNonce()
  const marks = (status: string): string => `echo ${nonce}:${status} >&3; echo ${nonce}:${status} >&4\n`
  return { nonce, text: Buffer.concat([Buffer.from(`echo ${nonce} >&3; echo ${nonce} >&4\n`), ...body(marks)]) }
}

const quotedText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Bytes between single quotes: each quote leaves and comes back. */
const quoted = (bytes: Uint8Array): Buffer => Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll("'", "'\\''"), 'latin1')

/** Reads one channel's answers in the order in which their frames were written. Bytes outside of frames are an error. */
export class ChannelReader {
  readonly #cap: number
  #nonce: Buffer | undefined
  #begun = false
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
    this.#begun = false
    this.#kept = []
    this.#size = 0
  }

  get begun(): boolean {
    return this.#begun
  }

  /** Takes what came. Returns the answer when its end mark is there, `overflow` each time while it is already too long; throws with a sentence when the stream is not as it must be. */
  push(chunk: Buffer): Answered | 'overflow' | undefined {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = Buffer.alloc(0)
    return this.#take(data)
  }

  #take(data: Buffer): Answered | 'overflow' | undefined {
    if (this.#nonce === undefined) {
      if (data.length > STRAY_BYTES) throw new Error('bytes came that belong to no command')
      return this.#wait(data) // the begin of the next answer, or stray bytes: known when a frame is expected
    }
    if (!this.#begun) {
      const mark = Buffer.concat([this.#nonce, Buffer.from('\n')])
      if (data.length < mark.length) return this.#wait(data)
      if (!data.subarray(0, mark.length).equals(mark)) throw new Error('bytes came that belong to no command')
      this.#begun = true
      return this.#take(data.subarray(mark.length))
    }
    return this.#body(data, this.#nonce)
  }

  #body(data: Buffer, nonce: Buffer): Answered | 'overflow' | undefined {
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
    const status = /^:(\d{1,3})$/.exec(data.toString('latin1', at + nonce.length, end))
    if (status === null) throw new Error('an end mark without an exit status came')
    this.#keep(data.subarray(0, at))
    this.#nonce = undefined
    this.#rest = Buffer.from(data.subarray(end + 1))
    return { bytes: Buffer.concat(this.#kept), status: Number(status[1]), whole: this.#size <= this.#cap }
  }

  #wait(data: Buffer): undefined {
    this.#rest = Buffer.from(data)
    return undefined
  }

  #keep(bytes: Buffer): void {
    this.#size += bytes.length
    if (this.#size > this.#cap) this.#kept = []
    else if (bytes.length > 0) this.#kept.push(Buffer.from(bytes))
  }
}
