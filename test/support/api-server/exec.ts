import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { Place } from './pod.ts'

export const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

export interface ExecRequest {
  readonly pod: string
  readonly argv: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly place: Place
}

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const
const FRAME_BYTES = 32 * 1024

/** Runs the program and joins it to the socket as the kubelet does; undefined when there was nothing to start. The program is the head of a process group. */
export const joinProgram = (socket: WebSocket, request: ExecRequest): ChildProcess | undefined => {
  socket.send(Buffer.of(CHANNEL.stdout)) // the server's word that it is ready
  const problem = cannotStart(request)
  if (problem !== undefined) {
    finish(socket, internalError(problem))
    return undefined
  }
  const [file = '', ...args] = request.place.wrap?.(request.argv) ?? request.argv
  const pipe = (wanted: boolean): 'pipe' | 'ignore' => (wanted ? 'pipe' : 'ignore')
  const child = spawn(file, args, {
    cwd: request.place.cwd ?? '/',
    env: environmentOf(request),
    detached: true,
    stdio: [pipe(request.stdin), pipe(request.stdout), pipe(request.stderr)]
  })
  send(child.stdout, CHANNEL.stdout, socket)
  send(child.stderr, CHANNEL.stderr, socket)
  receive(socket, child)
  let failed: string | undefined
  child.once('error', (error) => (failed = notStarted(file, error.message)))
  // after both pipes have ended: a background writer keeps the stream open
  child.once('close', (code, signal) =>
    finish(socket, failed === undefined ? exitStatus(code ?? 128 + (signal === null ? 0 : constants.signals[signal])) : internalError(failed))
  )
  return child
}

/** Ends a stream that the server has accepted and its node has not. */
export const failStream = (socket: WebSocket, problem: string): undefined => {
  const message = `unable to upgrade connection: ${problem}`
  const details = { causes: [{ message }] }
  finish(socket, { metadata: {}, status: 'Failure', message: `Internal error occurred: ${message}`, reason: 'InternalError', details, code: 500 })
}

const environmentOf = ({ pod, place }: ExecRequest): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  HOSTNAME: pod,
  ...place.env
})

/** Output goes out piece by piece; what the socket has not yet taken is not read from the program. */
const send = (from: Readable | null, channel: number, socket: WebSocket): void => {
  from?.on('data', (chunk: Buffer) => {
    from.pause()
    for (let at = 0; at < chunk.length; at += FRAME_BYTES) {
      const last = at + FRAME_BYTES >= chunk.length
      // a socket that is gone calls back with an error: the program's output is then read and dropped
      socket.send(Buffer.concat([Buffer.of(channel), chunk.subarray(at, at + FRAME_BYTES)]), () => void (last && from.resume()))
    }
  })
}

/** Input of the client; the program goes on when the client is gone, at the end of its input. */
const receive = (socket: WebSocket, child: ChildProcess): void => {
  const { stdin } = child
  socket.once('close', () => void stdin?.end())
  if (stdin === null) return
  stdin.on('error', () => {}) // a program that does not read its input closes it
  stdin.on('drain', () => socket.resume())
  socket.on('message', (data) => {
    const message = bytesOf(data)
    if (message[0] === CHANNEL.stdin && stdin.writable && !stdin.write(message.subarray(1))) socket.pause()
    if (message[0] === CHANNEL.close && message[1] === CHANNEL.stdin && socket.protocol === PROTOCOLS[0]) stdin.end()
  })
}

const bytesOf = (data: RawData): Buffer => {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? Buffer.from(data) : data
}

const finish = (socket: WebSocket, status: unknown): void => {
  socket.send(Buffer.concat([Buffer.of(CHANNEL.status), Buffer.from(JSON.stringify(status))]), () => socket.close(1000))
  socket.resume() // the client's answer to the close is still to be read
}

const exitStatus = (code: number): unknown => {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] }
  }
}

/** What containerd and runc say, layer by layer. */
const internalError = (problem: string): unknown => {
  const id = randomBytes(32).toString('hex')
  const message = `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: ${problem}`
  return {
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    details: { causes: [{ message }] },
    code: 500
  }
}

const cannotStart = ({ argv, place }: ExecRequest): string | undefined => {
  const [file] = argv
  if (file === undefined) return 'args must not be empty'
  return place.missing?.includes(file) === true ? notStarted(file, 'ENOENT') : undefined
}

const notStarted = (file: string, message: string): string => {
  const why = message.includes('EACCES') ? (isFolder(file) ? 'is a directory' : 'permission denied') : undefined
  const absent = file.includes('/') ? `stat ${file}: no such file or directory` : 'executable file not found in $PATH'
  return `unable to start container process: exec: "${file}": ${why ?? absent}`
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
