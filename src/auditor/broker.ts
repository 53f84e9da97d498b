import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { chmod } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, ScanError } from '../kernel/error.ts'
import { Secret } from '../kernel/secret.ts'
import { type Asker, type Evidence, lackOfReading, type Reason, tooMuch } from '../session/evidence.ts'
import type { CommandOutcome } from '../session/command.ts'
import { NO_REGULAR_FILE } from '../session/reading.ts'
import type { Heard, Transcript } from '../session/transcript.ts'
import { askAhead } from './ahead.ts'
import { contentCode, DOCKERENV, factsCode, parseFacts } from './file-facts.ts'
import { type EventRequest, Request, type RequestAsker } from './requests.ts'
import { encodeFrame, FrameDecoder, type WireFrame } from './wire.ts'

/** What the auditor's side reports while it runs. Texts are the profile's: data. */
export type AuditEvent =
  | { readonly kind: 'start'; readonly checks: number }
  | { readonly kind: 'check'; readonly control: string; readonly status: 'passed' | 'failed' | 'pending' }

export interface BrokerOptions {
  /** A private folder (0700) with a path short enough for a socket in it. */
  readonly folder: string
  readonly run: (command: Uint8Array, timeout: number) => Promise<CommandOutcome>
  /** Runs shell code of ours. */
  readonly inspect: (code: Uint8Array, timeout: number) => Promise<CommandOutcome>
  /** Milliseconds; a shorter one that a profile asks for counts. */
  readonly commandTimeout: number
  readonly containerDetection: 'docker' | 'native'
  readonly evidence: Evidence
  /** What was asked of this machine in place of the target: `evidence`, or another one where that is allowed. */
  readonly asides: Evidence
  /** Undefined: none is kept. */
  readonly transcript?: Transcript | undefined
  readonly onEvent: (event: AuditEvent) => void
  /** Called when the auditor asks for more than can be answered: nothing more is. */
  readonly onFailure: (error: ScanError) => void
}

export interface Broker {
  readonly socket: string
  /** Handed to the auditor through its stdin, once. */
  readonly token: Secret
  /** Resolves when all that the auditor has said is noted: its side has ended. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Listens for one connection of the auditor's plugin and answers from the session. Rejects with SESSION_FAILED when it cannot listen. */
export const openBroker = async (options: BrokerOptions): Promise<Broker> => {
  const socket = join(options.folder, 'broker')
  const token = new Secret(randomBytes(32).toString('hex'))
  const answering = { ...options, run: askAhead(options.run, options.commandTimeout) }
  let peer: Socket | undefined
  const server = createServer((connection) => {
    if (peer !== undefined) {
      connection.destroy()
      return
    }
    peer = connection
    server.close() // nobody else is to come
    serve(connection, token, answering)
  })
  await listen(server, socket)
  await chmod(socket, 0o600)
  const close = (): Promise<void> => {
    peer?.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  const settled = async (): Promise<void> => {
    if (peer?.closed === false) await once(peer, 'close')
  }
  return { socket, token, settled, close }
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new ScanError('SESSION_FAILED', `The broker's socket could not be made: ${messageOf(error)}`, { cause: error })))
    server.listen(path, resolve)
  })

/** What the auditor's side may send in all, in bytes: what is noted of it is kept until the verdict. */
const MOST_BYTES = 256 * 1024 * 1024

/** One frame after the other, as the plugin asks; nothing more is read while an answer is not taken. */
const serve = (connection: Socket, token: Secret, options: BrokerOptions): void => {
  const decoder = new FrameDecoder()
  const waiting: WireFrame[] = []
  let [greeted, busy, heard] = [false, false, 0]
  const take = async (frame: WireFrame): Promise<void> => {
    const reply = greeted ? await answer(frame, options) : greet(frame, token)
    greeted = true
    if (reply !== undefined && !connection.write(reply)) await drained(connection)
  }
  const work = async (): Promise<void> => {
    busy = true
    for (let frame = waiting.shift(); frame !== undefined && !connection.destroyed; frame = waiting.shift()) await take(frame)
    busy = false
    connection.resume()
  }
  const fail = (error: unknown): void => {
    connection.destroy() // not our plugin, or not in its senses
    options.onFailure(error instanceof ScanError ? error : new ScanError('SESSION_FAILED', 'The auditor sent what kscan cannot read', { cause: error }))
  }
  connection.on('error', () => {}) // the auditor ended: its exit code tells
  connection.on('data', (chunk: Buffer) => {
    heard += chunk.length
    try {
      if (heard > MOST_BYTES) throw tooMuch()
      waiting.push(...decoder.push(chunk))
      connection.pause()
      if (!busy) work().catch(fail)
    } catch (error) {
      fail(error)
    }
  })
}

const drained = (connection: Socket): Promise<void> =>
  new Promise((resolve) => {
    connection.once('drain', resolve).once('close', resolve)
    if (connection.destroyed) resolve()
  })

const Hello = z.object({ verb: z.literal('hello'), token: z.string(), protocol: z.literal(1), id: z.number() })

