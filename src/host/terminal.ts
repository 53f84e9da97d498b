import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { showDuration } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { inert, printableLine } from '../kernel/name.ts'
import { Redactor } from '../kernel/secret.ts'
import type { Host, Progress } from './host.ts'

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly verbose: boolean
  /** Log and progress go to stderr, so that stdout holds results only. */
  readonly stderr: NodeJS.WriteStream
  readonly stdout: NodeJS.WriteStream
}

/** Prefix of inputs in the environment: `KSCAN_POD` is `pod`. */
const PREFIX = 'KSCAN_'

/** A person's terminal, or any CI system without a face of its own. */
export const terminalHost = (options: TerminalOptions): Host => {
  const redactor = new Redactor()
  const { env, stderr } = options
  const put = (line: string): void => void stderr.write(`${inert(redactor.redact(line))}\n`)
  return {
    name: 'terminal',
    env,
    log: terminalLog(put, options.verbose),
    inputs: () => environmentInputs(env),
    journalFolder: join(env['XDG_STATE_HOME'] || join(home(env), '.local', 'state'), 'kscan'),
    toolFolder: join(env['XDG_CACHE_HOME'] || join(home(env), '.cache'), 'kscan'),
    tempFolder: env['TMPDIR'] || tmpdir(),
    owner: userName(),
    trusted: true,
    uploadByDefault: false,
    width: stderr.isTTY ? stderr.columns : undefined,
    phase: async (title, work) => {
      const begun = performance.now()
      const result = await work()
      put(`✓ ${title} (${showDuration(performance.now() - begun)})`)
      return result
    },
    mask: (secret) => redactor.add(secret),
    secrets: () => redactor.secrets(),
    remember: () => {},
    setOutput: () => {},
    summary: () => Promise.resolve(),
    annotate: () => {},
    upload: () => Promise.resolve(undefined),
    progress: stderr.isTTY ? lineAControl(put) : quietCount(put),
    print: (text) => void options.stdout.write(`${inert(redactor.redact(text))}\n`)
  }
}

const home = (env: TerminalOptions['env']): string => env['HOME'] || homedir()

const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // a uid without an entry in passwd, as in many CI containers
  }
}

const terminalLog = (put: (line: string) => void, verbose: boolean): Log => ({
  info: put,
  warn: (line) => put(`warning: ${line}`),
  error: (line) => put(`error: ${line}`),
  debug: (line) => {
    if (verbose) put(`debug: ${line}`)
  }
})

export const environmentInputs = (env: TerminalOptions['env']): ReturnType<Host['inputs']> => {
  const inputs: ReturnType<Host['inputs']> = new Map()
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(PREFIX) && value !== undefined && value !== '')
      inputs.set(name.slice(PREFIX.length).toLowerCase().replaceAll('_', '-'), { value, origin: 'environment' })
  }
  return inputs
}

const MARK = { passed: '✓', failed: '✗', pending: '-' } as const

/** One line for each control, when its last check has ended: seen when the next one begins. */
const lineAControl = (put: (line: string) => void): ((progress: Progress) => void) => {
  const seen = new Map<string, Progress['status']>()
  return ({ control, status, done, total }) => {
    const before = seen.get(control)
    if (before === undefined || (before !== 'failed' && status === 'failed'))
      put(`  ${MARK[status]} ${printableLine(control, 100)}  [${done}${total === undefined ? '' : `/${total}`}]`)
    if (before !== 'failed') seen.set(control, status)
  }
}

/** A line now and then: enough to see that it goes on. */
export const quietCount = (put: (line: string) => void): ((progress: Progress) => void) => {
  let last = performance.now()
  return ({ target, done, total }) => {
    if (performance.now() - last < 5000) return
    last = performance.now()
    put(`  ${target}: ${done}${total === undefined ? '' : ` of ${total}`} checks`)
  }
}
