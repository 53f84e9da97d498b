import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { messageOf, ScanError } from '../kernel/error.ts'
import { demandOwnFolder, readOwn } from '../kernel/own.ts'
import { isOfRun } from './entry.ts'
import { fileOf, Head, type JournalCluster, Line, type Owner, type ReadJournal, type Remaining, type Seal, startOf } from './line.ts'

/** Some twenty thousand entries. */
const MOST_BYTES = 4 * 1024 * 1024

/**
 * Reads a journal as what it is, a file that anybody may have written: what does not name things that this very run makes is refused line by line. A line that
 * a crash cut short is left out: what it was to announce had not been made yet. With a seal only what was there when it was made counts. Throws an Error when
 * the head cannot be read, the file is not this user's alone, or is not what was sealed.
 */
export const readJournal = (file: string, seal?: Seal): ReadJournal => {
  const whole = readOwn(file, MOST_BYTES)
  const bytes = seal === undefined ? whole : sealed(whole, seal)
  const [first = '', ...rest] = bytes.toString('utf8').split('\n')
  const head = Head.parse(JSON.parse(first))
  if (basename(file) !== `${head.run}.jsonl`) throw new Error(`it is of the run ${head.run}`)
  const open = new Map<number, Remaining>()
  const refused: number[] = []
  let cluster: JournalCluster | undefined
  for (const [index, text] of rest.entries()) {
    const line = readLine(text, head.run)
    if (line === 'cut') continue
    if (line === 'refused' || !take(line, open, cluster)) {
      refused.push(index + 2)
      continue
    }
    if (line.event === 'cluster') cluster = { server: line.server, fingerprint: line.fingerprint }
  }
  return { file, run: head.run, cluster, live: isLive(head.owner), remaining: [...open.values()].toReversed(), refused }
}

const sealed = (bytes: Buffer, seal: Seal): Buffer => {
  const known = bytes.subarray(0, seal.bytes)
  if (createHash('sha256').update(known).digest('hex') !== seal.sha256) throw new Error('it was changed since the run wrote it')
  return known
}

/** False for a line that contradicts those before it: a run names its cluster once, and each thing, too. */
const take = (line: Line, open: Map<number, Remaining>, cluster: JournalCluster | undefined): boolean => {
  const known = open.get(line.id)
  switch (line.event) {
    case 'cluster':
      return cluster === undefined
    case 'make':
      if (known !== undefined) return false
      open.set(line.id, { id: line.id, entry: line.entry, uid: undefined })
      return true
    case 'made':
      if (known?.uid !== undefined) return false
      if (known !== undefined) open.set(line.id, { ...known, uid: line.uid })
      return true
    case 'gone':
      open.delete(line.id)
      return true
  }
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

/** A line that is no JSON was cut short by a crash. */
const readLine = (text: string, run: string): Line | 'cut' | 'refused' => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return 'cut'
  }
  const { data } = Line.safeParse(json)
  return data === undefined || (data.event === 'make' && !isOfRun(run, data.entry)) ? 'refused' : data
}

export interface Journals {
  readonly journals: readonly ReadJournal[]
  /** Those that cannot be read, with the reason. */
  readonly unreadable: readonly { readonly file: string; readonly why: string }[]
}

/** All journals of a folder. Throws JOURNAL_FAILED for a folder in which others could have put them. */
export const listJournals = (folder: string): Journals => {
  if (!existsSync(folder)) return { journals: [], unreadable: [] }
  demandJournals(folder)
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  return readAll(names.toSorted().map((name) => join(folder, name)))
}

/** The journal that was sealed; whoever ends a run forgets its seal. Throws as `listJournals` does. */
export const sealedJournal = (folder: string, seal: Seal): Journals => {
  const file = fileOf(folder, seal.run)
  if (existsSync(folder)) demandJournals(folder)
  return readAll([file], seal)
}

const demandJournals = (folder: string): void => {
  try {
    demandOwnFolder(folder)
  } catch (error) {
    throw new ScanError('JOURNAL_FAILED', `The journals are not to be trusted: ${messageOf(error)}`, {
      cause: error,
      hint: 'Nothing was removed. Look at what is there. kscan cleanup --expired removes what runs have left; set XDG_STATE_HOME (in a job RUNNER_TEMP) to a folder of your own for it.'
    })
  }
}

const readAll = (files: readonly string[], seal?: Seal): Journals => {
  const journals: ReadJournal[] = []
  const unreadable: { file: string; why: string }[] = []
  for (const file of files) {
    try {
      journals.push(readJournal(file, seal))
    } catch (error) {
      unreadable.push({ file, why: messageOf(error) })
    }
  }
  return { journals, unreadable }
}
