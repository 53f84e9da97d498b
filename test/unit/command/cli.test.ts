import { describe, expect, test } from '@jest/globals'
import { type Called, parseArguments } from '../../../src/command/program.ts'
import { PLAIN_LOOK } from '../../../src/command/help.ts'
import type { Input } from '../../../src/config/input.ts'
import { inputsOf } from '../../../src/config/inputs.ts'

const parse = (...argv: string[]): ReturnType<typeof parseArguments> => parseArguments(argv, '1.2.3')

const called = (...argv: string[]): Called => {
  const parsed = parse(...argv)
  if (parsed.kind !== 'call') throw new Error(parsed.text)
  return parsed.call
}

const printed = (...argv: string[]): [code: number, text: string] => {
  const parsed = parse(...argv)
  if (parsed.kind !== 'text') throw new Error(`it calls ${parsed.call.verb}`)
  return [parsed.code, parsed.text]
}

/** Inputs that may be given by a flag. */
const toldOf = (verb: (typeof VERBS)[number]): readonly Input[] => inputsOf(verb).filter(({ secret }) => secret !== true)

const VERBS = ['scan', 'plan', 'doctor', 'judge', 'report', 'cleanup', 'vendor', 'profiles'] as const

describe('a command line that is good', () => {
  test('gives its flags as raw inputs', () => {
    const { flags, ...rest } = called('scan', '--pod', 'web-0', '--max-targets=5', '--git-token', 't')
    expect(Object.fromEntries(flags)).toEqual({
      pod: { value: 'web-0', origin: 'flag' },
      'max-targets': { value: '5', origin: 'flag' },
      'git-token': { value: 't', origin: 'flag' }
    })
    expect(rest).toEqual({ verb: 'scan', files: [], run: undefined, sweep: false, expired: false, json: false, verbose: false, quiet: false })
  })

  test('a list may be given several times', () => {
    expect(called('scan', '--profile', 'a', '--profile', 'b,c').flags.get('profile')?.value).toBe('a\nb,c')
  })

  test('judge takes files', () => {
    expect(called('judge', 'a.json', '--json', 'b.json')).toMatchObject({ verb: 'judge', files: ['a.json', 'b.json'], json: true })
  })

  test('cleanup takes a run, or what has expired', () => {
    expect(called('cleanup', '--run', '4f0c2m1x9q')).toMatchObject({ run: '4f0c2m1x9q', sweep: true, expired: false })
    expect(called('cleanup', '--expired', '--verbose')).toMatchObject({ run: undefined, sweep: false, expired: true, verbose: true })
  })

  test.each(VERBS)('%s takes every input that the table gives it', (verb) => {
    const inputs = inputsOf(verb)
    const { flags } = called(
      verb,
      ...inputs.flatMap(({ name }) => [`--${name}`, `value of ${name}`]),
      ...(verb === 'judge' || verb === 'report' ? ['f.json'] : [])
    )
    expect(new Map([...flags].map(([name, { value }]) => [name, value]))).toEqual(new Map(inputs.map(({ name }) => [name, `value of ${name}`])))
  })
})

describe('a value that nobody knows the flag of', () => {
  const VALUE = "hunter2-'x' is invalid"
  test.each([
    [['scan', `--git-tokn=${VALUE}`], "unknown option '--git-tokn'\nDid you mean --git-token?"],
    [['scan', `--nothing-like-it=${VALUE}`], "unknown option '--nothing-like-it'"],
    [['scan', `--json=${VALUE}`], "unknown option '--json'"],
    [['scan', `-x${VALUE}`], "unknown option '-x'"],
    [['scan', `-q${VALUE}`], "unknown option '-h'"],
    [[`--git-token=${VALUE}`, 'scan'], "unknown option '--git-token'"],
    [['scan', '--pod', 'a', VALUE, VALUE], 'Expected 0 arguments but got 2.'],
    [[VALUE, 'scan'], 'unknown command'],
    [['scan', '--pod', 'a', '--pod', VALUE], "option '--pod <value>' is given twice"]
  ])('is not repeated: %j', (argv, said) => {
    const [code, text] = printed(...argv)
    expect([code, text, text.includes('hunter') || text.includes('unter2')]).toEqual([2, expect.stringContaining(said), false])
  })
})

