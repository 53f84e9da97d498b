import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Host, Uploaded } from '../host/host.ts'
import { messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readAtMost } from '../kernel/read-file.ts'
import { filesOf, type Format } from '../report/formats.ts'
import { redact, showFound } from '../kernel/redact/redact.ts'
import type { Outcome } from '../scan/scan.ts'

/** What of a run is uploaded. */
export type Uploadable = Pick<Outcome, 'paths'> & { readonly record: Pick<Outcome['record'], 'run'>; readonly reports: Pick<Outcome['reports'], 'folder'> }
type Settings = Pick<Config, 'upload' | 'artifactName' | 'retentionDays' | 'transcript'>

/** Why there is no artifact. */
export interface NotUploaded {
  readonly why: string
}

const NO_JOB = 'only a job of a CI system has artifacts'

/** The file of the artifact that says what was taken out of the others. */
const NOTE = 'REDACTED.txt'

/**
 * Puts the reports, and nothing else, into the job's artifact: copies that were searched for secrets, and have markers in their places. The reports themselves stay as
 * they are. Says why where nothing is uploaded. Throws, and uploads nothing, when a file cannot be searched.
 */
export const uploadReports = async ({ reports, record, paths }: Uploadable, config: Settings, host: Host): Promise<Uploaded | NotUploaded> => {
  const why = whyNot(config, host)
  if (why !== undefined) return { why }
  const staying = [...paths.keys()].filter((format) => stays(format, config))
  if (staying.length > 0) host.log.info(`not uploaded, for transcript: full makes them hold what commands printed: ${staying.join(', ')}`)
  const files = [...paths].flatMap(([format, path]) => (staying.includes(format) ? [] : filesOf(format, path)))
  const name =
    config.artifactName === ''
      ? ['kscan', host.env['GITHUB_JOB'], `a${host.env['GITHUB_RUN_ATTEMPT'] ?? '1'}`, record.run].filter((part) => part !== undefined && part !== '').join('-')
      : config.artifactName
  const folder = await mkdtemp(join(resolve(host.tempFolder), 'kscan-upload-'))
  try {
    const copies = await copyTo(folder, { files, root: reports.folder }, host)
    const uploaded = await host.upload(name, copies, { root: folder, reports: reports.folder, retentionDays: config.retentionDays })
    if (uploaded !== undefined)
      host.log.info(host.name === 'gitlab' ? `${copies.length} files are for the job's artifacts` : `uploaded ${copies.length} files as ${name}`)
    return uploaded ?? { why: NO_JOB }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Why nothing is to be uploaded; undefined where it is. */
const whyNot = ({ upload }: Settings, { name, uploadByDefault }: Host): string | undefined => {
  if (name === 'terminal') return NO_JOB
  if (upload === 'never') return 'upload: never'
  return upload === 'auto' && !uploadByDefault
    ? 'upload: auto leaves it out where the repository is not known to be private; upload: always makes one'
    : undefined
}

/** What commands printed stays on this machine: the transcript, and the page that quotes it. */
const stays = (format: Format, { transcript }: Settings): boolean => transcript === 'full' && (format === 'transcript' || format === 'html')

/** What is uploaded is what was searched, also when a report changes meanwhile. Returns the paths of the copies. */
const copyTo = async (folder: string, { files, root }: { files: readonly string[]; root: string }, host: Host): Promise<string[]> => {
  const redacted: string[] = []
  const copies: string[] = []
  for (const file of files) {
    const path = relative(root, file)
    const copy = join(folder, path)
    const { bytes, found } = searched(file, path, host)
    await mkdir(dirname(copy), { recursive: true })
    await writeFile(copy, bytes)
    copies.push(copy)
    if (found.size === 0) continue
    redacted.push(`${printableLine(path)}: ${showFound(found)}`)
    host.log.warn(`secrets in ${redacted.at(-1)}; they are not in the copy that is uploaded, as its ${NOTE} says`)
  }
  if (redacted.length === 0) return copies
  const note = join(folder, NOTE)
  await writeFile(
    note,
    `kscan took secrets out of the copies of reports in this artifact. The reports on the runner are as they were.\n\n${redacted.join('\n')}\n`
  )
  return [...copies, note]
}

/** More than any report has. */
const LARGEST_BYTES = 1024 * 1024 * 1024

const searched = (file: string, path: string, host: Host): ReturnType<typeof redact> => {
  try {
    const bytes = readAtMost(file, LARGEST_BYTES)
    if (bytes === undefined) throw new Error(`it has more than ${LARGEST_BYTES} bytes`)
    return redact(bytes, host.secrets())
  } catch (error) {
    throw new Error(`${printableLine(path)} could not be searched for secrets: ${messageOf(error)}`, { cause: error })
  }
}
