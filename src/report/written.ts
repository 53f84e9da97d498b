import { createHash } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, type Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readAtMost } from '../kernel/read-file.ts'
import { FILE_NAMES, FOLDER_NAMES } from './formats.ts'
import { type Listed, listedIn, RUN_JSON, sealOf, type Written } from './run-json.ts'

/** What is at the places of reports in a folder. */
export interface Found {
  /** The run that its run.json is of. */
  readonly run: string | undefined
  /** What that run wrote, and is as it was written. The last is run.json: while it is there, the others are known. */
  readonly ours: readonly Written[]
  /** What somebody else wrote or changed there. */
  readonly problems: readonly Problem[]
}

/** How many files of others are named. */
const NAMED = 20
const EXPECTED = 'a folder in which the places of reports are free, or hold what kscan wrote'

/**
 * Looks at what a run would remove and replace in a folder of reports: all names that a report may have, whether this run writes them or not. What an earlier run
 * wrote is known by the list in its run.json, with the digest of each file; all else is somebody's who would lose it. Reads only.
 */
export const lookIn = (folder: string): Found => {
  try {
    const places = placesIn(folder)
    const list = places.includes(RUN_JSON) ? listOf(join(folder, RUN_JSON)) : undefined
    if (list !== undefined && list.files === undefined) return { run: list.run, ours: [], problems: [withoutList(folder, list)] }
    const files = new Map(list?.files?.map(({ path, sha256 }) => [path, sha256]))
    const looked = places.map((path) => ({ path, sha256: files.get(path) ?? '', wrong: wrongWith(join(folder, path), files.get(path)) }))
    return {
      run: list?.run,
      ours: looked.filter(({ wrong }) => wrong === undefined).map(({ path, sha256 }) => ({ path, sha256 })),
      problems: problemsOf(folder, looked)
    }
  } catch (error) {
    return {
      run: undefined,
      ours: [],
      problems: [{ name: 'reports-path', expected: 'a folder that can be written', got: printableLine(`${folder}: ${messageOf(error)}`) }]
    }
  }
}

/** Paths in the folder at which something is; run.json comes last. */
const placesIn = (folder: string): string[] => {
  const there = (path: string): boolean => lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined
  const inFolders = [...FOLDER_NAMES]
    .filter(([name]) => there(name))
    .flatMap(([name, end]) => (isFolder(join(folder, name)) ? filesIn(folder, name, end) : [name]))
  return [...inFolders, ...FILE_NAMES.filter(there)]
}

const isFolder = (path: string): boolean => lstatSync(path).isDirectory()

const filesIn = (folder: string, name: string, end: string): string[] =>
  readdirSync(join(folder, name))
    .filter((file) => file.endsWith(end))
    .map((file) => join(name, file))

/** Undefined for a file that is no run.json of ours. */
const listOf = (path: string): Listed | undefined => (lstatSync(path).isFile() ? listedIn(bytesOf(path).toString('utf8')) : undefined)

/** Why a file is not known to be as we wrote it; undefined when it is. */
const wrongWith = (path: string, sha256: string | undefined): string | undefined => {
  if (sha256 === undefined) return 'kscan did not write it'
  if (!lstatSync(path).isFile()) return 'it is no file any more'
  return digestOf(path) === sha256 ? undefined : 'it was changed since kscan wrote it'
}

/** More than any report has. */
const LARGEST_BYTES = 1024 * 1024 * 1024

const bytesOf = (path: string): Buffer => {
  const bytes = readAtMost(path, LARGEST_BYTES)
  if (bytes === undefined) throw new Error('it is larger than any report')
  return bytes
}

const digestOf = (path: string): string => {
  const bytes = bytesOf(path)
  return path.endsWith(`/${RUN_JSON}`) ? sealOf(bytes.toString('utf8')) : createHash('sha256').update(bytes).digest('hex')
}

const problemsOf = (folder: string, looked: readonly { readonly path: string; readonly wrong: string | undefined }[]): Problem[] => {
  const lines = looked.flatMap(({ path, wrong }) => (wrong === undefined ? [] : [`${join(folder, path)}: ${wrong}`]))
  const more = lines.length > NAMED ? [`${lines.length - NAMED} more`] : []
  const problems = [...lines.slice(0, NAMED), ...more].map((line) => ({ name: 'reports-path', expected: EXPECTED, got: printableLine(line) }))
  return problems.map((problem, index) =>
    index < problems.length - 1 ? problem : { ...problem, hint: 'Nothing was removed. Move it away, or choose another reports-path.' }
  )
}

const withoutList = (folder: string, { run, version }: Listed): Problem => ({
  name: 'reports-path',
  expected: EXPECTED,
  got: printableLine(`${folder}: the run ${run} of kscan ${version}, whose run.json does not list what it wrote`),
  hint: 'Nothing was removed. Remove the folder, or choose another reports-path.'
})
