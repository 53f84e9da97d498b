import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { CommandOutcome } from './command.ts'
import type { Evidence, Reason, Rest } from './evidence.ts'

/** A command of a profile, or what was asked of which path. Text from outside. */
export interface Asked {
  readonly kind: 'command' | 'facts' | 'content'
  readonly text: string
}

/** A question and what came of it; `number`: by which the evidence knows its answer. */
export interface Heard {
  readonly number: number
  readonly asked: Asked
  readonly outcome: CommandOutcome
}

/** What was printed. Text from outside. */
export interface Printed {
  readonly encoding: 'utf-8' | 'base64'
  readonly text: string
  /** Bytes behind the text that were not kept. */
  readonly leftOut: number
}

export interface Stream {
  readonly bytes: number
  readonly sha256: string
  /** Undefined where only hashes are kept. */
  readonly output: Printed | undefined
}

interface Answer {
  readonly status: number
  readonly stdout: Stream
  readonly stderr: Stream
}

export interface Question extends Rest {
  readonly asked: Asked
  /** How long the auditor waited. */
  readonly milliseconds: number
  /** Undefined where none came. */
  readonly answer: Answer | undefined
  readonly reasons: readonly Reason[]
}

/** How much of one stream is kept. */
const KEPT_BYTES = 65_536
/** And of all. */
const ALL_BYTES = 256 * 1024 * 1024

/** Remembers what was asked of one target and what it answered; `full` also what was printed. */
export class Transcript {
  readonly #full: boolean
  readonly #heard: (Pick<Heard, 'number' | 'asked'> & Pick<Question, 'milliseconds' | 'answer'>)[] = []

  #left = ALL_BYTES

  constructor(kept: 'hashes' | 'full') {
    this.#full = kept === 'full'
  }

  note({ number, asked, outcome }: Heard, milliseconds: number): void {
    this.#heard.push({ number, asked, milliseconds: Math.round(milliseconds), answer: outcome.kind === 'done' ? this.#answer(outcome) : undefined })
  }

  /** All questions in the order of their answers, with who rests on them. */
  questions(evidence: Evidence): Question[] {
    return this.#heard.map(({ number, ...heard }) => ({ ...heard, ...(evidence.restOn(number) ?? NOBODY) }))
  }

  #answer({ status, stdout, stderr }: CommandOutcome & { kind: 'done' }): Answer {
    return { status, stdout: this.#stream(stdout), stderr: this.#stream(stderr) }
  }

  #stream(bytes: Buffer): Stream {
    return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), output: this.#full ? this.#printed(bytes) : undefined }
  }

  #printed(bytes: Buffer): Printed {
    if (this.#left < KEPT_BYTES) return { encoding: 'utf-8', text: '', leftOut: bytes.length }
    const printed = printedOf(bytes)
    this.#left -= printed.text.length
    return printed
  }
}

const NOBODY = {
  controls: new Set<string>(),
  files: new Set<string>(),
  skipped: { controls: new Set<string>(), files: new Set<string>() },
  all: false,
  reasons: []
}

const printedOf = (bytes: Buffer): Printed => {
  const encoding = isUtf8(bytes) ? 'utf-8' : 'base64'
  const kept = bytes.subarray(0, encoding === 'utf-8' ? wholeCharacters(bytes) : KEPT_BYTES)
  return { encoding, text: kept.toString(encoding), leftOut: bytes.length - kept.length }
}

/** As many bytes of UTF-8 as are kept, the last character whole. */
const wholeCharacters = (bytes: Buffer): number => {
  let end = KEPT_BYTES
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return end
}
