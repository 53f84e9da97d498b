import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import Ajv from 'ajv'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Parsed, parseArguments } from '../../../src/command/program.ts'
import { parseConfigFile } from '../../../src/config/config-file.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { readWaivers } from '../../../src/config/files.ts'
import { Reader } from '../../../src/config/reader.ts'
import { readDepend } from '../../../src/profile/depend.ts'
import { parseMetadata } from '../../../src/profile/metadata.ts'
import { parseAttestations } from '../../../src/verdict/attestation.ts'
import { parseThreshold } from '../../../src/verdict/threshold.ts'
import { VERSION } from '../../../src/version.ts'
import { CONTEXT, problemsOf } from '../config/load-support.ts'

interface Snippet {
  readonly file: string
  readonly language: string
  readonly text: string
}

const snippets: readonly Snippet[] = ['README.md', 'gitlab/README.md', ...globSync('docs/*.md')].flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ file, language, text }))
)

const Manifest = z.looseObject({ scripts: z.record(z.string(), z.string()) })
const Action = z.looseObject({ inputs: z.record(z.string(), z.unknown()) })
const Steps = z.array(z.looseObject({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional() }))

/** What makes an image of the toolbox, and the file that does the same for real, or says that nobody did. */
const TOOLBOX = new Map([
  ['toolbox/build.sh toolbox-root', ['test/support/toolbox-folder.ts', "join(SOURCE, 'build.sh'), [half]"]],
  ['tar -C toolbox-root -c . | docker import - registry.example/kscan-toolbox:1', ['test/kind/engine.ts', 'tar -C "$1" -c . | { shift; docker import']],
  ['docker push registry.example/kscan-toolbox:1', ['docs/limits.md', '| toolbox and job image by `docker buildx` and `docker push` |']],
  [
    'docker buildx build --platform linux/amd64,linux/arm64 --tag registry.example/kscan-toolbox:1 --push toolbox',
    ['docs/limits.md', '| toolbox and job image by `docker buildx` and `docker push` |']
  ]
])

/** Words of one command line in a POSIX shell, as far as the documentation uses it: quotes, comments, a file for the output. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/\s#\s.*$/, '').replace(/ > \S+$/, '').matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''))

test('the documentation has snippets of each kind', () => {
  expect([...new Set(snippets.map(({ language }) => language))].toSorted()).toEqual(['bash', 'dockerfile', 'mermaid', 'sh', 'yaml']) // test/parity runs the bash, test/browser draws the mermaid
})

const isGood = (parsed: Parsed): boolean => parsed.kind === 'call' || parsed.code === 0

const lines = snippets.filter(({ language }) => language === 'sh').flatMap(({ file, text }) => text.trim().split('\n').map((line) => ({ file, line })))

test.each(lines)('$file: $line', ({ line }) => {
  const [program, ...words] = wordsOf(line)
  const [file = '', does] = TOOLBOX.get(line) ?? []
  if (does !== undefined) expect(readFileSync(file, 'utf8')).toContain(does)
  else if (line.startsWith('npm install')) expect(line).toBe(`npm install --global ./kscan-${VERSION}.tgz`) // test/integration/package.test.ts does it
  else if (program === 'npm') {
    const [name = '', ...more] = words.filter((word) => !['run', '--silent', '--prefix', '../kscan', '--'].includes(word))
    expect(Object.keys(Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8'))).scripts)).toContain(name)
    if (name === 'kscan') expect(parseArguments(more, '0')).toMatchObject({ kind: 'call' })
  } else if (program === 'docker') {
    const image = words.indexOf('org/kscan:0.1.0')
    expect([words[image + 1], isGood(parseArguments(words.slice(image + 2), '0'))]).toEqual(['kscan', true])
  } else expect([program, isGood(parseArguments(words, '0'))]).toEqual(['kscan', true])
})

const Inspec = z.looseObject({ inputs: z.array(z.looseObject({ name: z.string() })) })
const OWN = 'src/auditor/plugin/profiles/kscan-baseline/inspec.yml'
/** Names of the inputs of the profile that is part of kscan. */
const ownInputs = (): string[] => Inspec.parse(parse(readFileSync(OWN, 'utf8'))).inputs.map(({ name }) => name)

