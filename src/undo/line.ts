import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { isRunId } from '../kernel/name.ts'
import { Entry, Uid } from './entry.ts'

/** A process: its id alone is given anew. `start` is field 22 of /proc/PID/stat, empty where there is no /proc. */
const Owner = z.object({ pid: z.int().positive(), start: z.string() })
export type Owner = z.infer<typeof Owner>

export const Head = z.object({ kscan: z.literal(1), run: z.string().refine(isRunId), made: z.string(), owner: Owner })
const Id = z.int().min(0)
export const Line = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('cluster'), id: z.literal(0), server: z.string().max(2048), fingerprint: z.string().max(64) }),
  z.strictObject({ event: z.literal('make'), id: Id, entry: Entry }),
  z.strictObject({ event: z.literal('made'), id: Id, uid: Uid }),
  z.strictObject({ event: z.literal('gone'), id: Id })
])
export type Line = z.infer<typeof Line>

export interface JournalCluster {
  readonly server: string
  /** SHA-256 of the server's address and CA: another cluster is refused. */
  readonly fingerprint: string
}

/** What a journal says is still there, the newest first. */
export interface Remaining {
  readonly id: number
  readonly entry: Entry
  /** Known once the cluster had answered. */
  readonly uid: string | undefined
}

export interface ReadJournal {
  readonly file: string
  readonly run: string
  /** Undefined when the run died before it knew. */
  readonly cluster: JournalCluster | undefined
  /** The process that wrote it still runs: it undoes its things itself. */
  readonly live: boolean
  readonly remaining: readonly Remaining[]
  /** Numbers of the lines that kscan does not write: somebody else did, and nothing is done about what they name. */
  readonly refused: readonly number[]
}

/** What a journal held when it was last written to: whoever has been told of it can tell what was changed or added since. */
export interface Seal {
  readonly run: string
  readonly bytes: number
  readonly sha256: string
}

export const showSeal = ({ run, bytes, sha256 }: Seal): string => `${run}-${bytes}-${sha256}`

/** Undefined for what is no seal. */
export const readSeal = (text: string): Seal | undefined => {
  const [, run, bytes, sha256] = /^([a-z0-9]{10})-(\d{1,9})-([0-9a-f]{64})$/.exec(text) ?? []
  return run === undefined || bytes === undefined || sha256 === undefined ? undefined : { run, bytes: Number(bytes), sha256 }
}

export const fileOf = (folder: string, run: string): string => join(folder, `${run}.jsonl`)

/** Empty where nobody knows. */
export const startOf = (pid: number): string => {
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