const greet = (frame: WireFrame, token: Secret): Buffer => {
  const hello = Hello.parse(frame.header)
  const given = Buffer.from(hello.token)
  const wanted = Buffer.from(token.reveal())
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Error('wrong token')
  return encodeFrame({ id: hello.id })
}

const answer = async (frame: WireFrame, options: BrokerOptions): Promise<Buffer | undefined> => {
  const parsed = Request.safeParse(frame.header)
  if (!parsed.success) return encodeFrame({ id: frame.header['id'], kind: 'refused', message: 'kscan does not know this request' })
  const request = parsed.data
  const payload = frame.sections[0] ?? Buffer.alloc(0)
  if (request.verb === 'event') {
    note(request, options)
    return undefined
  }
  const begun = performance.now()
  const { reply, ...heard } = await ask(request, payload, options)
  options.transcript?.note(heard, performance.now() - begun)
  return reply
}

/** What came of a question, and what the auditor is told of it. */
interface Told extends Heard {
  readonly reply: Buffer
}

const ask = (request: Exclude<Request, { verb: 'event' }>, payload: Buffer, options: BrokerOptions): Promise<Told> => {
  if (request.verb === 'exec')
    return exec(request.id, payload, { ...options, commandTimeout: Math.min(options.commandTimeout, (request.timeout ?? Infinity) * 1000) })
  return request.want === 'facts' ? facts(request.id, payload, options) : content(request.id, payload, options)
}

const note = (request: EventRequest, options: BrokerOptions): void => {
  if (request.event === 'start') return options.onEvent({ kind: 'start', checks: request.checks })
  if (request.event === 'check') return options.onEvent({ kind: 'check', control: request.control, status: request.status })
  if (request.event === 'asked') return options.evidence.asked(request.command, askerOf(request))
  if (request.event === 'ran') return options.evidence.ranBy(request.command, request)
  const { resource, what } = request
  options.asides.asked(options.asides.record(`${resource}: ${what}`, fromRunner(resource)), askerOf(request))
}

const askerOf = ({ control, file, skipped }: RequestAsker): Asker => {
  if (control !== undefined) return { kind: 'control', id: control, skipped }
  return file === undefined ? { kind: 'unknown' } : { kind: 'file', path: file, skipped }
}

const fromRunner = (resource: string): Reason => ({ text: 'asked from the runner, not in the container', cause: `runner:${resource}`, lost: false })

const exec = async (id: number, bytes: Buffer, options: BrokerOptions): Promise<Told> => {
  const command = bytes.toString('utf8')
  const asked = { kind: 'command', text: command } as const
  const outcome = await options.run(bytes, options.commandTimeout)
  if (outcome.kind !== 'done') return { asked, outcome, ...lost(id, { command, outcome }, options) }
  const number = options.evidence.recordCommand(command, outcome)
  return { number, asked, outcome, reply: encodeFrame({ id, kind: 'done', status: outcome.status, command: number }, [outcome.stdout, outcome.stderr]) }
}

const facts = async (id: number, bytes: Buffer, options: BrokerOptions): Promise<Told> => {
  const path = bytes.toString('utf8')
  const command = `stat ${path}`
  const asked = { kind: 'facts', text: path } as const
  const outcome = await options.inspect(factsCode(bytes), options.commandTimeout)
  if (outcome.kind !== 'done') return { asked, outcome, ...lost(id, { command, outcome }, options) }
  const seen = parseFacts(outcome.stdout, outcome.status)
  if (seen === undefined) {
    const message = `${command} said nothing (exit ${outcome.status})`
    return { asked, outcome, ...lost(id, { command, outcome: { kind: 'lost', message } }, options) }
  }
  const shown = !seen.present && options.containerDetection === 'docker' && path === '/.dockerenv' ? DOCKERENV : seen
  const told = (!seen.present || seen.lstat !== null) && (!seen.exists || seen.stat !== null) // `stat` says 1 also where only the SELinux context is not to be had
  const number = options.evidence.record(command, lackOfReading(path, outcome.status, told ? [0, 1] : []))
  return { number, asked, outcome, reply: encodeFrame({ id, kind: 'done', command: number, facts: shown }) }
}

const content = async (id: number, bytes: Buffer, options: BrokerOptions): Promise<Told> => {
  const path = bytes.toString('utf8')
  const command = `cat ${path}`
  const asked = { kind: 'content', text: path } as const
  const outcome = await options.inspect(contentCode(bytes), options.commandTimeout)
  if (outcome.kind !== 'done') return { asked, outcome, ...lost(id, { command, outcome }, options) }
  const number = options.evidence.record(command, lackOfReading(path, outcome.status, [0, NO_REGULAR_FILE]))
  return { number, asked, outcome, reply: encodeFrame({ id, kind: 'done', command: number, found: outcome.status === 0 }, [outcome.stdout]) }
}

type Lost = Exclude<CommandOutcome, { kind: 'done' }>

/** No answer: an error of the check that asked, and never the ground of a pass. */
const lost = (id: number, { command, outcome }: { command: string; outcome: Lost }, { evidence }: BrokerOptions): Pick<Told, 'number' | 'reply'> => {
  const number = evidence.record(command, { text: outcome.message, cause: 'lost', lost: true })
  return { number, reply: encodeFrame({ id, ...outcome, command: number }) }
}
