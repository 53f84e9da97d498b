import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those that lead to it; one that is there stays. Throws the system's error. Node's own recursive `mkdirSync` never returns where a
 * folder that exists answers ENOENT to the making of an entry, as those below /proc do.
 */
export const makeFolder = (path: string, mode = 0o777): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  if (statSync(dirname(path), { throwIfNoEntry: false }) === undefined && dirname(path) !== path) makeFolder(dirname(path), mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error // else another run was quicker
  }
}
