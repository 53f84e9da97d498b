import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, ScanError } from '../kernel/error.ts'
import { type Ended, run } from '../process/run.ts'
import type { Broker } from './broker.ts'
import { auditorFailure } from './exit-code.ts'

export interface AuditJob {
  /** argv prefix of the auditor; `exec` and what follows is appended. */
  readonly command: { readonly file: string; readonly args: readonly string[] }
  /** The allow-listed environment: PATH, locale, proxies. Nothing of the cluster, the cloud or the CI system. */
  readonly env: Readonly<Record<string, string>>
  /** Folder of the train plugin. */
  readonly plugin: string
  /** A private folder of this target's audit; holds HOME, configuration and results. */
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
  readonly logFile: string
  readonly logPlace: string
  /** Milliseconds that the audit may take. */
  readonly timeout: number
  readonly signal: AbortSignal
}

/** Long enough for the deepest stack: what went wrong stands above it. */
const TAIL_BYTES = 64 * 1024

/** Runs the auditor over one target and returns its JSON as it wrote it. Throws TIMED_OUT, AUDITOR_FAILED or RESULTS_UNREADABLE. */
export const audit = async (job: AuditJob): Promise<Buffer> => {
  const home = await prepareHome(job)
  const results = join(job.folder, `${randomBytes(6).toString('hex')}.json`)
  const { ended, tail } = await execute(job, home, results)
  job.signal.throwIfAborted()
  if (ended.reason === 'timed-out')
    throw new ScanError('TIMED_OUT', `The audit of ${job.identity} did not end within ${job.timeout / 1000} s`, {
      hint: 'Raise scan-timeout, or choose fewer controls.'
    })
  const failure = auditorFailure(ended, tail, job.logPlace)
  if (failure !== undefined) throw failure
  try {
    return await readFile(results)
  } catch (error) {
    throw new ScanError('RESULTS_UNREADABLE', `The auditor ended without results (exit ${ended.exitCode}): ${messageOf(error)}`, {
      cause: error,
      hint: `Its output is in ${job.logPlace}.`
    })
  }
}

/** An empty HOME, and the plugin's registration where the auditor looks for it. */
const prepareHome = async (job: AuditJob): Promise<string> => {
  const home = join(job.folder, 'home')
  await mkdir(join(home, 'config'), { recursive: true, mode: 0o700 })
  const plugins = {
    plugins_config_version: '1.0.0',
    plugins: [{ name: 'train-kscan', installation_type: 'path', installation_path: join(job.plugin, 'train-kscan', 'lib', 'train-kscan.rb') }]
  }
  await writeFile(join(home, 'config', 'plugins.json'), JSON.stringify(plugins), { mode: 0o600 })
  return home
}

const execute = async (job: AuditJob, home: string, results: string): Promise<{ ended: Ended; tail: string }> => {
  const log = createWriteStream(job.logFile, { flags: 'a', mode: 0o600 })
  log.on('error', () => {}) // a full disk: the reports say so, and their last lines are kept here too
  let tail = ''
  const ended = await run({
    file: job.command.file,
    args: [...job.command.args, ...auditArguments(job, results)],
    env: { ...job.env, HOME: home, INSPEC_CONFIG_DIR: join(home, 'config'), LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
    cwd: home,
    stdin: JSON.stringify(configuration(job)),
    timeout: job.timeout,
    signal: job.signal,
    onOutput: (chunk) => {
      log.write(chunk)
      tail = (tail + chunk.toString('utf8')).slice(-TAIL_BYTES)
    }
  })
  await new Promise((resolve) => log.end(resolve)) // also called after an error
  return { ended, tail }
}

/** Lists swallow what follows them, so that each is followed by another option, and the profiles come first. */
export const auditArguments = (job: Pick<AuditJob, 'profiles' | 'inputFiles' | 'waiverFiles' | 'controls' | 'tags'>, results: string): string[] => {
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
    `--reporter=json:${results}`,
    '--no-create-lockfile',
    '--no-color'
  ]
}

const configuration = (job: AuditJob): unknown => ({
  version: '1.2',
  cli_options: {},
  credentials: { kscan: { target: { socket: job.broker.socket, token: job.broker.token.reveal(), identity: job.identity } } }
})
