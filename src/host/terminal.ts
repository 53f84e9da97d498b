import { tmpdir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { showDuration } from '../kernel/clock.ts'
import { GITLAB_VARIABLE } from '../kernel/identity.ts'
import type { Log } from '../kernel/log.ts'
import { inert, printableLine } from '../kernel/name.ts'
import { Redactor } from '../kernel/redact/redactor.ts'
import type { Mark } from '../kernel/tone.ts'
import { paintMarks, showsColour } from './colour.ts'
import { whyUntrusted } from './event.ts'
import type { Host, Progress } from './host.ts'
import { inJob, workspaceOf } from './job.ts'

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly verbose: boolean
  /** Results, warnings and errors only. */
  readonly quiet?: boolean
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
  const safe = (text: string): string => inert(redactor.redact(text))
  const put = writer(stderr, env, safe)
  const tell: Put = options.quiet === true ? () => {} : put
  return {
    name: 'terminal',
    env,
    log: terminalLog({ put, tell }, options.verbose),
    inputs: () => environmentInputs(env),
    journalFolder: join(absolute(env['XDG_STATE_HOME']) ?? join(homeOf(env), '.local', 'state'), 'kscan'),
    toolFolder: join(absolute(env['XDG_CACHE_HOME']) ?? join(homeOf(env), '.cache'), 'kscan'),
    tempFolder: env['TMPDIR'] || tmpdir(),
    workspace: workspaceOf(env),
    inJob: inJob(env),
    owner: userName(),
    untrusted: whyUntrusted(env),
    uploadByDefault: false,
    width: stderr.isTTY ? stderr.columns : undefined,
    phase: async (title, work) => {
      const begun = performance.now()
      const result = await work()
      tell(` ${title} (${showDuration(performance.now() - begun)})`, MARK.passed)
      return result
    },
    mask: (secret) => redactor.add(secret),
    secrets: () => redactor.secrets(),
    remember: () => {},
    setOutput: () => {},
    summary: () => Promise.resolve(),
    annotate: () => {},
    upload: () => Promise.resolve(undefined),
    progress: stderr.isTTY ? lineAControl(tell) : quietCount(tell),
    say: printer(stderr, env, safe),
    print: printer(options.stdout, env, safe)
  }
}

/** Relative ones depend on where we stand, which may be somebody's commit. */
const absolute = (path: string | undefined): string | undefined => (path !== undefined && isAbsolute(path) ? path : undefined)

/** The user's own folder; where nobody knows one `/`, as containers have it: what only root can write to is no place that others could have prepared. */
export const homeOf = (env: TerminalOptions['env']): string => absolute(env['HOME']) ?? absolute(homeInPasswd()) ?? '/'

const homeInPasswd = (): string | undefined => {
  try {
    return userInfo().homedir
  } catch {
    return undefined // a uid without an entry
  }
}

const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'unknown' // a uid without an entry in passwd, as in many CI containers
  }
}

/** Writes a line; `mark` is what stands before it. */
type Put = (line: string, mark?: Mark) => void

/** Colours come only after the line was made safe: text from outside can bring none. */
const writer = (stream: NodeJS.WriteStream, env: TerminalOptions['env'], safe: (text: string) => string): Put => {
  const colour = showsColour(stream, env)
  return (line, mark) => {
    const text = safe(`${mark?.text ?? ''}${line}`)
    stream.write(`${colour && mark !== undefined ? paintMarks(text, [mark]) : text}\n`)
  }
}

const printer = (stream: NodeJS.WriteStream, env: TerminalOptions['env'], safe: (text: string) => string): Host['print'] => {
  const colour = showsColour(stream, env)
  return (text, marksOf = () => []) => {
    const lines = safe(text)
    const painted = (): string =>
      lines
        .split('\n')
        .map((line) => paintMarks(line, marksOf(line)))
        .join('\n')
    stream.write(`${colour ? painted() : lines}\n`)
  }
}

const terminalLog = ({ put, tell }: { put: Put; tell: Put }, verbose: boolean): Log => ({
  info: (line) => tell(line),
  warn: (line) => put(` ${line}`, { tone: 'doubtful', text: 'warning:' }),
  error: (line) => put(` ${line}`, { tone: 'bad', text: 'error:' }),
  debug: (line) => {
    if (verbose) put(`debug: ${line}`)
  }
})

export const environmentInputs = (env: TerminalOptions['env']): ReturnType<Host['inputs']> => {
  const inputs: ReturnType<Host['inputs']> = new Map()
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(PREFIX) && name !== GITLAB_VARIABLE && value !== undefined && value !== '')
      inputs.set(name.slice(PREFIX.length).toLowerCase().replaceAll('_', '-'), { value, origin: 'environment' })
  }
  return inputs
}

const MARK = { passed: { tone: 'good', text: '✓' }, failed: { tone: 'bad', text: '✗' }, pending: { tone: 'doubtful', text: '-' } } as const

/** One line for each control, when its last check has ended: seen when the next one begins. */
const lineAControl = (put: Put): ((progress: Progress) => void) => {
  const seen = new Map<string, Progress['status']>()
  return ({ control, status, done, total }) => {
    const before = seen.get(control)
    if (before === undefined || (before !== 'failed' && status === 'failed'))
      put(` ${printableLine(control, 100)}  [${done}${total === undefined ? '' : `/${total}`}]`, { ...MARK[status], text: `  ${MARK[status].text}` })
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
