// The JSON Schema of a config file, from the table of inputs: what an editor completes and checks is what kscan reads.
import type { Input, InputType } from '../src/config/input.ts'
import { INPUTS } from '../src/config/inputs.ts'

type Schema = Readonly<Record<string, unknown>>

const LINE = { type: 'string', pattern: '^[^\\n\\r]*[^\\s][^\\n\\r]*$' }
const SOME_TEXT = { type: 'string', pattern: '\\S' }

const literal = (word: string): string => word.replace(/[.+*?()[\]{}\\^$|-]/g, '\\$&')

/** Items are whole values; one text is read as the input is elsewhere, by commas and lines. */
const listSchema = ({ of, open }: Extract<InputType, { kind: 'list' }>): Schema => {
  if (of === undefined || open === true) return { anyOf: [SOME_TEXT, { type: 'array', minItems: 1, items: SOME_TEXT }] }
  const word = `(${of.map(literal).join('|')})`
  return {
    anyOf: [{ enum: of }, { type: 'string', pattern: `^\\s*${word}(\\s*[,\\n]\\s*${word})*\\s*$` }, { type: 'array', minItems: 1, items: { enum: of } }]
  }
}

const schemaOf = (type: InputType): Schema => {
  switch (type.kind) {
    case 'text':
      return LINE
    case 'yaml':
      return { anyOf: [{ type: 'object' }, SOME_TEXT] }
    case 'list':
      return listSchema(type)
    case 'choice':
      return { enum: type.of }
    case 'boolean':
      return { type: 'boolean' }
    case 'count':
      return { type: 'integer', minimum: type.least, maximum: type.most }
    case 'duration':
      return { type: 'string', pattern: '^[0-9]{1,6}[smh]$' }
  }
}

/** The default as a file has it. */
const defaultOf = ({ type, default: standard }: Input): Schema => {
  if (standard === '') return {}
  switch (type.kind) {
    case 'boolean':
      return { default: standard === 'true' }
    case 'count':
      return { default: Number(standard) }
    case 'list':
      return { default: standard.split(',') }
    case 'text':
    case 'yaml':
    case 'choice':
    case 'duration':
      return { default: standard }
  }
}

/** The text of docs/kscan.schema.json. */
export const configSchema = (): string => {
  const inputs = INPUTS.filter((input: Input) => input.notInFile === undefined)
  const properties = Object.fromEntries(inputs.map((input: Input) => [input.name, { description: input.text, ...schemaOf(input.type), ...defaultOf(input) }]))
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Config file of kscan',
    type: ['object', 'null'],
    additionalProperties: false,
    properties
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}
