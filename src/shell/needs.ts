import { type AndOr, type Command, type Elif, forEachChild, type If, parse, type Redirect, type SyntaxNode, type TestUnaryExpression, type Word } from 'unbash'
import { featureOf } from './features.ts'
import { type Found, foundNeeds, type Needs, nothingFound } from './found.ts'
import { askedIn, conditionOf, isNegated, isSameProgram, leaves, wordsOf } from './guards.ts'
import { type Invocation, invocationOf, type Words } from './invocation.ts'
import { BENIGN, BUILTINS, BUILTINS_OF_BASH, nameOf, TEXT_TOOLS } from './programs.ts'
import { addPaths } from './paths.ts'
import { append, assign, assignOperands } from './variables.ts'
import { argumentOf, fieldsOf } from './words.ts'

/** Scripts in scripts; beyond that a command is unclear. */
const DEPTH = 8

interface Place {
  readonly found: Found
  /** Programs whose absence has been asked for before this place is reached. */
  readonly guarded: ReadonlySet<string>
  readonly depth: number
  /** The shell that runs this is bash. */
  readonly bash: boolean
  /** Functions in whose bodies this is. */
  readonly inside: ReadonlySet<string>
  /** Programs that start this, the session's own shell not among them. */
  readonly starters: readonly string[]
}

/** Reads a command. Never throws: what it cannot read is `unclear`. */
export const needsOf = (command: string): Needs => {
  const found = nothingFound()
  try {
    script(command, { found, guarded: new Set(), depth: 0, bash: false, inside: new Set(), starters: [] })
  } catch {
    found.unclear ??= 'it is nested too deep' // more than the stack holds
  }
  return foundNeeds(found)
}

const script = (text: string, place: Place): void => {
  if (place.depth > DEPTH) place.found.unclear ??= 'scripts are nested too deep in it'
  else visit(parse(text), { ...place, depth: place.depth + 1 })
}

const visit = (node: SyntaxNode, place: Place): void => {
  understand(node, place)
  note(node, place)
  if (node.type === 'Script' || node.type === 'CompoundList') return sequence(node.commands, place)
  if (node.type === 'AndOr') return chain(node, place)
  if (node.type === 'If' || node.type === 'Elif') return branches(node, place)
  if (node.type === 'Command') return simple(node, place)
  if (node.type === 'Function') return void place.found.functions.set(node.name.value, node.body) // it counts where it is called
  children(node, place)
}

/** What the shell must understand, and what cannot be read. */
const understand = (node: SyntaxNode, { found, bash }: Place): void => {
  const feature = bash ? undefined : featureOf(node)
  if (feature !== undefined) found.features.add(feature)
  if (node.type === 'Script' && 'errors' in node) found.unclear ??= node.errors?.[0]?.message
}

const note = (node: SyntaxNode, { found }: Place): void => {
  if ((node.type === 'Pipeline' && node.commands.length > 1) || node.type === 'CommandExpansion') found.hides = true
  if (node.type === 'For') loop(node.name.value, node.wordlist ?? [], found)
  if (node.type === 'TestUnary') question(node, found)
  if (node.type === 'Assignment' && node.value.type === 'Word')
    if (node.append === true) append(found.variables, node.name, argumentOf(node.value, found.variables))
    else assign(found.variables, node.name, [argumentOf(node.value, found.variables)])
  if (node.type === 'Redirect') read(node, found)
}

/** The variable of a loop, and the patterns that it goes through. */
const loop = (name: string, words: readonly Word[], found: Found): void => {
  const values = words.flatMap((word) => fieldsOf(word, found.variables))
  for (const word of values) if (word.glob) addPaths(found.looks, word)
  assign(found.variables, name, values)
}

const question = ({ operator, operand }: TestUnaryExpression, found: Found): void => {
  if (/^-[a-hkprsuwxGLNOS]$/.test(operator)) addPaths(found.looks, argumentOf(operand, found.variables))
}

const children = (node: SyntaxNode, place: Place): void => forEachChild(node, (child) => visit(child, place))

/** What is asked in the condition guards what follows from a yes. */
const branches = (node: If | Elif, place: Place): void => {
  const guarded = { ...place, guarded: new Set([...place.guarded, ...askedIn(node.clause, place.found.variables)]) }
  const [yes, no] = isNegated(node.clause) ? [place, guarded] : [guarded, place]
  visit(node.clause, place)
  visit(node.then, yes)
  if (node.type === 'If') for (const branch of [...node.elif, ...(node.else === undefined ? [] : [node.else])]) visit(branch, no)
}

/** One statement after the other; `command -v x || exit` guards those that follow. */
const sequence = (statements: readonly SyntaxNode[], place: Place): void => {
  let guarded = place.guarded
  for (const statement of statements) {
    visit(statement, { ...place, guarded })
    const command = statement.type === 'Statement' ? statement.command : statement
    if (leaves(command)) guarded = new Set([...guarded, ...askedIn(conditionOf(command), place.found.variables)])
  }
}

