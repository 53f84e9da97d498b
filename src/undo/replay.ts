import { messageOf } from '../kernel/error.ts'
import { type Entry, type ReadJournal, resumeJournal } from './journal.ts'
import type { Leftover } from './scope.ts'

type ObjectEntry = Extract<Entry, { kind: 'object' }>
type ShellEntry = Extract<Entry, { kind: 'shell' }>

/** How each kind of thing is removed; "not there" is done. */
export interface Removers {
  readonly object: (entry: ObjectEntry, uid: string | undefined) => Promise<void>
  readonly shell: (entry: ShellEntry) => Promise<void>
}

export interface Replayed {
  readonly removed: readonly string[]
  readonly leftovers: readonly Leftover[]
}

/** Undoes what a run that died left behind, the newest first, and drops the journal when nothing remains. Never throws. */
export const replay = async (journal: ReadJournal, removers: Removers): Promise<Replayed> => {
  const writer = resumeJournal(journal.file)
  const removed: string[] = []
  const leftovers: Leftover[] = []
  for (const { id, entry, uid } of journal.remaining) {
    const what = describe(entry)
    try {
      await (entry.kind === 'object' ? removers.object(entry, uid) : removers.shell(entry))
      writer.gone(id)
      removed.push(what)
    } catch (error) {
      leftovers.push({ what, why: messageOf(error) })
    }
  }
  writer.finish()
  return { removed, leftovers }
}

const describe = (entry: Entry): string =>
  entry.kind === 'object' ? `${entry.type} ${entry.namespace}/${entry.name}` : `shell ${entry.pid} in ${entry.namespace}/${entry.pod}/${entry.container}`
