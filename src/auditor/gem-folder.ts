import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'

/** Lies in a folder that was made to its end; holds what `contentDigest` said then. */
const MARKER = 'complete'
const SETTLE_ATTEMPTS = 5

/** Whether the folder was made to its end and its files still have the names and sizes of then. Their bytes are not read: this happens on each run. */
export const isWhole = async (folder: string): Promise<boolean> => {
  try {
    return (await readFile(join(folder, MARKER), 'utf8')) === (await contentDigest(folder))
  } catch {
    return false
  }
}

/**
 * Has `make` fill a folder beside `folder`, and gives it that name in one step, so that no one ever sees half of it. When another run was quicker, its
 * folder stays and ours goes. What `make` throws is thrown, and nothing remains.
 */
export const makeWhole = async (folder: string, make: (workFolder: string, tree: string) => Promise<void>): Promise<void> => {
  makeFolder(join(folder, '..'), 0o700)
  const workFolder = await mkdtemp(`${folder}.making-`)
  try {
    const tree = join(workFolder, 'tree')
    await make(workFolder, tree)
    await writeFile(join(tree, MARKER), await contentDigest(tree))
    await settle(tree, folder, workFolder)
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

/** A folder of that name that is not whole is moved away first; between the two steps another run may settle its own. */
const settle = async (tree: string, folder: string, workFolder: string): Promise<void> => {
  let failure: unknown
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt += 1) {
    if (await isWhole(folder)) return
    await rename(folder, join(workFolder, `broken-${attempt}`)).catch(() => {}) // there is none as a rule
    try {
      await rename(tree, folder)
      return
    } catch (error) {
      failure = error
    }
  }
  throw new Error(`${folder} could not be put in place: ${messageOf(failure)}`, { cause: failure })
}

/** A digest over path and size of every file but the marker. */
const contentDigest = async (folder: string): Promise<string> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== join(folder, MARKER))
  const lines = await Promise.all(files.map(async (file) => `${file.slice(folder.length)} ${(await stat(file)).size}\n`))
  return createHash('sha256').update(lines.toSorted().join('')).digest('hex')
}
