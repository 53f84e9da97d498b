import type { Answer } from './answer.ts'

/** What goes wrong with a request in place of its answer. */
export type Mishap =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** The connection is closed before the request takes effect. */
  | { readonly kind: 'drop' }
  /** The request takes effect, and the connection is closed in place of the answer; an exec starts nothing. */
  | { readonly kind: 'drop-answer' }
  /** The request takes no effect and nothing is ever answered. */
  | { readonly kind: 'hang' }
  /** The answer of that status begins and never ends: a byte every so many milliseconds, or of 0 as much as is taken. */
  | { readonly kind: 'endless'; readonly status: number; readonly milliseconds: number; readonly headers?: boolean }
  /** The answer comes late. */
  | { readonly kind: 'delay'; readonly milliseconds: number }

export interface Fault {
  readonly method?: string
  /** Matches against path and query. */
  readonly path: RegExp
  /** Matching requests that go well before; 0 when not given. */
  readonly after?: number
  /** How many requests it hits; 1 when not given. */
  readonly times?: number
  readonly mishap: Mishap
}

/** Faults that wait for their requests, in the order in which they were added. */
export class Faults {
  #waiting: { readonly fault: Fault; seen: number }[] = []

  add(fault: Fault): void {
    this.#waiting.push({ fault, seen: 0 })
  }

  clear(): void {
    this.#waiting = []
  }

  /** The mishap of this request, if it has one; the count of its fault goes on. */
  of(method: string, path: string): Mishap | undefined {
    const matching = this.#waiting.filter(({ fault }) => (fault.method ?? method) === method && fault.path.test(path))
    let hit: Mishap | undefined
    for (const one of matching) {
      const { after = 0, times = 1, mishap } = one.fault
      if (hit === undefined && one.seen >= after && one.seen < after + times) hit = mishap
      one.seen += 1
    }
    return hit
  }
}
