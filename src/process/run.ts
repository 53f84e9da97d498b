import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { types } from 'node:util'
import { endFamily, endStragglers, type Trace, traceOf } from './stragglers.ts'

/** What to start. `env` is the whole environment of the program: nothing is inherited. */
export interface Job {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /**
   * It may run what nobody knows, in a HOME that is no other program's: what it leaves behind is ended with it, whatever that did to get away. Of others (an
   * engine's) something may be meant to stay.
   */
  readonly ownHome?: boolean
  readonly cwd?: string
  readonly stdin?: string
  /** Files of ours that the program gets as its descriptors 3, 4 and so on. */
  readonly descriptors?: readonly number[]
  /** Milliseconds; after it the whole process group is ended. */
  readonly timeout?: number
  readonly signal?: AbortSignal
  /** Ends it and all that it has started, where there is a way to do so at once. It must not throw. */
  readonly endAll?: () => void
  /** Called when its time is over or the signal is aborted: its end is then sure, and takes up to three seconds more. */
  readonly onCut?: (why: 'timed-out' | 'aborted') => void
  /** Gets each piece of output as it comes; without it the output is collected. */
  readonly onOutput?: (chunk: Buffer, from: 'stdout' | 'stderr') => void
}

export type EndReason = 'exited' | 'killed' | 'timed-out' | 'aborted' | 'not-started'

export interface Ended {
  readonly reason: EndReason
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** At most 4 MiB of each; the rest is dropped. */
  readonly stdout: string
  readonly stderr: string
  /** Why it did not start; only with `not-started`. */
  readonly error?: Error
  readonly milliseconds: number
}

const KEPT_BYTES = 4 * 1024 * 1024
/** How long a process group has between SIGTERM and SIGKILL. */
const GRACE_MS = 1500
/** How long the kernel may take with one that was killed. */
const KILLED_MS = 1000
/** What a program has printed is read until nothing has come for so long, or for so long in all: others may hold its pipes for ever. */
const QUIET_MS = 250
const DRAIN_MS = 1000

/**
 * Runs one program without a shell, in a process group of its own, and never throws: how it ended is a value. Once the program itself has ended, no other that
 * holds its pipes is waited for longer than a second.
 */
export const run = async (job: Job): Promise<Ended> => {
  const begun = performance.now()
  const child = start(job)
  if ('message' in child) return { reason: 'not-started', exitCode: null, signal: null, stdout: '', stderr: '', error: child, milliseconds: 0 }
  const trace = traceOf(child.pid, job.ownHome === true ? job.env['HOME'] : undefined)
  const stdout = collect(child.stdout, 'stdout', job)
  const stderr = collect(child.stderr, 'stderr', job)
  child.stdin?.on('error', () => {}) // a program that does not read its input closes it: not a failure of ours
  child.stdin?.end(job.stdin ?? '')
  const ending = endOn(child, job, trace)
  const how = await Promise.race([endOf(child), ending.lost])
  ending.stop()
  const cut = ending.reason()
  await endRest(child, { job, trace, cut })
  if (cut === undefined) await drained([child.stdout, child.stderr].filter((stream) => stream !== null))
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy()
  child.unref()
  return { reason: reasonOf(how, cut), ...how, stdout: stdout(), stderr: stderr(), milliseconds: performance.now() - begun }
}

/** Node throws some of the reasons why a program cannot be started, such as arguments that are too long, and tells of others later. */
const start = (job: Job): ChildProcess | Error => {
  try {
    return spawn(job.file, [...job.args], {
      env: { ...job.env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', ...(job.descriptors ?? [])],
      ...(job.cwd === undefined ? {} : { cwd: job.cwd })
    })
  } catch (error) {
    return types.isNativeError(error) ? error : new Error('it could not be started')
  }
}

const reasonOf = ({ error, signal }: How, cut: EndReason | undefined): EndReason => {
  if (error !== undefined) return 'not-started'
  return cut ?? (signal === null ? 'exited' : 'killed')
}

interface Rest {
  readonly job: Job
  readonly trace: Trace | undefined
  readonly cut: EndReason | undefined
}

const endRest = async (child: ChildProcess, { job, trace, cut }: Rest): Promise<void> => {
  job.endAll?.()
  if (job.ownHome !== true && cut === undefined) return
  signalGroup(child, 'SIGKILL')
  if (trace !== undefined) await endStragglers(trace)
}

type How = Pick<Ended, 'exitCode' | 'signal' | 'error'>

const endOf = (child: ChildProcess): Promise<How> =>
  new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ exitCode: null, signal: null, error })
    })
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })

const collect = (stream: Readable | null, from: 'stdout' | 'stderr', job: Job): (() => string) => {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('error', () => {})
  stream?.on('data', (chunk: Buffer) => {
    if (job.onOutput !== undefined) return job.onOutput(chunk, from)
    if (size < KEPT_BYTES) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8').slice(0, KEPT_BYTES)
}

/** Until its output has ended, or is not worth waiting for. */
const drained = (streams: readonly Readable[]): Promise<void> =>
  new Promise((resolve) => {
    let open = streams.filter((stream) => !stream.closed).length
    const done = (): void => {
      clearTimeout(limit)
      clearTimeout(quiet)
      resolve()
    }
    const limit = setTimeout(done, DRAIN_MS)
    const quiet = setTimeout(done, QUIET_MS)
    for (const stream of streams) {
      stream.on('data', () => quiet.refresh())
      stream.once('close', () => {
        open -= 1
        if (open === 0) done()
      })
    }
    if (open === 0) done()
  })

interface Ending {
  readonly stop: () => void
  readonly reason: () => EndReason | undefined
  /** It was killed, and even so does not end. */
  readonly lost: Promise<How>
}

/** Ends the group at the timeout or when the signal is aborted, first kindly, then for good. */
const endOn = (child: ChildProcess, job: Job, trace: Trace | undefined): Ending => {
  const { promise: lost, resolve } = Promise.withResolvers<How>()
  let reason: EndReason | undefined
  let killer: NodeJS.Timeout | undefined
  const kill = (): void => {
    job.endAll?.()
    if (trace !== undefined) endFamily(trace)
    signalGroup(child, 'SIGKILL')
    killer = setTimeout(() => resolve({ exitCode: null, signal: 'SIGKILL' }), KILLED_MS)
  }
  const end = (why: 'timed-out' | 'aborted'): void => {
    if (reason !== undefined) return
    reason = why
    job.onCut?.(why)
    signalGroup(child, 'SIGTERM')
    killer = setTimeout(kill, GRACE_MS)
  }
  const timer = job.timeout === undefined ? undefined : setTimeout(() => end('timed-out'), job.timeout)
  const abort = (): void => end('aborted')
  job.signal?.addEventListener('abort', abort, { once: true })
  if (job.signal?.aborted === true) abort()
  const stop = (): void => {
    clearTimeout(timer)
    clearTimeout(killer)
    job.signal?.removeEventListener('abort', abort)
  }
  return { stop, reason: () => reason, lost }
}

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // the group has already ended
  }
}
