import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readText } from '../kernel/read-file.ts'
import type { RunRecord, TargetRecord } from '../report/record.ts'
import { isRunText, parseRun, type ReadRun } from '../report/run-json.ts'
import { attest } from '../verdict/attestation.ts'
import { statusDigest, weigh } from '../verdict/count.ts'
import type { Judged, Verdict } from '../verdict/model.ts'

/** A run by its run.json. */
export interface RunAt extends ReadRun {
  readonly path: string
}

/** The id of the run whose reports a folder has; undefined when it has none. Throws RESULTS_UNREADABLE. */
export const runIn = (folder: string): string | undefined => {
  const path = join(folder, 'run.json')
  return existsSync(path) ? readRun(path, 'Choose another reports-path.').run.record.run : undefined
}

/** A target of a run with what the run knew of it beyond its results. */
export const judgedOf = ({ name, stableName }: TargetRecord, { record, verdict }: ReadRun, results: Judged['results']): Judged => {
  const known = verdict.targets.find(({ target }) => target === name)
  return {
    target: name,
    stableName,
    of: { run: record.run, name },
    results,
    unjudged: known?.evidence ?? [],
    accepts: record.acceptedCauses,
    reasons: known?.reasons ?? []
  }
}

/** The same as they were judged then, with their attestations. Throws RESULTS_UNREADABLE for results that are not those. */
export const judgedThen = (judged: readonly Judged[], { record, verdict }: ReadRun): readonly Judged[] => {
  const { judged: attested } = attest(judged, record.attestations, record.judgedOn)
  demandSame(attested, verdict, record)
  return attested
}

/** Whether they are what was judged as that target. */
export const isSame = (target: TargetRecord, run: ReadRun, results: Judged['results']): boolean => {
  const [judged] = attest([judgedOf(target, run, results)], run.record.attestations, run.record.judgedOn).judged
  return judged !== undefined && digestOf(judged, run.verdict) === statusDigest(judged, weigh(judged, run.record.judgedOn))
}

const digestOf = ({ target: name }: Judged, { targets }: Verdict): string | undefined => targets.find(({ target }) => target === name)?.statusSha256

/** Results that were changed since, or are of another run, are not what was judged. */
const demandSame = (judged: readonly Judged[], verdict: Verdict, { judgedOn }: RunRecord): void => {
  for (const each of judged) {
    if (digestOf(each, verdict) !== statusDigest(each, weigh(each, judgedOn)))
      throw new ScanError('RESULTS_UNREADABLE', `The results of ${printableLine(each.target)} are not those that were judged: run.json has others`, {
        hint: 'Take the HDF files and the run.json of one run.'
      })
  }
}

/** More than thousands of containers give. */
const LARGEST_BYTES = 64 * 1024 * 1024

/** Reads a run.json. Throws RESULTS_UNREADABLE. */
export const readRun = (path: string, hint: string): { text: string; run: ReadRun } => {
  try {
    const text = readText(path, LARGEST_BYTES)
    const run = parseRun(text)
    demandVerdicts(run.record, run.verdict)
    return { text, run }
  } catch (error) {
    throw unreadable(`${printableLine(path)} cannot be read as the run.json of a scan`, { hint, cause: error })
  }
}

/** Whether a file is a run.json, and so holds no results. */
export const isRun = (path: string): boolean => {
  try {
    return isRunText(readText(path, LARGEST_BYTES))
  } catch {
    return false // what it is will be said where it is read
  }
}

/** What a container's controls could not see is in its verdict. */
const demandVerdicts = ({ targets }: RunRecord, { targets: verdicts }: Verdict): void => {
  for (const { name, failure } of targets) {
    const [wanted, found] = [failure === undefined ? 1 : 0, verdicts.filter(({ target }) => target === name).length]
    if (found !== wanted) throw new Error(`it has ${found} verdicts of ${name} in place of ${wanted}`)
  }
  for (const { target, unjudged, evidence } of verdicts) {
    if (!targets.some(({ name }) => name === target)) throw new Error(`it has a verdict of ${target}, and no such container`)
    if (!unjudged.every((entry) => evidence.some(({ control }) => control === entry.control))) throw new Error(`it has not all evidence of ${target}`)
  }
}

/** RESULTS_UNREADABLE. */
export const unreadable = (what: string, { hint, cause }: { hint: string; cause?: unknown }): ScanError =>
  new ScanError('RESULTS_UNREADABLE', cause === undefined ? what : `${what}: ${printableLine(messageOf(cause))}`, { hint, cause })
