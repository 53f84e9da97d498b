import { isMap, isScalar, isSeq, LineCounter, type Node, type YAMLMap } from 'yaml'
import type { Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { yamlKind } from '../kernel/parser-words.ts'
import { parseYaml } from '../kernel/yaml.ts'

/** One part of the path to a bound, and where it stands in the text. */
export interface Word {
  readonly text: string
  readonly offset: number
}

/** A value of a threshold's text and the path to it: `failed: {high: {max: 0}}`, `failed.high.max: 0` and `failed: {high.max: 0}` are the same. */
export interface Leaf {
  readonly path: readonly Word[]
  /** A scalar, a list of scalars, or undefined for anything else. */
  readonly value: unknown
  readonly offset: number
}

/** Collects problems with their positions. */
export class Reading {
  readonly problems: Problem[] = []
  readonly #said = new Set<string>()
  readonly #source: string
  readonly #lines = new LineCounter()

  constructor(source: string) {
    this.#source = source
  }

  get lineCounter(): LineCounter {
    return this.#lines
  }

  /** One that was said before is not said again. What came may have a hint beside it. */
  problem(offset: number, expected: string, came: string | readonly [got: string, hint: string]): void {
    const { line, col } = this.#lines.linePos(offset)
    const [got, hint] = typeof came === 'string' ? [came] : came
    const problem = { name: `${this.#source}:${line}:${col}`, expected, got: printableLine(got, 100), ...(hint === undefined ? {} : { hint }) }
    const what = `${problem.name} ${expected}`
    if (!this.#said.has(what)) this.problems.push(problem)
    this.#said.add(what)
  }
}

/** Reads a text in any of SAF's spellings: YAML or JSON, nested, dotted or mixed, or the inline form. */
export const leavesOf = (text: string, reading: Reading): Leaf[] => (INLINE.test(text) ? inlineLeaves(text, reading) : yamlLeaves(text, reading))

const PAIR = String.raw`[A-Za-z_]+(?:\.[A-Za-z_]+)+\s*:\s*[^\s,:{}[\]"'#]+`
const PART = String.raw`\s*(?:${PAIR}|\{\s*${PAIR}\s*\})\s*`
/** `a.b: 1, {c.d.e: 2}`: on one line, what SAF takes apart at commas and colons. */
const INLINE = new RegExp(`^${PART}(?:,${PART})*$`)

const inlineLeaves = (text: string, reading: Reading): Leaf[] => {
  reading.lineCounter.addNewLine(0)
  let at = 0
  return text.split(',').map((pair) => {
    const colon = pair.indexOf(':')
    const begin = at + pair.search(/[A-Za-z_]/)
    const [name, value] = [
      pair.slice(begin - at, colon).trim(),
      pair
        .slice(colon + 1)
        .replace('}', '')
        .trim()
    ]
    const offset = at + colon + 1 + pair.slice(colon + 1).search(/\S/)
    at += pair.length + 1
    return { path: wordsOf(name, begin), value: /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value, offset }
  })
}

const wordsOf = (key: string, offset: number): Word[] => key.split('.').map((text) => ({ text, offset }))

const yamlLeaves = (text: string, reading: Reading): Leaf[] => {
  // YAML 1.2, whatever the text asks for
  const document = parseYaml(text, { lineCounter: reading.lineCounter, version: '1.2', schema: 'core', merge: false })
  const faults = [...document.errors, ...document.warnings]
  for (const fault of faults) reading.problem(fault.pos[0], 'YAML or JSON', printableLine(yamlKind(fault.message)))
  if (faults.length > 0) return []
  const root: Node | null = document.contents
  if (isMap(root)) return ofMap(root, [], reading)
  const percent = /^\s*["']?(\d{1,3}(?:\.\d+)?)\s*%?["']?\s*$/.exec(text)?.[1]
  if (percent === undefined) reading.problem(0, 'a mapping like `failed: {total: {max: 0}}`', root === null ? 'nothing' : 'something else')
  else reading.problem(0, 'a bound with its name', [text.trim(), `For a compliance of at least ${percent} %: compliance.min: ${percent}`])
  return []
}

const ofMap = (map: YAMLMap, above: readonly Word[], reading: Reading): Leaf[] =>
  map.items.flatMap(({ key, value }) => {
    const offset = offsetOf(key)
    if (!isScalar(key)) {
      reading.problem(offset, 'a key that is a word', 'something else')
      return []
    }
    const path = [...above, ...wordsOf(String(key.value), offset)]
    return isMap(value) && value.items.length > 0
      ? ofMap(value, path, reading)
      : [{ path, value: plain(value), offset: value === null ? offset : offsetOf(value) }]
  })

const plain = (node: unknown): unknown => {
  if (isScalar(node)) return node.value
  return isSeq(node) && node.items.every((item) => isScalar(item)) ? node.items.map(({ value }) => value) : undefined
}

const offsetOf = (node: unknown): number =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? Number(node.range[0]) : 0
