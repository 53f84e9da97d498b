import { Writable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { paintMarks, showsColour } from '../../../src/host/colour.ts'
import { terminalHost } from '../../../src/host/terminal.ts'
import { marksOf } from '../../../src/report/marks.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import { hostileRun } from '../../support/hostile-run.ts'
import { hostileTexts } from '../../support/hostile-texts.ts'

describe('whether a terminal shows colours', () => {
  test.each<[env: Record<string, string>, colours: boolean]>([
    [{}, true],
    [{ TERM: 'xterm-256color' }, true],
    [{ TERM: 'dumb' }, false],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '0' }, false],
    [{ NO_COLOR: '' }, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [{ NO_COLOR: '1', CLICOLOR_FORCE: '1' }, false],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: 'false' }, false],
    [{ FORCE_COLOR: '1', TERM: 'dumb' }, true],
    [{ FORCE_COLOR: 'true', CLICOLOR: '0' }, true],
    [{ CLICOLOR_FORCE: '1', TERM: 'dumb' }, true],
    [{ CLICOLOR_FORCE: '0', TERM: 'dumb' }, false],
    [{ CLICOLOR: '0' }, false],
    [{ CLICOLOR: '1' }, true]
  ])('with %j: %s', (env, colours) => {
    expect([showsColour({ isTTY: true }, env), showsColour({ isTTY: false }, env), showsColour({}, env)]).toEqual([colours, false, false])
  })
})

test.each([
  ['a b a', [{ tone: 'good', text: 'a' }], '\u001b[32ma\u001b[0m b a'],
  [
    'a b a',
    [
      { tone: 'heading', text: 'b' },
      { tone: 'bad', text: 'a' }
    ],
    'a \u001b[1mb\u001b[0m \u001b[31ma\u001b[0m'
  ],
  ['a', [{ tone: 'doubtful', text: 'z' }], 'a'],
  ['', [], '']
] as const)('%j with %j', (line, marks, expected) => expect(paintMarks(line, marks)).toBe(expected))

/** What a terminal gets: of results, and of the log. */
const shown = (
  work: (host: ReturnType<typeof terminalHost>) => unknown,
  { isTTY = true, env = {} }: { isTTY?: boolean; env?: Record<string, string> } = {}
): string => {
  const written: string[] = []
  const stream = Object.assign(new Writable({ write: (chunk, _encoding, done) => done(void written.push(String(chunk))) }), { isTTY, columns: 100 })
  const out = stream as unknown as NodeJS.WriteStream
  void work(terminalHost({ env, verbose: true, stderr: out, stdout: out }))
  return written.join('')
}

const OURS = /\u001b\[(?:1|31|32|33)m([^\u001b]*)\u001b\[0m/g

describe('a line on a terminal', () => {
  test.each<[string, (host: ReturnType<typeof terminalHost>) => unknown, string]>([
    ['a warning', (host) => host.log.warn('x'), '\u001b[33mwarning:\u001b[0m x\n'],
    ['an error', (host) => host.log.error('error: x'), '\u001b[31merror:\u001b[0m error: x\n'],
    ['a line of the log', (host) => host.log.info('✓ PASSED: x'), '✓ PASSED: x\n'],
    ['a result', (host) => host.print('PASSED: x\nworst failures:', marksOf), '\u001b[32mPASSED\u001b[0m: x\n\u001b[1mworst failures:\u001b[0m\n'],
    ['a result for programs', (host) => host.print('PASSED: x'), 'PASSED: x\n'],
    ['a failed control', (host) => host.progress({ target: 't', done: 1, total: 2, control: 'V-1', status: 'failed' }), '\u001b[31m  ✗\u001b[0m V-1  [1/2]\n']
  ])('%s', (_what, work, expected) => {
    expect(shown(work)).toBe(expected)
    expect(shown(work, { env: { NO_COLOR: '1' } })).toBe(expected.replace(OURS, '$1'))
  })

  test('has no colours where nobody watches', () => {
    expect(shown((host) => [host.print('PASSED: x', marksOf), host.log.error('x')], { isTTY: false, env: { FORCE_COLOR: '1' } })).toBe('PASSED: x\nerror: x\n')
  })
})

describe('text from outside', () => {
  test.each(hostileTexts().filter(([, text]) => text.length < 5000))('that tries %s has no escape but ours', (_what, text) => {
    const { verdict, judged, record } = hostileRun(text)
    const work = (host: ReturnType<typeof terminalHost>): void => {
      host.print(terminalEnd(verdict, { judged, record }, { width: 100, reportsPath: text }), marksOf)
      for (const level of ['info', 'warn', 'error', 'debug'] as const) host.log[level](text)
    }
    const coloured = shown(work)
    expect(coloured).toMatch(OURS)
    expect(coloured.replace(OURS, '$1')).toBe(shown(work, { isTTY: false }))
    expect(coloured.replace(OURS, '$1')).not.toContain('\u001b')
  })
})
