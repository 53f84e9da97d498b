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
 * First lines for the shell of a session: its own stdout and stderr become 3 and 4, so that nothing it says itself ("Killed", a syntax error) can reach
 * an answer; and bash's count of nested shells is put back, so that its children count as `kubectl exec` does. Our variables have names that no pod
 * exports: an exported one would change in the commands' environment.
 */
export const PRELUDE =
  'exec 3>&1 4>&2 >/dev/null 2>/dev/null\n' +
  'if [ -n "$BASH_VERSION" ]; then if [ "$SHLVL" -gt 1 ]; then SHLVL=$((SHLVL-1)); else unset SHLVL; fi; fi\n' +
  "kscan_newline='\n'\n"

/** What may come of the next answer before the other channel has ended the present one. */
const STRAY_BYTES = 256 * 1024

/** 128 random bits in hex, begun with a letter: `echo` takes no options from it and no escape eats its first digit. */
export const newNonce = (): string => `k${randomBytes(16).toString('hex')}`

/**
 * The loop that answers frames until its input ends. Each round has a pipe of its own for stdout and for stderr, read to the end by `cat`, so that late
 * output belongs to its command; the exit status comes on a third one, read last. The readers stand ready before the command comes: half of what a
 * command would cost is done while the auditor thinks. Only our own processes hold the third pipe as descriptor 5: by it `kill.ts` tells them from the
 * command's.
 */
const LOOP =
  'while :; do kscan_end=$(exec 5>&1; { { IFS= read -r kscan_line || exit; eval "$kscan_line"; } 7>&1 >&6 6>&- | ' +
  '"$kscan_cat" >&4 3>&- 6>&-; } 6>&1 | "$kscan_cat" >&3 4>&- 6>&-); [ -n "$kscan_end" ] || exit; echo "$kscan_end" >&3; echo "$kscan_end" >&4; done'

const CHILD = '</dev/null 2>&7 3>&- 4>&- 5>&- 7>&-'

/**
 * A command in a child shell of its own: stdin /dev/null, no descriptor of ours. The child is a subshell's `exec`, for dash would print "Killed" where the
 * child's stderr goes. A command that may say `kill 0` gets a process group of its own, as `kubectl exec` gives one to each.
 */
export const commandFrame = (command: Uint8Array, setsid: string): Frame => {
  const own = setsid !== '' && Buffer.from(command).includes('kill') ? `${quotedText(setsid)} ` : ''
  return line([Buffer.from(`(exec ${own}/bin/sh -c `), quoted(command), Buffer.from(` ${CHILD})`)])
}

/** Shell code of ours, on one line, run like a command but without a shell of its own. */
export const inspectFrame = (code: Uint8Array): Frame => line([Buffer.from('('), code, Buffer.from(`) ${CHILD}`)])

/** Bytes as one word of a line: each quote leaves the quotes and comes back, a newline is a variable. */
export const quoted = (bytes: Uint8Array): Buffer =>
  Buffer.from(`'${Buffer.from(bytes).toString('latin1').replaceAll("'", "'\\''").replaceAll('\n', `'"$kscan_newline"'`)}'`, 'latin1')

const line = (parts: readonly Uint8Array[]): Frame => {
  const nonce = newNonce()
  return { nonce, text: Buffer.concat([Buffer.from(`echo ${nonce} >&3; echo ${nonce} >&4; `), ...parts, Buffer.from(`; echo ${nonce}:$? >&5\n`)]) }
}

/**
 * The first frame: code of ours, which sets `kscan_cat`, then the loop. All of it is one line, for shells read their input in blocks: what follows a line
 * that is not parsed yet would be taken for script. The answer to this frame says that the line is parsed.
 */
export const openingFrame = (code: string): Frame => {
  const nonce = newNonce()
  const marks = (text: string): string => `echo ${text} >&3; echo ${text} >&4`
  return { nonce, text: Buffer.from(`${marks(nonce)}; ${code}; ${marks(`${nonce}:0`)}; ${LOOP}\n`) }
}

const quotedText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

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
