import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { parseResults } from '../hdf/parse.ts'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readText } from '../kernel/read-file.ts'
import { fileName } from '../report/open.ts'
import type { RunRecord, TargetRecord } from '../report/record.ts'
import { parseRun, type ReadRun } from '../report/run-json.ts'
import { attest } from '../verdict/attestation.ts'
import type { Baseline, Judged, Verdict } from '../verdict/model.ts'
import { readHdf } from './read-hdf.ts'

/**
 * The run that wrote an HDF file, and the target that it is of: `FOLDER/hdf/NAME.json` has its `FOLDER/run.json`. Undefined where there is none, or none of that
 * target. Throws RESULTS_UNREADABLE for a run.json that cannot be read.
 */
export const runBeside = (file: string): (ReadRun & { path: string; target: TargetRecord }) | undefined => {
  const folder = dirname(resolve(file))
  const path = join(folder, '..', 'run.json')
  if (basename(folder) !== 'hdf' || !existsSync(path)) return undefined
  const { run } = readRun(path, 'It tells what the controls could not see. Move the HDF files elsewhere to have them judged without it.')
  const target = run.record.targets.find(({ name }) => `${fileName(name)}.json` === basename(file))
  return target === undefined ? undefined : { ...run, path, target }
}

/** An earlier run to compare with: its run.json, and the HDF files beside it. Throws RESULTS_UNREADABLE: what cannot be compared never passes. */
export const readBaseline = (path: string): Baseline => {
  const hint = 'Give the run.json of an earlier run, in its folder of reports: the HDF files are beside it, in hdf/.'
  const { text, run } = readRun(path, hint)
  const { record, verdict } = run
  const read = record.targets
    .filter(({ failure }) => failure === undefined)
    .map((target) => judgedOf(target, verdict, resultsIn(join(dirname(path), 'hdf', `${fileName(target.name)}.json`), hint)))
  return {
    source: path,
    sha256: createHash('sha256').update(text).digest('hex'),
    run: record.run,
    day: record.judgedOn,
    targets: attest(read, record.attestations, record.judgedOn).judged
  }
}

/** A target of a run with what the run knew of it. */
export const judgedOf = ({ name, stableName }: TargetRecord, verdict: Verdict, results: Judged['results']): Judged => ({
  target: name,
  stableName,
  results,
  unjudged: verdict.targets.find(({ target }) => target === name)?.unjudged ?? []
})

const resultsIn = (file: string, hint: string): Judged['results'] => {
  try {
    return parseResults(readHdf(file), file)
  } catch (error) {
    if (error instanceof ScanError && error.code === 'RESULTS_UNREADABLE') throw error
    throw unreadable(`The baseline's results ${printableLine(file)} cannot be read`, { hint, cause: error })
  }
}

/** More than thousands of containers give. */
const LARGEST_BYTES = 64 * 1024 * 1024

const readRun = (path: string, hint: string): { text: string; run: ReadRun } => {
  try {
    const text = readText(path, LARGEST_BYTES)
    const run = parseRun(text)
    demandVerdicts(run.record, run.verdict)
    return { text, run }
  } catch (error) {
    throw unreadable(`${printableLine(path)} cannot be read as the run.json of a scan`, { hint, cause: error })
  }
}

/** What a container's controls could not see is in its verdict. */
const demandVerdicts = ({ targets }: RunRecord, { targets: verdicts }: Verdict): void => {
  for (const { name, failure } of targets)
    if (failure === undefined && verdicts.filter(({ target }) => target === name).length !== 1) throw new Error(`it has not one verdict of ${name}`)
}

const unreadable = (what: string, { hint, cause }: { hint: string; cause: unknown }): ScanError =>
  new ScanError('RESULTS_UNREADABLE', `${what}: ${printableLine(messageOf(cause))}`, { hint, cause })
