import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseResults } from '../hdf/parse.ts'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readText } from '../kernel/read-file.ts'
import { fileName } from '../report/formats.ts'
import type { RunRecord, TargetRecord } from '../report/record.ts'
import { parseRun, type ReadRun } from '../report/run-json.ts'
import { attest } from '../verdict/attestation.ts'
import { statusDigest, weigh } from '../verdict/count.ts'
import type { Baseline, Judged, Verdict } from '../verdict/model.ts'
import { nameProblem, readHdf } from './read-hdf.ts'

/** The run that wrote an HDF file, and the target that it is of. */
export interface RunBeside extends ReadRun {
  readonly path: string
  readonly target: TargetRecord
}

/**
 * Finds the runs that wrote HDF files, reading each once: `FOLDER/hdf/NAME.json` has its `FOLDER/run.json`, and a link is where it leads to. Undefined where there is
 * none. Throws RESULTS_UNREADABLE for a run.json that cannot be read or has no such container.
 */
export const runsBeside = (): ((file: string) => RunBeside | undefined) => {
  const runs = new Map<string, ReadRun>()
  return (file) => {
    const place = realpathSync(file)
    const path = join(dirname(place), '..', 'run.json')
    if (basename(dirname(place)) !== 'hdf' || !existsSync(path)) return undefined
    const run = runs.get(path) ?? readRun(path, ELSEWHERE).run
    runs.set(path, run)
    const target = run.record.targets.find(({ name }) => `${fileName(name)}.json` === basename(place))
    if (target === undefined) throw unreadable(`${printableLine(file)} is of no container of the run.json beside it`, { hint: ELSEWHERE })
    return { ...run, path, target }
  }
}

const ELSEWHERE = 'It tells what the controls could not see. Move the HDF files elsewhere to have them judged without it.'

/** The id of the run whose reports a folder has; undefined when it has none. Throws RESULTS_UNREADABLE. */
export const runIn = (folder: string): string | undefined => {
  const path = join(folder, 'run.json')
  return existsSync(path) ? readRun(path, 'Choose another reports-path.').run.record.run : undefined
}

/** An earlier run to compare with: its run.json, and the HDF files beside it. Throws RESULTS_UNREADABLE: what cannot be compared never passes. */
export const readBaseline = (path: string): Baseline => {
  const hint = 'Give the run.json of an earlier run, in its folder of reports: the HDF files are beside it, in hdf/.'
  const { text, run } = readRun(path, hint)
  const { record, verdict } = run
  const read = record.targets
    .filter(({ failure }) => failure === undefined)
    .map((target) => judgedOf(target, verdict, resultsIn(join(dirname(path), 'hdf', `${fileName(target.name)}.json`), hint)))
  const { judged } = attest(read, record.attestations, record.judgedOn)
  demandSame(judged, verdict, record)
  return {
    source: path,
    sha256: createHash('sha256').update(text).digest('hex'),
    run: record.run,
    day: record.judgedOn,
    targets: judged
  }
}

/** A target of a run with what the run knew of it beyond its results. */
export const judgedOf = ({ name, stableName }: TargetRecord, { targets }: Verdict, results: Judged['results']): Judged => {
  const known = targets.find(({ target }) => target === name)
  return { target: name, stableName, results, unjudged: known?.evidence ?? [], reasons: known?.reasons ?? [] }
}

/** Results that were changed since, or are of another run, are not what was judged. Throws RESULTS_UNREADABLE. */
export const demandSame = (judged: readonly Judged[], { targets }: Verdict, { judgedOn }: RunRecord): void => {
  for (const each of judged) {
    const known = targets.find(({ target }) => target === each.target)
    if (known?.statusSha256 !== statusDigest(each, weigh(each, judgedOn)))
      throw new ScanError('RESULTS_UNREADABLE', `The results of ${printableLine(each.target)} are not those that were judged: run.json has others`, {
        hint: 'Take the HDF files and the run.json of one run.'
      })
  }
}

const resultsIn = (file: string, hint: string): Judged['results'] => {
  const [problem] = nameProblem(file)
  if (problem !== undefined) throw unreadable(`The baseline's results ${printableLine(file)} cannot be read`, { hint, cause: problem.got })
  return parseResults(readHdf(file), file)
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
  for (const { name, failure } of targets) {
    const [wanted, found] = [failure === undefined ? 1 : 0, verdicts.filter(({ target }) => target === name).length]
    if (found !== wanted) throw new Error(`it has ${found} verdicts of ${name} in place of ${wanted}`)
  }
  for (const { target, unjudged, evidence } of verdicts)
    if (!unjudged.every((entry) => evidence.some(({ control }) => control === entry.control))) throw new Error(`it has not all evidence of ${target}`)
}

const unreadable = (what: string, { hint, cause }: { hint: string; cause?: unknown }): ScanError =>
  new ScanError('RESULTS_UNREADABLE', cause === undefined ? what : `${what}: ${printableLine(messageOf(cause))}`, { hint, cause })
