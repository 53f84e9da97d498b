import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'

/** What to start. `env` is the whole environment of the program: nothing is inherited. */
export interface Job {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: string
  /** Milliseconds; after it the whole process group is ended. */
  readonly timeout?: number
  readonly signal?: AbortSignal
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

/** Runs one program without a shell, in a process group of its own, and never throws: how it ended is a value. */
export const run = (job: Job): Promise<Ended> => {
  const begun = performance.now()
  const child = spawn(job.file, [...job.args], {
    env: { ...job.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(job.cwd === undefined ? {} : { cwd: job.cwd })
  })
  const stdout = collect(child.stdout, 'stdout', job)
  const stderr = collect(child.stderr, 'stderr', job)
  child.stdin.on('error', () => {}) // a program that does not read its input closes it: not a failure of ours
  child.stdin.end(job.stdin ?? '')
  const ending = endOn(child, job)
  return new Promise((resolve) => {
    const done = (how: Pick<Ended, 'exitCode' | 'signal'> & { error?: Error }): void => {
      ending.stop()
      const reason = how.error !== undefined ? 'not-started' : (ending.reason() ?? (how.signal === null ? 'exited' : 'killed'))
      resolve({ reason, ...how, stdout: stdout(), stderr: stderr(), milliseconds: performance.now() - begun })
    }
    child.once('error', (error) => {
      if (child.pid === undefined) done({ exitCode: null, signal: null, error })
    })
    child.once('close', (exitCode, signal) => done({ exitCode, signal }))
  })
}

const collect = (stream: Readable, from: 'stdout' | 'stderr', job: Job): (() => string) => {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (job.onOutput !== undefined) return job.onOutput(chunk, from)
    if (size < KEPT_BYTES) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8').slice(0, KEPT_BYTES)
}

/** Ends the group at the timeout or when the signal is aborted, first kindly, then for good. */
const endOn = (child: ChildProcess, job: Job): { stop: () => void; reason: () => EndReason | undefined } => {
  let reason: EndReason | undefined
  let killer: NodeJS.Timeout | undefined
  const end = (why: EndReason): void => {
    if (reason !== undefined) return
    reason = why
    signalGroup(child, 'SIGTERM')
    killer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS)
  }
  const timer = job.timeout === undefined ? undefined : setTimeout(() => end('timed-out'), job.timeout)
  const abort = (): void => end('aborted')
  job.signal?.addEventListener('abort', abort, { once: true })
  if (job.signal?.aborted === true) abort()
  const stop = (): void => {
    clearTimeout(timer)
    clearTimeout(killer)
    job.signal?.removeEventListener('abort', abort)
    if (reason !== undefined) signalGroup(child, 'SIGKILL') // what the program left behind in its group
  }
  return { stop, reason: () => reason }
}

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // the group has already ended
  }
}
