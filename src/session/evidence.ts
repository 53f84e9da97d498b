/** A command that could not see what it was asked for, and all that rest on its answer. */
export interface Lack {
  readonly command: string
  readonly reason: string
  readonly controls: ReadonlySet<string>
  /** Files of the profile whose own code asked, outside of any control. */
  readonly files: ReadonlySet<string>
}

interface Entry {
  readonly command: string
  readonly reason: string | undefined
  readonly controls: Set<string>
  readonly files: Set<string>
}

export type Asker = { readonly kind: 'control'; readonly id: string } | { readonly kind: 'file'; readonly path: string }

const SHOWN_CHARACTERS = 2000

/** Questions whether something is there: "no" is their answer, not a lack. */
const EXISTENCE = /^\s*(?:(?:\/bin\/)?sh -c '(?:type|command -v|which|hash) [^;&|]*'|(?:type|command -v|which|hash) [^;&|]*)\s*$/

/** Remembers which control rests on which command, also when the answer came from the auditor's own cache. */
export class Evidence {
  readonly #entries: Entry[] = []

  /** Notes an answered command; returns the number by which askers name it. */
  record(command: string, status: number): number {
    this.#entries.push({ command: command.slice(0, SHOWN_CHARACTERS), reason: lackOf(command, status), controls: new Set(), files: new Set() })
    return this.#entries.length - 1
  }

  /** A number that was never given is ignored: the plugin's word is data. */
  asked(command: number, asker: Asker): void {
    const entry = this.#entries[command]
    if (asker.kind === 'control') entry?.controls.add(asker.id)
    else entry?.files.add(asker.path)
  }

  lacks(): Lack[] {
    return this.#entries.flatMap(({ reason, ...rest }) =>
      reason === undefined || (rest.controls.size === 0 && rest.files.size === 0) ? [] : [{ ...rest, reason }]
    )
  }
}

const lackOf = (command: string, status: number): string | undefined => {
  if ((status !== 126 && status !== 127) || EXISTENCE.test(command)) return undefined
  return status === 127 ? 'a program that the command needs is not in the image (exit 127)' : 'a program that the command needs could not be run (exit 126)'
}
