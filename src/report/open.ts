import { createHash, randomUUID } from 'node:crypto'
import { accessSync, constants, existsSync, lstatSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { badInput, messageOf, type Problem, ScanError } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { printableLine } from '../kernel/name.ts'
import { AUDITOR_LOG, FOLDER_NAMES, type Format, isFolder, placeOf, rendered, type Report, type Reported } from './formats.ts'
import { astray } from './place.ts'
import { RUN_JSON, runJson, type Written } from './run-json.ts'
import { lookIn } from './written.ts'

/** At its end a folder that was made for it and stayed empty goes. */
export interface Reports extends Disposable {
  readonly folder: string
  /** Takes away what an earlier run left in their places: from then on nothing there is of another run. Throws BAD_INPUT for what somebody else wrote or changed. */
  clear(): void
  /** Writes all formats, and run.json in any case, which lists them; returns their paths. What cannot be made leaves all as it was. Throws REPORT_FAILED. */
  write(what: Reported): Map<Format, string>
}

/**
 * Looks before the scan whether all destinations can be written, and whether nobody would lose a file there. `workspace`: the folder whose links are somebody's
 * commit. Throws BAD_INPUT with every problem.
 */
export const openReports = (path: string, formats: readonly Format[], workspace = process.cwd()): Reports => {
  const folder = resolve(path)
  const problems = reportsProblems(path, workspace)
  if (problems.length > 0) throw badInput(problems)
  let made: readonly string[]
  try {
    made = makeFolder(folder)
    for (const place of [folder, ...[...FOLDER_NAMES.keys()].map((name) => join(folder, name)).filter((each) => existsSync(each))])
      accessSync(place, constants.W_OK)
  } catch (error) {
    const there = existsSync(folder)
    const why = there ? messageOf(error) : `it is not there and cannot be made: ${messageOf(error)}`
    throw badInput([{ name: 'reports-path', expected: 'a folder that can be written', got: printableLine(`${path}: ${why}`) }])
  }
  const opened = placeIn(folder)
  const write = (what: Reported): Map<Format, string> => {
    if (placeIn(folder) !== opened) throw elsewhere(folder, 'another folder is in its place')
    return writeAll(folder, [...new Set<Format>([...formats, RUN_JSON])], what)
  }
  return { folder, clear: () => clear(folder), write, [Symbol.dispose]: () => removeEmpty(made) }
}

const removeEmpty = (folders: readonly string[]): void => {
  try {
    for (const folder of folders) rmdirSync(folder)
  } catch {
    // something is in it
  }
}

/** The same text only while a path leads to the same folder, itself. */
const placeIn = (folder: string): string => {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  return found?.isDirectory() === true ? `${found.dev}:${found.ino}` : ''
}

/** What of others is in the way of reports. Reads only: for checks before anything is made. */
export const reportsProblems = (path: string, workspace = process.cwd()): readonly Problem[] => {
  try {
    const link = astray(path, workspace)
    return link === undefined ? lookIn(path).problems : [link]
  } catch (error) {
    return [{ name: 'reports-path', expected: 'a folder that can be written', got: printableLine(`${path}: ${messageOf(error)}`) }]
  }
}

/** Takes away the reports of an earlier run where a run comes to none, so that they do not pass for its own. Returns the run whose reports stay. Never throws. */
export const disownReports = (path: string, { workspace, remove }: { workspace: string; remove: boolean }): string | undefined => {
  try {
    if (remove && reportsProblems(path, workspace).length === 0) clear(resolve(path))
  } catch {
    // they stay
  }
  return lookIn(path).run
}

/** The file that tells what is ours goes last. */
const clear = (folder: string): void => {
  const { ours, problems } = lookIn(folder)
  if (problems.length > 0) throw badInput(problems)
  for (const { path } of ours) rmSync(join(folder, path))
}

const writeAll = (folder: string, formats: readonly Format[], what: Reported): Map<Format, string> => {
  const parts = new Map<string, string>()
  try {
    const begin = (report: Report): Written => beginOne(folder, report, parts)
    const written = formats.flatMap((format) => (format === RUN_JSON ? [] : rendered(format, what).map(begin)))
    if (what.log !== undefined) written.push(begin({ path: AUDITOR_LOG, content: what.log, mode: 0o600 }))
    const files = [...written, ...otherFiles(folder, what, parts)]
    begin({ path: RUN_JSON, content: runJson(what.verdict, what.record, files), mode: 0o666 })
    for (const format of formats.filter(isFolder)) makeFolder(join(folder, format))
    // run.json first: nothing of ours is ever there that it does not list
    for (const [path, part] of [...parts].toReversed()) renameSync(part, join(folder, path))
  } catch (error) {
    for (const part of parts.values()) rmSync(part, { force: true })
    if (error instanceof ScanError) throw error
    throw new ScanError('REPORT_FAILED', `The reports could not be written: ${messageOf(error)}`, { cause: error, hint: 'Is the disk full?' })
  }
  return new Map(formats.map((format) => [format, placeOf(folder, format)]))
}

/** Writes a report beside its place. */
const beginOne = (folder: string, { path, content, mode }: Report, parts: Map<string, string>): Written => {
  const part = join(folder, `.kscan-${randomUUID()}.part`)
  parts.set(path, part)
  writeFileSync(part, content, { mode, flag: 'wx' }) // a link that is there is not followed
  return { path, sha256: createHash('sha256').update(content).digest('hex') }
}

/** What the same run wrote there before, and stays. Throws REPORT_FAILED where somebody else has written since we looked, another run too. */
const otherFiles = (folder: string, { record }: Reported, parts: ReadonlyMap<string, string>): Written[] => {
  const { run, ours, problems } = lookIn(folder)
  const other = run !== undefined && run !== record.run ? [`it has reports of the run ${run}`] : []
  const [wrong] = [...problems.map(({ got }) => got), ...other]
  if (wrong === undefined) return ours.filter(({ path }) => path !== RUN_JSON && !parts.has(path))
  throw elsewhere(folder, wrong)
}

const elsewhere = (folder: string, why: string): ScanError =>
  new ScanError('REPORT_FAILED', `The reports could not be written to ${printableLine(folder)}: ${why}`, {
    hint: 'Somebody else has written there since the scan began. Give each run a reports-path of its own.'
  })
