import { describe, expect, test } from '@jest/globals'
import { type Called, parseArguments } from '../../../src/command/program.ts'
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

const VERBS = ['scan', 'plan', 'doctor', 'judge', 'report', 'cleanup'] as const

describe('a command line that is good', () => {
  test('gives its flags as raw inputs', () => {
    const { flags, ...rest } = called('scan', '--pod', 'web-0', '--max-targets=5', '--git-token', 't')
    expect(Object.fromEntries(flags)).toEqual({
      pod: { value: 'web-0', origin: 'flag' },
      'max-targets': { value: '5', origin: 'flag' },
      'git-token': { value: 't', origin: 'flag' }
    })
    expect(rest).toEqual({ verb: 'scan', files: [], run: undefined, sweep: false, expired: false, json: false, verbose: false })
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

describe('a command line that is bad ends with exit 2', () => {
  test.each([
    [[], /Usage: kscan/],
    [['scna'], /unknown command 'scna'[^]*scan/],
    [['scan', '--pods', 'x'], /unknown option '--pods'[^]*--pod\?/],
    [['scan', '--treshold', 'x'], /Did you mean --threshold\?/],
    [['scan', '--nothing-like-it'], /unknown option '--nothing-like-it'/],
    [['scan', '--pod'], /'--pod <value>' argument missing/],
    [['scan', '--enforce'], /argument missing/],
    [['scan', 'extra'], /too many arguments/],
    [['judge'], /missing required argument 'files'/],
    [['judge', '--pod', 'x', 'f.json'], /unknown option '--pod'/],
    [['judge', '--reports', 'hdf', 'f.json'], /unknown option '--reports'/],
    [['report'], /missing required argument 'files'/],
    [['report', '--threshold', 'x', 'f.json'], /unknown option '--threshold'/],
    [['doctor', '--run', 'x'], /unknown option '--run'/]
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
    for (const { name } of inputsOf(verb)) expect(text).toContain(`--${name} <`)
    expect(text).toContain(`  kscan ${verb} `)
    expect(text).toContain('130 interrupted')
    expect(printed('help', verb)).toEqual([0, text])
  })

  test.each(VERBS)('each example of %s is a command line that is good', (verb) => {
    const examples = [...printed(verb, '--help')[1].matchAll(/^ {2}kscan (.+)$/gm)].map(([, line = '']) => line)
    expect(examples.length).toBeGreaterThan(0)
    for (const line of examples) expect(called(...[...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')).verb).toBe(verb)
  })
})
