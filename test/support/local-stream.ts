import { spawn } from 'node:child_process'
import type { ExecStream, StreamEvents } from '../../src/session/stream.ts'

/** A shell of this machine in place of one in a container. */
export const localStream =
  (file: string, args: readonly string[] = []) =>
  async (events: StreamEvents): Promise<ExecStream> => {
    const child = spawn(file, [...args], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    let heard = Date.now()
    child.stdout.on('data', (chunk: Buffer) => {
      heard = Date.now()
      events.onOutput('stdout', chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => events.onOutput('stderr', chunk))
    child.stdin.on('error', () => {})
    child.once('close', (code, signal) => events.onEnd(signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'lost', message: `ended by ${signal}` }))
    // in the words of a container runtime
    child.once('error', () => events.onEnd({ kind: 'failed', message: `exec: "${file}": stat ${file}: no such file or directory` }))
    return {
      write: (bytes) => void child.stdin.write(bytes),
      endInput: () => {
        child.stdin.end()
        return true
      },
      pause: () => void child.stdout.pause(),
      resume: () => void child.stdout.resume(),
      ping: () => (heard = Date.now()),
      lastHeard: () => heard,
      close: () => child.stdin.end()
    }
  }

/** The yardstick: the command by argv, stdin /dev/null, both pipes read to their end. */
export const byArgv = (file: string, args: readonly string[]): Promise<{ stdout: Buffer; stderr: Buffer; status: number }> =>
  new Promise((resolve) => {
    const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.once('close', (code, signal) =>
      resolve({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), status: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0) })
    )
  })

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 }
