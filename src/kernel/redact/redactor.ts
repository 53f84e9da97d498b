import { Secret } from '../secret.ts'
import { type Search, searchFor, withoutFound } from './redact.ts'
import { withoutUserinfo } from './userinfo.ts'

const MASK = '***'

/**
 * Takes secrets out of lines for people: those that it is told of at their birth, however they are spelled, JSON Web Tokens, private keys, and names and passwords in
 * addresses. Values shorter than 8 characters would blank ordinary words and are left.
 */
export class Redactor {
  readonly #known = new Map<string, Search>()

  add(value: string): void {
    for (const line of value.split(/\r?\n/)) {
      const known = line.trim()
      if (known.length >= 8 && !this.#known.has(known)) this.#known.set(known, searchFor(new Secret(known)))
    }
  }

  /** What it takes out. */
  secrets(): Secret[] {
    return [...this.#known.keys()].map((value) => new Secret(value))
  }

  redact(text: string): string {
    let clean = text
    for (const value of this.#known.keys()) clean = clean.replaceAll(value, MASK)
    return withoutUserinfo(withoutFound(clean, [...this.#known.values()]))
  }
}
