import type { Problem } from '../kernel/error.ts'
import { didYouMean } from '../kernel/nearest.ts'
import type { Input, Verb } from './input.ts'
import { inputsOf } from './inputs.ts'
import type { RawInputs } from './raw.ts'
import { type Parsed, parseValue, type Value, wrong } from './values.ts'

/** Typed access to the raw inputs; every problem lands in one list, and the reader goes on with the default. */
export class Reader {
  readonly problems: Problem[] = []
  readonly #values = new Map<string, Value>()
  readonly #given = new Set<string>()

  constructor(raw: RawInputs, verb: Verb) {
    for (const input of inputsOf(verb)) this.#read(input, raw)
  }

  /** True when the user gave it, and it could be read. */
  given(name: string): boolean {
    return this.#given.has(name)
  }

  text(name: string): string {
    const value = this.#values.get(name)
    return typeof value === 'string' ? value : ''
  }

  list(name: string): readonly string[] {
    const value = this.#values.get(name)
    return Array.isArray(value) ? value : []
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true
  }

  number(name: string): number {
    const value = this.#values.get(name)
    return typeof value === 'number' ? value : 0
  }

  /** One of a closed set; `fallback` where the verb has no such input. */
  choice<const T extends string>(name: string, of: readonly T[], fallback: T): T {
    return of.find((candidate) => candidate === this.#values.get(name)) ?? fallback
  }

  /** A list of words of a closed set; each other one is a problem, with what was probably meant, else with what `hint` says. */
  words<const T extends string>(name: string, of: readonly T[], hint?: string): T[] {
    const given = this.list(name)
    for (const word of given)
      if (!of.some((known) => known === word)) {
        const problem = { name, expected: `one or more of: ${of.join(', ')}`, got: JSON.stringify(word) }
        this.problems.push({ ...problem, ...(hint === undefined ? {} : { hint }), ...didYouMean(word, of) })
      }
    return of.filter((word) => given.includes(word))
  }

  problem(name: string, expected: string, [got, hint]: readonly [got: string, hint?: string | undefined]): void {
    this.problems.push({ name, expected, got, ...(hint === undefined ? {} : { hint }) })
  }

  #read(input: Input, raw: RawInputs): void {
    const given = raw.get(input.name)?.value
    const parsed = given === undefined ? undefined : readGiven(input, given)
    if (parsed !== undefined && 'problem' in parsed) this.problems.push(parsed.problem)
    if (parsed !== undefined && 'value' in parsed) this.#given.add(input.name)
    const usable = parsed !== undefined && 'value' in parsed ? parsed : input.default === '' ? undefined : parseValue(input, input.default)
    if (usable !== undefined && 'value' in usable) this.#values.set(input.name, usable.value)
  }
}

/** Nothing at all is a variable that a script forgot to set: going on with the default could scan something else than was meant. */
const readGiven = (input: Input, value: string): Parsed => {
  if (value.trim() !== '') return parseValue(input, value)
  return { problem: { ...wrong(input, 'a value', '').problem, hint: 'Leave it out for the default.' } }
}
