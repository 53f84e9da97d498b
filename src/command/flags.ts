import { GROUPS, type Group, type Input, type Verb } from '../config/input.ts'
import { inputsOf } from '../config/inputs.ts'
import { ALL } from '../config/row.ts'

/** A flag of a command, as the parser, the help and the completion need it. */
export interface Flag {
  readonly name: string
  readonly short: string | undefined
  readonly group: Group
  readonly text: string
  /** How the help calls its value; undefined: it has none. */
  readonly value: string | undefined
  /** Values that can be told; beside these others where it is a list of paths, or free. */
  readonly words: readonly string[]
  readonly several: boolean
  readonly path: 'file' | 'folder' | undefined
  /** It is known only to be refused with words that help: neither told nor completed. */
  readonly secret: boolean
}

type Switch = Pick<Flag, 'name' | 'text'> & Partial<Flag> & { readonly verbs: readonly Verb[] }

export const OUTPUTS_OF_RESULTS = ['text', 'json'] as const

/** Flags that are no inputs: they change what is printed, or which run is meant. */
const SWITCHES: readonly Switch[] = [
  { name: 'run', value: 'id', verbs: ['cleanup'], text: 'Clean up this run, also without its journal.' },
  { name: 'expired', verbs: ['cleanup'], text: 'Remove everything of kscan whose time is over.' },
  {
    name: 'output',
    short: 'o',
    value: 'format',
    words: OUTPUTS_OF_RESULTS,
    verbs: ['scan', 'plan', 'judge', 'profiles'],
    text: 'How results are printed: text or json. Reports are files: --reports.'
  },
  { name: 'output', short: 'o', value: 'file', path: 'file', verbs: ['vendor'], text: 'The archive to write, FILE.tgz.' },
  {
    name: 'os-release',
    value: 'file',
    path: 'file',
    verbs: ['profiles'],
    text: 'An /etc/os-release, or - for the standard input: which profiles fit that system.'
  },
  { name: 'json', verbs: ['scan', 'plan', 'judge', 'profiles'], text: 'The same as -o json.' },
  { name: 'json', verbs: ['vendor'], text: 'Print what was done as JSON.' },
  {
    name: 'yaml',
    verbs: ['doctor'],
    text: 'Print the YAML of all rights that the scan needs, not only of those that are missing.'
  },
  { name: 'quiet', short: 'q', verbs: ALL, text: 'Print results, warnings and errors only.' },
  { name: 'verbose', verbs: ALL, text: 'Print causes and details.' }
]

/** The flags of a command, by group. */
export const flagsOf = (verb: Verb): Flag[] => {
  const inputs = inputsOf(verb).map(ofInput)
  const switches = SWITCHES.filter(({ verbs }) => verbs.includes(verb)).map((each) => ({ ...PLAIN, ...each }))
  const all = [...inputs, ...switches]
  return GROUPS.flatMap((group) => all.filter((flag) => flag.group === group))
}

const PLAIN = { short: undefined, group: 'general', value: undefined, words: [], several: false, path: undefined, secret: false } as const

const ofInput = ({ name, short, group, type, text, path, secret, default: standard }: Input): Flag => {
  const words = wordsOf(type)
  const told = type.kind === 'choice' ? ` (${words.join(', ')})` : ''
  return {
    name,
    short,
    group,
    text: `${text}${told}${standard === '' ? '' : ` [${standard}]`}`,
    value: type.kind === 'list' ? 'values' : 'value',
    words,
    several: type.kind === 'list',
    path,
    secret: secret === true
  }
}

const wordsOf = (type: Input['type']): readonly string[] => {
  if (type.kind === 'boolean') return ['true', 'false']
  return type.kind === 'choice' || type.kind === 'list' ? (type.of ?? []) : []
}
