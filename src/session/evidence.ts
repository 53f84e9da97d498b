import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { CommandOutcome } from './command.ts'
import { UNSEARCHABLE } from './reading.ts'

/** Why an answer does not hold what was asked. `lost`: no answer came at all; otherwise the command ran without seeing it. */
export interface Reason {
  readonly text: string
  /** `KIND` or `KIND:WHAT`, the same wherever the same thing is missing: by it lacks are grouped and accepted. */
  readonly cause: string
  readonly lost: boolean
}

/** Why an answer, which came, is not believed. */
export type Lacking = Omit<Reason, 'lost'>

/** Who asked. */
export interface Askers {
  readonly controls: ReadonlySet<string>
  /** Files of controls whose own code asked, outside of any control. */
  readonly files: ReadonlySet<string>
}

/** All that rest on an answer. */
export interface Rest extends Askers {
  /** Those that asked after a condition of theirs was not met: they rest on it only where their checks ran all the same. */
  readonly skipped: Askers
  /** Somebody asked of whom nothing is known: it counts for all controls. */
  readonly all: boolean
}

/** A command that could not see what it was asked for, and all that rest on its answer. */
export interface Lack extends Rest {
  readonly command: string
  readonly reason: Reason
}

/** What a shell command came to, as far as its meaning is read: of its streams the heads. */
export interface Said {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** What its programs said that they could not see; see `CommandOutcome`. */
  readonly unseen: readonly string[]
}

/** A shell command on whose answer somebody rests. */
export interface Rested {
  readonly number: number
  readonly text: string
  readonly said: Said
  /** Resources of InSpec that ran it; none where only a profile's own code did. */
  readonly resources: ReadonlySet<string>
  /** Services of whose state resources asked by it. */
  readonly services: ReadonlySet<string>
}

/** A service whose absence nobody had to tell: what was looked at in its place. */
export interface Grounded {
  readonly service: string
  readonly ground: string
}

interface Entry {
  readonly command: string
  /** The whole text of a shell command and what it came to; undefined for what we ask ourselves. */
  readonly shell: { readonly text: string; readonly said: Said; readonly resources: Set<string>; readonly services: Set<string> } | undefined
  reasons: readonly Reason[]
  readonly rest: Asked & { readonly skipped: Asked; all: boolean }
}

interface Asked {
  readonly controls: Set<string>
  readonly files: Set<string>
}

/** `skipped`: a condition of theirs was not met before. */
export type Asker =
  | { readonly kind: 'control'; readonly id: string; readonly skipped?: boolean | undefined }
  | { readonly kind: 'file'; readonly path: string; readonly skipped?: boolean | undefined }
  | { readonly kind: 'unknown' }

const SHOWN_CHARACTERS = 2000
/** What is kept of all questions, and what one takes besides its text; in bytes, or so. */
const KEPT_BYTES = 256 * 1024 * 1024
const ENTRY_BYTES = 1024

/** A profile may ask without end. */
export const tooMuch = (): ScanError =>
  new ScanError('SESSION_FAILED', 'The profile asks more than kscan can remember (256 MiB)', { hint: 'Does a control ask in a loop? Choose fewer controls.' })

/** Remembers which control rests on which command, also when the answer came from the auditor's own cache. */
export class Evidence {
  readonly #entries: Entry[] = []
  readonly #grounded = new Map<string, Grounded>()
  #kept = 0

  /** Notes a shell command that was answered; returns the number by which askers name it. Throws SESSION_FAILED for more than is kept, as `record` does. */
  recordCommand(text: string, answer: Answer): number {
    const said = { status: answer.status, stdout: headOf(answer.stdout), stderr: headOf(answer.stderr), unseen: answer.unseen ?? [] }
    return this.#add({ command: text, shell: { text, said, resources: new Set(), services: new Set() }, reasons: lackOfCommand(text, answer.status) })
  }

  /** Notes what was asked otherwise, and why its answer does not hold it, if so; returns its number. */
  record(command: string, reason: Reason | undefined): number {
    return this.#add({ command, shell: undefined, reasons: reason === undefined ? [] : [reason] })
  }

  #add({ command, shell, reasons }: Pick<Entry, 'command' | 'shell' | 'reasons'>): number {
    this.#kept += ENTRY_BYTES + command.length + (shell === undefined ? 0 : shell.text.length + sizeOf(shell.said))
    if (this.#kept > KEPT_BYTES) throw tooMuch()
    this.#entries.push({ command: command.slice(0, SHOWN_CHARACTERS), shell, reasons, rest: { ...nobody(), skipped: nobody(), all: false } })
    return this.#entries.length - 1
  }

