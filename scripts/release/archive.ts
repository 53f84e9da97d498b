// Archives that have the same bytes for the same files: sorted, without times and owners.
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface Entry {
  readonly path: string
  readonly bytes: Buffer
  readonly executable: boolean
}

const BLOCK = 512

/** The files of a folder, or that file itself, as they shall stand below `prefix`. Anything but files and folders is refused. */
export const entriesOf = (root: string, path: string, prefix = ''): Entry[] => {
  const whole = join(root, path)
  if (!lstatSync(whole).isDirectory()) return [entryOf(whole, prefix + path)]
  const names = readdirSync(whole, { recursive: true, withFileTypes: true })
  const odd = names.filter((each) => !each.isFile() && !each.isDirectory())
  if (odd.length > 0) throw new Error(`${path}: expected files and folders, got ${odd.map(({ name }) => name).join(', ')}`)
  const below = path === '.' ? '' : `${path}/`
  return names
    .filter((each) => each.isFile())
    .map((each) => relative(whole, join(each.parentPath, each.name)))
    .map((name) => entryOf(join(whole, name), prefix + below + name))
}

const entryOf = (file: string, path: string): Entry => ({ path, bytes: readFileSync(file), executable: (statSync(file).mode & 0o100) !== 0 })

/** tar (ustar), compressed by gzip. Throws an Error for a path that does not fit. */
export const archiveOf = (entries: readonly Entry[]): Buffer => {
  const sorted = entries.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  const parts = sorted.flatMap((entry) => [headerOf(entry), entry.bytes, Buffer.alloc((BLOCK - (entry.bytes.length % BLOCK)) % BLOCK)])
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 9 })
}

const headerOf = ({ path, bytes, executable }: Entry): Buffer => {
  const header = Buffer.alloc(BLOCK)
  const [prefix, name] = split(path)
  const put = (at: number, text: string): void => void header.write(text, at, 'utf8')
  const octal = (at: number, size: number, value: number): void => put(at, value.toString(8).padStart(size - 1, '0'))
  put(0, name)
  octal(100, 8, executable ? 0o755 : 0o644)
  octal(108, 8, 0)
  octal(116, 8, 0)
  octal(124, 12, bytes.length)
  octal(136, 12, 0)
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar')
  put(263, '00')
  put(345, prefix)
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `)
  return header
}

/** A name has 100 bytes, what stands before it 155. */
const split = (path: string): [prefix: string, name: string] => {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name]
  }
  throw new Error(`${path}: this path is too long for an archive`)
}
