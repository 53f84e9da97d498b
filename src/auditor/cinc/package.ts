import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readlinkSync } from 'node:fs'
import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isBelow } from '../../kernel/below.ts'
import { entriesBelow } from '../../kernel/entries.ts'
import { messageOf } from '../../kernel/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import { demandOwnWay, readOwn } from '../../kernel/own.ts'
import { printableLine } from '../../kernel/name.ts'
import { download } from '../../process/download.ts'
import type { Ended } from '../../process/run.ts'
import type { AuditorOptions, AuditorPorts } from '../program.ts'
import type { CincCatalog, CincPackage } from './catalog.ts'
import { PREFIX } from './prefix.ts'

const MOST_BYTES = 256 * 1024 * 1024
/** What a package unpacks to, with room to spare. */
const UNPACKED_BYTES = 800 * 1024 * 1024
/** Some regions get a megabit a second. */
const DOWNLOAD_MS = 20 * 60_000
const UNPACK_MS = 120_000

export interface Packages {
  readonly catalog: CincCatalog
  readonly options: AuditorOptions
  readonly ports: AuditorPorts
}

/** Where a package is kept between runs. */
export const placeOf = ({ path, sha256 }: CincPackage, toolFolder: string): string => join(toolFolder, 'cinc', `${sha256.slice(0, 12)}-${basename(path)}`)

/**
 * Fetches a package if it is not there, and unpacks what belongs at /opt/cinc-auditor into `folder`: its bytes are compared with the catalog's digest in each
 * run, and no script of it is run. Returns the folder of the files. Throws an Error that says why there are none.
 */
export const unpackPackage = async (entry: CincPackage, folder: string, { catalog, options, ports }: Packages): Promise<string> => {
  await demandSpace(folder)
  const data = dataOf(await bytesOf(entry, { catalog, options }))
  const archive = join(folder, data.name)
  const root = join(folder, 'files')
  await mkdir(root, { recursive: true, mode: 0o755 })
  await writeFile(archive, data.bytes, { mode: 0o600 })
  const args = ['--extract', '--file', archive, '--directory', root, '--no-same-owner', '--wildcards', `*${PREFIX.slice(1)}`]
  const ended = await ports.run({ file: 'tar', args, env: options.env, timeout: UNPACK_MS, signal: options.signal })
  options.signal.throwIfAborted()
  if (ended.reason !== 'exited' || ended.exitCode !== 0) throw new Error(`the package could not be unpacked: ${complaint(ended)}`)
  await rm(archive)
  const tree = join(root, PREFIX)
  if (!existsSync(tree)) throw new Error(`the package holds nothing for ${PREFIX}`)
  demandInside(tree)
  return tree
}

const demandSpace = async (folder: string): Promise<void> => {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < UNPACKED_BYTES)
    throw new Error(
      `${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB left, and ${UNPACKED_BYTES / 1024 / 1024} MiB are needed; TMPDIR names another place`
    )
}

/** Of a package that is there, or comes; in either case only those of the digest. */
const bytesOf = async (entry: CincPackage, { catalog, options }: Pick<Packages, 'catalog' | 'options'>): Promise<Buffer> => {
  const { log, signal, env, fetching, toolFolder } = options
  const place = placeOf(entry, toolFolder)
  demandOwnWay(toolFolder, dirname(place))
  const kept = keptAt(place, entry.sha256)
  if (kept !== undefined) return kept
  const url = catalog.from + entry.path
  log.info(`  downloading CINC Auditor ${catalog.version} (${basename(entry.path)})`)
  const onBytes = (bytes: number): void => log.info(`  ${Math.round(bytes / 1e6)} MB of ${basename(entry.path)}`)
  const bytes = await download({ url, sha256: entry.sha256, mostBytes: entry.bytes ?? MOST_BYTES, timeout: DOWNLOAD_MS, signal, env, fetching, onBytes })
  await keep(place, bytes).catch((error: unknown) => log.warn(`CINC Auditor's package is not kept for the next run: ${messageOf(error)}`))
  return bytes
}

const keptAt = (place: string, sha256: string): Buffer | undefined => {
  try {
    const bytes = readOwn(place, MOST_BYTES)
    return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined
  } catch {
    return undefined // as a rule because there is none
  }
}

/** In one step under its name, so that no one ever sees half of it. */
const keep = async (place: string, bytes: Buffer): Promise<void> => {
  makeFolder(dirname(place), 0o700)
  const half = `${place}.${randomUUID()}`
  try {
    await writeFile(half, bytes, { mode: 0o600 })
    await rename(half, place)
  } finally {
    await rm(half, { force: true })
  }
}

const MAGIC = '!<arch>\n'
const HEADER_BYTES = 60

/** The member of a Debian package (ar) that holds its files. Throws an Error for what is no such package. */
export const dataOf = (deb: Buffer): { readonly name: string; readonly bytes: Buffer } => {
  if (deb.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('the package is no Debian archive')
  for (let at = MAGIC.length; at + HEADER_BYTES <= deb.length;) {
    const header = deb.toString('latin1', at, at + HEADER_BYTES)
    const name = header.slice(0, 16).trim().replace(/\/$/, '')
    const size = Number(header.slice(48, 58))
    const start = at + HEADER_BYTES
    if (!Number.isSafeInteger(size) || size < 0 || start + size > deb.length) break
    if (/^data\.tar(?:\.(?:xz|gz|zst|bz2))?$/.test(name)) return { name, bytes: deb.subarray(start, start + size) }
    at = start + size + (size % 2)
  }
  throw new Error('the package holds no files (data.tar)')
}

/** Throws an Error for what is neither a file, a folder nor a link within the tree, as it will stand at its place. */
const demandInside = (tree: string): void => {
  for (const entry of entriesBelow(tree)) {
    const path = join(entry.parentPath, entry.name)
    const at = PREFIX + path.slice(tree.length)
    if (entry.isFile() || entry.isDirectory()) continue
    const inside = entry.isSymbolicLink() && isBelow(resolve(dirname(at), readlinkSync(path)), PREFIX)
    if (!inside) throw new Error(`the package holds ${printableLine(at, 200)}, which is ${entry.isSymbolicLink() ? 'a link that leads out of it' : 'no file'}`)
  }
}

const complaint = (ended: Ended): string => {
  if (ended.reason === 'timed-out') return 'it took too long'
  if (ended.error !== undefined) return messageOf(ended.error)
  return printableLine(ended.stderr || ended.stdout || `tar ended with ${ended.exitCode ?? ended.signal}`, 300)
}
