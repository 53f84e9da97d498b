import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { demandRegular } from '../kernel/read-file.ts'

/** A file or a link below a folder. */
export interface Found {
  /** Below the folder. */
  readonly name: string
  readonly path: string
  readonly stat: Stats
}

/** More than any profile has. */
const MOST = { entries: 50_000, depth: 32, bytes: 512 * 1024 * 1024 } as const

/**
 * All files and links below a folder, but for those of git. Throws an Error that says which entry cannot be part of a profile: what is neither file nor folder, and a link
 * that leads out of it, nowhere, or back to where it lies: whoever reads on behind one would never end, or read what is not the profile's.
 */
export const filesBelow = (folder: string): Found[] => new Walk(folder).files

class Walk {
  readonly files: Found[] = []
  readonly #root: string
  #left: { entries: number; bytes: number } = { ...MOST }

  constructor(folder: string) {
    this.#root = realpathSync(folder)
    this.#enter(this.#root, { name: '', way: [], linked: false })
  }

  /** `way`: the real folders that lead here; `linked`: through a link, so that its files are found elsewhere. */
  #enter(folder: string, { name, way, linked }: { name: string; way: readonly string[]; linked: boolean }): void {
    if (way.length >= MOST.depth) throw new Error(`${name}: it has more than ${MOST.depth} levels of folders`)
    for (const entry of readdirSync(folder)) {
      if (entry === '.git') continue
      this.#take({ name: join(name, entry), path: join(folder, entry), stat: lstatSync(join(folder, entry)) }, { way: [...way, folder], linked })
    }
  }

  #take(found: Found, { way, linked }: { way: readonly string[]; linked: boolean }): void {
    const { name, path, stat } = found
    this.#left.entries -= 1
    if (this.#left.entries < 0) throw new Error(`it has more than ${MOST.entries} files`)
    if (stat.isDirectory()) return this.#enter(path, { name, way, linked })
    if (!linked) this.files.push(found)
    if (stat.isSymbolicLink()) return this.#follow(found, way)
    this.#file(name, stat)
  }

  #follow({ name, path }: Found, way: readonly string[]): void {
    const real = realOf(path)
    if (real === undefined) throw new Error(`${name}: it is a link that leads nowhere`)
    const inside = relative(this.#root, real)
    if (inside === '..' || inside.startsWith(`..${sep}`)) throw new Error(`${name}: it is a link that leads out of the profile`)
    if (way.includes(real)) throw new Error(`${name}: it is a link to a folder that it lies in`)
    const stat = statSync(real)
    if (stat.isDirectory()) this.#enter(real, { name, way, linked: true })
    else this.#file(name, stat)
  }

  #file(name: string, stat: Stats): void {
    try {
      demandRegular(stat)
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : ''}`, { cause: error })
    }
    this.#left.bytes -= stat.size
    if (this.#left.bytes < 0) throw new Error(`it has more than ${MOST.bytes} bytes`)
  }
}

const realOf = (path: string): string | undefined => {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
