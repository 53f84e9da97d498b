import type { Argument } from './words.ts'

/** An absolute path in a command; `glob`: with the shell's patterns in it. */
export interface Path {
  readonly text: string
  readonly glob: boolean
}

/** Adds what is an absolute path in a word, also as `--option=/path`, and `if=/path` of dd. */
export const addPaths = (paths: Map<string, Path>, { values, glob }: Argument): void => {
  for (const value of values) {
    const text = /^(?:--?[\w-]+|if)=(\/.*)$/s.exec(value)?.[1] ?? value
    if (/^\/(?!dev\/)[^\0]*$/.test(text) && !/[$`{}]/.test(text)) paths.set(text, { text, glob: glob && /[*?[]/.test(text) })
  }
}
