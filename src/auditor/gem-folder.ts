import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { entriesBelow } from '../kernel/entries.ts'
import { messageOf } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { firstOf, folderFault } from '../kernel/own.ts'

const SETTLE_ATTEMPTS = 5
/** Of one file; ten times the largest of the catalog. */
const MOST_BYTES = 4 * 1024 * 1024

/**
 * Whether a folder is this user's alone, and holds what has this digest and nothing else. All bytes are read, on each run: a profile of an earlier run may have
 * changed them, and with them whatever lies beside them and says that they are as they were; only the digest that is part of kscan itself tells.
 */
export const isWhole = (folder: string, digest: string): boolean => {
  try {
    return folderFault(folder) === undefined && contentDigest(folder) === digest
  } catch {
    return false
  }
}

/**
 * Has `make` fill a folder beside `folder`, and gives it that name in one step, so that no one ever sees half of it. When another run was quicker, its
 * folder stays and ours goes. What `make` throws is thrown, and an Error where it made something else; then nothing remains.
 */
export const makeWhole = async (folder: string, digest: string, make: (workFolder: string, tree: string) => Promise<void>): Promise<void> => {
  makeFolder(join(folder, '..'), 0o700)
  const workFolder = await mkdtemp(`${folder}.making-`)
  try {
    const tree = join(workFolder, 'tree')
    await make(workFolder, tree)
    await chmod(tree, 0o700)
    const made = contentDigest(tree)
    if (made !== digest) throw new Error(`what was unpacked has the digest ${made}, and not ${digest}`)
    await settle({ tree, folder, workFolder }, digest)
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

interface Settling {
  readonly tree: string
  readonly folder: string
  readonly workFolder: string
}

/** A folder of that name that is not whole is moved away first; between the two steps another run may settle its own. */
const settle = async ({ tree, folder, workFolder }: Settling, digest: string): Promise<void> => {
  let failure: unknown
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS; attempt += 1) {
    if (isWhole(folder, digest)) return
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

/** SHA-256 over path and bytes of every file. Throws an Error for what is none: a link could lead to other bytes a moment later. */
export const contentDigest = (folder: string): string => {
  const entries = entriesBelow(folder).filter((entry) => !entry.isDirectory())
  const files = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${JSON.stringify(file.slice(folder.length + 1))} ${fileDigest(file)}\n`)
  return hash.digest('hex')
}

const fileDigest = (file: string): string => {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { size } = fstatSync(descriptor)
    if (!fstatSync(descriptor).isFile() || size > MOST_BYTES) throw new Error(`${file} is not of a gem`)
    return createHash('sha256').update(firstOf(descriptor, size)).digest('hex')
  } finally {
    closeSync(descriptor)
  }
}
