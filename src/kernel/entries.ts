import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Everything below a folder. Links are told and not followed, which Node's own recursion does: one could lead anywhere. Throws the system's error. */
export const entriesBelow = (folder: string): Dirent[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry, ...entriesBelow(join(folder, entry.name))] : [entry]))
