import { inspect } from 'node:util'

const MASK = '***'

/** A value that prints as `***` wherever it is shown by accident: string, JSON, inspect. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself: only for the header or file that needs it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

/** Takes known secrets out of text; a secret is told to it at birth. Values shorter than 8 characters would blank ordinary words and are left. */
export class Redactor {
  readonly #values = new Set<string>()

  add(value: string): void {
    for (const line of value.split(/\r?\n/)) if (line.trim().length >= 8) this.#values.add(line.trim())
  }

  /** What it takes out. */
  secrets(): Secret[] {
    return [...this.#values].map((value) => new Secret(value))
  }

  redact(text: string): string {
    let clean = text
    for (const value of this.#values) clean = clean.replaceAll(value, MASK)
    return clean
  }
}
