// Writes what is made from src: action.yml and the README's tables from the inputs and outputs, the JSON Schema of run.json from its shape. With --check: fails when a file is not what src gives.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { Input } from '../src/config/input.ts'
import { INPUTS, inputsOf } from '../src/config/inputs.ts'
import { OUTPUTS } from '../src/config/outputs.ts'
import { RunFile } from '../src/report/run-json.ts'

const valuesOf = ({ type }: Input): string => {
  switch (type.kind) {
    case 'choice':
      return ` One of: ${type.of.join(', ')}.`
    case 'boolean':
      return ' true or false.'
    case 'list':
      return ' Several by line, comma or JSON array.'
    case 'text':
    case 'yaml':
    case 'count':
    case 'duration':
      return ''
  }
}

const defaultOf = (input: Input): string => (input.default === '' ? '' : ` Default: ${input.default}.`)

const action = (): string => {
  const inputs = Object.fromEntries(
    inputsOf('scan').map((input) => [input.name, { description: `${input.text}${valuesOf(input)}${defaultOf(input)}`, required: false }])
  )
  const outputs = Object.fromEntries(Object.entries(OUTPUTS).map(([name, description]) => [name, { description }]))
  const body = {
    name: 'kscan',
    description: 'Scans running Kubernetes containers against compliance profiles and fails the job when the result is worse than a threshold',
    author: 'kscan',
    branding: { icon: 'shield', color: 'blue' },
    inputs,
    outputs,
    runs: { using: 'node24', main: 'dist/action.js', post: 'dist/action.js', 'post-if': 'always()' }
  }
  return `# Made by scripts/tables.ts from src/config: change the table there.\n${stringify(body, { lineWidth: 0 })}`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

const table = (): string => {
  const rows = INPUTS.map((input) => `| \`${input.name}\` | ${input.default === '' ? '' : `\`${input.default}\``} | ${cell(input.text + valuesOf(input))} |`)
  return ['| input | default | |', '| --- | --- | --- |', ...rows].join('\n')
}

const outputsTable = (): string =>
  ['| output | |', '| --- | --- |', ...Object.entries(OUTPUTS).map(([name, text]) => `| \`${name}\` | ${cell(text)} |`)].join('\n')

const between = (text: string, name: string, content: string): string => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const [before = '', rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`README.md has no markers ${begin} and ${end}`)
  return `${before}${begin}\n${content}\n${end}${after}`
}

const runSchema = (): string => `${JSON.stringify({ title: 'run.json of kscan', ...z.toJSONSchema(RunFile, { target: 'draft-7' }) }, null, 2)}\n`

const made: readonly (readonly [file: string, content: string])[] = [
  ['action.yml', action()],
  ['README.md', between(between(readFileSync('README.md', 'utf8'), 'inputs', table()), 'outputs', outputsTable())],
  ['docs/run.schema.json', runSchema()]
]

for (const [file, content] of made) {
  const same = existsSync(file) && readFileSync(file, 'utf8') === content
  if (process.argv.includes('--check') && !same) {
    console.error(`${file} is not what src gives: run node scripts/tables.ts`)
    process.exitCode = 1
  } else if (!same) writeFileSync(file, content)
}
