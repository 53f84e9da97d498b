import { ScanError, messageOf } from '../kernel/error.ts'
import { type CommandOutcome, notAgain, type Pending, settle, tooLarge, tooLong } from './command.ts'
import type { Dialect } from './dialect.ts'
import { type Answered, ChannelReader, COMMAND_BYTES, type Frame } from './frame.ts'
import { type Greeting, ofContainer, UNGREETED } from './greeting.ts'
import { Heartbeat, type Pulse } from './heartbeat.ts'
import { killScript, type ShellProcess } from './kill.ts'
import { HELLO_MS, KILL_MS, OUTPUT_CAP, PIPE_BYTES, REOPENS, UNWIND_MS } from './limits.ts'
import { OWN_SHELL } from './own-shell.ts'
import { runScript } from './script.ts'
import type { SessionOptions } from './session-options.ts'
import type { ExecStream, StreamEnd } from './stream.ts'

interface Shell extends Greeting {
  readonly stream: ExecStream
  /** It answers commands: its first frame is done. */
  readonly looping: boolean
}

/** One exec stream to a target, over which commands are framed; it takes a queue of them and answers in order. */
export class Session {
  readonly #options: SessionOptions
  readonly dialect: Dialect
  readonly #queue: Pending[] = []
  #readers = { stdout: new ChannelReader(0), stderr: new ChannelReader(0) }
  #shell: Shell | undefined
  #end: StreamEnd | undefined
  #generation = 0
  #reopens = { killed: 0, lost: 0 }
  #dead: ScanError | undefined
  #heart: Heartbeat | undefined
  #lastUse = 0
  #commands = 0

  private constructor(options: SessionOptions) {
    this.#options = options
    this.dialect = options.dialect ?? OWN_SHELL
  }

