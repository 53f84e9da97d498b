import { parseAllDocuments } from 'yaml'

type Values = Readonly<Record<string, unknown>>

export interface Template {
  readonly head: { readonly spec: { readonly inputs: Readonly<Record<string, Readonly<Record<string, unknown>>>> } }
  readonly body: unknown
}

export const readTemplate = (text: string): Template => {
  const [head, body, ...more] = parseAllDocuments(text)
  if (head === undefined || body === undefined || more.length > 0 || head.errors.length + body.errors.length > 0) throw new Error('it is no template')
  return { head: head.toJS() as Template['head'], body: body.toJS() as unknown }
}

const BLOCK = /\$\[\[\s*(\S.*?\S)\s*\]\]/g

/**
 * What GitLab makes of a template, as its source has it (lib/gitlab/ci/config/interpolation): values of the parsed YAML, not its text. A block that is all of a
 * text keeps its type, another becomes text, a list as Ruby writes it; a list in a list becomes part of that; of keys that become the same the last counts.
 */
export const interpolate = ({ head, body }: Template, given: Values): Record<string, unknown> => {
  const values = { ...Object.fromEntries(Object.entries(head.spec.inputs).map(([name, spec]) => [name, spec['default']])), ...given }
  return replace(body, (block) => valueOf(block, values)) as Record<string, unknown>
}

const valueOf = (block: string, values: Values): unknown => {
  const [access = '', ...functions] = block.split('|').map((part) => part.trim())
  const name = access.replace(/^inputs\./, '')
  if (!access.startsWith('inputs.') || !Object.hasOwn(values, name)) throw new Error(`unknown interpolation key: ${access}`)
  if (functions.some((each) => each !== 'expand_vars')) throw new Error(`a function that this does not know: ${functions.join()}`)
  return values[name]
}

const replace = (node: unknown, read: (block: string) => unknown): unknown => {
  if (typeof node === 'string') return replaceText(node, read)
  if (Array.isArray(node))
    return node.flatMap((each) => {
      const value = replace(each, read)
      return typeof each === 'string' && Array.isArray(value) ? (value as unknown[]) : [value]
    })
  if (typeof node !== 'object' || node === null) return node
  const replaced: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) replaced[String(replaceText(key, read))] = replace(value, read)
  return replaced
}

const replaceText = (text: string, read: (block: string) => unknown): unknown => {
  const blocks = [...text.matchAll(BLOCK)]
  if (blocks.length === 1 && blocks[0]?.[0] === text) return read(blocks[0][1] ?? '')
  return text.replace(BLOCK, (_, block: string) => inRuby(read(block)))
}

const inRuby = (value: unknown): string => (Array.isArray(value) ? `[${value.map((each) => JSON.stringify(each)).join(', ')}]` : String(value))
