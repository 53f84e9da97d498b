import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Ran {
  readonly code: number | null
  /** By which it was ended, where it was. */
  readonly endedBy?: NodeJS.Signals | undefined
  readonly stdout: string
  readonly stderr: string
  /** The folder in which it ran; reports are in kscan-reports. */
  readonly folder: string
  /** From the start, or from the first signal, to the end. */
  readonly milliseconds: number
}

/** A run under way. */
export interface Running {
  readonly folder: string
  readonly ended: Promise<Ran>
  readonly pid: number
  /** Resolves when stderr has that text; rejects when the run ends without. */
  until(text: string): Promise<void>
  signal(name: NodeJS.Signals): void
}

export interface Place {
  /** A folder of an earlier run: its journals are found. */
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Where the auditor is kept between runs and tests of one user. */
export const TOOLS = process.env['XDG_CACHE_HOME'] ?? join(tmpdir(), `kscan-e2e-cache-${process.getuid?.() ?? ''}`)

/** The built command line, in a fresh folder with an empty HOME; the auditor's folder is kept between runs. */
export const startCommandLine = (args: readonly string[], { folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-')), env = {} }: Place): Running => {
  mkdirSync(join(folder, 'tmp'), { recursive: true })
  const child = spawn(process.execPath, [join(process.cwd(), 'dist', 'cli.js'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: join(folder, 'tmp'), XDG_CACHE_HOME: TOOLS, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let begun = performance.now()
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ran>((resolve) =>
    child.once('close', (code, endedBy) => resolve({ code, endedBy: endedBy ?? undefined, stdout, stderr, folder, milliseconds: performance.now() - begun }))
  )
  const until = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => void (stderr.includes(text) && resolve())
      child.stderr.on('data', look)
      child.once('close', () => reject(new Error(`it ended before it said ${text}: ${stderr}`)))
      look()
    })
  const signal = (name: NodeJS.Signals): void => {
    begun = performance.now()
    child.kill(name)
  }
  return { folder, ended, pid: child.pid ?? 0, until, signal }
}

/** What a run left on this machine: journals and private folders. */
export const leftHere = ({ folder }: Pick<Ran, 'folder'>): string[] =>
  [join(folder, 'tmp'), join(folder, '.local', 'state', 'kscan')].flatMap((path) => (existsSync(path) ? readdirSync(path) : []))