  /** Opens the stream and says hello; rejects with ScanError when the target has no usable shell. */
  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options)
    await session.#start()
    session.#heart = new Heartbeat(() => session.#pulse())
    return session
  }

  /** Commands answered so far. */
  get commands(): number {
    return this.#commands
  }

  /** No command is under way or waits. */
  get idle(): boolean {
    return this.#queue.length === 0
  }

  /** Runs `sh -c COMMAND` in the target. Milliseconds for `timeout`. Never rejects. */
  run(command: Uint8Array, timeout: number): Promise<CommandOutcome> {
    if (command.includes(0)) return Promise.resolve({ kind: 'refused', message: 'a command cannot hold a zero byte' })
    if (command.length > COMMAND_BYTES) return Promise.resolve(tooLong(command))
    if (this.#dead !== undefined) return Promise.resolve({ kind: 'lost', message: this.#dead.message })
    return this.#enqueue(this.dialect.command(command, this.#shell ?? UNGREETED), timeout)
  }

  /** Runs shell code of ours, one line with words made by `quoted`, without a shell of its own. Milliseconds. Never rejects. */
  inspect(code: Uint8Array, timeout: number): Promise<CommandOutcome> {
    if (this.#dead !== undefined) return Promise.resolve({ kind: 'lost', message: this.#dead.message })
    return this.#enqueue(this.dialect.inspect(code), timeout)
  }

  /** Ends what still runs, then the shell. Never rejects. */
  async close(): Promise<void> {
    this.#heart?.stop()
    const shell = this.#shell
    const busy = this.#queue.length > 0
    this.#dead ??= new ScanError('SESSION_FAILED', 'The session is closed')
    this.#abandon('the session was closed')
    this.#shell = undefined
    this.#generation += 1
    if (shell === undefined) return
    if (busy) await this.#kill(shell.process, 'session')
    if (!shell.stream.endInput()) shell.stream.write(Buffer.from(this.dialect.leave))
    shell.stream.close()
  }

  #enqueue(frame: Frame, timeout: number): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      this.#queue.push({ frame, timeout, resolve, sent: false, first: false })
      this.#pump()
    })
  }

  async #start(): Promise<void> {
    this.#generation += 1
    const generation = this.#generation
    this.#end = undefined
    const cap = this.#options.outputCap ?? OUTPUT_CAP
    this.#readers = { stdout: new ChannelReader(cap), stderr: new ChannelReader(cap) }
    const stream = await this.#options.open({
      onOutput: (channel, chunk) => {
        if (generation === this.#generation) this.#receive(channel, chunk)
      },
      onEnd: (end) => {
        if (generation === this.#generation) this.#ended(end)
      }
    })
    try {
      if (this.#dead !== undefined) throw this.#dead // closed while the stream was opened
      this.#shell = { stream, looping: false, ...UNGREETED }
      const answer = await this.#enqueueFirst(this.dialect.opening())
      const greeting = this.dialect.greet(ofContainer(answer, this.#end))
      this.#shell = { stream, looping: true, ...greeting }
      this.#options.onShell?.(greeting.process)
      this.#pump()
    } catch (error) {
      stream.close()
      this.#shell = undefined
      throw error
    }
  }

  /** The one frame that goes before all that wait: the shell does not answer others yet. */
  #enqueueFirst(frame: Frame): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      this.#queue.unshift({ frame, timeout: HELLO_MS, resolve, sent: false, first: true })
      this.#pump()
    })
  }

  /** Writes the command to run next: one at a time, see the loop in `posix-shell.ts`. */
  #pump(): void {
    const shell = this.#shell
    const head = this.#queue[0]
    if (shell === undefined || head === undefined || head.sent || (!shell.looping && !head.first)) return
    head.sent = true
    this.#await(head)
    shell.stream.write(head.frame.text)
  }

  #await(pending: Pending): void {
    this.#lastUse = this.#options.clock.now()
    pending.timer = setTimeout(
      () => void this.#stop(pending, { kind: 'timed-out', message: `the command did not end within ${pending.timeout / 1000} s` }),
      pending.timeout
    )
    this.#readers.stdout.expect(pending.frame.nonce)
    if (pending.frame.quiet !== true) this.#readers.stderr.expect(pending.frame.nonce)
  }

  #receive(channel: 'stdout' | 'stderr', chunk: Buffer): void {
    const head = this.#queue[0]
    try {
      const answer = this.#readers[channel].push(chunk)
      if (answer === undefined || head === undefined) return
      if (answer === 'overflow') return void this.#stop(head, tooLarge(this.#options.outputCap ?? OUTPUT_CAP))
      head[channel] = answer
    } catch (error) {
      return this.#ended({ kind: 'lost', message: messageOf(error) })
    }
    if (head.stdout === undefined || (head.stderr === undefined && head.frame.quiet !== true)) return
    this.#queue.shift()
    settle(head, head.failure ?? this.#outcome(head.stdout, head.stderr ?? { ...head.stdout, bytes: Buffer.alloc(0) }))
    this.#pump()
  }

  #outcome(stdout: Answered, stderr: Answered): CommandOutcome {
    if (!stdout.whole || !stderr.whole) return tooLarge(this.#options.outputCap ?? OUTPUT_CAP)
    if (stdout.status !== stderr.status) return { kind: 'lost', message: 'the two end marks of a command differ' }
    this.#commands += 1
    return { kind: 'done', stdout: stdout.bytes, stderr: stderr.bytes, status: stdout.status, unseen: stderr.unseen }
  }

  /** Ends the running command from outside; when its frame does not end either, the shell is given up and another one opened. */
  async #stop(pending: Pending, outcome: CommandOutcome): Promise<void> {
    if (pending.failure !== undefined || this.#queue[0] !== pending) return
    pending.failure = outcome
    const shell = this.#shell
    const generation = this.#generation
    if (shell === undefined) return
    const stillMine = (): boolean => this.#queue[0] === pending && generation === this.#generation
    if (outcome.kind === 'too-large') shell.stream.pause() // nothing of it is wanted: it waits in the container until it is killed
    if (this.dialect.stop !== undefined) shell.stream.write(Buffer.from(this.dialect.stop(pending.frame.nonce)))
    else if (shell.process.pid > 0) await this.#kill(shell.process)
    shell.stream.resume()
    if (stillMine()) await this.#options.clock.sleep(UNWIND_MS)
    if (stillMine()) await this.#kill(shell.process, 'session')
    if (stillMine()) await this.#reopen('killed', outcome.kind === 'done' ? '' : outcome.message)
  }

  /** By a second exec; a far end with a dialect of its own ends all itself when its input does. */
  async #kill(process: ShellProcess, whom: 'command' | 'session' = 'command'): Promise<void> {
    if (this.dialect.stop !== undefined) return
    try {
      await runScript(this.#options.open, killScript(process, whom), KILL_MS)
    } catch {
      // refused, or not done yet: the frame's own end, or closing the stream, remains
      if (whom === 'session') this.#options.onUnended?.()
    }
  }

  #ended(end: StreamEnd): void {
    this.#end = end
    const message = end.kind === 'exited' ? `the session's shell ended (exit ${end.code})` : end.message
    void this.#reopen('lost', message)
  }

  /** Gives up the present shell. What was sent to it may have run and is an error, never asked anew; the rest goes to the next shell. */
  async #reopen(why: keyof typeof REOPENS, message: string): Promise<void> {
    const greeted = this.#shell?.looping !== false
    this.#shell?.stream.close()
    this.#shell = undefined
    this.#generation += 1
    this.#reopens[why] += 1
    this.#abandon(message, ({ sent }) => sent)
    if (!greeted || this.#dead !== undefined) return
    if (this.#reopens[why] > REOPENS[why]) return this.#die(new ScanError('SESSION_FAILED', `The session with the target was lost: ${message}`))
    await this.#start().catch((error: unknown) => this.#die(notAgain(error, message)))
  }

  #die(error: ScanError): void {
    this.#abandon(error.message)
    if (this.#dead !== undefined) return
    this.#dead = error
    this.#options.onDead?.(error)
  }

  /** Answers commands that nobody else will answer. */
  #abandon(message: string, which: (pending: Pending) => boolean = () => true): void {
    for (const pending of this.#queue.splice(0)) {
      if (!which(pending)) this.#queue.push(pending)
      else settle(pending, pending.failure ?? { kind: 'lost', message })
    }
  }

  /** What the heartbeat needs to know of this moment. */
  #pulse(): Pulse | undefined {
    const stream = this.#shell?.stream
    if (stream === undefined) return undefined
    return {
      stream,
      now: this.#options.clock.now(),
      lastUse: this.#lastUse,
      idle: this.idle,
      inputOpen: (this.#queue[0]?.frame.text.length ?? 0) > PIPE_BYTES,
      touch: () => void this.inspect(Buffer.from(':'), HELLO_MS),
      lose: (message) => this.#ended({ kind: 'lost', message })
    }
  }
}
