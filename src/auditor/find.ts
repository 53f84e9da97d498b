import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { messageOf, ScanError } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { printableLine } from '../kernel/name.ts'
import { findOnPath, isProgram } from '../process/find.ts'
import type { Ended } from '../process/run.ts'
import {
  type AuditorOptions,
  type AuditorPorts,
  type AuditorProgram,
  type Candidate,
  EULA_MAJOR,
  isWanted,
  majorOf,
  RUBY_FLAGS,
  RUBY_HEAP,
  unusable
} from './program.ts'

/** In this order: CINC's build is free in every version. */
const NAMES = ['cinc-auditor', 'inspec'] as const
const OLDEST_MAJOR = 5
const PROBE_MS = 10_000

/** Looks for an auditor on PATH: CINC's first, then Chef's. */
export const findAuditor = async (options: AuditorOptions, ports: AuditorPorts): Promise<Candidate> => {
  const reasons: string[] = []
  for (const name of NAMES) {
    const file = await findOnPath(name, options.env['PATH'])
    const candidate = file === undefined ? unusable(`${name}: not found on PATH`) : await probe({ file, source: 'path' }, options, ports)
    if (candidate.kind === 'usable') return candidate
    reasons.push(...candidate.reasons)
  }
  return unusable(...reasons)
}

/** Judges the program that the user named. */
export const givenAuditor = async (file: string, options: AuditorOptions, ports: AuditorPorts): Promise<Candidate> =>
  (await isProgram(file))
    ? await probe({ file, source: 'given' }, options, ports)
    : unusable(`${file}: ${existsSync(file) ? 'it is no program: a folder, or not executable' : 'it does not exist'}`)

interface Found {
  readonly file: string
  /** Before its own arguments. */
  readonly args?: readonly string[]
  /** What it is to people and by its name; `file` where that is it. */
  readonly named?: string
  readonly source: 'path' | 'given' | 'cinc'
}

type Ask = (verb: string) => Promise<Ended>

/** Asks a program for its version with an empty HOME, so that nothing of the user's is read or written. */
export const probe = async (found: Found, options: AuditorOptions, ports: AuditorPorts): Promise<Candidate> => {
  const home = await makeHome(found.file, options)
  const env = { ...options.env, HOME: home, RUBYOPT: RUBY_FLAGS.join(' ') }
  const ask: Ask = async (verb) =>
    await ports.run({ file: found.file, args: [...(found.args ?? []), verb], env, cwd: home, ownHome: true, timeout: PROBE_MS, signal: options.signal })
  try {
    return await judge({ ...found, file: found.named ?? found.file }, ask, options.version)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Among the tools, so that nothing of a run that is killed stays in TMPDIR; there only where the tools may not be written, as in an image. */
const makeHome = async (file: string, { toolFolder, env }: AuditorOptions): Promise<string> => {
  try {
    makeFolder(toolFolder, 0o700)
    return await mkdtemp(join(toolFolder, 'home-'))
  } catch {
    return await mkdtemp(join(env['TMPDIR'] ?? tmpdir(), 'kscan-home-')).catch((error: unknown) => {
      throw new ScanError('AUDITOR_MISSING', `${file} cannot be asked for its version: no folder can be made in TMPDIR: ${messageOf(error)}`, {
        cause: error,
        hint: 'Set TMPDIR to a folder that this user may write to.'
      })
    })
  }
}

const judge = async (found: Found, ask: Ask, wanted: string | undefined): Promise<Candidate> => {
  const ended = await ask('version')
  const version = versionIn(ended)
  if (version === undefined) return unusable(`${found.file}: ${describe(ended)}`)
  if (majorOf(version) < OLDEST_MAJOR) return unusable(`${found.file}: version ${version} is too old, ${OLDEST_MAJOR} is the oldest supported`)
  if (!isWanted(version, wanted)) return unusable(`${found.file}: version ${version}, but auditor-version asks for ${wanted}`)
  const product = await productOf(found.file, version, ask)
  if (product === undefined)
    return unusable(`${found.file}: version ${version} is Chef's own build, which from ${EULA_MAJOR} on runs only under the Chef EULA with a license key`)
  return { kind: 'usable', program: programOf(found, product, version) }
}

export const programOf = (found: Pick<Found, 'file' | 'source'>, product: string, version: string): AuditorProgram => ({
  source: found.source,
  product,
  version,
  command: { file: found.file, args: [] },
  env: { ...RUBY_HEAP, RUBYOPT: RUBY_FLAGS.join(' ') }
})

/** Undefined for Chef's own build under its EULA. A program of another name is asked by what name its help calls it: CINC's package also brings an `inspec`. */
const productOf = async (file: string, version: string, ask: Ask): Promise<string | undefined> => {
  if (basename(file) === 'cinc-auditor') return 'CINC Auditor'
  if (majorOf(version) < EULA_MAJOR) return 'InSpec'
  const help = (await ask('help')).stdout
  return /^\s*(\S+) exec\b/m.exec(help)?.[1] === 'cinc-auditor' ? 'CINC Auditor' : undefined
}

const versionIn = (ended: Ended): string | undefined =>
  ended.reason === 'exited' && ended.exitCode === 0 ? /^\s*v?(\d+\.\d+\.\d+[-.\w]*)\s*$/m.exec(ended.stdout)?.[1] : undefined

const describe = (ended: Ended): string => {
  if (ended.reason === 'timed-out') return `\`version\` did not answer within ${PROBE_MS / 1000} s`
  if (ended.reason === 'not-started') return `could not be started: ${ended.error?.message}`
  if (ended.exitCode === 0) return `\`version\` printed no version: ${printableLine(ended.stdout, 120)}`
  return `\`version\` ended with ${ended.exitCode ?? ended.signal}: ${printableLine(ended.stderr || ended.stdout, 200)}`
}
