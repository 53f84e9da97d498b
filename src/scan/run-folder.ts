import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { getCACertificates } from 'node:tls'
import { removeCgroupsOf } from '../auditor/orphans.ts'
import { removeFolder } from '../auditor/remove-folder.ts'
import type { Config } from '../config/config.ts'
import { waitAtMost } from '../kernel/give-up.ts'
import { badInput, messageOf, type ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Journal, startJournal } from '../undo/journal.ts'
import { showSeal } from '../undo/line.ts'
import type { Scope } from '../undo/scope.ts'
import type { Ports } from './ports.ts'

/** The run's own files: its journal, a private folder, and the profiles' inputs as files with absolute paths. */
export interface RunFolder {
  readonly journal: Journal
  readonly folder: string
  readonly inputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
  /** All authorities that are trusted, as a file (PEM); undefined where the machine's own suffice. */
  readonly certificates: string | undefined
  /** Takes on what is to be undone before the folder goes. */
  readonly undo: (what: string, step: () => Promise<void>) => void
  /** Gets work that nothing waits for but the removal of the folder, and that not for long. It must not reject. */
  readonly later: (work: Promise<unknown>) => void
}

/** What is fetched by other programs trusts the authorities of ca-file, too. */
export const trustingPorts = (ports: Ports, { certificates }: Pick<RunFolder, 'certificates'>): Ports =>
  certificates === undefined ? ports : { ...ports, host: { ...ports.host, env: { ...ports.host.env, SSL_CERT_FILE: certificates } } }

/** What a socket's path may hold (sun_path of Linux, with its closing zero). */
const SOCKET_BYTES = 108
/** The deepest socket below a run's folder. */
const DEEPEST = '/t-123456/broker'

/** What an auditor takes that has to be ended, and the removal of its own folder. */
const LATER_MS = 3500
/** What the removal of all may take: a profile may have filled it. */
const HURRIED_MS = 1500
const CALM_MS = 30_000

/** Gives work a private folder that is gone when it ends; inline inputs of the profiles lie in it as a file. Throws BAD_INPUT for a TMPDIR that cannot be used. */
export const withRunFolder = async <T>(
  config: Config,
  { run, ports, scope }: { run: string; ports: Ports; scope: Pick<Scope, 'leftovers'> },
  work: (own: RunFolder) => Promise<T>
): Promise<T> => {
  const folder = join(resolve(ports.host.tempFolder), `kscan-${run}`)
  if (Buffer.byteLength(folder + DEEPEST) >= SOCKET_BYTES) throw unusable(folder, `${folder} is too long for a socket in it`)
  const journal = startJournal(ports.host.journalFolder, run, (seal) => ports.host.remember(seal === undefined ? '' : showSeal(seal)))
  const entry = journal.make({ kind: 'folder', path: folder })
  const rest: Promise<unknown>[] = []
  const steps: { what: string; step: () => Promise<void> }[] = []
  try {
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      throw unusable(folder, messageOf(error))
    })
    const undo: RunFolder['undo'] = (what, step) => steps.push({ what, step })
    return await work({ journal, folder, undo, later: (each) => rest.push(each), ...(await writeFiles(config, folder)) })
  } finally {
    await waitAtMost(Promise.allSettled(rest), LATER_MS)
    for (const { what, step } of steps.toReversed()) await step().catch((error: unknown) => scope.leftovers.push({ what, why: messageOf(error) }))
    const ended = await removeCgroupsOf(folder)
    if ((await removeFolder(folder, ports.signal.aborted ? HURRIED_MS : CALM_MS)) && ended) journal.gone(entry)
    else ports.host.log.warn(`${ended ? folder : `a cgroup of ${folder}`} could not be removed: kscan cleanup does it later`)
    journal.finish()
  }
}

const unusable = (folder: string, got: string): ScanError =>
  badInput([{ name: 'TMPDIR', expected: 'a folder with a short path that can be written', got: printableLine(got), hint: `It is for ${basename(folder)}.` }])

/** Without a waiver file the auditor would take inputs that have the name of a control for waivers, unchecked: there always is one. */
const writeFiles = async (config: Config, folder: string): Promise<Pick<RunFolder, 'inputFiles' | 'waiverFiles' | 'certificates'>> => {
  const given = join(folder, 'given')
  const [inputs, waivers] = [join(given, 'inputs.yml'), join(given, 'waivers.yml')]
  await mkdir(given, { mode: 0o700 })
  if (config.profileInputs !== '') await writeFile(inputs, config.profileInputs, { mode: 0o600 })
  await writeFile(waivers, '{}\n')
  const { ca } = config.fetching
  const certificates = ca === undefined ? undefined : join(given, 'ca.pem')
  if (ca !== undefined && certificates !== undefined) await writeFile(certificates, `${[...getCACertificates('default'), ca].join('\n')}\n`)
  const named = config.profileInputFiles.map((path) => resolve(path))
  return {
    certificates,
    inputFiles: config.profileInputs === '' ? named : [...named, inputs],
    waiverFiles: config.waiverFiles.length === 0 ? [waivers] : config.waiverFiles.map((path) => resolve(path))
  }
}
