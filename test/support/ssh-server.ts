import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const SSHD = '/usr/sbin/sshd'

export interface SshServer {
  readonly port: number
  readonly user: string
  /** A home whose `.ssh` knows the host and has the key. */
  readonly home: string
  /** What the server logged. */
  log(): string
  close(): Promise<void>
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const answers = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  const done = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false)
  socket.destroy()
  return done
}

/** A real sshd on this machine's loopback, for this user and one key. */
export const startSshServer = async (): Promise<SshServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-sshd-'))
  const home = join(folder, 'home')
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const key = (name: string, path: string): void => void execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path])
  key('host', join(folder, 'host'))
  key('user', join(home, '.ssh', 'id_ed25519'))
  const port = await freePort()
  const authorized = join(folder, 'authorized_keys')
  writeFileSync(authorized, readFileSync(join(home, '.ssh', 'id_ed25519.pub')), { mode: 0o600 })
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${authorized}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'AcceptEnv GIT_PROTOCOL',
    'PidFile none',
    'LogLevel VERBOSE'
  ]
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`)
  writeFileSync(join(home, '.ssh', 'known_hosts'), `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`)
  const child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  for (let look = 0; look < 200 && !(await answers(port)); look += 1) await sleep(50)
  if (!(await answers(port))) throw new Error(`sshd does not answer: ${log}`)
  const close = async (): Promise<void> => {
    const ended = once(child, 'exit')
    if (child.exitCode === null && child.kill()) await ended
    if (existsSync(folder)) rmSync(folder, { recursive: true })
  }
  return { port, user: userInfo().username, home, log: () => log, close }
}
