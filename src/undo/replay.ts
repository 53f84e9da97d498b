import { messageOf } from '../kernel/error.ts'
import type { Entry } from './entry.ts'
import { resumeJournal } from './journal.ts'
import type { ReadJournal } from './line.ts'
import type { Leftover } from './scope.ts'

type Of<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

/** How each kind of thing is removed; each resolves with false when it was not there, which is done, too. */
export interface Removers {
  readonly object: (entry: Of<'object'>, uid: string | undefined) => Promise<boolean>
  readonly shell: (entry: Of<'shell'>) => Promise<boolean>
  readonly helper: (entry: Of<'helper'>) => Promise<boolean>
  readonly folder: (entry: Of<'folder'>) => Promise<boolean>
  readonly link: (entry: Of<'link'>) => Promise<boolean>
  readonly kindCluster: (entry: Of<'kind-cluster'>) => Promise<boolean>
  readonly kindNetwork: (entry: Of<'kind-network'>) => Promise<boolean>
}

/** What is inside of the cluster that a run was in. */
export const isInCluster = ({ kind }: Entry): boolean => kind === 'object' || kind === 'shell' || kind === 'helper'

/** Whether a run made a cluster of its own: what it made in that goes with it. */
export const hasOwnCluster = ({ remaining }: ReadJournal): boolean => remaining.some(({ entry }) => entry.kind === 'kind-cluster')

export interface Replayed {
  readonly removed: readonly string[]
  /** What was not there any more, or never. */
  readonly absent: readonly string[]
  readonly leftovers: readonly Leftover[]
}

const FORGED = 'kscan did not write this line, and did nothing about it: find out who did, then delete the file'

/** Undoes what a run that died left behind, the newest first, and drops the journal when nothing remains, and no line was refused. */
export const replay = async (journal: ReadJournal, removers: Removers): Promise<Replayed> => {
  const writer = resumeJournal(journal)
  const [removed, absent]: [string[], string[]] = [[], []]
  const leftovers: Leftover[] = journal.refused.map((line) => ({ what: `line ${line} of ${journal.file}`, why: FORGED }))
  const inside = hasOwnCluster(journal) ? journal.remaining.filter(({ entry }) => isInCluster(entry)) : []
  for (const { id, entry, uid } of journal.remaining.filter((each) => !inside.includes(each))) {
    const what = describe(entry)
    try {
      const wasThere = await remove(entry, uid, removers)
      const gone = entry.kind === 'kind-cluster' ? [id, ...inside.map((each) => each.id)] : [id]
      gone.forEach((each) => writer.gone(each))
      ;(wasThere ? removed : absent).push(what)
    } catch (error) {
      leftovers.push({ what, why: messageOf(error) })
    }
  }
  writer.finish()
  return { removed, absent, leftovers }
}

const remove = (entry: Entry, uid: string | undefined, removers: Removers): Promise<boolean> => {
  switch (entry.kind) {
    case 'object':
      return removers.object(entry, uid)
    case 'shell':
      return removers.shell(entry)
    case 'helper':
      return removers.helper(entry)
    case 'folder':
      return removers.folder(entry)
    case 'link':
      return removers.link(entry)
    case 'kind-cluster':
      return removers.kindCluster(entry)
    case 'kind-network':
      return removers.kindNetwork(entry)
  }
}

const describe = (entry: Entry): string => {
  switch (entry.kind) {
    case 'object':
      return `${entry.type} ${entry.namespace}/${entry.name}`
    case 'shell':
      return `shell ${entry.pid} in ${entry.namespace}/${entry.pod}/${entry.container}`
    case 'helper':
      return `the process of the helper ${entry.namespace}/${entry.pod}/${entry.container}`
    case 'folder':
      return `private folder ${entry.path}`
    case 'link':
      return `the link ${entry.path}`
    case 'kind-cluster':
      return `kind cluster ${entry.name}`
    case 'kind-network':
      return `membership of ${entry.container} in the network ${entry.network}`
  }
}
