import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ScanError } from '../kernel/error.ts'
import { findOnPath } from '../process/find.ts'
import { type Ended, run } from '../process/run.ts'

/** What the caller's own ssh is started with: it runs as the caller does, and talks to hosts that the caller knows. */
export interface SshPorts {
  /** That git may write to. */
  readonly folder: string
  /** PATH, HOME, and the socket of the agent. */
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Asks nobody, trusts no host that is not known, and lends nothing of this machine to the other side. */
const OPTIONS = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'ClearAllForwardings=yes',
  'PermitLocalCommand=no',
  'RequestTTY=no',
  'ConnectTimeout=30',
  'SendEnv=GIT_PROTOCOL'
]

const SSH_MS = 120_000
const KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/**
 * Starts the service of git at the other side of ssh, and gives `work` the name of a folder with two pipes: `answers` has what the service says, `requests` takes what it is
 * told. So git itself stays isolated: it sees no key, no agent and no configuration of ssh. Returns what `work` gives, with what ssh said.
 */
export const withSsh = async <T>(url: string, ports: SshPorts, work: (folder: string) => Promise<T>): Promise<{ done: T; said: string }> => {
  const ssh = await findOnPath('ssh', ports.env['PATH'])
  if (ssh === undefined)
    throw new ScanError('PROFILE_FAILED', 'A profile is to be fetched over ssh, and there is no ssh on PATH', {
      hint: 'Install OpenSSH, or name the profile with git+https://.'
    })
  const folder = mkdtempSync(join(ports.folder, 'ssh-'))
  const stop = new AbortController()
  try {
    await makePipes(folder, ports)
    const args = ['-c', 'folder=$1; shift; exec "$@" <"$folder/requests" >"$folder/answers"', 'sh', folder, ssh, ...sshArguments(url, ports.env)]
    const signal = AbortSignal.any([ports.signal, stop.signal])
    const service = run({ file: '/bin/sh', args, env: { ...ports.env, GIT_PROTOCOL: 'version=2' }, timeout: SSH_MS, signal })
    const done = await work(folder)
    setTimeout(() => stop.abort(), AFTER_MS).unref()
    return { done, said: saidBy(await service) }
  } finally {
    stop.abort()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** ssh ends with git, and not later. */
const AFTER_MS = 2000

const saidBy = ({ stderr, error }: Ended): string => stderr.trim() || (error?.message ?? '')

/** By their names, for a git that had an end of its own would keep the service from ending. */
const makePipes = async (folder: string, { env }: SshPorts): Promise<void> => {
  const made = await run({ file: 'mkfifo', args: ['-m', '600', join(folder, 'answers'), join(folder, 'requests')], env })
  if (made.exitCode !== 0) throw new ScanError('PROFILE_FAILED', `No pipe to ssh can be made: ${made.stderr.trim() || (made.error?.message ?? made.reason)}`)
}

/** Options, host and command. Nothing of it is secret: keys come from the agent, or from files that the caller's configuration names. */
export const sshArguments = (address: string, env: Readonly<Record<string, string>>): string[] => {
  const url = new URL(address)
  const user = url.username === '' ? [] : ['-l', url.username]
  const port = url.port === '' ? [] : ['-p', url.port]
  const path = decodeURIComponent(url.pathname).replace(/^\/~/, '~')
  return [
    ...OPTIONS.flatMap((option) => ['-o', option]),
    ...ownFiles(env),
    ...port,
    ...user,
    '--',
    url.hostname.replace(/^\[|\]$/g, ''),
    `git-upload-pack ${quoted(path)}`
  ]
}

/** A home at its start is the other side's shell to find. */
const quoted = (path: string): string => path.replace(/^(~[\w.-]*\/?)?(.*)$/s, (_, home: string | undefined, rest: string) => `${home ?? ''}'${rest}'`)

/** ssh looks for its files in the home of the user's entry in /etc/passwd, which in jobs and containers is not HOME. */
const ownFiles = (env: Readonly<Record<string, string>>): string[] => {
  const at = (name: string): string => join(env['HOME'] ?? '/', '.ssh', name)
  const isThere = (name: string): boolean => env['HOME'] !== undefined && existsSync(at(name))
  return [
    ...(isThere('config') ? ['-F', at('config')] : []),
    ...(isThere('known_hosts') ? ['-o', `UserKnownHostsFile=${at('known_hosts')}`] : []),
    ...KEYS.filter(isThere).flatMap((name) => ['-o', `IdentityFile=${at(name)}`])
  ]
}
