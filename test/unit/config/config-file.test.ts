import { describe, expect, test } from '@jest/globals'
import { parseConfigFile } from '../../../src/config/config-file.ts'
import { INPUTS } from '../../../src/config/inputs.ts'
import type { Input } from '../../../src/config/input.ts'

const read = (text: string, file = 'kscan.yaml'): ReturnType<typeof parseConfigFile> => parseConfigFile(text, file)
const valuesOf = (text: string, file?: string): Record<string, string> =>
  Object.fromEntries([...read(text, file).raw].map(([name, { value }]) => [name, value]))
const told = (text: string): string[] =>
  read(text).problems.map(({ name, expected, got, hint }) => `${name}: expected ${expected}; got ${got}${hint === undefined ? '' : `. ${hint}`}`)

describe('a value that is good becomes the text that an input has', () => {
  test.each<[text: string, values: Record<string, string>]>([
    ['', {}],
    ['# nothing yet\n', {}],
    ['\ufeffpod: web-0\n', { pod: 'web-0' }],
    ['---\npod: web-0\n...\n', { pod: 'web-0' }],
    ['{"pod": "web-0", "max-targets": 3}', { pod: 'web-0', 'max-targets': '3' }],
    ['namespace: "2024"', { namespace: '2024' }],
    ['namespace: off', { namespace: 'off' }],
    ['transcript: off', { transcript: 'off' }],
    ['enforce: false\nsummary: true', { enforce: 'false', summary: 'true' }],
    ['max-targets: 5', { 'max-targets': '5' }],
    ['token-ttl: 20m', { 'token-ttl': '20m' }],
    ['container: app', { container: 'app' }],
    ['container: app, proxy', { container: 'app, proxy' }],
    ['container: [app, proxy]', { container: 'app,proxy' }],
    ['container:\n  - app\n  - proxy', { container: 'app,proxy' }],
    ['controls: ["/x{1,2}/", base-01]', { controls: '["/x{1,2}/","base-01"]' }],
    ['reports: [hdf, run.json]', { reports: 'hdf,run.json' }],
    ['threshold: "failed.total.max: 0"', { threshold: 'failed.total.max: 0' }],
    ['threshold: |\n  failed.total.max: 0\n', { threshold: 'failed.total.max: 0\n' }],
    ['threshold: { failed: { total: { max: 0 } } }', { threshold: '           { failed: { total: { max: 0 } } }' }],
    ['threshold:\n  failed: # all\n    total: { max: 0 }\npod: web', { threshold: '  failed: # all\n    total: { max: 0 }\n', pod: 'web' }],
    ['profile-inputs:\n  version: 9.10\n  on: yes\n', { 'profile-inputs': '  version: 9.10\n  on: yes\n' }]
  ])('%j', (text, values) => {
    expect([told(text), valuesOf(text)]).toEqual([[], values])
  })

  test('with its place, in which nothing acts on a terminal', () => {
    expect(read('pod: web-0', 'a\u001b[31m/k.yaml').raw.get('pod')?.place).toBe('a\\x1b[31m/k.yaml, line 1')
  })

  test('with its place', () => {
    expect(read('# a\n\npod: web-0\n', 'ci/kscan.yaml').raw.get('pod')).toEqual({ value: 'web-0', origin: 'config file', place: 'ci/kscan.yaml, line 3' })
  })
})

