import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Ports } from './ports.ts'

/** The run's own files: a private folder, and the profiles' inputs as files with absolute paths. */
export interface InputFiles {
  readonly folder: string
  readonly inputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
}

/** Gives work a private folder that is gone when it ends; inline inputs of the profiles lie in it as a file. */
export const withInputFiles = async <T>(config: Config, ports: Ports, work: (files: InputFiles) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(ports.host.tempFolder, 'kscan-run-'))
  try {
    const inline = join(folder, 'inputs.yml')
    if (config.profileInputs !== '') await writeFile(inline, config.profileInputs, { mode: 0o600 })
    const named = config.profileInputFiles.map((path) => resolve(path))
    const inputFiles = config.profileInputs === '' ? named : [...named, inline]
    return await work({ folder, inputFiles, waiverFiles: config.waiverFiles.map((path) => resolve(path)) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
