import { join } from 'node:path'
import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { messageOf } from '../kernel/error.ts'
import { readText } from '../kernel/read-file.ts'
import { parseYaml } from '../kernel/yaml.ts'
import { notA } from './digest.ts'

/** One entry of `depends`: texts by key. */
export type Depend = ReadonlyMap<string, readonly string[]>

/** A declaration of an input, or a value for another profile's. */
export interface DeclaredInput {
  readonly name: string
  readonly type: string | undefined
  readonly required: boolean
  readonly hasValue: boolean
  readonly value: unknown
  /** The profile that is given the value. */
  readonly profile: string | undefined
}

/** What inspec.yml says, read as data. Ruby in it (ERB) is left out: what it makes is known to the auditor alone. */
export interface Metadata {
  readonly name: string | undefined
  readonly version: string | undefined
  readonly license: string | undefined
  readonly title: string | undefined
  readonly inspecVersion: readonly string[]
  readonly supports: readonly Depend[]
  readonly inputs: readonly DeclaredInput[]
  readonly depends: readonly Depend[]
  readonly templated: boolean
}

/** People write it by hand. */
const METADATA_BYTES = 1024 * 1024

/** Throws BAD_INPUT for metadata that cannot be read, or of no profile. */
export const readMetadata = (folder: string): Metadata => {
  const file = join(folder, 'inspec.yml')
  const metadata = readOnly(file)
  if (metadata.name === undefined && !metadata.templated) throw notA('an inspec.yml that names the profile', `${file} without a name`)
  return metadata
}

const readOnly = (file: string): Metadata => {
  try {
    return parseMetadata(readText(file, METADATA_BYTES))
  } catch (error) {
    throw notA('a profile with a readable inspec.yml', `${file}: ${messageOf(error)}`)
  }
}

/** Throws an Error for what is no YAML, unless Ruby makes it. */
export const parseMetadata = (text: string): Metadata => {
  const templated = text.includes('<%')
  const plainText = withoutTemplates(text)
  const strict = parseYaml(plainText, { version: '1.1' })
  const document = faultOf(strict) === undefined ? strict : lenient(plainText, strict)
  const fault = faultOf(document)
  if (fault !== undefined && !templated) throw fault
  const top = fault === undefined ? document.contents : null
  const at = (key: string): Node | undefined => (isMap<Node, Node>(top) ? valueAt(top, key) : undefined)
  return {
    name: typeof scalarAt(at('name')) === 'string' ? textOf(at('name')) : undefined,
    version: textOf(at('version')),
    license: textOf(at('license')),
    title: textOf(at('title')),
    inspecVersion: textsOf(at('inspec_version')),
    supports: listOf(at('supports')).map(supportOf),
    inputs: listOf(at('inputs') ?? at('attributes')).flatMap(inputOf),
    depends: listOf(at('depends')).map(entriesOf),
    templated
  }
}

/** As Ruby reads it: real profiles have keys twice. */
const faultOf = ({ errors }: ReturnType<typeof parseYaml>): Error | undefined => errors.find(({ code }) => code !== 'DUPLICATE_KEY')

/** And texts in quotes whose further lines stand no deeper than their key. */
const lenient = (text: string, strict: ReturnType<typeof parseYaml>): ReturnType<typeof parseYaml> => {
  const document = parseYaml(indented(text), { version: '1.1' })
  return faultOf(document) === undefined ? document : strict
}

const OPENS = /^[\s-]*[^\s#"'][^"']*:\s+(["'])(.*)$/
const REST = { '"': /^(?:[^"\\]|\\.)*"/, "'": /^(?:[^']|'')*'/ } as const

/** Spaces at the beginning of a text's further lines do not count. */
const indented = (text: string): string => {
  let open: RegExp | undefined
  return text
    .split('\n')
    .map((line) => {
      const [, quote, rest = ''] = open === undefined ? (OPENS.exec(line) ?? []) : []
      const written = open === undefined ? line : `${DEEPER}${line}`
      if (quote === '"' || quote === "'") open = REST[quote].test(rest) ? undefined : REST[quote]
      else if (open?.test(line) === true) open = undefined
      return written
    })
    .join('\n')
}

const DEEPER = ' '.repeat(80)

const withoutTemplates = (text: string): string => {
  const [head = '', ...rest] = text.split('<%')
  return head + rest.map((part) => (part.includes('%>') ? part.slice(part.indexOf('%>') + 2) : '')).join('')
}

/** The last of several. */
const valueAt = (map: { items: readonly { key: Node; value: Node | null }[] }, key: string): Node | undefined =>
  map.items.findLast((item) => isScalar(item.key) && String(item.key.value).replace(/^:/, '') === key)?.value ?? undefined

const scalarAt = (node: Node | undefined): unknown => (isScalar(node) ? node.value : undefined)

/** As it is written: 1.10 is no 1.1. */
const textOf = (node: Node | undefined): string | undefined => {
  if (!isScalar(node) || node.value === null || node.value === '') return undefined
  return typeof node.value === 'string' ? node.value : node.source
}

const textsOf = (node: Node | undefined): string[] => (isSeq<Node>(node) ? node.items.flatMap((item) => textOf(item) ?? []) : [textOf(node) ?? []].flat())

const listOf = (node: Node | undefined): Node[] => {
  if (isSeq<Node>(node)) return node.items
  return isMap(node) ? [node] : []
}

const entriesOf = (node: Node): Depend =>
  isMap<Node, Node>(node)
    ? new Map(node.items.flatMap(({ key, value }) => (isScalar(key) ? [[String(key.value).replace(/^:/, ''), textsOf(value ?? undefined)] as const] : [])))
    : new Map()

/** `supports: [linux]`, as it was once written, is a family. */
const supportOf = (node: Node): Depend => (isScalar(node) ? new Map([['os-family', textsOf(node)]]) : entriesOf(node))

const inputOf = (node: Node): DeclaredInput[] => {
  if (!isMap<Node, Node>(node)) return []
  const name = textOf(valueAt(node, 'name'))
  if (name === undefined) return []
  const value = valueAt(node, 'value') ?? valueAt(node, 'default')
  return [
    {
      name,
      type: textOf(valueAt(node, 'type')),
      required: scalarAt(valueAt(node, 'required')) === true,
      hasValue: value !== undefined,
      value: value === undefined ? undefined : plain(value),
      profile: textOf(valueAt(node, 'profile'))
    }
  ]
}

/** Its kind matters, not what it says. */
const plain = (node: Node): unknown => {
  if (isSeq(node)) return []
  if (isMap(node)) return {}
  return scalarAt(node)
}
