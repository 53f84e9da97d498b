import { dirname } from 'node:path'
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, type Document, visit, type YAMLError } from 'yaml'
import type { Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { yamlKind } from '../kernel/parser-words.ts'
import { parseYaml } from '../kernel/yaml.ts'
import type { Input } from './input.ts'
import { INPUTS } from './inputs.ts'
import { meantName, type Raw, SLIPS } from './raw.ts'
import { relativeTo } from './relative-path.ts'
import { listText, parseValue } from './values.ts'

/** The file that is read where none is named. */
export const CONFIG_FILE = 'kscan.yaml'
/** In place of a file: none is read. */
export const NO_FILE = 'none'

/** What a config file says, as raw inputs. What cannot be used is a problem, and left out. */
export interface ConfigFile {
  readonly raw: ReadonlyMap<string, Raw>
  readonly problems: readonly Problem[]
}

/** More entries are no config file. */
const MOST_ENTRIES = 500
/** How many faults are told one by one. */
const MOST_PROBLEMS = 100

const TABLE: ReadonlyMap<string, Input> = new Map(INPUTS.map((input) => [input.name, input]))
const KNOWN = INPUTS.filter((input: Input) => input.notInFile === undefined).map(({ name }) => name)

/** Where we are in which file. */
interface Place {
  /** As messages name it. */
  readonly file: string
  readonly folder: string
  readonly text: string
  readonly lines: LineCounter
}

/** Reads a config file strictly, every fault at once, each with its line. `path`: its own, to whose folder paths in it are relative. Never throws. */
export const parseConfigFile = (text: string, path: string): ConfigFile => {
  const place: Place = { file: printableLine(path), folder: dirname(path), text, lines: new LineCounter() }
  const { raw, problems } = readDocument(parseYaml(text, { lineCounter: place.lines }), place)
  const more = problems.length - MOST_PROBLEMS
  return more <= 0
    ? { raw, problems }
    : { raw, problems: [...problems.slice(0, MOST_PROBLEMS), { name: place.file, expected: 'fewer faults', got: `${more} more` }] }
}

const readDocument = (document: Document.Parsed, place: Place): ConfigFile => {
  const faults = [...document.errors, ...document.warnings].filter(({ code }) => code !== 'DUPLICATE_KEY').map((fault) => syntaxProblem(fault, place))
  const { contents } = document
  if (faults.length > 0 || contents === null) return { raw: new Map(), problems: faults }
  if (isMap<Node, Node | null>(contents) && contents.items.length <= MOST_ENTRIES)
    return collect(contents.items, place, [...repeatedKeys(document, place), ...anchors(document, place)])
  const expected = `a mapping of inputs to their values, ${MOST_ENTRIES} at the most`
  return { raw: new Map(), problems: [{ name: place.file, expected, got: 'something else' }] }
}

const collect = (items: readonly Pair<Node, Node | null>[], place: Place, structure: readonly Problem[]): ConfigFile => {
  const raw = new Map<string, Raw>()
  const problems = [...structure]
  const unsure = new Set(structure.map(({ name }) => name))
  for (const item of items) {
    if (unsure.has(nameOf(item.key))) continue
    const entry = readEntry(item, place)
    if ('problem' in entry) problems.push(entry.problem)
    else raw.set(entry.name, entry.raw)
  }
  return { raw, problems }
}

const syntaxProblem = (fault: YAMLError, place: Place): Problem => {
  if (fault.code === 'MULTIPLE_DOCS') return { name: place.file, expected: 'one YAML document', got: `several, the second ${at(place, fault.pos[0])}` }
  const line = fault.code === 'RESOURCE_EXHAUSTION' ? '' : ` ${at(place, fault.pos[0])}`
  return { name: place.file, expected: 'YAML', got: `${printableLine(yamlKind(fault.message))}${line}` }
}

const lineOf = ({ lines }: Place, offset: number): number => Math.max(1, lines.linePos(offset).line)
const at = (place: Place, offset: number): string => `at line ${lineOf(place, offset)}`
const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)

/** Keys that stand twice in one mapping, wherever it is. */
const repeatedKeys = (document: Document.Parsed, place: Place): Problem[] => {
  const problems: Problem[] = []
  visit(document, {
    Map: (_, { items }, path) => {
      const seen = new Map<unknown, number>()
      for (const { key } of items) {
        const value = isScalar(key) ? key.value : key
        const before = seen.get(value)
        if (before === undefined) seen.set(value, lineOf(place, startOf(key)))
        else problems.push(twice(key, { before, path, place }))
      }
    }
  })
  return problems
}

