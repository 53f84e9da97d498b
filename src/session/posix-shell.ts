import type { Dialect } from './dialect.ts'
import { type Frame, newNonce, quoted } from './frame.ts'
import { READING } from './reading.ts'

/** A shell of any make that answers frames by shell code alone. Each part is a piece of that code. */
export interface PosixShell extends Pick<Dialect, 'greet' | 'doubt'> {
  /** Words that start `sh`. */
  readonly sh: string
  /** Words that start `cat`. */
  readonly cat: string
  /** Words put before the text of each command; empty for none. */
  readonly before: string
  /** Prints the greeting to descriptor 3, and sets the variables of the words above. */
  readonly hello: string
}

/**
 * Whatever ends the shell (its input's end, `exit`, a signal), it lets go of the pipes and waits for its readers: as orphans they would become children of
 * the container's process 1, which in many containers never collects them.
 */
const LEAVING = `trap 'trap "" HUP INT TERM; exec 6<&- 7<&- 8>&- 9>&-; wait' EXIT; trap 'exit 1' HUP INT TERM\n`

/**
 * First lines for the shell of a session: its own stdout and stderr become 3 and 4, so that nothing it says itself ("Killed", a syntax error) can reach
 * an answer; and bash's count of nested shells is put back, so that its children count as `kubectl exec` does. Our variables and functions have names
 * that no pod exports: an exported one would change in the commands' environment.
 */
const PRELUDE =
  'exec 3>&1 4>&2 >/dev/null 2>/dev/null\n' +
  'if [ -n "$BASH_VERSION" ]; then if [ "$SHLVL" -gt 1 ]; then SHLVL=$((SHLVL-1)); else unset SHLVL; fi; fi\n' +
  "kscan_newline='\n'\n" +
  LEAVING

/**
 * A command runs without a descriptor of ours: 8 and 9 are the pipes of its stdout and stderr, read to their end by `cat`, so that late output belongs to
 * it. It leaves its end mark in `kscan_end`. Our own processes hold the session's input as descriptor 5: by it `kill.ts` tells them from the command's.
 */
const CLOSED = '3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-'

/** Pairs of pipes that one pair of readers reads before it is replaced: so many readers fewer to start. */
const ROUNDS = 64

/** A reader that copies one pipe after the other, each to its end: it opens the shell's descriptor N, each time what this is by then. */
const reader = (cat: string, descriptor: 6 | 7, channel: 3 | 4): string =>
  `(cd "/proc/$$/fd" && exec ${cat} ${Array(ROUNDS).fill(descriptor).join(' ')}) >&${channel} 2>/dev/null 3>&- 4>&- 6<&- 7<&- 8>&- 9>&- &`

/**
 * The fast loop, with no process of ours per command (a start of `cat` is the dearest part of one). A here-document is a pipe whose first bytes are the
 * end marks of the frame before; the shell opens its other end by way of /proc, and only then lets go of the old pipes. So the readers find the next
 * pipe as soon as the last writer to the old one has ended, and the marks follow the output by construction. It rests on frames not being sent before
 * the one before is answered: by then the readers have opened the present pipes.
 */
const fast = (cat: string): string => `kscan_pipes() {
exec 6<<E 7<<E
$kscan_end
E
$kscan_end
E
}
kscan_next() {
kscan_pipes
exec 5>"/proc/$$/fd/6"; exec 8>&5; exec 5>"/proc/$$/fd/7"; exec 9>&5 5>&-
if [ "$kscan_left" = 0 ]; then wait; { ${reader(cat, 6, 3)} ${reader(cat, 7, 4)} } 5<&0; kscan_left=${ROUNDS}; fi
kscan_left=$((kscan_left-1))
}
kscan_fast() { kscan_next; while IFS= read -r kscan_line; do kscan_end=; eval "$kscan_line"; [ -z "$kscan_end" ] || kscan_next; done; }
kscan_can() { [ "\${kscan_cat-x}" ] && kscan_pipes && [ -p /proc/self/fd/6 ] && (exec 5>/proc/self/fd/6) && [ -e "/proc/$$/fd/3" ]; }
`

/** The loop for shells that make files of here-documents (bash before 5.1) and containers without such a /proc, or without `cat`, which its marks can tell: two readers for each frame. */
const slow = (cat: string): string =>
  'kscan_slow() { echo "$kscan_end" >&3; echo "$kscan_end" >&4; while :; do { kscan_end=$(' +
  '{ { { IFS= read -r kscan_line || exit; kscan_end=own; eval "$kscan_line"; echo "$kscan_end" >&6; } 9>&1 8>&7 >/dev/null 7>&- | ' +
  `${cat} >&4 3>&- 6>&- 7>&-; } 7>&1 | ${cat} >&3 4>&- 6>&-; } 6>&1); } 5<&0; ` +
  'case $kscan_end in own) ;; ?*) echo "$kscan_end" >&3; echo "$kscan_end" >&4;; *) exit;; esac; done; }\n'

/**
 * What frames call, with their nonce first: lines are short, for many shells read them byte by byte. A command runs in a child shell of its own: stdin
 * /dev/null, no descriptor of ours. The child is a subshell's `exec`, for dash would print "Killed" where the child's stderr goes. Their ends are lists:
 * `set -e`, should a pod's environment set it, does not end our shell. Code of ours leaves nothing behind that still writes, so that it needs no pipes: it
 * writes straight to the session's stdout, its end mark too, and nothing to stderr.
 */
const calls = ({ sh, before }: PosixShell): string =>
  `kscan_run() { (exec \${3:+"$3"} ${sh} -c ${before}"$2" </dev/null >&8 2>&9 ${CLOSED}) && kscan_end=$1:0 || kscan_end=$1:$?; }
kscan_own() { (eval "$2") </dev/null >&3 2>/dev/null ${CLOSED} && kscan_status=0 || kscan_status=$?; echo "$1:$kscan_status" >&3; }
`

/** A command that may say `kill 0` gets a process group of its own, as `kubectl exec` gives one to each. */
const commandFrame = (command: Uint8Array, setsid: string): Frame => {
  const own = setsid !== '' && Buffer.from(command).includes('kill') ? quotedText(setsid) : ''
  return call('kscan_run', command, own)
}

const call = (name: string, text: Uint8Array, more = ''): Frame => {
  const nonce = newNonce()
  return { nonce, text: Buffer.concat([Buffer.from(`${name} ${nonce} `), quoted(text), Buffer.from(` ${more}\n`)]) }
}

/**
 * The first frame: the greeting, then the loop. Its last line is one line, for shells read their input in blocks: what follows a line that is not parsed
 * yet would be taken for script. The answer to this frame says that the line is parsed.
 */
const openingFrame = (shell: PosixShell): Frame => {
  const { cat, hello } = shell
  const nonce = newNonce()
  const start = `kscan_end=${nonce}:0; kscan_left=0; if (kscan_can); then kscan_fast; else kscan_slow; fi`
  return { nonce, text: Buffer.from(`${PRELUDE}${READING}\n${calls(shell)}${fast(cat)}${slow(cat)}${hello}; ${start}\n`) }
}

const quotedText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** How a session speaks with such a shell. */
export const posixShell = (shell: PosixShell): Dialect => ({
  opening: () => openingFrame(shell),
  greet: shell.greet,
  command: (command, { setsid }) => commandFrame(command, setsid),
  inspect: (code) => ({ ...call('kscan_own', code), quiet: true }),
  stop: undefined,
  leave: 'exit\n',
  tells: false,
  live: true,
  doubt: shell.doubt
})
