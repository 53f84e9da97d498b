import { readdirSync, readFileSync } from 'node:fs'
import { sep } from 'node:path'

/**
 * Auditors of a run that was killed: the processes whose HOME is a folder of that run. They would go on until they miss kscan, and make their folders
 * anew. None where there is no /proc, and none that this user may not see.
 */
export const orphansOf = (folder: string): number[] =>
  pids().filter((pid) =>
    environmentOf(pid)
      .split('\0')
      .some((entry) => entry.startsWith(`HOME=${folder}${sep}`))
  )

const pids = (): number[] => {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

const environmentOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return '' // it ended, or is another user's
  }
}