test('flags of secrets are neither told nor completed', () => {
  const told = VERBS.map((verb) => printed(verb, '--help')[1]).join('')
  const completions = ['bash', 'zsh', 'fish'].map((shell) => printed('completion', shell)[1]).join('')
  expect(['--git-token ', '--profile-inputs '].filter((flag) => told.includes(flag))).toEqual([])
  expect([completions.match(/(?:--|-l )(git-token|profile-inputs)(?![\w-])/g), told.includes('--profile-inputs-file')]).toEqual([null, true])
})

describe('short flags, as kubectl has them', () => {
  test.each([
    [['-n', 'shop', '-l', 'app=web', '-c', 'app'], { namespace: 'shop', selector: 'app=web', container: 'app' }],
    [['-nshop', '-lapp=web'], { namespace: 'shop', selector: 'app=web' }],
    [['-n=shop', '-l=app=web', '-c=app'], { namespace: 'shop', selector: 'app=web', container: 'app' }],
    [['-c', 'app', '--container', 'proxy'], { container: 'app\nproxy' }],
    [['--namespace', 'shop'], { namespace: 'shop' }]
  ])('scan %j', (argv, flags) => {
    expect(Object.fromEntries([...called('scan', ...argv).flags].map(([name, { value }]) => [name, value]))).toEqual(flags)
  })

  test.each([
    [['scan', '-o', 'json'], { json: true }],
    [['scan', '-ojson'], { json: true }],
    [['plan', '-o=json'], { json: true }],
    [['judge', '--output', 'json', 'f'], { json: true }],
    [['judge', '-o', 'text', 'f'], { json: false }],
    [['scan', '-q'], { quiet: true, json: false }],
    [['scan', '-qo', 'json'], { quiet: true, json: true }],
    [['cleanup', '--quiet'], { quiet: true }]
  ])('%j', (argv, expected) => expect(called(...argv)).toMatchObject(expected))

  test.each(VERBS.flatMap((verb) => [[verb, '-q'] as const, [verb, '-h'] as const]))('%s has %s', (verb, flag) => {
    expect(printed(verb, '--help')[1]).toContain(`  ${flag}, --`)
  })
})

