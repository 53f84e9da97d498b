import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { type Journal, startJournal } from '../undo/journal.ts'
import type { Ports } from './ports.ts'

/** The run's own files: its journal, a private folder, and the profiles' inputs as files with absolute paths. */
export interface RunFolder {
  readonly journal: Journal
  readonly folder: string
  readonly inputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
}

/** Gives work a private folder that is gone when it ends; inline inputs of the profiles lie in it as a file. */
export const withRunFolder = async <T>(config: Config, { run, ports }: { run: string; ports: Ports }, work: (own: RunFolder) => Promise<T>): Promise<T> => {
  const journal = startJournal(ports.host.journalFolder, run)
  ports.host.remember(run)
  const folder = join(ports.host.tempFolder, `kscan-${run}`)
  const entry = journal.make({ kind: 'folder', path: folder })
  await mkdir(folder, { mode: 0o700 })
  try {
    const inline = join(folder, 'inputs.yml')
    if (config.profileInputs !== '') await writeFile(inline, config.profileInputs, { mode: 0o600 })
    const named = config.profileInputFiles.map((path) => resolve(path))
    const inputFiles = config.profileInputs === '' ? named : [...named, inline]
    return await work({ journal, folder, inputFiles, waiverFiles: config.waiverFiles.map((path) => resolve(path)) })
  } finally {
    await rm(folder, { recursive: true, force: true })
    journal.gone(entry)
    journal.finish()
  }
}
