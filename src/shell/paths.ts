import type { Argument } from './words.ts'

/** An absolute path in a command; `glob`: with the shell's patterns in it. */
export interface Path {
  readonly text: string
  readonly glob: boolean
  /** Only a folder's names are read; of a file that it is there. */
  readonly listed: boolean
}

/** Adds what is an absolute path in a word, also as `--option=/path`, `-o/path`, and `if=/path` of dd. */
export const addPaths = (paths: Map<string, Path>, { values, glob }: Argument, listed = false): void => {
  for (const value of values) {
    const text = /^(?:(?:--?[\w-]+|if)=|-[A-Za-z])(\/.*)$/s.exec(value)?.[1] ?? value
    if (/^\/(?!dev\/)[^\0]*$/.test(text) && !/[$`{}]/.test(text)) {
      const path = { text, glob: glob && /[*?[]/.test(text), listed }
      paths.set(keyOf(path), path)
    }
  }
}

/** The same for the same path, asked for in the same way. */
export const keyOf = ({ text, glob, listed }: Path): string => `${listed ? 'list' : 'read'} ${glob ? 'pattern' : 'path'} ${text}`