describe('a path is relative to the file', () => {
  const SHA = 'a1'.repeat(32)
  test.each<[file: string, text: string, value: string]>([
    ['kscan.yaml', 'threshold-file: t.yaml', 't.yaml'],
    ['kscan.yaml', 'profile: ./kscan-baseline', './kscan-baseline'],
    ['ci/kscan.yaml', 'threshold-file: [t.yaml, ../u.yaml, /etc/v.yaml]', 'ci/t.yaml,./u.yaml,/etc/v.yaml'],
    ['ci/kscan.yaml', 'threshold-file: t.yaml, u.yaml', 'ci/t.yaml,ci/u.yaml'],
    ['/etc/kscan.yaml', 'kubeconfig: k', '/etc/k'],
    ['../kscan.yaml', 'reports-path: out', '../out'],
    ['ci/kscan.yaml', `profile: [kscan-baseline, ../kscan-baseline, base.tgz#sha256=${SHA}]`, `kscan-baseline,./kscan-baseline,ci/base.tgz#sha256=${SHA}`],
    ['ci/kscan.yaml', 'profile: git+https://host.example/a/b@0f', 'git+https://host.example/a/b@0f'],
    ['ci/kscan.yaml', 'auditor: [path, gems, ../bin/inspec, ../path]', 'path,gems,bin/inspec,./path'],
    ['ci/kscan.yaml', 'pod: web', 'web'],
    ['a\u001b[31m  b/kscan.yaml', 'kubeconfig: k', 'a\u001b[31m  b/k']
  ])('%s: %s', (file, text, value) => {
    expect([read(text, file).problems, Object.values(valuesOf(text, file))]).toEqual([[], [value]])
  })

  test('and every input that names one is marked', () => {
    const inputs: readonly Input[] = INPUTS
    const named = inputs.filter(({ name }) => /(-|^)(file|path|kubeconfig|config|json|manifests)$/.test(name))
    expect(named.filter(({ path }) => path === undefined)).toEqual([])
    expect(inputs.filter((input) => input.path !== undefined && !named.includes(input)).map(({ name }) => name)).toEqual(['profile', 'auditor'])
  })
})

