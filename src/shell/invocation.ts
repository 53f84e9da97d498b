import type { Argument } from './words.ts'
import { BENIGN, DATABASES, LOOKING, nameOf, QUESTIONS, READ_NOTHING, SCRIPTED, type Scripted, SHELLS, TEXT_TOOLS, WRITES } from './programs.ts'
import { ASKING, ELSEWHERE, LOADER, MULTI_CALL, NAMING, type Wrapper, WRAPPERS } from './starters.ts'

/** A program with its operands and options, as a shell or another program starts it. */
export type Words = readonly Argument[]

/** What starting a program leads to. */
export interface Invocation {
  /** Its own name, as written; empty where only the run knows it. */
  readonly program: string
  /** Scripts that it gives to a shell. */
  readonly scripts: readonly string[]
  /** That shell is bash; undefined: it is the one that runs this. */
  readonly bash: boolean | undefined
  /** What `$1`, `$2` … are in those scripts, or from then on. */
  readonly operands: Words
  /** That shell reads its script from its input. */
  readonly fromInput: boolean
  /** Programs that it starts, with their operands. */
  readonly starts: readonly Words[]
  /** Operands whose contents it reads. */
  readonly reads: Words
  /** Operands that are listed where they are folders. */
  readonly lists: Words
  /** Files of packages of which it needs one. */
  readonly databases: readonly string[]
  /** Operands of which it says whether they are there. */
  readonly looks: Words
  /** Names of which it asks whether they are there. */
  readonly asks: readonly string[]
}

/** Reads what one program is asked to do. */
export const invocationOf = (words: Words): Invocation => {
  const [name, ...rest] = words
  const written = name === undefined || !name.known ? '' : (name.values[0] ?? '')
  const tool = nameOf(written)
  const applet = MULTI_CALL.has(tool) ? textOf(rest[0] ?? NOTHING) : ''
  const program = /^\w/.test(applet) ? `${written} ${applet}` : written
  const nothing: Invocation = {
    program,
    scripts: [],
    bash: undefined,
    operands: [],
    fromInput: false,
    starts: [],
    reads: [],
    lists: [],
    databases: databasesOf(tool, rest),
    looks: looksOf(tool, rest),
    asks: []
  }
  return { ...nothing, ...ofTool(tool, rest) }
}

/** What is known of a tool by its name. */
const ofTool = (tool: string, rest: Words): Partial<Invocation> => {
  const asks = asksOf(tool, rest)
  if (asks !== undefined) return { asks }
  const builtin = entryOf(OF_BUILTINS, tool)
  if (builtin !== undefined) return builtin(rest)
  if (LISTING.has(tool)) return { lists: ofFolders(rest) ? [] : rest }
  if (SHELLS.has(tool) && !isWrapped(tool, rest)) return { bash: tool === 'bash', ...shell(tool, rest) }
  if (tool === 'find') return find(rest)
  const wrapper = entryOf(WRAPPERS, tool)
  if (wrapper !== undefined) return wrapped(rest, wrapper)
  return MULTI_CALL.has(tool) ? ofTool(textOf(rest[0] ?? NOTHING), rest.slice(1)) : ofAny(tool, rest)
}

const entryOf = <T>(table: Readonly<Record<string, T>>, tool: string): T | undefined => (Object.hasOwn(table, tool) ? table[tool] : undefined)

/** Of a tool that nothing else is known of. */
const ofAny = (tool: string, rest: Words): Partial<Invocation> => {
  if (LOADER.test(tool)) return { starts: [afterOwn(rest, { valued: '', long: ['--library-path', '--preload', '--argv0', '--audit'] })] }
  if (tool.endsWith('awk')) return { scripts: rest.flatMap(startedByAwk), reads: readsOf(tool, rest) }
  return isKnown(tool) ? { reads: readsOf(tool, rest) } : { ...netted(rest), reads: readsOf(tool, rest) }
}

const isKnown = (tool: string): boolean =>
  [READ_NOTHING, TEXT_TOOLS, BENIGN, ELSEWHERE, NAMING, ASKING].some((names) => names.has(tool)) ||
  Object.hasOwn(SCRIPTED, tool) ||
  Object.hasOwn(DATABASES, tool)

/** What a program that is not known may start: see `starters.ts`. */
const netted = (rest: Words): Partial<Invocation> => {
  const first = rest.findIndex((word) => ASKING.has(textOf(word)))
  const scripts = rest.flatMap(({ values }) => values.filter((value) => ASKING.has(/^(\S+)\s/.exec(value)?.[1] ?? '')))
  return { scripts, starts: first === -1 ? [] : [rest.slice(first)] }
}