const twice = (key: unknown, { before, path, place }: { before: number; path: readonly unknown[]; place: Place }): Problem => ({
  name: topOf(path) ?? nameOf(key),
  expected: 'each key once',
  got: `${nameOf(key)} again ${at(place, startOf(key))}, after line ${before} (${place.file})`
})

/** An alias stands for what is written elsewhere, and a few lines of them for gigabytes. */
const anchors = (document: Document.Parsed, place: Place): Problem[] => {
  const problems: Problem[] = []
  visit(document, {
    Node: (_, node, path) => {
      if (!isAlias(node) && node.anchor === undefined) return
      problems.push({
        name: topOf(path) ?? place.file,
        expected: 'values without anchors and aliases',
        got: `one ${at(place, startOf(node))} (${place.file})`,
        hint: 'Write the value out.'
      })
    }
  })
  return problems
}

/** The input below which something stands; undefined at the top. */
const topOf = (path: readonly unknown[]): string | undefined => {
  const pair: unknown = path[2]
  return typeof pair === 'object' && pair !== null && 'key' in pair ? nameOf(pair.key) : undefined
}

const nameOf = (key: unknown): string => printableLine(isScalar(key) ? String(key.value) : 'a key', 80)

type Entry = { readonly name: string; readonly raw: Raw } | { readonly problem: Problem }

const readEntry = ({ key, value }: Pair<Node, Node | null>, place: Place): Entry => {
  const where = `${place.file}, line ${lineOf(place, startOf(key))}`
  const name = nameOf(key)
  const input = TABLE.get(name)
  if (input === undefined) return { problem: unknownKey(name, where) }
  if (input.notInFile !== undefined) return { problem: { name, expected: 'nothing in a config file', got: `${name} (${where})`, hint: input.notInFile } }
  const read = textOf(input, value, place)
  if ('expected' in read) return { problem: { name, expected: read.expected, got: `${shown(input, value, place)} (${where})` } }
  const parsed =
    read.text.trim() === '' ? { problem: { name, expected: 'a value', got: '""', hint: 'Leave it out for the default.' } } : parseValue(input, read.text)
  if ('problem' in parsed) return { problem: { ...parsed.problem, got: `${parsed.problem.got} (${where})` } }
  return { name, raw: { value: relativeTo(place.folder, input, { text: read.text, value: parsed.value }), origin: 'config file', place: where } }
}

const unknownKey = (name: string, where: string): Problem => {
  const meant = meantName(name, KNOWN, Math.min(SLIPS, Math.floor(name.length / 3)))
  return { name, expected: 'the name of an input', got: `${name} (${where})`, ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }) }
}

/** The value as an input has it, or what was expected. */
const textOf = (input: Input, node: Node | null, place: Place): { text: string } | { expected: string } => {
  const value = isScalar(node) ? node.value : undefined
  switch (input.type.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? { text: String(value) } : { expected: 'true or false, without quotes' }
    case 'count':
      return typeof value === 'number' ? { text: String(value) } : { expected: 'a whole number, without quotes' }
    case 'list':
      return listOf(node)
    case 'yaml':
      return isMap(node) ? { text: sourceOf(node, place) } : textIn(value, 'a mapping, or text')
    case 'text':
    case 'choice':
    case 'duration':
      return textIn(value, 'text, in quotes where YAML would read it as something else')
  }
}

const textIn = (value: unknown, expected: string): { text: string } | { expected: string } => (typeof value === 'string' ? { text: value } : { expected })

const LIST = 'a list of texts, or one text; in quotes what YAML would read as something else'

const listOf = (node: Node | null): { text: string } | { expected: string } => {
  if (!isSeq(node)) return textIn(isScalar(node) ? node.value : undefined, LIST)
  const values = node.items.map((item) => (isScalar(item) ? item.value : undefined))
  return values.length > 0 && values.every((value) => typeof value === 'string' && value.trim() !== '')
    ? { text: listText(values.map(String)) }
    : { expected: LIST }
}

/** As it is written, so that whoever reads it next reads what the user wrote; its first line is indented as the others are. */
const sourceOf = (node: Node, { text, lines }: Place): string => {
  const [start, end] = node.range ?? [0, 0]
  return `${' '.repeat(lines.linePos(start).col - 1)}${text.slice(start, end)}`
}

const shown = (input: Input, node: Node | null, place: Place): string => {
  if (input.secret === true) return '***'
  if (node === null || (isScalar(node) && node.value === null)) return 'nothing'
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  return printableLine(sourceOf(node, place).trim(), 80)
}
