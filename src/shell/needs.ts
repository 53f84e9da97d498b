import { type AndOr, type Command, forEachChild, parse, type Redirect, type SyntaxNode, type Word } from 'unbash'
import { type Invocation, invocationOf, type Words } from './invocation.ts'
import { BENIGN, BUILTINS, TEXT_TOOLS } from './programs.ts'
import { argumentOf } from './words.ts'

/** What a command rests on, read from its text; the shell language is bash's, of which sh's is a part. */
export interface Needs {
  /** Programs as written, by name or by path, each of which it needs. */
  readonly programs: readonly string[]
  /** Programs of which it needs one. */
  readonly alternatives: readonly (readonly string[])[]
  /** Absolute paths whose content or listing it reads; `glob`: with the shell's patterns in it. */
  readonly reads: readonly Path[]
  /** Programs of which it asks whether they are there. */
  readonly asked: readonly string[]
  /** Why not all of it could be read. */
  readonly unclear: string | undefined
}

export interface Path {
  readonly text: string
  readonly glob: boolean
}

/** Scripts in scripts; beyond that a command is unclear. */
const DEPTH = 8

interface Found {
  readonly programs: Set<string>
  readonly alternatives: Map<string, readonly string[]>
  readonly reads: Map<string, Path>
  readonly asked: Set<string>
  readonly functions: Set<string>
  readonly variables: Map<string, readonly string[]>
  unclear: string | undefined
}

interface Place {
  readonly found: Found
  /** Programs whose absence has been asked for before this place is reached. */
  readonly guarded: ReadonlySet<string>
  readonly depth: number
}

/** Reads a command. Never throws: what it cannot read is `unclear`. */
export const needsOf = (command: string): Needs => {
  const found: Found = {
    programs: new Set(),
    alternatives: new Map(),
    reads: new Map(),
    asked: new Set(),
    functions: new Set(),
    variables: new Map(),
    unclear: undefined
  }
  script(command, { found, guarded: new Set(), depth: 0 })
  const alternatives = [...found.alternatives.values()].filter((group) => !group.some((program) => found.functions.has(program)))
  const otherwise = new Set([...found.functions, ...alternatives.flat()])
  return {
    programs: [...found.programs].filter((program) => !otherwise.has(program)),
    alternatives,
    reads: [...found.reads.values()],
    asked: [...found.asked],
    unclear: found.unclear
  }
}

const script = (text: string, place: Place): void => {
  if (place.depth > DEPTH) place.found.unclear ??= 'scripts are nested too deep in it'
  else visit(parse(text), { ...place, depth: place.depth + 1 })
}

const visit = (node: SyntaxNode, place: Place): void => {
  note(node, place.found)
  if (node.type === 'Script' || node.type === 'CompoundList') return sequence(node.commands, place)
  if (node.type === 'AndOr') return chain(node, place)
  if (node.type === 'If') return children(node, { ...place, guarded: new Set([...place.guarded, ...askedIn(node.clause, place)]) })
  if (node.type === 'Command') return simple(node, place)
  children(node, place)
}

const note = (node: SyntaxNode, found: Found): void => {
  if (node.type === 'Script' && 'errors' in node) found.unclear ??= node.errors?.[0]?.message
  if (node.type === 'For') setVariable(node.name.value, node.wordlist ?? [], found)
  if (node.type === 'Assignment' && node.value.type === 'Word') setVariable(node.name, [node.value], found)
  if (node.type === 'Function') found.functions.add(node.name.value)
  if (node.type === 'Redirect') read(node, found)
}

const setVariable = (name: string, words: readonly Word[], { variables }: Found): void => {
  const values = words.map((word) => argumentOf(word, variables))
  if (values.every(({ known }) => known))
    variables.set(
      name,
      values.flatMap((each) => each.values)
    )
  else variables.delete(name)
}

const children = (node: SyntaxNode, place: Place): void => forEachChild(node, (child) => visit(child, place))

/** One statement after the other; `command -v x || exit` guards those that follow. */
const sequence = (statements: readonly SyntaxNode[], place: Place): void => {
  let guarded = place.guarded
  for (const statement of statements) {
    visit(statement, { ...place, guarded })
    const command = statement.type === 'Statement' ? statement.command : statement
    if (command.type === 'AndOr' && leaves(command)) guarded = new Set([...guarded, ...askedIn(command, place)])
  }
}

