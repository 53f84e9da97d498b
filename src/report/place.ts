import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { isBelow } from '../kernel/below.ts'
import type { Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'

/** A commit can hold links: by one the reports would be written, and files removed, wherever it leads. Undefined where there is none. Throws the system's error. */
export const astray = (path: string, workspace: string): Problem | undefined => {
  const folder = resolve(path)
  const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true
  if (!isLink && ![workspace, process.cwd()].some((root) => leadsOut(folder, resolve(root)))) return undefined
  return {
    name: 'reports-path',
    expected: 'a folder where it says, not behind a link',
    got: printableLine(`${path}: ${isLink ? 'it is a link' : 'a link leads out of the workspace'}`),
    hint: 'Name the folder itself.'
  }
}

/** Of a folder that need not be there yet. */
const leadsOut = (folder: string, root: string): boolean =>
  isBelow(folder, root) && relative(root, folder) !== '' && !isBelow(realOf(folder), realpathSync(root))

/** A link that leads to nothing is there, too: whoever makes folders would make them behind it. */
const realOf = (folder: string): string => {
  if (existsSync(folder)) return realpathSync(folder)
  return lstatSync(folder, { throwIfNoEntry: false }) === undefined ? realOf(dirname(folder)) : sep
}
