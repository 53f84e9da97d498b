import { messageOf } from '../kernel/error.ts'
import { type Entry, type ReadJournal, resumeJournal } from './journal.ts'
import type { Leftover } from './scope.ts'

type ObjectEntry = Extract<Entry, { kind: 'object' }>
type ShellEntry = Extract<Entry, { kind: 'shell' }>
type HelperEntry = Extract<Entry, { kind: 'helper' }>
type FolderEntry = Extract<Entry, { kind: 'folder' }>

/** How each kind of thing is removed; "not there" is done. */
export interface Removers {
  readonly object: (entry: ObjectEntry, uid: string | undefined) => Promise<void>
  readonly shell: (entry: ShellEntry) => Promise<void>
  readonly helper: (entry: HelperEntry) => Promise<void>
  readonly folder: (entry: FolderEntry) => Promise<void>
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
      await remove(entry, uid, removers)
      writer.gone(id)
      removed.push(what)
    } catch (error) {
      leftovers.push({ what, why: messageOf(error) })
    }
  }
  writer.finish()
  return { removed, leftovers }
}

const remove = (entry: Entry, uid: string | undefined, removers: Removers): Promise<void> => {
  if (entry.kind === 'object') return removers.object(entry, uid)
  if (entry.kind === 'shell') return removers.shell(entry)
  return entry.kind === 'helper' ? removers.helper(entry) : removers.folder(entry)
}

const describe = (entry: Entry): string => {
  if (entry.kind === 'object') return `${entry.type} ${entry.namespace}/${entry.name}`
  if (entry.kind === 'folder') return `private folder ${entry.path}`
  const container = `${entry.namespace}/${entry.pod}/${entry.container}`
  return entry.kind === 'shell' ? `shell ${entry.pid} in ${container}` : `the process of the helper ${container}`
}
