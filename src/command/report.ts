import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseResults } from '../hdf/parse.ts'
import { RESULTS_BYTES } from '../kernel/results-size.ts'
import { badInput, EXIT, type ExitCode, messageOf, type Problem, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readText } from '../kernel/read-file.ts'
import { endingOf } from '../report/ending.ts'
import { fileName, type Reported } from '../report/formats.ts'
import { openReports } from '../report/open.ts'
import type { RunRecord, TargetRecord } from '../report/record.ts'
import { TargetTranscript } from '../report/transcript.ts'
import { showFailure, toFailure } from './failure.ts'
import { namedFiles } from './named-files.ts'
import { readConfig } from './read-config.ts'
import { DASH, nameProblem, onlyRecord, readHdf } from './read-hdf.ts'
import { type Claimed, targetOf } from './evidence-beside.ts'
import { isRun, judgedOf, judgedThen, type RunAt, runIn } from './read-run.ts'
import { runsBeside } from './run-beside.ts'
import type { Request } from './request.ts'

/** `kscan report`: reports of a scan made later, from its HDF files and the run.json beside them. It judges nothing: exit 0 says that they were written. */
export const reportCommand = (request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  try {
    const { config } = readConfig('report', request)
    const run = readReported(request)
    using reports = openReports(config.reportsPath, config.reports, host.workspace)
    demandNoOther(reports.folder, run.record)
    for (const path of reports.write({ ...run, benchmark: config.benchmark, warn: (sentence) => host.log.warn(sentence) }).values())
      host.print(printableLine(path))
    host.log.info(`the verdict of the run ${printableLine(run.record.run)} was: ${endingOf(run.verdict, run.record).result}`)
    return Promise.resolve(EXIT.passed)
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    return Promise.resolve(failure.exitCode)
  }
}

/** Reports of two runs in one folder would contradict each other. */
const demandNoOther = (folder: string, { run }: RunRecord): void => {
  const other = runIn(folder)
  if (other !== undefined && other !== run)
    throw badInput([
      { name: 'reports-path', expected: `a folder without reports of another run than ${run}`, got: `${printableLine(folder)}, with those of ${other}` }
    ])
}

/** An HDF file with the run that wrote it. */
interface Beside extends RunAt {
  readonly file: string
  readonly target: TargetRecord
  readonly bytes: Uint8Array
}

const readReported = ({ files: words, host }: Request): Reported => {
  const { files: all, problems } = namedFiles(words, { log: host.log, verb: 'report' })
  const files = all.filter((file) => file === DASH || !isRecord(file))
  if (files.length === 0 && problems.length === 0) problems.push(onlyRecord(all[0] ?? ''))
  problems.push(...files.flatMap((file) => (file === DASH ? [OF_NO_FOLDER] : nameProblem(file))))
  const runsOf = runsBeside()
  const claimed: Claimed = new Set()
  const found = problems.length > 0 ? [] : files.flatMap((file) => beside(file, runsOf(file), { problems, claimed }))
  const [first] = found
  if (first !== undefined) problems.push(...otherRuns(found, first), ...missing(found, first))
  if (first === undefined || problems.length > 0) throw badInput(problems)
  const { record, verdict } = first
  const read = found
    .filter(({ target }) => target.failure === undefined) // results that could not be confirmed are kept as they are
    .map(({ file, bytes, target }) => judgedOf(target, first, parseResults(bytes, file)))
  const judged = judgedThen(read, first)
  const raw = new Map(found.map(({ target, bytes }) => [target.name, bytes]))
  return { verdict, judged, record, raw, transcripts: new Map(found.flatMap(transcriptOf)), secrets: host.secrets() }
}

/** Reports are made of all that a scan knew, which is beside its files. */
const OF_NO_FOLDER: Problem = {
  name: 'FILE',
  expected: 'the HDF files of a scan, with its run.json beside them',
  got: 'the standard input',
  hint: 'kscan judge - judges results of the standard input.'
}

/** A pattern finds the run.json of a folder, too. */
const isRecord = (file: string): boolean => basename(file).toLowerCase() === 'run.json' && isRun(file)

/** `FOLDER/transcript/NAME.json`, where one was kept. */
const transcriptOf = ({ path, target: { name } }: Beside): [string, TargetTranscript][] => {
  const file = join(dirname(path), 'transcript', `${fileName(name)}.json`)
  if (!existsSync(file)) return []
  try {
    const transcript = TargetTranscript.parse(JSON.parse(readText(file, RESULTS_BYTES)))
    if (transcript.target !== name) throw new Error(`it is of ${transcript.target}`)
    return [[name, transcript]]
  } catch (error) {
    throw new ScanError('RESULTS_UNREADABLE', `${printableLine(file)} is not the transcript of a scan: ${printableLine(messageOf(error))}`, {
      cause: error,
      hint: 'Without it the reports are made without evidence.'
    })
  }
}

const beside = (file: string, [run]: readonly RunAt[], { problems, claimed }: { problems: Problem[]; claimed: Claimed }): Beside[] => {
  if (run !== undefined) {
    const bytes = readHdf(file)
    return [{ ...run, file, bytes, target: targetOf(run, { file, results: () => parseResults(bytes, file) }, claimed) }]
  }
  problems.push({
    name: printableLine(file),
    expected: "an HDF file in a scan's folder of reports: FOLDER/hdf/NAME.json, with FOLDER/run.json",
    got: 'one without'
  })
  return []
}

const otherRuns = (found: readonly Beside[], { path }: Beside): Problem[] =>
  found
    .filter((each) => each.path !== path)
    .map((each) => ({ name: printableLine(each.file), expected: `a file of the same run as the first (${path})`, got: `one of ${each.path}` }))

/** The verdict is of all containers: reports of some would contradict it. */
const missing = (found: readonly Beside[], { verdict, path }: Beside): Problem[] => {
  const here = new Set(found.filter((each) => each.path === path).map(({ target }) => target.name))
  return verdict.targets
    .filter(({ target }) => !here.has(target))
    .map(({ target }) => ({ name: 'FILE', expected: `the results of every container of the run: also ${printableLine(target)}`, got: 'others only' }))
}
