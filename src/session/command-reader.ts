import { Worker } from 'node:worker_threads'
import type { Needs } from '../shell/found.ts'
import { READS_COMMANDS, READY, unclear } from './command-thread.ts'

/** Milliseconds until a thread can read: on a busy machine. */
const START_MS = 30_000
/** Milliseconds for one command; people's take a few. */
const LIMIT_MS = 3000
/** Milliseconds for all that take longer than people's. */
const ALL_MS = 15_000
const USUAL_MS = 100
const MEGABYTES = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 } as const
const TOO_LONG = 'it takes too long to read'
/** Of what all commands name. */
const ALL_CHARACTERS = 64 * 1024 * 1024
const TOO_MUCH = 'the profile names too much'

/** A file of this room where we run from the sources, else the one bundle, which has it in itself. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './command-thread.ts' : './index.js', import.meta.url)

/**
 * Reads commands in a thread of its own. They are somebody else's, and one of a few kilobytes can take minutes or all memory: the thread is ended then, and what it
 * read is unclear. Whoever holds rights goes on meanwhile.
 */
export class CommandReader {
  readonly #known = new Map<string, Needs>()
  #thread: Thread
  #turn: Promise<unknown> = Promise.resolve()
  #left = ALL_MS
  #room: number

  /** Starts the thread ahead of its first command. `room`: characters that all commands together may name. */
  constructor(room = ALL_CHARACTERS) {
    this.#room = room
    this.#thread = new Thread()
  }

  /** What a command rests on. Never rejects. */
  read(command: string): Promise<Needs> {
    const read = this.#turn.then(() => this.#read(command))
    this.#turn = read
    return read
  }

  async #read(command: string): Promise<Needs> {
    const known = this.#known.get(command)
    if (known !== undefined) return known
    const needs = this.#left > 0 ? await this.#ask(command) : unclear(TOO_LONG)
    this.#room -= JSON.stringify(needs).length
    const kept = this.#room > 0 ? needs : unclear(TOO_MUCH)
    this.#known.set(command, kept)
    return kept
  }

  /** What is read after that is unclear. */
  close(): void {
    this.#left = 0
    this.#thread.end()
  }

  async #ask(command: string): Promise<Needs> {
    if (this.#thread.ended) this.#thread = new Thread()
    await this.#thread.ready
    const begun = performance.now()
    const needs = await this.#thread.answer(LIMIT_MS, command)
    this.#left -= Math.max(0, performance.now() - begun - USUAL_MS)
    return needs ?? unclear(TOO_LONG)
  }
}

class Thread {
  readonly #worker = new Worker(THREAD, { workerData: READS_COMMANDS, resourceLimits: MEGABYTES, env: {}, execArgv: [] })
  readonly ready: Promise<unknown>
  #asked = READY
  #ended = false

  constructor() {
    this.#worker.unref()
    this.#worker.on('error', () => {}) // it has run out of memory, and exits
    this.#worker.once('exit', () => (this.#ended = true))
    this.ready = this.answer(START_MS)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Undefined where none comes; the thread is at its end then. */
  async answer(limit: number, command?: string): Promise<Needs | undefined> {
    const { promise, resolve } = Promise.withResolvers<{ needs: Needs | undefined } | undefined>()
    const id = this.#asked
    this.#asked += 1
    const none = (): void => resolve(undefined)
    const hear = ([of, needs]: [number, Needs | undefined]): void => void (of === id && resolve({ needs }))
    const timer = setTimeout(none, limit)
    this.#worker.on('message', hear).once('exit', none)
    if (this.#ended) none()
    if (command !== undefined) this.#worker.postMessage([id, command], [])
    const answer = await promise
    clearTimeout(timer)
    this.#worker.off('message', hear).off('exit', none)
    if (answer === undefined) this.end()
    return answer?.needs
  }

  end(): void {
    this.#ended = true
    void this.#worker.terminate()
  }
}
