import { basename, dirname } from 'node:path'
import type { Results } from '../hdf/model.ts'
import { printableLine } from '../kernel/name.ts'
import { fileName } from '../report/formats.ts'
import type { TargetRecord } from '../report/record.ts'
import type { Judged } from '../verdict/model.ts'
import { isSame, judgedOf, judgedThen, type RunAt, unreadable } from './read-run.ts'
import { hdfFileOf } from './run-beside.ts'

/** A file, undefined for the standard input, and what is read of it when it is asked for. */
export interface HdfFile {
  readonly file: string | undefined
  readonly results: () => Results
}

/** Which containers of the runs were found, by run and name. */
export type Claimed = Set<string>

const claimOf = ({ record }: RunAt, { name }: Pick<TargetRecord, 'name'>): string => JSON.stringify([record.run, name])

/** The container of a run that a file is of: by its name in any case of letters, and where it was renamed, by what it holds. Throws RESULTS_UNREADABLE when it is of none. */
export const targetOf = (run: RunAt, { file, results }: HdfFile, claimed: Claimed): TargetRecord => {
  const { targets } = run.record
  const named = file === undefined ? undefined : targets.find(({ name }) => `${fileName(name)}.json`.toLowerCase() === basename(file).toLowerCase())
  const found = named ?? firstFree(run, { file, results }, claimed)
  if (found === undefined)
    throw unreadable(`${file === undefined ? 'The standard input' : printableLine(file)} is of no container of ${printableLine(run.path)}`, {
      hint: 'It tells what the controls could not see. Give the HDF files and the run.json of one run; files elsewhere are judged without it.'
    })
  claimed.add(claimOf(run, found))
  return found
}

/** Of several containers whose results count alike the first that no other file is of. */
const firstFree = (run: RunAt, { file, results }: HdfFile, claimed: Claimed): TargetRecord | undefined => {
  const alike = run.record.targets.filter((target) => target.failure === undefined && isSame(target, run, results()))
  const free = alike.find((target) => !claimed.has(claimOf(run, target)) && hdfFileOf(run.path, target.name, folderOf(file)) === undefined)
  return free ?? alike[0]
}

const folderOf = (file: string | undefined): string | undefined => (file === undefined ? undefined : dirname(file))

/**
 * What the runs that a file is of knew beyond its results; undefined where there is none. Throws RESULTS_UNREADABLE when one is of other results: what it knew of them
 * would be taken for knowledge of these.
 */
export const evidenceBeside = (runs: readonly RunAt[], hdf: HdfFile, claimed: Claimed): Omit<Judged, 'target'> | undefined => {
  const [first, ...others] = runs
  if (first === undefined) return undefined
  const other = others.find(({ record }) => record.run !== first.record.run)
  if (other !== undefined)
    throw unreadable(`${printableLine(first.path)} and ${printableLine(other.path)} are of two runs`, {
      hint: 'Take the HDF files and the run.json of one run.'
    })
  const known = runs.map((run) => {
    const judged = judgedOf(targetOf(run, hdf, claimed), run, hdf.results())
    judgedThen([judged], run)
    return judged
  })
  return known[0]
}

/** What is missing of a run, one sentence each: containers that could not be scanned, or whose results are not there. */
export const missingOf = (run: RunAt, { file, claimed }: { file: string | undefined; claimed: Claimed }): string[] =>
  run.record.targets.flatMap((target) => {
    if (target.failure !== undefined) return [`in the same run ${target.name} could not be scanned: ${target.failure.message}`]
    const there = claimed.has(claimOf(run, target)) || hdfFileOf(run.path, target.name, folderOf(file)) !== undefined
    return there ? [] : [`in the same run ${target.name} was scanned, and its results are gone`]
  })
