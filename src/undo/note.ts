import type { Entry } from './entry.ts'
import type { Journal } from './journal.ts'
import type { Rest, Scope } from './scope.ts'

/** What is about to be made, and how it is undone; `uid` is that of the thing, where it is known by then. */
export interface Making {
  readonly entry: Entry
  readonly what: string
  /** Milliseconds that its undoing may take. */
  readonly limit: number
  /** Resolves with what is still to be waited for, where something is. */
  readonly undo: (uid: string | undefined, signal: AbortSignal) => Promise<Rest | void>
}

/** A thing that is noted in a run's journal and on its undo stack. */
export interface Note {
  readonly made: (uid: string) => void
  /** Nothing was made: there is nothing to undo, and nothing to say. */
  readonly forget: () => void
}

/** Notes a thing before it is made. */
export const note = ({ entry, what, limit, undo }: Making, { journal, scope }: { journal: Journal; scope: Scope }): Note => {
  const id = journal.make(entry)
  let known: string | undefined
  const takeBack = scope.defer({
    what,
    limit,
    undo: async (signal) => {
      const rest = await undo(known, signal)
      if (typeof rest !== 'function') return journal.gone(id)
      return async (...room) => {
        await rest(...room)
        journal.gone(id)
      }
    }
  })
  return {
    made: (uid) => {
      known = uid
      journal.made(id, uid)
    },
    forget: () => {
      takeBack()
      journal.gone(id)
    }
  }
}
