import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those that lead to it; one that is there stays. Returns those that it made, the innermost first. Throws the system's error. Node's own recursive `mkdirSync` never returns where a
 * folder that exists answers ENOENT to the making of an entry, as those below /proc do.
 */
export const makeFolder = (path: string, mode = 0o777): string[] => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return []
  const above = dirname(path)
  const made = statSync(above, { throwIfNoEntry: false }) === undefined && above !== path ? makeFolder(above, mode) : []
  try {
    mkdirSync(path, { mode })
    return [path, ...made]
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error // else another run was quicker
    return made
  }
}
