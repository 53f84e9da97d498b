import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import Ajv from 'ajv'
import { parse } from 'yaml'
import { parseConfigFile } from '../../../src/config/config-file.ts'
import { INPUTS } from '../../../src/config/inputs.ts'
import type { Input } from '../../../src/config/input.ts'

const schema = JSON.parse(readFileSync('docs/kscan.schema.json', 'utf8')) as { properties: Record<string, object> }
const accepts = new Ajv().compile(schema)

/** What the schema says, and what kscan says: an editor must not accept what a run refuses, or the other way round. */
const both = (text: string): [boolean, boolean] => [accepts(parse(text)) === true, parseConfigFile(text, 'kscan.yaml').problems.length === 0]

test('the schema has every input that a file may give, with its default', () => {
  expect(Object.keys(schema.properties)).toEqual(INPUTS.filter((input: Input) => input.notInFile === undefined).map(({ name }) => name))
  for (const [name, property] of Object.entries(schema.properties))
    if ('default' in property) expect([name, both(JSON.stringify({ [name]: property.default }))]).toEqual([name, [true, true]])
})

describe('a good file is good for both', () => {
  test.each([
    '',
    '# nothing yet',
    'namespace: shop',
    'profile: ./baseline',
    'profile: [./baseline, kscan-baseline]',
    'container: app, proxy',
    'reports: hdf, run.json',
    'reports: [hdf, run.json]',
    'allow: none',
    'allow: [ephemeral-container, scan-pod]',
    'enforce: false',
    'max-targets: 1',
    'max-unjudged: 100000',
    'token-ttl: 15m',
    'transcript: off',
    'threshold: {failed: {total: {max: 0}}}',
    'threshold: "failed.total.max: 0"',
    'profile-inputs: {a: [1, {b: c}]}'
  ])('%s', (text) => expect(both(text)).toEqual([true, true]))
})

describe('a bad file is bad for both', () => {
  test.each([
    '- pod',
    'pod',
    'namspace: a',
    'config: x.yaml',
    'git-token: x',
    'kubeconfig-exec: allow',
    'namespace: 2024',
    'namespace: ""',
    'namespace: " "',
    'namespace: [a]',
    'namespace: "a\\nb"',
    'namespace:',
    'container: []',
    'container: [1]',
    'container: [""]',
    'container: {a: b}',
    'enforce: "false"',
    'enforce: 1',
    'max-targets: 0',
    'max-targets: 10001',
    'max-targets: "5"',
    'max-targets: 1.5',
    'approach: magic',
    'command-timeout: 60',
    'command-timeout: 60 s',
    'threshold: 5',
    'threshold: [a]',
    'threshold: ""'
  ])('%s', (text) => expect(both(text)).toEqual([false, false]))
})

test('what kscan says only after that, an editor says at once: words of a closed list', () => {
  for (const text of ['reports: pdf', 'reports: [hdf, pdf]', 'allow: everything', 'unjudged-ok: [missing-tools]']) expect(accepts(parse(text))).toBe(false)
})