/** What a program starts that is known to start another. */
const wrapped = (rest: Words, wrapper: Wrapper): Partial<Invocation> => {
  const { script, names, joins } = wrapper
  const scripts = script === undefined ? [] : valuesOf(rest, script)
  if (names !== undefined) return { starts: rest.flatMap((word, index) => (names.test(nameOfOption(word)) ? [valueAt(rest, index)] : [])) }
  const inner = afterOwn(rest, wrapper)
  if (joins === true) return { scripts: inner.length > 0 ? textsOf(inner) : [] }
  return { scripts, starts: scripts.length > 0 ? [] : [inner] }
}

const nameOfOption = (word: Argument): string => textOf(word).replace(/=.*$/s, '')
/** `-x VALUE`, `--exec=VALUE`, `--exec VALUE`: as words. */
const valueAt = (rest: Words, index: number): Words => {
  const [, own] = /^--[\w-]+=(.*)$/s.exec(textOf(rest[index] ?? NOTHING)) ?? []
  return own === undefined ? rest.slice(index + 1, index + 2) : [{ values: [own], known: rest[index]?.known ?? false, glob: false }]
}
const valuesOf = (rest: Words, option: RegExp): string[] =>
  rest.flatMap((word, index) => (option.test(nameOfOption(word)) ? valueAt(rest, index).flatMap(({ values }) => values) : []))

/** Builtins that run text, or change what text means. */
const OF_BUILTINS: Readonly<Record<string, (rest: Words) => Partial<Invocation>>> = {
  eval: (rest) => ({ scripts: textsOf(rest) }),
  set: (rest) => ({ operands: rest.filter((word) => !isOption(word)) }),
  // `trap SCRIPT SIGNAL`; a `-` takes it back
  trap: (rest) => ({ scripts: textsOf(rest.slice(0, 1)).filter((text) => text !== '-') })
}

/** `runuser -u USER PROGRAM`; without the option it is a shell. */
const isWrapped = (tool: string, rest: Words): boolean => tool === 'runuser' && rest.some((word) => /^(?:-u|--user)/.test(textOf(word)))

/** Operands of which a program says whether they are there, and patterns, which the shell looks up for every program. */
const looksOf = (tool: string, rest: Words): Words => (LOOKING.has(tool) || (LISTING.has(tool) && ofFolders(rest)) ? rest : rest.filter(({ glob }) => glob))
/** It lists folders; with `-d` it says what is said of a folder itself. */
const LISTING: ReadonlySet<string> = new Set(['ls', 'dir', 'vdir'])
const ofFolders = (rest: Words): boolean => rest.some((word) => /^-[A-Za-z]*d|^--directory$/.test(textOf(word)))

/** Options that name another place of a package database. */
const PLACE = /^--(?:dbpath|admindir|root|installroot)\b/

/** None where the command names another place itself. */
const databasesOf = (tool: string, rest: Words): readonly string[] =>
  Object.hasOwn(DATABASES, tool) && !rest.some((word) => PLACE.test(textOf(word)) || textOf(word) === '--version') ? (DATABASES[tool] ?? []) : []

/** Commands that awk is told to start, where its program has them as they are; other texts of it are passed over. */
const startedByAwk = (word: Argument): string[] =>
  [...textOf(word).matchAll(/(?:system *\( *|(?<!\|)\|(?!\|) *)"((?:[^"\\]|\\.)*)"|"((?:[^"\\]|\\.)*)" *\|(?!\|) *getline|"(?:[^"\\]|\\.)*"/g)]
    .map(([, run = '', read = '']) => run + read)
    .filter((text) => text !== '')

const NOTHING: Argument = { values: [''], known: true, glob: false }
const textOf = ({ values }: Argument): string => values[0] ?? ''
/** All that several words can be, joined as eval does. */
const textsOf = ([first, ...others]: Words): string[] =>
  others.reduce((all, { values }) => all.flatMap((left) => values.map((right) => `${left} ${right}`)).slice(0, MANY), [...(first?.values ?? [])])
const MANY = 64
const isOption = (word: Argument): boolean => /^-./.test(textOf(word))

/** `command -v x`, `which x`, `[ -x /x ]`; undefined where nothing is asked. */
const asksOf = (tool: string, rest: Words): string[] | undefined => {
  const operands = (): string[] => rest.filter((word) => !isOption(word)).flatMap(({ values }) => values)
  if (QUESTIONS.has(tool)) return operands()
  if (tool === 'command' && rest.some((word) => /^-p?[vV]$/.test(textOf(word)))) return operands()
  if (tool !== '[' && tool !== 'test') return undefined
  return rest.flatMap((word, index) => (/^-[exfs]$/.test(textOf(word)) ? [textOf(rest[index + 1] ?? word)] : []))
}

/** `sh -c SCRIPT`, `sh FILE`, or `sh` alone, which reads its input. */
const shell = (tool: string, rest: Words): Partial<Invocation> => {
  const flag = rest.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(textOf(word)))
  const [script, , ...operands] =
    flag === -1 ? [] : rest.slice(flag + 1).filter((_word, index, after) => after.slice(0, index + 1).some((one) => !isOption(one)))
  if (script !== undefined) return { scripts: script.values, operands }
  const asks = rest.some((word) => /^--(?:version|help)$/.test(textOf(word)))
  const first = rest.find((word) => !isOption(word))
  const fromInput = first === undefined || /^(?:-|\/dev\/stdin)$/.test(textOf(first)) || rest.some((word) => /^-[a-z]*s/.test(textOf(word)))
  return { reads: rest, fromInput: fromInput && !asks && tool !== 'su' && tool !== 'runuser' }
}

