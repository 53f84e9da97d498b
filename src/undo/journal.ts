import { appendFileSync, constants, existsSync, fsyncSync, openSync, closeSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, ScanError } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'

/** What a run makes: an object of the cluster, a shell in a target, a helper whose process runs, its private folder on this machine. */
export const Entry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('object'), type: z.enum(['serviceaccount', 'role', 'rolebinding', 'pod']), namespace: z.string(), name: z.string() }),
  z.object({
    kind: z.literal('shell'),
    namespace: z.string(),
    pod: z.string(),
    podUid: z.string(),
    container: z.string(),
    containerId: z.string(),
    pid: z.number(),
    start: z.string()
  }),
  z.object({ kind: z.literal('helper'), namespace: z.string(), pod: z.string(), podUid: z.string(), container: z.string() }),
  z.object({ kind: z.literal('folder'), path: z.string() })
])
export type Entry = z.infer<typeof Entry>

/** A process: its id alone is given anew. `start` is field 22 of /proc/PID/stat, empty where there is no /proc. */
const Owner = z.object({ pid: z.number(), start: z.string() })
export type Owner = z.infer<typeof Owner>

const Head = z.object({ kscan: z.literal(1), run: z.string(), made: z.string(), owner: Owner })
const Where = z.object({ event: z.literal('cluster'), id: z.literal(0), server: z.string(), fingerprint: z.string() })
const Line = z.discriminatedUnion('event', [
  Where,
  z.object({ event: z.literal('make'), id: z.number(), entry: Entry }),
  z.object({ event: z.literal('made'), id: z.number(), uid: z.string() }),
  z.object({ event: z.literal('gone'), id: z.number() })
])

/** What a journal says is still there, the newest first. */
export interface Remaining {
  readonly id: number
  readonly entry: Entry
  /** Known once the cluster had answered. */
  readonly uid: string | undefined
}

export interface Journal {
  readonly file: string
  /** Names the cluster; before anything is made in it. */
  on(cluster: JournalCluster): void
  /** Written, and on disk, before the thing is made; returns the number of the entry. */
  make(entry: Entry): number
  made(id: number, uid: string): void
  gone(id: number): void
  /** Removes the file when nothing remains. */
  finish(): void
}

export interface JournalCluster {
  readonly server: string
  /** SHA-256 of the server's address and CA: another cluster is refused. */
  readonly fingerprint: string
}

/** Starts the journal of a run: one JSON a line, each written through to the disk. Holds no secret. Throws JOURNAL_FAILED. */
export const startJournal = (folder: string, run: string): Journal => {
  const file = join(folder, `${run}.jsonl`)
  try {
    makeFolder(folder, 0o700)
    append(file, { kscan: 1, run, made: new Date().toISOString(), owner: { pid: process.pid, start: startOf(process.pid) } }, 'ax')
  } catch (error) {
    throw new ScanError('JOURNAL_FAILED', `The journal of this run could not be written: ${messageOf(error)}`, {
      cause: error,
      hint: 'Without it a run that is killed could not be cleaned up. Set XDG_STATE_HOME (in a job RUNNER_TEMP) to a folder that can be written.'
    })
  }
  return continueJournal(file, 0)
}

const continueJournal = (file: string, used: number): Journal => {
  let last = used
  return {
    file,
    on: ({ server, fingerprint }) => append(file, { event: 'cluster', id: 0, server, fingerprint }),
    make: (entry) => {
      last += 1
      append(file, { event: 'make', id: last, entry })
      return last
    },
    made: (id, uid) => append(file, { event: 'made', id, uid }),
    gone: (id) => append(file, { event: 'gone', id }),
    finish: () => {
      if (readJournal(file).remaining.length === 0) rmSync(file, { force: true })
    }
  }
}

/** Opens the journal of a run that ended without finishing it. */
export const resumeJournal = (file: string): Journal => {
  appendFileSync(file, '\n') // ends a line that was cut short
  return continueJournal(file, Math.max(0, ...readJournal(file).remaining.map(({ id }) => id)))
}

/** Writes through to the disk; a journal that is gone is not begun anew without its head: then it throws. */
const append = (file: string, line: unknown, flags: 'ax' | number = constants.O_WRONLY | constants.O_APPEND): void => {
  const descriptor = openSync(file, flags, 0o600)
  try {
    appendFileSync(descriptor, `${JSON.stringify(line)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export interface ReadJournal {
  readonly file: string
  readonly run: string
  /** Undefined when the run died before it knew. */
  readonly cluster: JournalCluster | undefined
  /** The process that wrote it still runs: it undoes its things itself. */
  readonly live: boolean
  readonly remaining: readonly Remaining[]
}

/** Reads a journal. A line that a crash cut short is left out: what it was to announce had not been made yet. Throws an Error when the head cannot be read. */
export const readJournal = (file: string): ReadJournal => {
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n')
  const head = Head.parse(JSON.parse(first))
  const open = new Map<number, Remaining>()
  let cluster: JournalCluster | undefined
  for (const line of rest.flatMap(readLine)) {
    const known = open.get(line.id)
    if (line.event === 'cluster') cluster = { server: line.server, fingerprint: line.fingerprint }
    else if (line.event === 'make') open.set(line.id, { id: line.id, entry: line.entry, uid: undefined })
    else if (line.event === 'gone') open.delete(line.id)
    else if (known !== undefined) open.set(line.id, { ...known, uid: line.uid })
  }
  return { file, run: head.run, cluster, live: isLive(head.owner), remaining: [...open.values()].toReversed() }
}

const isLive = ({ pid, start }: Owner): boolean => {
  if (pid === process.pid) return false // ours to undo
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return startOf(pid) === start
}

const startOf = (pid: number): string => {
  try {
    return (
      readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? ''
    )
  } catch {
    return ''
  }
}

const readLine = (text: string): z.infer<typeof Line>[] => {
  try {
    return [Line.parse(JSON.parse(text))]
  } catch {
    return []
  }
}

/** All journals of a folder; those that cannot be read come with the reason. */
export const listJournals = (folder: string): { journals: ReadJournal[]; unreadable: { file: string; why: string }[] } => {
  const journals: ReadJournal[] = []
  const unreadable: { file: string; why: string }[] = []
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : []
  for (const name of names.toSorted()) {
    const file = join(folder, name)
    try {
      journals.push(readJournal(file))
    } catch (error) {
      unreadable.push({ file, why: messageOf(error) })
    }
  }
  return { journals, unreadable }
}