const WORKFLOWS = globSync('examples/workflow/*.yml')

describe('YAML', () => {
  const workflows = [...WORKFLOWS, ...globSync('examples/github/*.yml')].map((path) => readFileSync(path, 'utf8'))
  const fitsSchema = new Ajv().compile(JSON.parse(readFileSync('docs/kscan.schema.json', 'utf8')) as object)
  const inputs = Object.keys(Action.parse(parse(readFileSync('action.yml', 'utf8'))).inputs)

  test.each(snippets.filter(({ language }) => language === 'yaml'))('$file: $text', ({ file, text }) => {
    const value: unknown = parse(text)
    const steps = Steps.safeParse(value)
    if (text.startsWith('# yaml-language-server: $schema=')) {
      const { raw, problems } = parseConfigFile(text, 'kscan.yaml')
      expect([problems, fitsSchema(value), problemsOf(() => loadConfig(raw, { ...CONTEXT, readFile: () => '{}' }))]).toEqual([[], true, []])
      expect(/schema=https:\S+\/(docs\/\S+)/.exec(text)?.[1]).toBe('docs/kscan.schema.json')
    } else if (text.startsWith('# inspec.yml')) {
      const { depends } = parseMetadata(text)
      expect([depends.length > 0, depends.map((entry) => readDepend(entry, undefined)).filter((each) => 'expected' in each || each.unpinned !== undefined)]).toEqual([true, []])
    } else if (text.startsWith('# .github/workflows/')) expect(workflows).toContain(text)
    else if (text.startsWith('# .gitlab-ci.yml')) expect(text).toBe(readFileSync('examples/gitlab/single.yml', 'utf8'))
    else if (file === 'docs/baseline.md') expect(ownInputs()).toEqual(expect.arrayContaining(Object.keys(z.object({ 'profile-inputs': z.record(z.string(), z.unknown()) }).parse(value)['profile-inputs'])))
    else if (steps.success) {
      const given = steps.data.filter(({ uses }) => uses.includes('kscan')).flatMap((step) => Object.keys(step.with ?? {}))
      expect([given.length > 0, given.filter((name) => !inputs.includes(name))]).toEqual([true, []])
    } else if (text.includes('justification')) {
      const reader = new Reader(new Map([['waivers-file', { value: 'w.yaml', origin: 'flag' as const }]]), 'scan')
      expect([readWaivers(reader, () => text).controls.length > 0, reader.problems]).toEqual([true, []])
    } else if (text.includes('control_id')) expect(parseAttestations(text, 'docs')).toMatchObject({ entries: [expect.anything()], problems: [] })
    else expect(parseThreshold(text, 'docs')).toMatchObject({ kind: 'threshold' })
  })
})

const Workflow = z.looseObject({ jobs: z.looseObject({ scan: z.looseObject({ steps: z.array(z.looseObject({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() })) }) }) })

test.each(WORKFLOWS)('the inputs of %s are accepted as they stand', (file) => {
  const { steps } = Workflow.parse(parse(readFileSync(file, 'utf8'))).jobs.scan
  const given = steps.find(({ uses }) => uses?.startsWith('org/kscan-action@') === true)?.with ?? {}
  const raw = new Map(Object.entries(given).map(([name, value]) => [name, { value: String(value), origin: 'input' as const }]))
  expect([raw.size > 2, problemsOf(() => loadConfig(raw, CONTEXT))]).toEqual([true, []])
  expect(parseThreshold(String(given['threshold']), 'workflow')).toMatchObject({ kind: 'threshold' })
})