/** `asks && uses`; `one || another`, two ways to one answer. */
const chain = (node: AndOr, place: Place): void => {
  let guarded = place.guarded
  for (const [index, command] of node.commands.entries()) {
    const next = node.commands[index + 1]
    visit(command, { ...place, guarded })
    if ((node.operators[index] === '||') === isNegated(command)) guarded = new Set([...guarded, ...askedIn(command, place.found.variables)])
    if (next !== undefined && node.operators.slice(0, index + 1).every((operator) => operator === '||')) alternative(command, next, place.found)
  }
}

const alternative = (left: SyntaxNode, right: SyntaxNode, found: Found): void => {
  const pair = [firstProgram(left), firstProgram(right)]
  const plain = (name: string | undefined): name is string => name !== undefined && !BENIGN.has(name) && !TEXT_TOOLS.has(nameOf(name)) && !BUILTINS.has(name)
  if (pair[0] !== pair[1] && pair.every(plain)) found.alternatives.push(pair)
}

const firstProgram = (node: SyntaxNode): string | undefined => {
  if (node.type === 'Pipeline') return node.commands[0] === undefined ? undefined : firstProgram(node.commands[0])
  return node.type === 'Command' ? node.name?.value : undefined
}

const simple = (command: Command, place: Place): void => {
  const [first, ...rest] = wordsOf(command, place.found.variables)
  for (const name of first?.values ?? []) start(name === '' || first === undefined ? rest : [{ ...first, values: [name] }, ...rest], place, inputOf(command))
  children(command, place)
}

/** The text of its here-document; undefined where it has none, or one that only the run knows. */
const inputOf = (command: Command): string | undefined => {
  const document = command.redirects.find((redirect) => redirect.type === 'HereDoc')
  return document?.body.parts === undefined ? document?.body.text : undefined
}

/** Notes a program that is started, and all that it starts and reads. */
const start = (words: Words, place: Place, input?: string): void => {
  const { found } = place
  if (words[0]?.known === false) noteUnknown(place)
  const invocation = invocationOf(words)
  const { program, scripts, bash, operands, fromInput, starts } = invocation
  if (program !== '') need(program, place)
  call(program, words, place)
  noteOperands(invocation, found)
  if (fromInput && input === undefined) found.unclear ??= 'a shell reads what it does from its input'
  assignOperands(found.variables, operands)
  const within = startedBy(program, place)
  for (const text of fromInput ? [input ?? ''] : scripts) script(text, { ...within, bash: bash ?? place.bash })
  for (const inner of starts) startInner(inner, within)
}

const startedBy = (program: string, place: Place): Place =>
  program === '' || BUILTINS.has(program) ? place : { ...place, starters: [...place.starters, program] }

const noteUnknown = ({ found, starters }: Place): void => {
  found.unknown = true
  for (const program of starters) found.startsUnknown.add(program)
}

/** A function that the command itself defines. */
const call = (program: string, [, ...operands]: Words, place: Place): void => {
  const body = place.found.functions.get(program)
  if (body === undefined || place.inside.has(program)) return
  assignOperands(place.found.variables, operands)
  visit(body, { ...place, inside: new Set([...place.inside, program]) })
}

/** What a program asks for besides other programs. */
const noteOperands = ({ program, asks, databases, reads, lists, looks }: Invocation, found: Found): void => {
  for (const name of asks) found.asked.add(name)
  if (asks.length > 0 && !/^(?:\[|test)$/.test(nameOf(program))) found.questions = true
  if (databases.length > 0) found.databases.set(program, { files: databases, uses: (found.databases.get(program)?.uses ?? 0) + 1 })
  if (found.functions.has(program)) return // what a function does with its operands is in its body
  for (const word of reads) addPaths(found.reads, word)
  for (const word of lists) addPaths(found.reads, word, true)
  for (const word of looks) addPaths(found.looks, word)
}

/** A program that another one starts. */
const startInner = (words: Words, place: Place): void => {
  if (words.length === 0) return
  const [first, ...rest] = words
  for (const name of first?.values ?? []) {
    start(first === undefined ? rest : [{ ...first, values: [name] }, ...rest], place)
    if (first?.known === true && !BUILTINS.has(name)) place.found.started.add(name)
  }
}

const need = (program: string, { found, guarded, bash }: Place): void => {
  const excused = guarded.has(program) || [...guarded].some((asked) => isSameProgram(asked, program))
  if (excused) found.asked.add(program)
  else if (!BUILTINS.has(program) && !(bash && BUILTINS_OF_BASH.has(program))) found.programs.set(program, (found.programs.get(program) ?? 0) + 1)
}

const read = ({ operator, target }: Redirect, { reads, variables }: Found): void => {
  if (operator.startsWith('<') && target !== undefined) addPaths(reads, argumentOf(target, variables))
}
