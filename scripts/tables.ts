// Writes what is made from src: action.yml, the GitLab component's template and docs/inputs.md from the inputs and outputs, the JSON Schemas of run.json from its shape and of kscan.yaml from the inputs, docs/compliance.md from src/compliance, docs/dependencies.md from dist, tables in other documents. With --check: fails when a file is not what src gives.
import { FIELDS, type Part } from '../src/cluster/kubeconfig-fields.ts'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { z } from 'zod'
import { NOT_IN_COMPONENT, NOT_IN_DOTENV } from '../src/config/component.ts'
import type { Input } from '../src/config/input.ts'
import { INPUTS, inputsOf } from '../src/config/inputs.ts'
import { OUTPUTS } from '../src/config/outputs.ts'
import { ErrorFile } from '../src/report/error-json.ts'
import { RunFile } from '../src/report/run-json.ts'
import { baselineText } from './baseline.ts'
import { catalogTable } from './catalog-table.ts'
import { isolationTable } from './isolation.ts'
import { complianceText } from './compliance.ts'
import { configSchema } from './config-schema.ts'
import { dependenciesText } from './dependencies.ts'
import { jobInputs } from './gitlab/job-inputs.ts'
import { readStamp } from './gitlab/stamp.ts'
import { templateText } from './gitlab/template.ts'
import { valuesOf } from './input-values.ts'
import { decisionMatrix } from './matrix.ts'
import { errorTable, exitTable } from './troubles.ts'

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
    runs: { using: 'node24', main: 'dist/action.js', post: 'dist/post.js', 'post-if': 'always()' }
  }
  return `# Made by scripts/tables.ts from src/config: change the table there.\n${stringify(body, { lineWidth: 0 })}`
}

/** An address that stands for any is no link. */
const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll(/(?:git\+)?https:\/\/HOST\S*?(?=[.,;]?(?:\s|$))/g, '`$&`')

const TITLES: Readonly<Record<Input['group'], string>> = {
  cluster: 'The cluster',
  target: 'What is scanned',
  scan: 'How it is scanned',
  access: 'With which rights',
  auditor: 'The auditor',
  verdict: 'What passes',
  reports: 'What is written',
  general: 'How kscan is told'
}

const tableOf = (group: string): string => {
  const rows = INPUTS.filter((input) => input.group === group).map(
    (input) => `| \`${input.name}\` | ${input.default === '' ? '' : `\`${input.default}\``} | ${cell(input.text + valuesOf(input))} |`
  )
  return ['| input | default | |', '| --- | --- | --- |', ...rows].join('\n')
}

const inputsText = (): string => `<!-- Made by scripts/tables.ts from src/config: change the tables there. -->
# Inputs and outputs

In a workflow and in a GitLab pipeline as written; on the command line \`--name\`; in the environment \`KSCAN_NAME\` (\`max-targets\` is \`KSCAN_MAX_TARGETS\`); in a config file, [kscan.yaml](configuration.md),
as written. A flag goes before an input, an input before the environment, and that before the file.

${Object.entries(TITLES)
  .map(([group, title]) => `## ${title}\n\n${tableOf(group)}`)
  .join('\n\n')}

## Outputs

Of the action; all of them are always set.

| output | |
| --- | --- |
${Object.entries(OUTPUTS)
  .map(([name, text]) => `| \`${name}\` | ${cell(text)} |`)
  .join('\n')}

## In the GitLab component

[The component](../gitlab/README.md) has the same inputs, and these of its job:

${pairs(
  'input',
  Object.entries(jobInputs(readStamp())).map(([name, { description }]) => [name, description])
)}

It does not have these:

${pairs('input', Object.entries(NOT_IN_COMPONENT))}

It passes the outputs to later jobs as variables, \`KSCAN_OUT_RESULT\` for \`result\`, but not these, for GitLab takes twenty:

${pairs('output', Object.entries(NOT_IN_DOTENV))}
`

const pairs = (head: string, rows: readonly (readonly [string, string])[]): string =>
  [`| ${head} | |`, '| --- | --- |', ...rows.map(([name, text]) => `| \`${name}\` | ${cell(text)} |`)].join('\n')

const runSchema = (): string => `${JSON.stringify({ title: 'run.json of kscan', ...z.toJSONSchema(RunFile, { target: 'draft-7' }) }, null, 2)}\n`

/** A document that people write, with tables in it that are made: each between a comment that names it and the next `<!-- end -->`. */
const withTables = (file: string, tables: Readonly<Record<string, () => string>>): readonly [file: string, content: string] => {
  let text = readFileSync(file, 'utf8')
  for (const [name, table] of Object.entries(tables)) {
    const [whole = '', before, after] = new RegExp(`^([^]*<!-- ${name}:.*?-->\\n)[^]*?(\\n<!-- end -->[^]*)$`).exec(text) ?? []
    if (whole === '' || before === undefined || after === undefined) throw new Error(`${file} has no place for the table ${name}`)
    text = before + table() + after
  }
  return [file, text]
}

const PARTS: Readonly<Record<Part, string>> = {
  file: 'the file',
  cluster: '`clusters[].cluster`',
  user: '`users[].user`',
  exec: '`users[].user.exec`',
  context: '`contexts[].context`'
}

const kubeconfigFields = (): string => {
  const rows = Object.entries(FIELDS).flatMap(([part, fields]) =>
    Object.entries(fields).map(([name, { how, text }]) => `| ${PARTS[part as Part]} | \`${name}\` | ${how} | ${cell(text)} |`)
  )
  return ['| in | field | | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

const errorSchema = (): string =>
  `${JSON.stringify({ title: 'What kscan prints with --json where it has no result', ...z.toJSONSchema(ErrorFile, { target: 'draft-7' }) }, null, 2)}\n`

const made: readonly (readonly [file: string, content: string])[] = [
  ['action.yml', action()],
  ['gitlab/templates/kscan.yml', templateText(readStamp(), valuesOf)],
  ['docs/inputs.md', inputsText()],
  ['docs/run.schema.json', runSchema()],
  ['docs/error.schema.json', errorSchema()],
  ['docs/kscan.schema.json', configSchema()],
  ['docs/baseline.md', baselineText()],
  withTables('docs/security.md', { isolation: isolationTable }),
  ['docs/compliance.md', complianceText()],
  withTables('docs/approaches.md', { matrix: decisionMatrix }),
  withTables('docs/troubleshooting.md', { exits: exitTable, errors: errorTable }),
  withTables('docs/kubeconfig.md', { fields: kubeconfigFields }),
  withTables('docs/profiles.md', { catalog: catalogTable }),
  ['docs/dependencies.md', dependenciesText()]
]

for (const [file, content] of made) {
  const same = existsSync(file) && readFileSync(file, 'utf8') === content
  if (process.argv.includes('--check') && !same) {
    console.error(`${file} is not what src gives: run node scripts/tables.ts`)
    process.exitCode = 1
  } else if (!same) writeFileSync(file, content)
}
