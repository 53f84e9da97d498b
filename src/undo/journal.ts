import { createHash } from 'node:crypto'
import { appendFileSync, closeSync, constants, fsyncSync, openSync, rmSync } from 'node:fs'
import { messageOf, ScanError } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { demandOwnFolder, openOwn } from '../kernel/own.ts'
import type { Entry } from './entry.ts'
import { fileOf, type JournalCluster, type Line, type ReadJournal, type Seal, startOf } from './line.ts'

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

/**
 * Starts the journal of a run: one JSON a line, each written through to the disk. Holds no secret. `onSealed` learns of each line that was written, before
 * anything that it tells of is done, and of the end of the journal, by undefined. Throws JOURNAL_FAILED.
 */
export const startJournal = (folder: string, run: string, onSealed: (seal: Seal | undefined) => void = () => {}): Journal => {
  const file = fileOf(folder, run)
  const hash = createHash('sha256')
  let bytes = 0
  const write = (line: unknown, flags = APPENDING): void => {
    const text = textOf(line)
    append(file, text, flags)
    hash.update(text)
    bytes += Buffer.byteLength(text)
    onSealed({ run, bytes, sha256: hash.copy().digest('hex') })
  }
  try {
    makeFolder(folder, 0o700)
    demandOwnFolder(folder)
    write(
      { kscan: 1, run, made: new Date().toISOString(), owner: { pid: process.pid, start: startOf(process.pid) } },
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
    )
  } catch (error) {
    throw new ScanError('JOURNAL_FAILED', `The journal of this run could not be written: ${messageOf(error)}`, {
      cause: error,
      hint: 'Without it a run that is killed could not be cleaned up. Set XDG_STATE_HOME (in a job RUNNER_TEMP) to a folder that only you can write to.'
    })
  }
  return continueJournal({ file, write, open: new Set(), onFinished: () => onSealed(undefined) })
}

interface Writing {
  readonly file: string
  readonly write: (line: Line) => void
  /** Numbers of the entries that are not gone. */
  readonly open: Set<number>
  readonly onFinished: () => void
}

const continueJournal = ({ file, write, open, onFinished }: Writing): Journal => {
  let last = 0
  return {
    file,
    on: ({ server, fingerprint }) => write({ event: 'cluster', id: 0, server, fingerprint }),
    make: (entry) => {
      last += 1
      write({ event: 'make', id: last, entry })
      open.add(last)
      return last
    },
    made: (id, uid) => write({ event: 'made', id, uid }),
    gone: (id) => {
      write({ event: 'gone', id })
      open.delete(id)
    },
    finish: () => {
      if (open.size > 0) return
      rmSync(file, { force: true })
      onFinished()
    }
  }
}

/** Opens the journal of a run that ended without finishing it. One with lines that kscan does not write stays, for people to look at. */
export const resumeJournal = ({ file, remaining, refused }: Pick<ReadJournal, 'file' | 'remaining' | 'refused'>): Pick<Journal, 'gone' | 'finish'> => {
  let cut = '\n' // ends a line that was cut short
  const write = (line: Line): void => {
    append(file, `${cut}${textOf(line)}`, APPENDING)
    cut = ''
  }
  const journal = continueJournal({ file, write, open: new Set(remaining.map(({ id }) => id)), onFinished: () => {} })
  return refused.length === 0 ? journal : { gone: (id) => journal.gone(id), finish: () => {} }
}

const APPENDING = constants.O_WRONLY | constants.O_APPEND

const textOf = (line: unknown): string => `${JSON.stringify(line)}\n`

/** Writes through to the disk. A journal that is gone is not begun anew without its head, nor is one that somebody put there: then it throws. */
const append = (file: string, text: string, flags: number): void => {
  const descriptor = (flags & constants.O_CREAT) === 0 ? openOwn(file, flags) : openSync(file, flags, 0o600)
  try {
    appendFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
