import { readAtMost } from '../kernel/read-file.ts'
import { filesBelow } from './walk.ts'

const CONTROL = /^[ \t]*control[ \t(]+['"%]/gm
const MOST_BYTES = 4 * 1024 * 1024

/** How many controls the files of a profile have, as they are written: those that Ruby makes in a loop count once. */
export const controlsIn = (folder: string): number => {
  const files = filesBelow(folder).filter(({ name, stat }) => stat.isFile() && name.startsWith('controls/') && name.endsWith('.rb'))
  return files.reduce((sum, { path }) => sum + (readAtMost(path, MOST_BYTES)?.toString('latin1').match(CONTROL)?.length ?? 0), 0)
}
