/** Bytes of stdout, and of stderr, that one command may answer. */
export const OUTPUT_CAP = 8 * 1024 * 1024
export const HELLO_MS = 10_000
/** How long a killed command's frame may take to end before its shell is given up. */
export const UNWIND_MS = 3000
export const KILL_MS = 2000
/** Bytes of commands that may be under way to the shell beyond the one that runs. */
export const AHEAD_BYTES = 32 * 1024
export const REOPENS = { killed: 5, lost: 1 }
