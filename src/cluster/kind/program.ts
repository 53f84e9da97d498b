import { createHash, randomUUID } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, ScanError } from '../../kernel/error.ts'
import { makeFolder } from '../../kernel/folder.ts'
import type { Fetching } from '../../kernel/fetching.ts'
import type { Log } from '../../kernel/log.ts'
import { printableLine } from '../../kernel/name.ts'
import { demandOwnWay } from '../../kernel/own.ts'
import { compareVersions } from '../../kernel/version.ts'
import { download } from '../../process/download.ts'
import { findOnPath, isProgram } from '../../process/find.ts'
import { run } from '../../process/run.ts'
import { KIND_CATALOG, type KindCatalog, platformOf } from './catalog.ts'
import { engineEnvironment } from './engine.ts'

/** A kind that can be started. */
export interface KindProgram {
  readonly file: string
  readonly version: string
  readonly source: 'path' | 'downloaded'
}

export interface KindOptions {
  /** The exact version that is wanted; undefined: whichever is new enough. */
  readonly wanted: string | undefined
  /** A folder that lasts between runs on the same machine. */
  readonly toolFolder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly signal: AbortSignal
  readonly fetching: Fetching
  /** As Node names this machine. */
  readonly machine?: { readonly platform: string; readonly arch: string }
}

const ASK_MS = 10_000
const DOWNLOAD_MS = 120_000
const MOST_BYTES = 64 * 1024 * 1024

/** Where a kind comes from: one that is there, or the pinned one that would be downloaded, with why none that is there will do. */
export type KindChoice =
  | { readonly kind: 'there'; readonly program: KindProgram; readonly passedOver: string }
  | { readonly kind: 'download'; readonly url: string; readonly sha256: string; readonly file: string; readonly passedOver: string }

/** Decides, and downloads nothing. An older kind cannot load images into newer nodes, and a newer one can. Throws CLUSTER_FAILED where there is no way to one. */
export const chooseKind = async (options: KindOptions, catalog: KindCatalog = KIND_CATALOG): Promise<KindChoice> => {
  const found = await kindOnPath(options, catalog)
  if (typeof found !== 'string') return { kind: 'there', program: found, passedOver: '' }
  const { wanted, machine = process } = options
  const platform = platformOf(catalog, machine)
  const sha256 = platform === undefined ? undefined : catalog.programs[platform]
  if (sha256 === undefined || (wanted !== undefined && wanted !== catalog.version)) {
    const why = sha256 === undefined ? `there is none for ${machine.platform}-${machine.arch}` : `kscan knows the digest of kind ${catalog.version} only`
    throw new ScanError('CLUSTER_FAILED', `There is no kind ${wanted ?? catalog.version} to use: ${found}; it is not downloaded, for ${why}`, {
      hint: 'Put it on PATH, or leave kind-version out.'
    })
  }
  const file = join(options.toolFolder, 'kind', `${catalog.version}-${platform}-${sha256.slice(0, 12)}`, 'kind')
  demandTools(options.toolFolder, dirname(file))
  if (await isSame(file, sha256)) return { kind: 'there', program: { file, version: catalog.version, source: 'downloaded' }, passedOver: found }
  return { kind: 'download', url: `${catalog.from}kind-${platform}`, sha256, file, passedOver: found }
}

const demandTools = (root: string, folder: string): void => {
  try {
    demandOwnWay(root, folder)
  } catch (error) {
    throw new ScanError('CLUSTER_FAILED', `kind is not started from where others could change it: ${messageOf(error)}`, {
      cause: error,
      hint: 'Mend that folder, or put kind on PATH.'
    })
  }
}

/** The kind to use, downloaded where that is needed. Throws CLUSTER_FAILED; the signal's reason when aborted. */
export const readyKind = async (options: KindOptions, catalog: KindCatalog = KIND_CATALOG): Promise<KindProgram> => {
  const choice = await chooseKind(options, catalog)
  const program = choice.kind === 'there' ? choice.program : await fetchKind(choice, options, catalog)
  options.log.info(`  kind ${program.version} (${program.file})${choice.passedOver === '' ? '' : `; ${choice.passedOver}`}`)
  return program
}

const fetchKind = async (choice: Extract<KindChoice, { kind: 'download' }>, options: KindOptions, { version }: KindCatalog): Promise<KindProgram> => {
  const { url, sha256, file } = choice
  options.log.info(`  downloading kind ${version} from ${url}`)
  try {
    await install(
      await download({ url, sha256, mostBytes: MOST_BYTES, timeout: DOWNLOAD_MS, signal: options.signal, env: options.env, fetching: options.fetching }),
      file
    )
  } catch (error) {
    options.signal.throwIfAborted()
    throw new ScanError('CLUSTER_FAILED', `kind ${version} could not be had: ${choice.passedOver}; ${messageOf(error)}`, {
      cause: error,
      hint: `Put kind ${version} or newer on PATH, or scan a cluster that exists: name its context.`
    })
  }
  return { file, version, source: 'downloaded' }
}

/** The bytes were verified: only now they become a program, and in one step get the name under which others find it. */
const install = async (bytes: Buffer, file: string): Promise<void> => {
  makeFolder(dirname(file), 0o700)
  const half = `${file}.${randomUUID()}`
  try {
    await writeFile(half, bytes, { mode: 0o600 })
    await chmod(half, 0o700)
    await rename(half, file)
  } finally {
    await rm(half, { force: true })
  }
}

/** Its bytes are read on each run: 10 MB, some 20 ms. */
const isSame = async (file: string, sha256: string): Promise<boolean> => {
  if (!(await isProgram(file)) || !lstatSync(file).isFile()) return false
  return (
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex') === sha256
  )
}

/** The kind on PATH, or why it is not used. */
const kindOnPath = async ({ wanted, env, signal }: KindOptions, catalog: KindCatalog): Promise<KindProgram | string> => {
  const file = await findOnPath('kind', env['PATH'])
  if (file === undefined) return 'kind is not on PATH'
  const ended = await run({ file, args: ['version'], env: engineEnvironment(env), timeout: ASK_MS, signal })
  signal.throwIfAborted()
  const version = /^kind v(\d+\.\d+\.\d+)\b/m.exec(ended.stdout)?.[1]
  if (version === undefined) return `${file} does not say its version: ${printableLine(ended.stderr || ended.stdout, 100) || 'it says nothing'}`
  if (wanted !== undefined && version !== wanted) return `${file} is ${version}, and kind-version asks for ${wanted}`
  if (wanted === undefined && compareVersions(version, catalog.version) < 0) return `${file} is ${version}, and ${catalog.version} or newer is needed`
  return { file, version, source: 'path' }
}
