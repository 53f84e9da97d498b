import { messageOf } from '../kernel/error.ts'
import { type Entry, type ReadJournal, resumeJournal } from './journal.ts'
import type { Leftover } from './scope.ts'

type ObjectEntry = Extract<Entry, { kind: 'object' }>
type ShellEntry = Extract<Entry, { kind: 'shell' }>
type HelperEntry = Extract<Entry, { kind: 'helper' }>
type FolderEntry = Extract<Entry, { kind: 'folder' }>

/** How each kind of thing is removed; each resolves with false when it was not there, which is done, too. */
export interface Removers {
  readonly object: (entry: ObjectEntry, uid: string | undefined) => Promise<boolean>
  readonly shell: (entry: ShellEntry) => Promise<boolean>
  readonly helper: (entry: HelperEntry) => Promise<boolean>
  readonly folder: (entry: FolderEntry) => Promise<boolean>
}

export interface Replayed {
  readonly removed: readonly string[]
  /** What was not there any more, or never. */
  readonly absent: readonly string[]
  readonly leftovers: readonly Leftover[]
}

/** Undoes what a run that died left behind, the newest first, and drops the journal when nothing remains. Never throws. */
export const replay = async (journal: ReadJournal, removers: Removers): Promise<Replayed> => {
  const writer = resumeJournal(journal.file)
  const [removed, absent]: [string[], string[]] = [[], []]
  const leftovers: Leftover[] = []
  for (const { id, entry, uid } of journal.remaining) {
    const what = describe(entry)
    try {
      const wasThere = await remove(entry, uid, removers)
      writer.gone(id)
      ;(wasThere ? removed : absent).push(what)
    } catch (error) {
      leftovers.push({ what, why: messageOf(error) })
    }
  }
  writer.finish()
  return { removed, absent, leftovers }
}

const remove = (entry: Entry, uid: string | undefined, removers: Removers): Promise<boolean> => {
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
