/** Why an answer does not hold what was asked. `lost`: no answer came at all; otherwise the command ran without seeing it. */
export interface Reason {
  readonly text: string
  readonly lost: boolean
}

/** A command that could not see what it was asked for, and all that rest on its answer. */
export interface Lack {
  readonly command: string
  readonly reason: Reason
  readonly controls: ReadonlySet<string>
  /** Files of controls whose own code asked, outside of any control. */
  readonly files: ReadonlySet<string>
  /** Somebody asked of whom nothing is known: it counts for all controls. */
  readonly all: boolean
}

interface Entry {
  readonly command: string
  readonly reason: Reason | undefined
  readonly controls: Set<string>
  readonly files: Set<string>
  all: boolean
}

export type Asker = { readonly kind: 'control'; readonly id: string } | { readonly kind: 'file'; readonly path: string } | { readonly kind: 'unknown' }

const SHOWN_CHARACTERS = 2000

/** Builtins that ask whether something is there: "no" is their answer, not a lack. (`which` is a program, which may itself be missing.) */
const EXISTENCE = /^\s*(?:(?:\/bin\/)?sh -c '(?:type|command -v|hash) [^;&|$()`<>\n']*'|(?:type|command -v|hash) [^;&|$()`<>\n]*)\s*$/

/** Remembers which control rests on which command, also when the answer came from the auditor's own cache. */
export class Evidence {
  readonly #entries: Entry[] = []

  /** Notes a command, and why its answer does not hold what was asked, if so; returns the number by which askers name it. */
  record(command: string, reason: Reason | undefined): number {
    this.#entries.push({ command: command.slice(0, SHOWN_CHARACTERS), reason, controls: new Set(), files: new Set(), all: false })
    return this.#entries.length - 1
  }

  /** A number that was never given is ignored: the plugin's word is data. */
  asked(command: number, asker: Asker): void {
    const entry = this.#entries[command]
    if (entry === undefined) return
    if (asker.kind === 'control') entry.controls.add(asker.id)
    else if (asker.kind === 'file') entry.files.add(asker.path)
    else entry.all = true
  }

  lacks(): Lack[] {
    return this.#entries.flatMap(({ reason, ...rest }) =>
      reason === undefined || (rest.controls.size === 0 && rest.files.size === 0 && !rest.all) ? [] : [{ ...rest, reason }]
    )
  }
}

const ran = (text: string): Reason => ({ text, lost: false })

/** What the exit status of a profile's command says of missing programs. */
export const lackOfCommand = (command: string, status: number): Reason | undefined => (EXISTENCE.test(command) ? undefined : missingProgram(status))

/** The same for shell code of ours that reads a file; `meant`: further statuses that are answers; `UNSEARCHABLE` is one of a folder on the way. */
export const lackOfReading = (status: number, meant: readonly number[]): Reason | undefined => {
  if (status === UNSEARCHABLE) return ran('a folder on the way to the path cannot be searched by this user, so that it may be there or not')
  return meant.includes(status) ? undefined : (missingProgram(status) ?? ran(`the path could not be read by this user (exit ${status})`))
}

/** Exit status of our code where a folder on the way to a path keeps it from being seen. */
export const UNSEARCHABLE = 77

const missingProgram = (status: number): Reason | undefined => {
  if (status === 127) return ran('a program that the command needs is not in the image (exit 127)')
  return status === 126 ? ran('a program that the command needs could not be run (exit 126)') : undefined
}
