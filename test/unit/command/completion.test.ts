import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, test } from '@jest/globals'
import { parseArguments } from '../../../src/command/program.ts'
import { completed, SHELLS } from '../../../src/command/completed.ts'
import { completionOf } from '../../../src/command/completion.ts'
import { INPUTS } from '../../../src/config/inputs.ts'
import { COMPLETIONS, offered, ShellFolder } from '../../support/completions.ts'

const folder = new ShellFolder()
afterAll(() => folder.remove())

/** As readline hands a line to the function: parted at blanks and, on their own, at =. */
const ASK = `
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
complete -p kscan >&2
_kscan && printf '%s\\n' "\${COMPREPLY[@]}"`

const answer = (words: readonly string[]): string[] =>
  execFileSync('bash', ['--norc', '-c', ASK, 'bash', folder.script('bash'), ...words], { cwd: folder.path, encoding: 'utf8', stdio: 'pipe' }).split('\n')

const complete = (line: string): string[] => answer(line.split(/(=)| /).filter((word) => word !== undefined))

describe('bash', () => {
  test.each(COMPLETIONS)('%j offers %j', (line, words) => expect(offered(complete(line))).toEqual([...words].toSorted()))

  test('a flag and its value in one word, where bash does not part it at =', () => {
    const ask = (word: string): string[] => answer(['kscan', 'scan', word])
    expect([ask('--approach=k'), ask('--reports=hdf,j'), ask('--kubeconfig=k')]).toEqual([
      ['--approach=kubernetes-api', ''],
      ['--reports=hdf,junit', ''],
      ['--kubeconfig=kube config', '']
    ])
  })
})

describe('every script', () => {
  test.each(SHELLS)('of %s has each command, each flag and each word of a choice', (shell) => {
    const script = completionOf(shell)
    for (const { name, flags } of completed()) {
      expect(script).toContain(name)
      for (const flag of flags) expect(script).toMatch(new RegExp(`(--|-l )${flag.name}\\b`))
    }
    for (const { type } of INPUTS) if (type.kind === 'choice') expect(script).toContain(type.of.join(' '))
  })

  test.each(SHELLS)('of %s is printed, with exit 0', (shell) => {
    expect(parseArguments(['completion', shell], '0')).toEqual({ kind: 'text', text: completionOf(shell), code: 0 })
  })

  test('has the flags that the command line takes', () => {
    for (const { name, flags } of completed().filter(({ name: verb }) => !['completion', 'help'].includes(verb))) {
      const parsed = parseArguments([name, '--help'], '0')
      const told = parsed.kind === 'text' ? [...parsed.text.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)].map(([, flag = '']) => flag) : []
      expect([name, [...new Set(told)].toSorted()]).toEqual([name, flags.map((flag) => flag.name).toSorted()])
      expect(flags.length).toBeGreaterThan(5)
    }
  })

  test('can hold its words as they are', () => {
    for (const { flags } of completed()) for (const { name, words } of flags) for (const word of [name, ...words]) expect(word).toMatch(/^[\w.-]+$/)
  })
})

test.each([[['completion']], [['completion', 'tcsh']], [['completion', 'bash', 'zsh']], [['completion', 'bash', '--pod', 'x']]])(
  '%j ends with exit 2',
  (argv) => {
    expect(parseArguments(argv, '0')).toMatchObject({ kind: 'text', code: 2 })
  }
)
