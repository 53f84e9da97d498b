import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Host, Uploaded } from '../host/host.ts'
import type { Outcome } from '../scan/scan.ts'

/** Puts the reports, and nothing else, into the job's artifact. Undefined when nothing is to be uploaded. */
export const uploadReports = async ({ reports, record, paths }: Outcome, config: Config, host: Host): Promise<Uploaded | undefined> => {
  if (config.upload === 'never' || (config.upload === 'auto' && !host.uploadByDefault)) return undefined
  const files = [...paths].flatMap(([format, path]) => (format === 'hdf' ? globSync(join(path, '*.json')) : [path]))
  const name =
    config.artifactName === ''
      ? ['kscan', host.env['GITHUB_JOB'], `a${host.env['GITHUB_RUN_ATTEMPT'] ?? '1'}`, record.run].filter((part) => part !== undefined && part !== '').join('-')
      : config.artifactName
  const uploaded = await host.upload(name, files, { root: reports.folder, retentionDays: config.retentionDays })
  if (uploaded !== undefined) host.log.info(`uploaded ${files.length} files as ${name}`)
  return uploaded
}
