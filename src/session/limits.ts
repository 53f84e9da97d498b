/** Bytes of stdout, and of stderr, that one command may answer. */
export const OUTPUT_CAP = 8 * 1024 * 1024
/** What an empty pipe takes for sure, with room to spare. */
export const PIPE_BYTES = 32 * 1024
export const HELLO_MS = 10_000
/** How long a killed command's frame may take to end before its shell is given up. */
export const UNWIND_MS = 3000
export const KILL_MS = 2000
export const REOPENS = { killed: 5, lost: 1 }
