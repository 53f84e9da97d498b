import { chmodSync, chownSync, copyFileSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Whether a user to whom nothing belongs may read a path and all in it, by their modes. */
export const readableByAll = (path: string): boolean => {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return true
  if (!stat.isDirectory()) return (stat.mode & 0o004) !== 0
  return (stat.mode & 0o005) === 0o005 && readdirSync(path).every((name) => name === '.git' || readableByAll(join(path, name)))
}

/** A folder that is for its owner alone can be shown to others by what is in it. */
export const partsOf = (path: string): string[] => {
  const stat = lstatSync(path)
  if (!stat.isDirectory() || (stat.mode & 0o005) === 0o005) return [path]
  return readdirSync(path).flatMap((name) => (name === '.git' ? [] : [join(path, name)]))
}

/** Whether all may go through the folders that lead to a path. */
export const reachableByAll = (path: string): boolean =>
  dirname(path) === path || ((lstatSync(dirname(path)).mode & 0o001) !== 0 && reachableByAll(dirname(path)))

/** Copies a file or folder to below `root`, under its whole path, so that relative paths between copies hold: the group may read it, nobody but us may write it. */
export const copyFor = (group: number, path: string, root: string): void => {
  leadTo(join(root, dirname(path)), root)
  copy(group, path, join(root, path))
}

/** Whatever our umask is, others may go through these folders. */
const leadTo = (folder: string, root: string): void => {
  if (folder !== root) leadTo(dirname(folder), root)
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o711)
}

const copy = (group: number, from: string, to: string): void => {
  const stat = lstatSync(from)
  if (stat.isSymbolicLink()) return symlinkSync(readlinkSync(from), to)
  if (stat.isDirectory()) return copyFolder(group, from, to)
  if (!stat.isFile()) return
  copyFileSync(from, to)
  chmodSync(to, (stat.mode & 0o100) === 0 ? 0o640 : 0o750)
  chownSync(to, -1, group)
}

const copyFolder = (group: number, from: string, to: string): void => {
  mkdirSync(to, { recursive: true })
  chmodSync(to, 0o750)
  chownSync(to, -1, group)
  for (const name of readdirSync(from).filter((each) => each !== '.git')) copy(group, join(from, name), join(to, name))
}
