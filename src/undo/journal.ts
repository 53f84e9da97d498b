import { appendFileSync, chmodSync, existsSync, fsyncSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../kernel/error.ts'

/** An object of the cluster that a run makes, or a shell that it starts in a target. */
export const Entry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('object'), type: z.enum(['serviceaccount', 'role', 'rolebinding']), namespace: z.string(), name: z.string() }),
  z.object({
    kind: z.literal('shell'),
    namespace: z.string(),
    pod: z.string(),
    podUid: z.string(),
    container: z.string(),
    containerId: z.string(),
    pid: z.number(),
    start: z.string()
  })
])
export type Entry = z.infer<typeof Entry>

const Head = z.object({ kscan: z.literal(1), run: z.string(), server: z.string(), fingerprint: z.string(), made: z.string() })
const Line = z.discriminatedUnion('event', [
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
  /** Written, and on disk, before the thing is made; returns the number of the entry. */
  make(entry: Entry): number
  made(id: number, uid: string): void
  gone(id: number): void
  /** Removes the file when nothing remains. */
  finish(): void
}

export interface JournalHead {
  readonly run: string
  readonly server: string
  /** SHA-256 of the server's address and CA: another cluster is refused. */
  readonly fingerprint: string
}

/** Starts the journal of a run: one JSON a line, each written through to the disk. Holds no secret. */
export const startJournal = (folder: string, head: JournalHead): Journal => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, `${head.run}.jsonl`)
  append(file, { kscan: 1, ...head, made: new Date().toISOString() })
  chmodSync(file, 0o600)
  return continueJournal(file, 0)
}

const continueJournal = (file: string, used: number): Journal => {
  let last = used
  return {
    file,
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

const append = (file: string, line: unknown): void => {
  const descriptor = openSync(file, 'a', 0o600)
  try {
    appendFileSync(descriptor, `${JSON.stringify(line)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

export interface ReadJournal extends JournalHead {
  readonly file: string
  readonly remaining: readonly Remaining[]
}

/** Reads a journal. A line that a crash cut short is left out: what it was to announce had not been made yet. Throws an Error when the head cannot be read. */
export const readJournal = (file: string): ReadJournal => {
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n')
  const head = Head.parse(JSON.parse(first))
  const open = new Map<number, Remaining>()
  for (const line of rest.flatMap(readLine)) {
    const known = open.get(line.id)
    if (line.event === 'make') open.set(line.id, { id: line.id, entry: line.entry, uid: undefined })
    else if (line.event === 'gone') open.delete(line.id)
    else if (known !== undefined) open.set(line.id, { ...known, uid: line.uid })
  }
  return { file, run: head.run, server: head.server, fingerprint: head.fingerprint, remaining: [...open.values()].toReversed() }
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