  /** The shell commands on whose answers somebody rests. */
  commands(): Rested[] {
    return this.#entries.flatMap(({ shell, rest }, number) => (shell !== undefined && rested(rest) ? [{ number, ...shell }] : []))
  }

  /** Notes that a resource of InSpec's own ran that command, and of which service it asked, if so. */
  ranBy(command: number, { resource, service }: { resource: string; service?: string | undefined }): void {
    const shell = this.#entries[command]?.shell
    shell?.resources.add(resource)
    if (service !== undefined) shell?.services.add(service)
  }

  /** Notes that what a command lacks was not needed: what it asked for was looked at otherwise. */
  grounded(number: number, grounds: readonly Grounded[]): void {
    this.lacking(number, [])
    for (const each of grounds) this.#grounded.set(each.service, each)
  }

  /** Services of which resources say "none" on another ground than a service manager's word. */
  grounds(): Grounded[] {
    return [...this.#grounded.values()].toSorted((one, other) => (one.service < other.service ? -1 : 1))
  }

  /** Notes what a command was found to lack after it was answered. */
  lacking(number: number, lacks: readonly Lacking[]): void {
    const entry = this.#entries[number]
    if (entry !== undefined) entry.reasons = lacks.map((lack) => ({ ...lack, lost: false }))
  }

  /** A number that was never given is ignored: the plugin's word is data. */
  asked(command: number, asker: Asker): void {
    const rest = this.#entries[command]?.rest
    if (rest === undefined) return
    if (asker.kind === 'unknown') {
      rest.all = true
      return
    }
    const askers = asker.skipped === true ? rest.skipped : rest
    if (asker.kind === 'control') askers.controls.add(asker.id)
    else askers.files.add(asker.path)
  }

  /** Who rests on the answer of that number, and why it does not hold what was asked, if so; undefined for a number that was never given. */
  restOn(number: number): (Rest & { readonly reasons: readonly Reason[] }) | undefined {
    const entry = this.#entries[number]
    return entry && { ...entry.rest, reasons: entry.reasons }
  }

  /** One for each reason. */
  lacks(): Lack[] {
    return this.#entries.filter(({ rest }) => rested(rest)).flatMap(({ command, reasons, rest }) => reasons.map((reason) => ({ command, reason, ...rest })))
  }
}

const sizeOf = ({ stdout, stderr, unseen }: Said): number => stdout.length + stderr.length + unseen.reduce((sum, each) => sum + each.length, 0)

const nobody = (): Asked => ({ controls: new Set(), files: new Set() })

const rested = ({ skipped, all, ...askers }: Rest): boolean => all || [askers, skipped].some(({ controls, files }) => controls.size > 0 || files.size > 0)

type Answer = Omit<CommandOutcome & { kind: 'done' }, 'kind'>

/** Bytes of a stream by which its meaning is read. */
const HEAD_BYTES = 4096
const headOf = (bytes: Buffer): string => bytes.subarray(0, HEAD_BYTES).toString('utf8')

const ran = (cause: string, text: string): Reason => ({ text, cause, lost: false })

/** What the exit status of a profile's command says of missing programs, until it is known whether it asks for them itself. */
const lackOfCommand = (command: string, status: number): Reason[] => {
  if (status === 2 && /^\s*(?:\/usr\/bin\/)?dpkg(?:-query)?\s[^|;&]*$/.test(command)) return [ran('refused:dpkg', 'dpkg could not read its database (exit 2)')]
  const reason = missingProgram(status)
  return reason === undefined ? [] : [reason]
}

/** The same for shell code of ours that reads a file; `meant`: further statuses that are answers; `UNSEARCHABLE` is one of a folder on the way. */
export const lackOfReading = (path: string, status: number, meant: readonly number[]): Reason | undefined => {
  if (status === UNSEARCHABLE)
    return ran(
      `hidden:${printableLine(path, 200)}`,
      'a folder on the way to the path, or to where it leads, cannot be searched by this user, so that it may be there or not'
    )
  return meant.includes(status)
    ? undefined
    : (missingProgram(status) ?? ran(`unreadable:${printableLine(path, 200)}`, `the path could not be read by this user (exit ${status})`))
}

const missingProgram = (status: number): Reason | undefined => {
  if (status === 127) return ran('missing', 'a program that the command needs is not in the image (exit 127)')
  return status === 126 ? ran('not-runnable', 'a program that the command needs could not be run (exit 126)') : undefined
}
