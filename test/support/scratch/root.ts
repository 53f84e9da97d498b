import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
/** On a machine with a merged /usr these are links. */
const MERGED = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']

/** Makes the root of a container of programs of this machine, with the libraries that they load, in the folders in which they are here. */
export const makeRoot = (root: string, programs: readonly string[]): void => {
  for (const name of MERGED) {
    if (lstatSync(`/${name}`, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue
    mkdirSync(join(root, 'usr', name), { recursive: true })
    symlinkSync(readlinkSync(`/${name}`), join(root, name))
  }
  for (const folder of ['dev', 'etc', 'proc', 'sys', 'root', 'tmp', 'run', 'var/tmp']) mkdirSync(join(root, folder), { recursive: true })
  for (const folder of ['tmp', 'var/tmp']) chmodSync(join(root, folder), 0o1777)
  for (const name of programs) copyProgram(root, name)
}

/** Where this machine has a program. Throws for one that it has not. */
export const programPath = (name: string): string => {
  const path = FOLDERS.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate))
  if (path === undefined) throw new Error(`this machine has no ${name}`)
  return path
}

const copyProgram = (root: string, name: string): void => copyWithLibraries(root, programPath(name))

/** Copies a program or a library of this machine, and what it loads. */
export const copyWithLibraries = (root: string, path: string): void => {
  copy(root, path)
  for (const library of librariesOf(path)) copy(root, library)
}

/** What is a link here is a file there. */
const copy = (root: string, path: string): void => {
  const place = join(root, realpathSync(dirname(path)), basename(path))
  if (existsSync(place)) return
  mkdirSync(dirname(place), { recursive: true })
  copyFileSync(realpathSync(path), place)
  chmodSync(place, 0o755)
}

/** Empty for a static program. */
const librariesOf = (path: string): string[] => {
  try {
    const told = execFileSync('ldd', [realpathSync(path)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return [...told.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, library = '']) => library)
  } catch {
    return []
  }
}

/** Writes files of a root, each with its mode, by their paths from `/`. */
export const writeFiles = (root: string, files: Readonly<Record<string, readonly [text: string, mode?: number]>>): void => {
  for (const [path, [text, mode = 0o644]] of Object.entries(files)) {
    const place = join(root, path)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, text)
    chmodSync(place, mode)
  }
}
