import { Writable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { type TerminalOptions, terminalHost } from '../../../src/host/terminal.ts'
import type { Host } from '../../../src/host/host.ts'

/** A terminal, and what was written to it. */
const terminal = (more: Partial<TerminalOptions> = {}): { host: Host; out: string[]; err: string[] } => {
  const [out, err]: [string[], string[]] = [[], []]
  const into = (lines: string[]): NodeJS.WriteStream =>
    new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) }) as unknown as NodeJS.WriteStream
  return { host: terminalHost({ env: {}, verbose: true, stdout: into(out), stderr: into(err), ...more }), out, err }
}

test('results go to stdout, all else to stderr', async () => {
  const { host, out, err } = terminal()
  host.print('the result')
  host.log.info('a line')
  await host.phase('A phase', () => Promise.resolve())
  expect([out, err]).toEqual([['the result\n'], ['a line\n', expect.stringMatching(/^✓ A phase \(.*\)\n$/)]])
})

test('what was masked is in no line, and not in the result', async () => {
  const { host, out, err } = terminal()
  host.mask('first-secret\nsecond-secret')
  for (const level of ['info', 'warn', 'error', 'debug'] as const) host.log[level]('a first-secret, and second-secret')
  host.print('a first-secret, and second-secret')
  await host.phase('second-secret', () => Promise.resolve())
  expect([out.length, err.length, [...out, ...err].filter((line) => /secret/.test(line))]).toEqual([1, 5, []])
  expect(host.secrets().map((secret) => secret.reveal())).toEqual(['first-secret', 'second-secret'])
})

test('causes are told only where they are wanted', () => {
  const { host, err } = terminal({ verbose: false })
  host.log.debug('a cause')
  expect(err).toEqual([])
})

test('with quiet there are results, warnings and errors, and nothing else', async () => {
  const { host, out, err } = terminal({ quiet: true, verbose: false })
  for (const level of ['info', 'warn', 'error', 'debug'] as const) host.log[level](level)
  await host.phase('A phase', () => Promise.resolve())
  host.print('the result')
  expect([out, err]).toEqual([['the result\n'], ['warning: warn\n', 'error: error\n']])
})

describe('where things of a user lie', () => {
  test.each<[string, TerminalOptions['env'], readonly string[]]>([
    ['by the folders of the user', { HOME: '/h' }, ['/h/.local/state/kscan', '/h/.cache/kscan']],
    ['by no relative path, which may be in a commit', { HOME: '/h', XDG_STATE_HOME: 's', XDG_CACHE_HOME: './c' }, ['/h/.local/state/kscan', '/h/.cache/kscan']],
    ['where the environment says so', { HOME: '/h', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c', TMPDIR: '/t' }, ['/s/kscan', '/c/kscan', '/t']]
  ])('%s', (_what, env, folders) => {
    const { host } = terminal({ env })
    expect([host.journalFolder, host.toolFolder, host.tempFolder].slice(0, folders.length)).toEqual(folders)
  })
})

test.each([
  [undefined, {}],
  ['this job of CircleCI works on a change from a fork', { CIRCLE_PR_NUMBER: '3' }]
])('whose change it is (%s) is as the CI system says', (expected, env) => expect(terminal({ env }).host.untrusted).toBe(expected))
