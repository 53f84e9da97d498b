import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { parseResults } from '../hdf/parse.ts'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { fileName } from '../report/open.ts'
import { parseRun, type ReadRun } from '../report/run-json.ts'
import type { TargetRecord } from '../report/record.ts'
import { attest } from '../verdict/attestation.ts'
import type { Baseline, Judged } from '../verdict/model.ts'

/** The run that wrote an HDF file, and the target that it is of: `FOLDER/hdf/NAME.json` has its `FOLDER/run.json`. Undefined where there is none, or none of that target. Throws RESULTS_UNREADABLE for a run.json that cannot be read. */
export const runBeside = (file: string): (ReadRun & { path: string; target: TargetRecord }) | undefined => {
  const folder = dirname(resolve(file))
  const path = join(folder, '..', 'run.json')
  const text = basename(folder) === 'hdf' ? textOf(path) : undefined
  if (text === undefined) return undefined
  const run = parsed(text, path, 'It tells what the controls could not see. Move the HDF files elsewhere to have them judged without it.')
  const target = run.record.targets.find(({ name }) => `${fileName(name)}.json` === basename(file))
  return target === undefined ? undefined : { ...run, path, target }
}

/** An earlier run to compare with: its run.json, and the HDF files beside it. Throws RESULTS_UNREADABLE: what cannot be compared never passes. */
export const readBaseline = (path: string): Baseline => {
  const hint = 'Give the run.json of an earlier run, in its folder of reports: the HDF files are beside it, in hdf/.'
  const text = textOf(path, (why) => {
    throw unreadable(`The baseline ${printableLine(path)} cannot be read: ${why}`, hint)
  })
  const { record, verdict } = parsed(text ?? '', path, hint)
  const read = record.targets
    .filter(({ failure }) => failure === undefined)
    .map(({ name, stableName }): Judged => {
      const unjudged = verdict.targets.find(({ target }) => target === name)?.unjudged ?? []
      return { target: name, stableName, results: resultsIn(join(dirname(path), 'hdf', `${fileName(name)}.json`), hint), unjudged }
    })
  return {
    source: path,
    sha256: createHash('sha256')
      .update(text ?? '')
      .digest('hex'),
    run: record.run,
    day: record.judgedOn,
    targets: attest(read, record.attestations, record.judgedOn).judged
  }
}

const resultsIn = (file: string, hint: string): Judged['results'] => {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw unreadable(`The baseline's results ${printableLine(file)} cannot be read: ${messageOf(error)}`, hint)
  }
  return parseResults(bytes, file)
}

const textOf = (path: string, failed: (why: string) => void = () => {}): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    failed(printableLine(messageOf(error)))
    return undefined
  }
}

const parsed = (text: string, path: string, hint: string): ReadRun => {
  try {
    return parseRun(text)
  } catch (error) {
    throw unreadable(`${printableLine(path)} is not the run.json of a scan: ${printableLine(messageOf(error))}`, hint, error)
  }
}

const unreadable = (message: string, hint: string, cause?: unknown): ScanError => new ScanError('RESULTS_UNREADABLE', message, { hint, cause })
