import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseArguments } from '../../../src/command/program.ts'
import { readWaivers } from '../../../src/config/files.ts'
import { Reader } from '../../../src/config/reader.ts'
import { parseAttestations } from '../../../src/verdict/attestation.ts'
import { parseThreshold } from '../../../src/verdict/threshold.ts'

interface Snippet {
  readonly file: string
  readonly language: string
  readonly text: string
}

const snippets: readonly Snippet[] = ['README.md', ...globSync('docs/*.md')].flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ file, language, text }))
)

const Manifest = z.looseObject({ scripts: z.record(z.string(), z.string()) })
const Action = z.looseObject({ inputs: z.record(z.string(), z.unknown()) })
const Steps = z.array(z.looseObject({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional() }))

/** Words of one command line in a POSIX shell, as far as the documentation uses it: quotes and comments. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/\s#\s.*$/, '').matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''))

test('the documentation has snippets of each kind', () => {
  expect([...new Set(snippets.map(({ language }) => language))].toSorted()).toEqual(['bash', 'sh', 'yaml']) // test/parity runs the bash
})

const lines = snippets.filter(({ language }) => language === 'sh').flatMap(({ file, text }) => text.trim().split('\n').map((line) => ({ file, line })))

test.each(lines)('$file: $line', ({ line }) => {
  const [program, ...words] = wordsOf(line)
  if (program === 'npm') {
    const name = words[0] === 'run' ? words[1] : words[0]
    expect(Object.keys(Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8'))).scripts)).toContain(name)
  } else expect([program, parseArguments(words, '0')]).toEqual(['kscan', expect.objectContaining({ kind: 'call' })])
})

describe('YAML', () => {
  const inputs = Object.keys(Action.parse(parse(readFileSync('action.yml', 'utf8'))).inputs)

  test.each(snippets.filter(({ language }) => language === 'yaml'))('$file: $text', ({ text }) => {
    const value: unknown = parse(text)
    const steps = Steps.safeParse(value)
    if (steps.success) {
      const given = steps.data.filter(({ uses }) => uses.includes('kscan')).flatMap((step) => Object.keys(step.with ?? {}))
      expect([given.length > 0, given.filter((name) => !inputs.includes(name))]).toEqual([true, []])
    } else if (text.includes('justification')) {
      const reader = new Reader(new Map([['waivers-file', { value: 'w.yaml', origin: 'flag' as const }]]), 'scan')
      expect([readWaivers(reader, () => text).controls.length > 0, reader.problems]).toEqual([true, []])
    } else if (text.includes('control_id')) expect(parseAttestations(text, 'docs')).toMatchObject({ entries: [expect.anything()], problems: [] })
    else expect(parseThreshold(text, 'docs')).toMatchObject({ kind: 'threshold' })
  })
})
