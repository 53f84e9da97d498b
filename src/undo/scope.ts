import { messageOf } from '../kernel/error.ts'

/** One thing that was made and must go. `undo` treats "not there" as done. */
export interface Undo {
  /** For people: `role default/kscan-abc`. */
  readonly what: string
  /** Milliseconds that it may take. */
  readonly limit: number
  /** Resolves with what is still to be waited for, where something is: that is done once all else has been undone. */
  readonly undo: (signal: AbortSignal) => Promise<Rest | void>
}

/** Waits until a thing that was told to go is gone, so many milliseconds at most. Rejects with the reason when it stays. */
export type Rest = (signal: AbortSignal, limit: number) => Promise<void>

/** What the undo stack could not remove, with why. */
export interface Leftover {
  readonly what: string
  readonly why: string
}

/** How long the undoing of a run's access may take: with that of a target's session 6 s, for a cancelled CI step has 7.5 s before its first hard signal. */
const BUDGET_MS = 4000
/** Even when the budget is spent, each step gets this much. */
const LEAST_MS = 300

/** The undo stack of a run: register first, then do. Closing it runs all, the newest first, and never throws; what fails is a leftover. */
export class Scope implements AsyncDisposable {
  readonly #steps: Undo[] = []
  readonly leftovers: Leftover[] = []
  readonly removed: string[] = []
  readonly #budget: number

  /** `budget`: milliseconds for all steps together. */
  constructor(budget: number = BUDGET_MS) {
    this.#budget = budget
  }

  /** Returns how the step is taken back, for what came to nothing. */
  defer(step: Undo): () => void {
    this.#steps.push(step)
    return () => {
      const at = this.#steps.indexOf(step)
      if (at >= 0) this.#steps.splice(at, 1)
    }
  }

  async close(): Promise<void> {
    const end = performance.now() + this.#budget
    const limitOf = ({ limit }: Undo): number => Math.ceil(Math.max(LEAST_MS, Math.min(limit, end - performance.now()))) // timers take whole numbers
    const rests: { readonly step: Undo; readonly rest: Rest }[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const rest = await this.#within(step, limitOf(step), step.undo)
      if (rest !== undefined) rests.push({ step, rest })
    }
    const waitFor = ({ step, rest }: (typeof rests)[number]): Promise<unknown> => {
      const limit = limitOf(step)
      return this.#within(step, limit, (signal) => rest(signal, limit))
    }
    await Promise.all(rests.map(waitFor))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #within({ what }: Undo, limit: number, work: Undo['undo']): Promise<Rest | undefined> {
    const signal = AbortSignal.timeout(limit)
    const late = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error(`it took longer than ${limit} ms`)), { once: true })
    )
    try {
      const rest = await Promise.race([Promise.resolve(signal).then(work), late])
      if (typeof rest === 'function') return rest
      this.removed.push(what)
    } catch (error) {
      this.leftovers.push({ what, why: messageOf(error) })
    }
    return undefined
  }
}
