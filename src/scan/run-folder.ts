import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { badInput, messageOf, type ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Journal, startJournal } from '../undo/journal.ts'
import type { Ports } from './ports.ts'

/** The run's own files: its journal, a private folder, and the profiles' inputs as files with absolute paths. */
export interface RunFolder {
  readonly journal: Journal
  readonly folder: string
  readonly inputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
}

/** What a socket's path may hold (sun_path of Linux, with its closing zero). */
const SOCKET_BYTES = 108
/** The deepest socket below a run's folder. */
const DEEPEST = '/t-123456/broker'

/** Gives work a private folder that is gone when it ends; inline inputs of the profiles lie in it as a file. Throws BAD_INPUT for a TMPDIR that cannot be used. */
export const withRunFolder = async <T>(config: Config, { run, ports }: { run: string; ports: Ports }, work: (own: RunFolder) => Promise<T>): Promise<T> => {
  const folder = join(resolve(ports.host.tempFolder), `kscan-${run}`)
  if (Buffer.byteLength(folder + DEEPEST) >= SOCKET_BYTES) throw unusable(folder, `${folder} is too long for a socket in it`)
  const journal = startJournal(ports.host.journalFolder, run)
  ports.host.remember(run)
  const entry = journal.make({ kind: 'folder', path: folder })
  try {
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      throw unusable(folder, messageOf(error))
    })
    return await work({ journal, folder, ...(await writeFiles(config, folder)) })
  } finally {
    await rm(folder, { recursive: true, force: true })
    journal.gone(entry)
    journal.finish()
  }
}

const unusable = (folder: string, got: string): ScanError =>
  badInput([{ name: 'TMPDIR', expected: 'a folder with a short path that can be written', got: printableLine(got), hint: `It is for ${basename(folder)}.` }])

/** Without a waiver file the auditor would take inputs that have the name of a control for waivers, unchecked: there always is one. */
const writeFiles = async (config: Config, folder: string): Promise<Pick<RunFolder, 'inputFiles' | 'waiverFiles'>> => {
  const [inputs, waivers] = [join(folder, 'inputs.yml'), join(folder, 'waivers.yml')]
  if (config.profileInputs !== '') await writeFile(inputs, config.profileInputs, { mode: 0o600 })
  await writeFile(waivers, '{}\n')
  const named = config.profileInputFiles.map((path) => resolve(path))
  return {
    inputFiles: config.profileInputs === '' ? named : [...named, inputs],
    waiverFiles: config.waiverFiles.length === 0 ? [waivers] : config.waiverFiles.map((path) => resolve(path))
  }
}
