import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ScanError } from '../kernel/error.ts'
import { type NamelessFile, namelessFile } from '../kernel/nameless-file.ts'
import { RESULTS_BYTES } from '../kernel/results-size.ts'
import type { Job } from '../process/run.ts'
import type { Broker } from './broker.ts'
import { auditorFailure, type Ending } from './exit-code.ts'
import type { Isolation } from './isolation/isolation.ts'
import { logInto } from './log-file.ts'

export interface AuditJob {
  /** argv prefix of the auditor; `exec` and what follows is appended. */
  readonly command: { readonly file: string; readonly args: readonly string[] }
  /** The allow-listed environment: PATH, locale, proxies. Nothing of the cluster, the cloud or the CI system. */
  readonly env: Readonly<Record<string, string>>
  readonly isolation: Pick<Isolation, 'run'>
  /** Folder of the train plugin. */
  readonly plugin: string
  /** A private folder of this target's audit; holds HOME and configuration. */
  readonly folder: string
  readonly broker: Broker
  /** Names the target in the results: `namespace/pod/container` and more; not secret. */
  readonly identity: string
  /** Paths of profiles. */
  readonly profiles: readonly string[]
  readonly inputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
  readonly controls: readonly string[]
  readonly tags: readonly string[]
  /** Where all that the auditor prints goes, and where people find it once the run has ended. */
  readonly log: NamelessFile
  readonly logPlace: string
  /** Milliseconds that the audit may take. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** Gets the auditor's end, which may come after that of the audit. */
  readonly later: (work: Promise<unknown>) => void
}

/** Long enough for the deepest stack: what went wrong stands above it. */
const TAIL_BYTES = 64 * 1024

/** The auditor's first descriptor behind the three that all programs have. */
const RESULTS = '/dev/fd/3'

/**
 * Runs the auditor over one target and returns its JSON as it wrote it: into a file of ours that it knows by a descriptor alone, for whatever has a path could be
 * replaced by what it audits with. An auditor whose time is over, or that is not wanted any more, is not waited for. Throws TIMED_OUT, AUDITOR_FAILED,
 * RESULTS_UNREADABLE or the signal's reason.
 */
export const audit = async (job: AuditJob): Promise<Buffer> => {
  const home = await prepareHome(job)
  using results = namelessFile(job.folder)
  const { ended, cut } = execute(job, home, results)
  job.later(ended)
  return resultsOf(job, await Promise.race([ended, cut]), results)
}

const resultsOf = (job: AuditJob, { ended, tail }: Executed, results: NamelessFile): Buffer => {
  job.signal.throwIfAborted()
  if (ended.reason === 'timed-out')
    throw new ScanError('TIMED_OUT', `The audit of ${job.identity} did not end within ${job.timeout / 1000} s`, {
      hint: 'Raise scan-timeout, or choose fewer controls.'
    })
  const failure = auditorFailure(ended, tail, job.logPlace)
  if (failure !== undefined) throw failure
  const size = results.size()
  if (size > 0 && size <= RESULTS_BYTES) return results.head(size)
  const what = size === 0 ? 'without results' : `with results of more than ${RESULTS_BYTES} bytes`
  throw new ScanError('RESULTS_UNREADABLE', `The auditor ended ${what} (exit ${ended.exitCode})`, { hint: `Its output is in ${job.logPlace}.` })
}

/** An empty HOME, and the plugin's registration where the auditor looks for it. */
const prepareHome = async (job: AuditJob): Promise<string> => {
  const home = join(job.folder, 'home')
  for (const folder of [home, join(home, 'config')]) await mkdir(folder, { mode: 0o700 })
  const plugins = {
    plugins_config_version: '1.0.0',
    plugins: [{ name: 'train-kscan', installation_type: 'path', installation_path: join(job.plugin, 'train-kscan', 'lib', 'train-kscan.rb') }]
  }
  await writeFile(join(home, 'config', 'plugins.json'), JSON.stringify(plugins), { flag: 'wx', mode: 0o600 })
  return home
}

interface Executed {
  readonly ended: Ending
  /** The last that it printed. */
  readonly tail: string
}

/** `cut`: settled as soon as it is known that it is to end. */
const execute = (job: AuditJob, home: string, results: NamelessFile): { ended: Promise<Executed>; cut: Promise<Executed> } => {
  const cut = Promise.withResolvers<Executed>()
  return {
    ended: finish(job, { home, results, onCut: (reason) => cut.resolve({ ended: { reason, exitCode: null, signal: null }, tail: '' }) }),
    cut: cut.promise
  }
}

const finish = async (
  job: AuditJob,
  { home, results, onCut }: { home: string; results: NamelessFile; onCut: NonNullable<Job['onCut']> }
): Promise<Executed> => {
  const log = logInto(job.log)
  let tail = ''
  const task = {
    file: job.command.file,
    args: [...job.command.args, ...auditArguments(job)],
    env: { ...job.env, HOME: home, TMPDIR: home, INSPEC_CONFIG_DIR: join(home, 'config'), LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
    cwd: home,
    ownHome: true,
    stdin: JSON.stringify(configuration(job)),
    descriptors: [results.descriptor],
    timeout: job.timeout,
    signal: job.signal,
    onCut: (reason: 'aborted' | 'timed-out') => {
      log.end()
      onCut(reason)
    },
    onOutput: (chunk: Buffer) => {
      log.write(chunk)
      tail = (tail + chunk.toString('utf8')).slice(-TAIL_BYTES)
    }
  }
  try {
    return { ended: await job.isolation.run(task, job.folder), tail }
  } finally {
    log.end()
  }
}

/** Lists swallow what follows them, so that each is followed by another option, and the profiles come first. */
export const auditArguments = (job: Pick<AuditJob, 'profiles' | 'inputFiles' | 'waiverFiles' | 'controls' | 'tags'>): string[] => {
  const list = (option: string, values: readonly string[]): string[] => (values.length === 0 ? [] : [option, ...values])
  return [
    'exec',
    ...job.profiles,
    ...list('--input-file', job.inputFiles),
    ...list('--waiver-file', job.waiverFiles),
    ...list('--controls', job.controls),
    ...list('--tags', job.tags),
    '--target=kscan://target',
    '--config=-',
    `--reporter=json:${RESULTS}`,
    '--no-create-lockfile',
    '--no-color'
  ]
}

const configuration = (job: AuditJob): unknown => ({
  version: '1.2',
  cli_options: {},
  credentials: { kscan: { target: { socket: job.broker.socket, token: job.broker.token.reveal(), identity: job.identity } } }
})
