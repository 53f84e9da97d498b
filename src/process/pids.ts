import { readdirSync, readFileSync } from 'node:fs'

/** Ids of all processes that this user may list; none where there is no /proc. */
export const pids = (): number[] => {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
  } catch {
    return []
  }
}

/** What a process was started with as its HOME; more than one where its environment says so, none of one that this user may not look into. */
export const homesOf = (pid: number): string[] => {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    return entries.flatMap((entry) => (entry.startsWith('HOME=') ? [entry.slice('HOME='.length)] : []))
  } catch {
    return [] // it has ended, or is another user's
  }
}

/** Ends a process, or a group as a negative number, for good. Never throws. */
export const endNow = (whom: number): void => {
  try {
    process.kill(whom, 'SIGKILL')
  } catch {
    // it has ended
  }
}