/** Its starting points, and what `-exec` starts. */
const find = (rest: Words): Partial<Invocation> => {
  const first = rest.findIndex((word) => /^[-(!]/.test(textOf(word)) && !/^-(?:[HLP]|O\d)$/.test(textOf(word)))
  const starts: Words[] = []
  for (const [index, word] of rest.entries()) {
    if (!/^-(?:exec|ok)(?:dir)?$/.test(textOf(word))) continue
    const after = rest.slice(index + 1)
    const end = after.findIndex((part) => /^[;+]$/.test(textOf(part)))
    starts.push(end === -1 ? after : after.slice(0, end))
  }
  const points = first === -1 ? rest : rest.slice(0, first)
  const stays =
    textOf(rest[first] ?? NOTHING) === '-prune' || rest.some((word, index) => textOf(word) === '-maxdepth' && textOf(rest[index + 1] ?? NOTHING) === '0')
  return { ...(stays ? { looks: points } : { lists: points }), starts }
}

/** The words after a wrapper's own options, assignments and operands: a program and its operands. */
const afterOwn = (rest: Words, wrapper: Wrapper): Words => {
  const isOwn = (text: string): boolean => /^[A-Za-z_]\w*=/.test(text) || wrapper.own?.test(text) === true
  const operands = itemsOf(rest, wrapper).filter(({ word, option }) => option === undefined && !isOwn(textOf(word)))
  const program = operands[wrapper.operands ?? 0]
  return program === undefined ? [] : rest.slice(program.index)
}

/** The operands whose contents a program reads; of one that is not known, all words. */
const readsOf = (tool: string, rest: Words): Words => {
  if (READ_NOTHING.has(tool)) return rest.filter((word, index) => [word, rest[index - 1] ?? NOTHING].some((each) => PLACE.test(textOf(each))))
  const scripted = Object.hasOwn(SCRIPTED, tool) ? SCRIPTED[tool] : undefined
  if (scripted !== undefined) return afterScript(rest, scripted)
  const written = Object.hasOwn(WRITES, tool) ? WRITES[tool] : undefined
  return written === undefined ? rest : itemsOf(rest, { valued: written }).flatMap(({ word, option }) => (option === written ? [] : [word]))
}

const afterScript = (rest: Words, scripted: Scripted): Words => {
  const items = itemsOf(rest, scripted)
  const said = items.some(({ option }) => option !== undefined && (scripted.script.includes(option) || /^--(?:regexp|expression|file)\b/.test(option)))
  const operands = items.filter(({ option }) => option === undefined)
  const files = items.filter(({ option }) => option === 'f' || option?.startsWith('--file='))
  return [...operands.slice(said || scripted.file === true ? 0 : 1), ...files].map(({ word }) => word)
}

/** An operand, or an option: its letter or its long form, and the word that holds its value, if it takes one. */
interface Item {
  readonly word: Argument
  readonly index: number
  readonly option: string | undefined
}

/** Splits words into options and operands, as getopt does: `-n 5` takes the next word, `-n5` and `--lines=5` do not. */
const itemsOf = (rest: Words, { valued, long = [] }: { valued: string; long?: readonly string[] }): Item[] => {
  const items: Item[] = []
  let taker: string | undefined
  let ended = false
  for (const [index, word] of rest.entries()) {
    const text = textOf(word)
    const option: string | undefined = taker ?? (ended ? undefined : optionOf(text, valued))
    const takes = taker === undefined && !ended && takesNext(text, option, long)
    taker = takes ? option : undefined
    if (option === '--') ended = true
    else if (!takes) items.push({ word, index, option })
  }
  return items
}

/** `-n 5`, `--lines 5`: its value is the next word. */
const takesNext = (text: string, option: string | undefined, long: readonly string[]): boolean =>
  long.includes(text) || (option !== text && option === text.at(-1))

/** The first letter that takes a value, else the whole text; undefined for an operand. */
const optionOf = (text: string, valued: string): string | undefined => {
  if (!/^-./.test(text) || text.startsWith('--')) return text.startsWith('--') ? text : undefined
  return text.split('').find((letter, place) => place > 0 && valued.includes(letter)) ?? text
}
