import type { Verb } from '../config/input.ts'
import { type Flag, flagsOf } from './flags.ts'
import { COMPLETION, isVerb, VERBS } from './verb-texts.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** A command as a shell completes it. */
export interface Completed {
  readonly name: string
  readonly summary: string
  readonly flags: readonly Flag[]
  /** What its words are that are no flags. */
  readonly takes: 'files' | 'nothing' | readonly string[]
}

const HELP: Flag = {
  name: 'help',
  short: 'h',
  group: 'general',
  text: 'Print this help.',
  value: undefined,
  words: [],
  several: false,
  path: undefined,
  secret: false
}

const ofVerb = (verb: Verb): Completed => {
  const { summary, files } = VERBS[verb]
  return { name: verb, summary, flags: [...flagsOf(verb).filter(({ secret }) => !secret), HELP], takes: files === undefined ? 'nothing' : 'files' }
}

/** All commands. */
export const completed = (): Completed[] => {
  const verbs = Object.keys(VERBS).filter(isVerb)
  return [
    ...verbs.map(ofVerb),
    { name: 'completion', summary: COMPLETION.summary, flags: [HELP], takes: SHELLS },
    { name: 'help', summary: "Print a command's help.", flags: [], takes: [...verbs, 'completion'] }
  ]
}

/** What stands beside a flag in a list of them: how its text begins. */
export const phraseOf = ({ text }: Flag): string => (text.split(/(?<=[.:;]) /, 1)[0] ?? text).replace(/[.:;]$/, '')
