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
