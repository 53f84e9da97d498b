import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, lstatSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf, ScanError } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { printableLine } from '../kernel/name.ts'
import type { Secret } from '../kernel/secret.ts'
import type { Judged, Verdict } from '../verdict/model.ts'
import { cklb } from './cklb.ts'
import { codequality } from './codequality.ts'
import { csv } from './csv.ts'
import { html } from './html.ts'
import { junit } from './junit.ts'
import { comment, markdown } from './markdown.ts'
import type { RunRecord } from './record.ts'
import { runJson } from './run-json.ts'
import { sarif } from './sarif.ts'
import { transcriptJson, type Transcripts } from './transcript.ts'

type FolderFormat = 'hdf' | 'cklb' | 'transcript'
type FileFormat = 'junit' | 'sarif' | 'codequality' | 'markdown' | 'comment' | 'html' | 'csv' | 'run.json'
export type Format = FolderFormat | FileFormat

/** What a run gives to its reports. */
export interface Reported {
  readonly verdict: Verdict
  readonly judged: readonly Judged[]
  readonly record: RunRecord
  /** The auditor's JSON by target name, as it was written. */
  readonly raw: ReadonlyMap<string, Uint8Array>
  readonly transcripts: Transcripts
  /** What the comment must not hold, which is made to be published. */
  readonly secrets: readonly Secret[]
}

export interface Reports {
  readonly folder: string
  /** Where the auditor's output goes; not a report. */
  readonly logFile: string
  /** Takes away what an earlier run left in their places: from then on nothing there is of another run. */
  clear(): void
  /** Writes all formats; returns their paths. Throws REPORT_FAILED. */
  write(what: Reported): Map<Format, string>
}

const FILES: Readonly<Record<FileFormat, { readonly name: string; readonly render: (what: Reported) => string }>> = {
  junit: { name: 'junit.xml', render: ({ verdict, judged, record }) => junit(verdict, judged, record) },
  sarif: { name: 'results.sarif', render: ({ verdict, judged, record }) => sarif(verdict, judged, record) },
  codequality: { name: 'codequality.json', render: ({ verdict, judged, record }) => codequality(verdict, judged, record) },
  markdown: { name: 'summary.md', render: ({ verdict, judged, record }) => markdown(verdict, judged, record) },
  comment: { name: 'comment.md', render: ({ verdict, judged, ...rest }) => comment(verdict, judged, rest) },
  html: { name: 'report.html', render: ({ verdict, judged, ...rest }) => html(verdict, judged, rest) },
  csv: { name: 'controls.csv', render: ({ verdict, judged, record }) => csv(verdict, judged, record) },
  'run.json': { name: 'run.json', render: ({ verdict, record }) => runJson(verdict, record) }
}

/** Folders with a file for each target. */
const FOLDERS: Readonly<Record<FolderFormat, { readonly end: string; readonly render: (what: Reported) => ReadonlyMap<string, string | Uint8Array> }>> = {
  hdf: { end: '.json', render: ({ raw }) => raw },
  cklb: { end: '.cklb', render: ({ verdict, judged, record }) => cklb(verdict, judged, record) },
  transcript: { end: '.json', render: ({ transcripts }) => new Map([...transcripts].map(([target, each]) => [target, transcriptJson(each)])) }
}

/** The permissions of a report: commands may hold values of profile-inputs, and what they printed anything. */
const modeOf = (format: Format, { transcripts }: Reported): number => (format === 'transcript' || (format === 'html' && transcripts.size > 0) ? 0o600 : 0o666)

/** Looks before the scan whether all destinations can be written. Throws BAD_INPUT. */
export const openReports = (path: string, formats: readonly Format[]): Reports => {
  const folder = resolve(path)
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
    for (const name of NAMES) demandFile(join(folder, name))
    for (const name of Object.keys(FOLDERS)) demandFolder(join(folder, name))
  } catch (error) {
    throw new ScanError('BAD_INPUT', 'An input is not usable', {
      problems: [{ name: 'reports-path', expected: 'a folder that can be written', got: printableLine(`${path}: ${messageOf(error)}`) }]
    })
  }
  return { folder, logFile: join(folder, 'auditor.log'), clear: () => clear(folder), write: (what) => writeAll(folder, formats, what) }
}

const NAMES = [...Object.values(FILES).map(({ name }) => name), 'auditor.log']

const demandFile = (file: string): void => {
  if (existsSync(file) && !statSync(file).isFile()) throw new Error(`${file} is not a file`)
}

const demandFolder = (folder: string): void => {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found !== undefined && !found.isDirectory()) throw new Error(`${folder} is not a folder`)
  if (found !== undefined) accessSync(folder, constants.W_OK)
}

/** Only what looks like results is taken away: the folder may be the user's own. */
const clear = (folder: string): void => {
  for (const name of NAMES) rmSync(join(folder, name), { force: true })
  for (const [name, { end }] of Object.entries(FOLDERS)) clearFolder(join(folder, name), end)
}

const clearFolder = (folder: string, end: string): void => {
  if (existsSync(folder)) for (const file of filesIn(folder, end)) rmSync(file)
}

const filesIn = (folder: string, end: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() && entry.name.endsWith(end) ? [join(folder, entry.name)] : []))

/** The files of a report that was written to `path`. */
export const filesOf = (format: Format, path: string): string[] => (isFolder(format) ? filesIn(path, FOLDERS[format].end) : [path])

const isFolder = (format: Format): format is FolderFormat => format in FOLDERS

const writeAll = (folder: string, formats: readonly Format[], what: Reported): Map<Format, string> => {
  const paths = new Map<Format, string>()
  try {
    for (const format of formats) paths.set(format, writeOne(folder, format, what))
  } catch (error) {
    throw new ScanError('REPORT_FAILED', `The reports could not be written: ${messageOf(error)}`, { cause: error, hint: 'Is the disk full?' })
  }
  return paths
}

const writeOne = (folder: string, format: Format, what: Reported): string =>
  isFolder(format) ? writeFolder(join(folder, format), format, what) : put(join(folder, FILES[format].name), FILES[format].render(what), modeOf(format, what))

/** One file for each target; of hdf byte by byte what the auditor wrote. */
const writeFolder = (folder: string, format: FolderFormat, what: Reported): string => {
  const { end, render } = FOLDERS[format]
  makeFolder(folder)
  for (const [target, content] of render(what)) put(join(folder, `${fileName(target)}${end}`), content, modeOf(format, what))
  return folder
}

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

/** Whole or not at all. */
const put = (file: string, content: string | Uint8Array, mode: number): string => {
  const half = `${file}.${process.pid}.part`
  rmSync(half, { force: true }) // one that is there would keep its permissions
  writeFileSync(half, content, { mode })
  renameSync(half, file)
  return file
}