describe('a command line that is bad ends with exit 2', () => {
  test.each([
    [[], /Usage: kscan/],
    [['scna'], /unknown command 'scna'[^]*scan/],
    [['scan', '--pods', 'x'], /unknown option '--pods'[^]*--pod\?/],
    [['scan', '--treshold', 'x'], /Did you mean --threshold\?/],
    [['scan', '--nothing-like-it'], /unknown option '--nothing-like-it'\n`kscan scan --help` tells the flags\./],
    [['scan', '--pod'], /'--pod <value>' argument missing/],
    [['scan', '--enforce'], /argument missing/],
    [['scan', 'extra'], /too many arguments/],
    [['judge'], /judge takes HDF files, patterns of them, or - for the standard input; got none\nFor example: kscan judge --threshold-file/],
    [['judge', '--pod', 'x', 'f.json'], /unknown option '--pod'/],
    [['judge', '--reports', 'hdf', 'f.json'], /unknown option '--reports'/],
    [['report'], /report takes all HDF files of a scan, or a pattern of them; got none\nFor example: kscan report/],
    [['report', '--threshold', 'x', 'f.json'], /unknown option '--threshold'/],
    [['doctor', '--run', 'x'], /unknown option '--run'/],
    [['scan', '-x'], /unknown option '-x'/],
    [['scan', '-qx'], /unknown option '-x'/],
    [['scan', '-n'], /'-n, --namespace <value>' argument missing/],
    [['scan', '-n', 'a', '--namespace', 'b'], /is given twice/],
    [['judge', '-n', 'shop', 'f.json'], /unknown option '-n'/],
    [['cleanup', '-l', 'a=b'], /unknown option '-l'/],
    [['doctor', '-o', 'json'], /unknown option '-o'/],
    [['scan', '-o', 'wide'], /Expected text or json\.$/m],
    [['scan', '-o', 'sarif'], /Expected text or json\. A report is a file: --reports sarif\.$/m],
    [['scan', '-o', 'json', '--json'], /'--json' cannot be used with option '-o/],
    [['scan', '-q', '--verbose'], /cannot be used with option/],
    [['scan', 'a\u001b[31m'], /got 1\./],
    [['scan', '--a\u001b[31m'], /unknown option '--a'/]
  ])('%j', (argv, expected) => {
    const [code, text] = printed(...argv)
    expect(code).toBe(2)
    expect(text).toMatch(expected)
  })
})

describe('help and version end with exit 0', () => {
  test('the version', () => {
    expect(printed('--version')).toEqual([0, '1.2.3\n'])
  })

  test('the help names every command and the exit codes', () => {
    const [code, text] = printed('--help')
    expect(code).toBe(0)
    for (const verb of VERBS) expect(text).toContain(`  ${verb} `)
    expect(text).toContain('3 unjudged')
  })

  test.each(VERBS)('the help of %s has its flags, an example and the exit codes', (verb) => {
    const [code, text] = printed(verb, '--help')
    expect(code).toBe(0)
    for (const { name } of toldOf(verb)) expect(text).toContain(`--${name} <`)
    expect(text).toContain(`  kscan ${verb} `)
    expect(text).toContain('130 interrupted')
    expect(printed('help', verb)).toEqual([0, text])
  })

  test.each(VERBS)('each example of %s is a command line that is good', (verb) => {
    const unfolded = printed(verb, '--help')[1].replace(/ \\\n +/g, ' ')
    const examples = [...unfolded.matchAll(/^ {2}kscan (.+?)(?: \| .+)?$/gm)].map(([, line = '']) => line)
    expect(examples.length).toBeGreaterThan(0)
    for (const line of examples) expect(called(...[...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')).verb).toBe(verb)
  })
})

describe('how the help looks', () => {
  const GROUPS = ['Cluster:', 'Target:', 'Scan:', 'Access:', 'Verdict:', 'Auditor:', 'Reports:', 'General:']
  const help = (verb: string, width: number, colour = false): string => {
    const look = { width, colour }
    const parsed = parseArguments([verb, '--help'], '0', { out: look, err: PLAIN_LOOK })
    return parsed.kind === 'text' ? parsed.text : ''
  }
  const COLOUR = /\u001b\[1m([^\u001b]*)\u001b\[0m/g

  test('the flags of a scan stand in groups, in their order, each once', () => {
    const text = help('scan', 80)
    expect(text.match(/^[A-Z]\w+:$/gm)).toEqual([...GROUPS, 'Examples:'])
    const groups = text.split(/^(?=[A-Z]\w+:$)/m)
    const flagsOf = (name: string): string[] =>
      [...(groups.find((group) => group.startsWith(name)) ?? '').matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)].map(([, flag = '']) => flag)
    for (const { name, group } of toldOf('scan')) expect(flagsOf(GROUPS.find((title) => title.toLowerCase() === `${group}:`) ?? '')).toContain(name)
    expect(flagsOf('General:')).toEqual(['config', 'output', 'json', 'quiet', 'verbose', 'help'])
  })

  test.each([
    ['doctor', ['Cluster:', 'Target:', 'Scan:', 'Access:', 'Auditor:', 'General:']],
    ['judge', ['Arguments:', 'Verdict:', 'General:']],
    ['report', ['Arguments:', 'Reports:', 'General:']],
    ['cleanup', ['Cluster:', 'Auditor:', 'General:']]
  ])('%s has the groups that it has flags of', (verb, groups) => {
    expect(help(verb, 80).match(/^[A-Z]\w+:$/gm)).toEqual([...groups, 'Examples:'])
  })

  test.each([...VERBS, 'completion'].flatMap((verb) => [80, 100, 120, 240].map((width) => [verb, width] as const)))(
    '%s fits into %d columns',
    (verb, width) => {
      expect(
        Math.max(
          ...help(verb, width)
            .split('\n')
            .map(({ length }) => length)
        )
      ).toBeLessThanOrEqual(Math.min(width, 120))
    }
  )

  test('texts stand beside their flags where there is room, else below', () => {
    expect(help('scan', 120)).toMatch(/^ {2}-n, --namespace <value> +Namespace of the targets\./m)
    expect(help('scan', 80)).toMatch(/^ {2}-n, --namespace <value>\n {8}Namespace of the targets\./m)
  })

  test('headings stand out in colour, and in nothing else does the text differ', () => {
    const coloured = help('scan', 100, true)
    expect([...coloured.matchAll(COLOUR)].map(([, title]) => title)).toEqual(['Usage:', ...GROUPS, 'Examples:'])
    expect(coloured.replace(COLOUR, '$1')).toBe(help('scan', 100))
  })

  test('help on the stream for faults looks as that stream does', () => {
    const out = { width: 100, colour: true }
    expect(parseArguments([], '0', { out, err: PLAIN_LOOK })).toMatchObject({ text: expect.not.stringContaining('\u001b'), code: 2 })
  })
})
