import { createHash } from 'node:crypto'
import { parseResults } from '../hdf/parse.ts'
import { printableLine } from '../kernel/name.ts'
import { fileName } from '../report/formats.ts'
import type { Baseline, Judged } from '../verdict/model.ts'
import { nameProblem, readHdf } from './read-hdf.ts'
import { judgedOf, judgedThen, readRun, unreadable } from './read-run.ts'
import { hdfFileOf } from './run-beside.ts'

const HINT = 'Give the run.json of an earlier run, in its folder of reports: the HDF files are beside it, in hdf/.'

/** An earlier run to compare with: its run.json, and the HDF files beside it. Throws RESULTS_UNREADABLE: what cannot be compared never passes. */
export const readBaseline = (path: string): Baseline => {
  const { text, run } = readRun(path, HINT)
  const read = run.record.targets
    .filter(({ failure }) => failure === undefined)
    .map((target) => judgedOf(target, run, resultsIn(hdfFileOf(path, target.name) ?? `hdf/${fileName(target.name)}.json`)))
  return {
    source: path,
    sha256: createHash('sha256').update(text).digest('hex'),
    run: run.record.run,
    day: run.record.judgedOn,
    targets: judgedThen(read, run)
  }
}

const resultsIn = (file: string): Judged['results'] => {
  const [problem] = nameProblem(file)
  if (problem !== undefined) throw unreadable(`The baseline's results ${printableLine(file)} cannot be read`, { hint: HINT, cause: problem.got })
  return parseResults(readHdf(file), file)
}