describe('a fault is told with its line, all of them at once', () => {
  test.each<[text: string, faults: (string | RegExp)[]]>([
    [
      'namspace: a\nfoo: b',
      [/^namspace: .* \(kscan\.yaml, line 1\)\. Did you mean namespace\?$/, /^foo: expected the name of an input; got foo \(kscan\.yaml, line 2\)$/]
    ],
    ['namespace: 2024', [/^namespace: expected text, in quotes .*; got 2024 \(kscan\.yaml, line 1\)$/]],
    ['namespace: [a]', [/got a list/]],
    ['namespace: {a: b}', [/got a mapping/]],
    ['namespace:', [/got nothing/]],
    ['namespace: ""', [/^namespace: expected a value; .*Leave it out for the default\.$/]],
    ['namespace: "a\\nb"', [/^namespace: expected one line/]],
    ['enforce: "false"', [/^enforce: expected true or false, without quotes; got "false" \(/]],
    ['enforce: yes', [/^enforce: expected true or false, without quotes; got yes \(/]],
    ['max-targets: "5"', [/^max-targets: expected a whole number, without quotes/]],
    ['max-targets: 1.5', [/^max-targets: expected a whole number from 1 to 10000; got "1\.5" \(kscan/]],
    ['max-targets: 0', [/^max-targets: expected a whole number from 1/]],
    ['command-timeout: 60', [/^command-timeout: expected text/]],
    ['command-timeout: 60x', [/^command-timeout: expected a duration like "60s", 1s to 1h; got "60x" \(kscan/]],
    ['approach: magic', [/^approach: expected one of auto, .*; got "magic" \(kscan\.yaml, line 1\)$/]],
    ['container: []', [/^container: expected a list of texts/]],
    ['container: [app, 5]', [/^container: expected a list of texts/]],
    ['container: [[a]]', [/^container: expected a list of texts/]],
    ['container: {a: b}', [/^container: expected a list of texts.*got a mapping/]],
    ['threshold: 5', [/^threshold: expected a mapping, or text; got 5 /]],
    ['threshold: [a]', [/^threshold: expected a mapping, or text; got a list/]],
    ['pod: a\npod: b\npod: c', [/^pod: expected each key once; got pod again at line 2, after line 1 \(kscan\.yaml\)$/, /at line 3, after line 1/]],
    ['threshold:\n  a: 1\n  a: 2', [/^threshold: expected each key once; got a again at line 3, after line 2/]],
    ['pod: &x web\nnamespace: *x', [/^pod: expected values without anchors/, /^namespace: expected values without anchors and aliases; got one at line 2/]],
    ['- pod', [/^kscan\.yaml: expected a mapping of inputs/]],
    ['web', [/^kscan\.yaml: expected a mapping of inputs/]],
    ['pod: a\n---\npod: b', [/^kscan\.yaml: expected one YAML document; got several, the second at line \d/]],
    ['pod: "a', [/^kscan\.yaml: expected YAML; got Missing closing quote at line 1$/]],
    ['pod: a\n\tnamespace: b\n"', [/line 2$/, /line 3$/, /line 3$/]],
    ['pod: !secret a', [/^kscan\.yaml: expected YAML; got Unresolved tag.* at line 1$/]],
    ['? {a: b}\n: c', [/^a key: expected the name of an input/]],
    ['1: c', [/^1: expected the name of an input/]],
    ['<<: {pod: a}', [/^<<: expected the name of an input/]],
    ['__proto__: {pod: a}\nconstructor: b', [/^__proto__: /, /^constructor: /]],
    ['json: true', [/^json: expected the name of an input/]],
    ['['.repeat(5000), [/^kscan\.yaml: expected YAML; got More levels than can be read$/]]
  ])('%j', (text, faults) => {
    const { raw } = read(text)
    expect(told(text)).toEqual(faults.map((fault) => expect.stringMatching(fault)))
    expect([...raw.keys()]).toEqual([])
  })

  test('beside what can be used', () => {
    const { raw, problems } = read('pod: web-0\nnamspace: a\nmax-targets: many\n')
    expect([[...raw.keys()], problems.map(({ name }) => name)]).toEqual([['pod'], ['namspace', 'max-targets']])
  })

  test('of hostile text nothing is shown raw', () => {
    const lines = told('"\u001b[31m\\e[2J\u202e": 1\npod: "\\e]0;x\\a\\n::error::"\n')
    expect([lines.length, lines.join('\n')]).toEqual([2, expect.not.stringMatching(/[\u001b\u0007\u202e]|^\s*::/m)])
  })
})

describe('what a file may not say', () => {
  test.each([
    ['git-token', 'hunter2-hunter2', /Give it as KSCAN_GIT_TOKEN/],
    ['kubeconfig-exec', 'allow', /could start programs/],
    ['config', 'other.yaml', /names no other/]
  ])('%s is refused, and its value not shown', (name, value, hint) => {
    const [problem, ...more] = read(`pod: web\n${name}: ${value}`).problems
    expect([problem?.name, problem?.hint, more]).toEqual([name, expect.stringMatching(hint), []])
    expect(JSON.stringify(problem)).not.toContain(value === 'allow' ? '"allow' : value)
  })

  test('a value of profile-inputs is not shown either', () => {
    expect(told('profile-inputs: [hunter2]')).toEqual([expect.stringContaining('got *** (kscan.yaml, line 1)')])
  })
})

describe('a file that is made to be costly', () => {
  const bomb = ['a: &a [x, x]', ...'bcdefghij'.split('').map((letter, index) => `${letter}: &${letter} [${`*${'abcdefghi'[index]}, `.repeat(9)}x]`)].join('\n')
  const aliases = `pod: &x web\ncontainer: [${'*x, '.repeat(50_000)}*x]`
  const keys = Array.from({ length: 20_000 }, (_, index) => `key-${index}: 1`).join('\n')

  test.each([
    ['an anchor bomb', bomb],
    ['one below an input', `profile-inputs:\n${bomb.replace(/^/gm, '  ')}`],
    ['many aliases', aliases],
    ['many keys', keys],
    ['many tags', `container: [${'!x a, '.repeat(20_000)}!x a]`],
    ['one key again and again', 'pod: a\n'.repeat(400)]
  ])('%s is refused in a moment, in not too many words', (_what, text) => {
    const begun = performance.now()
    const { problems } = read(text)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.length).toBeLessThanOrEqual(101)
    expect(performance.now() - begun).toBeLessThan(20_000)
  })
})