const leaves = (node: AndOr): boolean => {
  const last = node.commands.at(-1)
  let exits = false
  const look = (inner: SyntaxNode): void => {
    if (inner.type === 'Command' && /^(?:exit|return)$/.test(inner.name?.value ?? '')) exits = true
    forEachChild(inner, look)
  }
  if (node.operators.at(-1) === '||' && last !== undefined) look(last)
  return exits
}

/** `asks && uses`; `one || another`, two ways to one answer. */
const chain = (node: AndOr, place: Place): void => {
  let guarded = place.guarded
  for (const [index, command] of node.commands.entries()) {
    const next = node.commands[index + 1]
    visit(command, { ...place, guarded })
    guarded = new Set([...guarded, ...askedIn(command, place)])
    if (next !== undefined && node.operators.slice(0, index + 1).every((operator) => operator === '||')) alternative(command, next, place.found)
  }
}

const alternative = (left: SyntaxNode, right: SyntaxNode, found: Found): void => {
  const pair = [firstProgram(left), firstProgram(right)]
  const plain = (name: string | undefined): name is string =>
    name !== undefined && !BENIGN.has(name) && !TEXT_TOOLS.has(name.slice(name.lastIndexOf('/') + 1)) && !BUILTINS.has(name)
  if (pair[0] !== pair[1] && pair.every(plain)) found.alternatives.set(pair.join('\n'), pair)
}

const firstProgram = (node: SyntaxNode): string | undefined => {
  if (node.type === 'Pipeline') return node.commands[0] === undefined ? undefined : firstProgram(node.commands[0])
  return node.type === 'Command' ? node.name?.value : undefined
}

/** Names and paths that a part of a command asks for. */
const askedIn = (node: SyntaxNode, place: Place): string[] => {
  const asked: string[] = []
  const look = (inner: SyntaxNode): void => {
    if (inner.type === 'Command') asked.push(...invocationOf(wordsOf(inner, place)).asks)
    if (inner.type === 'TestUnary' && /^-[exfs]$/.test(inner.operator)) asked.push(...argumentOf(inner.operand, place.found.variables).values)
    forEachChild(inner, look)
  }
  look(node)
  return asked
}

const wordsOf = (command: Command, { found }: Place): Words =>
  [command.name, ...command.args].filter((word): word is Word => word?.type === 'Word').map((word) => argumentOf(word, found.variables))

const simple = (command: Command, place: Place): void => {
  start(wordsOf(command, place), place)
  children(command, place)
}

/** Notes a program that is started, and all that it starts and reads. */
const start = (words: Words, place: Place): void => {
  if (words.length === 0) return
  const { program, scripts, starts, reads, asks }: Invocation = invocationOf(words)
  for (const name of asks) place.found.asked.add(name)
  if (program !== '') need(program, place)
  for (const text of scripts) script(text, place)
  for (const inner of starts) start(inner, place)
  for (const { values, glob } of reads) for (const value of values) path(value, glob, place.found)
}

const need = (program: string, { found, guarded }: Place): void => {
  const name = program.slice(program.lastIndexOf('/') + 1)
  const excused = guarded.has(program) || [...guarded].some((asked) => asked.slice(asked.lastIndexOf('/') + 1) === name)
  if (excused) found.asked.add(program)
  else if (!BUILTINS.has(program)) found.programs.add(program)
}

const read = ({ operator, target }: Redirect, found: Found): void => {
  if (!operator.startsWith('<') || target === undefined) return
  const { values, glob } = argumentOf(target, found.variables)
  for (const value of values) path(value, glob, found)
}

/** An absolute path, also as `--option=/path`. */
const path = (value: string, glob: boolean, found: Found): void => {
  const text = /^--?[\w-]+=(\/.*)$/s.exec(value)?.[1] ?? value
  if (/^\/(?!dev\/)[^\0]*$/.test(text) && !/[$`{}]/.test(text)) found.reads.set(text, { text, glob: glob && /[*?[]/.test(text) })
}
