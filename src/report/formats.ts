import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Secret } from '../kernel/secret.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { type Benchmark, cklb } from './cklb.ts'
import { codequality } from './codequality.ts'
import { csv } from './csv.ts'
import { html } from './html.ts'
import { junit } from './junit.ts'
import { comment, markdown } from './markdown.ts'
import type { RunRecord } from './record.ts'
import { riskAcceptance } from './risk-acceptance.ts'
import { RUN_JSON } from './run-json.ts'
import { sarif } from './sarif.ts'
import { transcriptJson, type Transcripts } from './transcript.ts'

type FolderFormat = 'hdf' | 'cklb' | 'transcript'
type FileFormat = 'junit' | 'sarif' | 'codequality' | 'markdown' | 'comment' | 'html' | 'csv' | 'risk-acceptance'
export type Format = FolderFormat | FileFormat | 'run.json'

/** What a run gives to its reports. */
export interface Reported {
  readonly verdict: Verdict
  readonly judged: readonly Judged[]
  readonly record: RunRecord
  /** The auditor's JSON by target name, as it was written. */
  readonly raw: ReadonlyMap<string, Uint8Array>
  readonly transcripts: Transcripts
  /** What the auditor printed; undefined where that is not known. */
  readonly log?: Uint8Array | undefined
  /** What the comment must not hold, which is made to be published. */
  readonly secrets: readonly Secret[]
  /** What checklists call the STIG; undefined: as the profile is called. */
  readonly benchmark?: Benchmark | undefined
  /** Told of what a report had to leave out, in a sentence. */
  readonly warn?: ((sentence: string) => void) | undefined
}

const FILES: Readonly<Record<FileFormat, { readonly name: string; readonly render: (what: Reported) => string }>> = {
  junit: { name: 'junit.xml', render: ({ verdict, judged, ...rest }) => junit(verdict, judged, rest) },
  sarif: { name: 'results.sarif', render: ({ verdict, judged, ...rest }) => sarif(verdict, judged, rest) },
  codequality: { name: 'codequality.json', render: ({ verdict, judged, record }) => codequality(verdict, judged, record) },
  markdown: { name: 'summary.md', render: ({ verdict, judged, record }) => markdown(verdict, judged, record) },
  comment: { name: 'comment.md', render: ({ verdict, judged, ...rest }) => comment(verdict, judged, rest) },
  html: { name: 'report.html', render: ({ verdict, judged, ...rest }) => html(verdict, judged, rest) },
  csv: { name: 'controls.csv', render: ({ verdict, judged, record }) => csv(verdict, judged, record) },
  'risk-acceptance': { name: 'risk-acceptance.md', render: ({ verdict, record }) => riskAcceptance(verdict, record) }
}

/** Folders with a file for each target; of hdf byte by byte what the auditor wrote. */
const FOLDERS: Readonly<Record<FolderFormat, { readonly end: string; readonly render: (what: Reported) => ReadonlyMap<string, string | Uint8Array> }>> = {
  hdf: { end: '.json', render: ({ raw }) => raw },
  cklb: { end: '.cklb', render: ({ verdict, judged, ...rest }) => cklb(verdict, judged, rest) },
  transcript: { end: '.json', render: ({ transcripts }) => new Map([...transcripts].map(([target, each]) => [target, transcriptJson(each)])) }
}

export const AUDITOR_LOG = 'auditor.log'

/** The names of all files that may be written into a folder of reports, and of the folders in it with the end of their files' names. */
export const FILE_NAMES: readonly string[] = [...Object.values(FILES).map(({ name }) => name), AUDITOR_LOG, RUN_JSON]
export const FOLDER_NAMES: ReadonlyMap<string, string> = new Map(Object.entries(FOLDERS).map(([name, { end }]) => [name, end]))

/** A report on its way to the disk. Its path is that in the folder. */
export interface Report {
  readonly path: string
  readonly content: string | Uint8Array
  readonly mode: number
}

/** The reports of one format but run.json, which tells of all. */
export const rendered = (format: Exclude<Format, 'run.json'>, what: Reported): Report[] => {
  const mode = modeOf(format, what)
  if (!isFolder(format)) return [{ path: FILES[format].name, content: FILES[format].render(what), mode }]
  const { end, render } = FOLDERS[format]
  return Array.from(render(what), ([target, content]) => ({ path: join(format, `${fileName(target)}${end}`), content, mode }))
}

/** The permissions of a report: commands may hold values of profile-inputs, and what they printed anything. */
const modeOf = (format: Format, { transcripts }: Reported): number => (format === 'transcript' || (format === 'html' && transcripts.size > 0) ? 0o600 : 0o666)

/** Where a format is in a folder of reports: a file, or a folder of files. */
export const placeOf = (folder: string, format: Format): string => join(folder, format === RUN_JSON || isFolder(format) ? format : FILES[format].name)

/** The files of a report that was written to `path`. */
export const filesOf = (format: Format, path: string): string[] => {
  const end = FOLDER_NAMES.get(format)
  if (end === undefined) return [path]
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isFile() && entry.name.endsWith(end) ? [join(path, entry.name)] : []))
}

export const isFolder = (format: Format): format is FolderFormat => FOLDER_NAMES.has(format)

/** A target's name as a file's: never a path, and different for different targets. */
export const fileName = (target: string): string => {
  const plain = target
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 150)
  return plain !== '' && !target.includes('_') && plain === target.replaceAll('/', '_')
    ? plain
    : `${plain}-${createHash('sha256').update(target).digest('hex').slice(0, 8)}`
}
