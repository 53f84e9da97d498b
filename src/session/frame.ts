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
 * an answer; and bash's count of nested shells is put back, so that its children count as `kubectl exec` does. Our variables and functions have names
 * that no pod exports: an exported one would change in the commands' environment.
 */
export const PRELUDE =
  'exec 3>&1 4>&2 >/dev/null 2>/dev/null\n' +
  'if [ -n "$BASH_VERSION" ]; then if [ "$SHLVL" -gt 1 ]; then SHLVL=$((SHLVL-1)); else unset SHLVL; fi; fi\n' +
  "kscan_newline='\n'\n"

/** 128 random bits in hex, begun with a letter: `echo` takes no options from it and no escape eats its first digit. */
export const newNonce = (): string => `k${randomBytes(16).toString('hex')}`

/**
 * What a frame's code runs with: 8 and 9 are the pipes of its stdout and stderr, read to their end by `cat`, so that late output belongs to its command.
 * It leaves its end mark in `kscan_end`. Our own processes hold the session's input as descriptor 5: by it `kill.ts` tells them from the command's.
 */
const CHILD = '</dev/null >&8 2>&9 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-'

/** Pairs of pipes that one pair of readers reads before it is replaced: so many readers fewer to start. */
const ROUNDS = 64

/** A reader that copies one pipe after the other, each to its end: it opens the shell's descriptor N, each time what this is by then. */
const reader = (descriptor: 6 | 7, channel: 3 | 4): string =>
  `(cd "/proc/$$/fd" && exec "$kscan_cat" ${Array(ROUNDS).fill(descriptor).join(' ')}) >&${channel} 2>/dev/null 3>&- 4>&- 6<&- 7<&- 8>&- 9>&- &`

/**
 * The fast loop, with no process of ours per command (a start of `cat` is the dearest part of one). A here-document is a pipe whose first bytes are the
 * end marks of the frame before; the shell opens its other end by way of /proc, and only then lets go of the old pipes. So the readers find the next
 * pipe as soon as the last writer to the old one has ended, and the marks follow the output by construction. It rests on frames not being sent before
 * the one before is answered: by then the readers have opened the present pipes.
 */
const FAST = `kscan_pipes() {
exec 6<<E 7<<E
$kscan_end
E
$kscan_end
E
}
kscan_next() {
kscan_pipes
exec 5>"/proc/$$/fd/6"; exec 8>&5; exec 5>"/proc/$$/fd/7"; exec 9>&5 5>&-
if [ "$kscan_left" = 0 ]; then wait; { ${reader(6, 3)} ${reader(7, 4)} } 5<&0; kscan_left=${ROUNDS}; fi
kscan_left=$((kscan_left-1))
}
kscan_fast() { kscan_next; while IFS= read -r kscan_line; do eval "$kscan_line"; kscan_next; done; }
kscan_can() { kscan_pipes; [ -p /proc/self/fd/6 ] && (exec 5>/proc/self/fd/6) && [ -e "/proc/$$/fd/3" ]; }
`

/** The loop for shells that make files of here-documents (bash before 5.1) and containers without such a /proc: two readers for each frame. */
const SLOW =
  'kscan_slow() { echo "$kscan_end" >&3; echo "$kscan_end" >&4; while :; do { kscan_end=$(' +
  '{ { { IFS= read -r kscan_line || exit; eval "$kscan_line"; echo "$kscan_end" >&6; } 9>&1 8>&7 >/dev/null 7>&- | ' +
  '"$kscan_cat" >&4 3>&- 6>&- 7>&-; } 7>&1 | "$kscan_cat" >&3 4>&- 6>&-; } 6>&1); } 5<&0; ' +
  '[ -n "$kscan_end" ] || exit; echo "$kscan_end" >&3; echo "$kscan_end" >&4; done; }\n'

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
  const end = ` && kscan_end=${nonce}:0 || kscan_end=${nonce}:$?\n` // a list: `set -e`, should a pod's environment set it, does not end our shell
  return { nonce, text: Buffer.concat([Buffer.from(`echo ${nonce} >&8; echo ${nonce} >&9; `), ...parts, Buffer.from(end)]) }
}

/**
 * The first frame: code of ours, which sets `kscan_cat`, then the loop. Its last line is one line, for shells read their input in blocks: what follows a
 * line that is not parsed yet would be taken for script. The answer to this frame says that the line is parsed.
 */
export const openingFrame = (code: string): Frame => {
  const nonce = newNonce()
  const start = `kscan_end=${nonce}:0; kscan_left=0; if (kscan_can); then kscan_fast; else kscan_slow; fi`
  return { nonce, text: Buffer.from(`${FAST}${SLOW}echo ${nonce} >&3; echo ${nonce} >&4; ${code}; ${start}\n`) }
}

const quotedText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Reads one channel's answer to one frame after the other. Bytes outside of frames are an error. */
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
      if (data.length > 0) throw new Error('bytes came that belong to no command')
      return undefined
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
    if (data.length > end + 1) throw new Error('bytes came that belong to no command')
    this.#nonce = undefined
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
