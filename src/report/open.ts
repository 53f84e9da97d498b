import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { badInput, messageOf, type Problem, ScanError } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { printableLine } from '../kernel/name.ts'
import { AUDITOR_LOG, FOLDER_NAMES, type Format, isFolder, placeOf, rendered, type Report, type Reported } from './formats.ts'
import { RUN_JSON, runJson, type Written } from './run-json.ts'
import { lookIn } from './written.ts'

export interface Reports {
  readonly folder: string
  /** Takes away what an earlier run left in their places: from then on nothing there is of another run. Throws BAD_INPUT for what somebody else wrote or changed. */
  clear(): void
  /** Writes all formats, and run.json in any case, which lists them; returns their paths. All or nothing. Throws REPORT_FAILED. */
  write(what: Reported): Map<Format, string>
}

/** Looks before the scan whether all destinations can be written, and whether nobody would lose a file there. Throws BAD_INPUT with every problem. */
export const openReports = (path: string, formats: readonly Format[]): Reports => {
  const folder = resolve(path)
  const problems = reportsProblems(path)
  if (problems.length > 0) throw badInput(problems)
  try {
    makeFolder(folder)
    for (const place of [folder, ...[...FOLDER_NAMES.keys()].map((name) => join(folder, name)).filter((each) => existsSync(each))])
      accessSync(place, constants.W_OK)
  } catch (error) {
    throw badInput([{ name: 'reports-path', expected: 'a folder that can be written', got: printableLine(`${path}: ${messageOf(error)}`) }])
  }
  return { folder, clear: () => clear(folder), write: (what) => writeAll(folder, [...new Set<Format>([...formats, RUN_JSON])], what) }
}

/** What of others is in the way of reports. Reads only: for checks before anything is made. */
export const reportsProblems = (path: string): readonly Problem[] => lookIn(path).problems

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
  const part = join(folder, `.kscan-${process.pid}-${parts.size}.part`)
  rmSync(part, { force: true }) // one that is there would keep its permissions
  parts.set(path, part)
  writeFileSync(part, content, { mode })
  return { path, sha256: createHash('sha256').update(content).digest('hex') }
}

/** What the same run wrote there before, and stays. Throws REPORT_FAILED where somebody else has written since we looked, another run too. */
const otherFiles = (folder: string, { record }: Reported, parts: ReadonlyMap<string, string>): Written[] => {
  const { run, ours, problems } = lookIn(folder)
  const other = run !== undefined && run !== record.run ? [`it has reports of the run ${run}`] : []
  const [wrong] = [...problems.map(({ got }) => got), ...other]
  if (wrong === undefined) return ours.filter(({ path }) => path !== RUN_JSON && !parts.has(path))
  throw new ScanError('REPORT_FAILED', `The reports could not be written to ${printableLine(folder)}: ${wrong}`, {
    hint: 'Somebody else has written there since the scan began. Give each run a reports-path of its own.'
  })
}
