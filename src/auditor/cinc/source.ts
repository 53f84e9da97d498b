import { lstatSync, readlinkSync } from 'node:fs'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import { findOnPath, isProgram } from '../../process/find.ts'
import { run } from '../../process/run.ts'
import { probe, programOf } from '../find.ts'
import { type AuditorOptions, type AuditorPorts, type AuditorProgram, type Candidate, unusable } from '../program.ts'
import { CINC_CATALOG, type CincCatalog, type CincPackage, type Machine, packageFor, thisMachine } from './catalog.ts'
import { unpackPackage } from './package.ts'
import { atPrefix, PREFIX, PREFIX_WAYS, type Prefix } from './prefix.ts'

const FILE = join(PREFIX, 'bin', 'cinc-auditor')
const PRODUCT = 'CINC Auditor'

export interface CincSearch {
  readonly options: AuditorOptions
  readonly ports: AuditorPorts
  readonly catalog?: CincCatalog
  readonly machine?: Machine
}

/** CINC's own package: the one that is installed, where it is of the version; else unpacked for this run, and put to its place by the first way that works. */
export const auditorOfCinc = async (search: CincSearch): Promise<Candidate> => {
  const found = await lookForCinc(search)
  if (found.kind !== 'to-install') return found
  const { options, ports, catalog = CINC_CATALOG } = search
  if (options.room === undefined) throw new Error('a package is unpacked in the folder of a run')
  const folder = join(options.room.folder, 'cinc')
  try {
    await mkdir(folder, { mode: 0o755 })
    const tree = await unpackPackage(found.entry, folder, { catalog, options, ports })
    return await putInPlace(tree, { ...search, catalog })
  } catch (error) {
    options.signal.throwIfAborted()
    return unusable(`cinc: ${messageOf(error)}`)
  }
}

/** Installs nothing. */
export const lookForCinc = async ({
  options,
  ports,
  catalog = CINC_CATALOG,
  machine = thisMachine()
}: CincSearch): Promise<Candidate | { readonly kind: 'to-install'; readonly entry: CincPackage }> => {
  if (await isProgram(FILE)) {
    const installed = await probe({ file: FILE, source: 'cinc' }, options, ports)
    if (installed.kind === 'usable')
      return { kind: 'usable', program: { ...installed.program, prefix: { tree: PREFIX, way: 'installed', plugin: options.pluginFolder } } }
  }
  const entry = packageFor(catalog, machine, options.version)
  return typeof entry === 'string' ? unusable(`cinc: ${entry}`) : { kind: 'to-install', entry }
}

/** The first way by which the program runs and says the version of the catalog. */
const putInPlace = async (tree: string, search: CincSearch & { readonly catalog: CincCatalog }): Promise<Candidate> => {
  const { options, ports, catalog } = search
  const reasons: string[] = []
  for (const way of PREFIX_WAYS.filter((each) => each !== 'installed')) {
    const prefix: Prefix = { tree, way, plugin: options.pluginFolder }
    const lack = way === 'symlink' ? await link(tree, options) : undefined
    if (lack !== undefined) {
      reasons.push(`${way}: ${lack}`)
      continue
    }
    const program = atPrefix(prefix, { file: FILE, args: [] })
    const tried = await probe({ ...program, named: FILE, source: 'cinc' }, { ...options, version: catalog.version }, ports)
    options.signal.throwIfAborted()
    if (tried.kind === 'usable') return { kind: 'usable', program: { ...programOfCinc(catalog.version), prefix } }
    reasons.push(...tried.reasons.map((reason) => `${way}: ${reason.replace(`${FILE}: `, '')}`))
  }
  return unusable(`cinc: the package cannot be put at ${PREFIX}: ${reasons.join('; ')}`)
}

const programOfCinc = (version: string): AuditorProgram => programOf({ file: FILE, source: 'cinc' }, PRODUCT, version)

/** Noted before it is made, and gone with the run. Why there can be none, else undefined. */
const link = async (tree: string, { room, env, signal }: AuditorOptions): Promise<string | undefined> => {
  if (room === undefined) return 'there is no run'
  if (lstatSync(PREFIX, { throwIfNoEntry: false }) !== undefined) return `something else is at ${PREFIX}`
  const sudo = process.geteuid?.() === 0 ? undefined : await findOnPath('sudo', env['PATH'])
  if (process.geteuid?.() !== 0 && sudo === undefined) return 'only root can make a link there, and there is no sudo'
  const entry = room.journal.make({ kind: 'link', path: PREFIX, to: tree })
  room.undo(`the link ${PREFIX}`, async () => {
    await removeLink(tree, env['PATH'])
    room.journal.gone(entry)
  })
  try {
    if (sudo === undefined) await symlink(tree, PREFIX)
    else await asRoot(sudo, ['ln', '--symbolic', '--no-target-directory', '--', tree, PREFIX], signal)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

const SUDO_MS = 5000

/** Never asks for a password. */
const asRoot = async (sudo: string, argv: readonly string[], signal?: AbortSignal): Promise<void> => {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  const ended = await run({ file: sudo, args: ['--non-interactive', ...argv], env, timeout: SUDO_MS, ...(signal === undefined ? {} : { signal }) })
  if (ended.exitCode !== 0) throw new Error(`sudo does not allow it: ${printableLine(ended.stderr.trim().split('\n')[0] ?? '', 200)}`)
}

/** Takes our link away, and no other. False when it was not there. Throws an Error when it stays. `path`: PATH, where sudo may be. */
export const removeLink = async (to: string, path: string | undefined): Promise<boolean> => {
  if (targetOf(PREFIX) !== to) return false
  try {
    await rm(PREFIX)
  } catch (error) {
    const sudo = await findOnPath('sudo', path)
    if (sudo === undefined) throw error
    await asRoot(sudo, ['rm', '--', PREFIX])
  }
  return true
}

const targetOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
