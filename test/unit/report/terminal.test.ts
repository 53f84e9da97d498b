import { describe, expect, test } from '@jest/globals'
import type { RunRecord } from '../../../src/report/record.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many, threshold } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'

const write = (targets: readonly Judged[], done: RunRecord = record(targets.map(({ target }) => target)), width = 200): string[] =>
  terminalEnd(
    judgeBy(targets, [threshold('failed: {high: {max: 0}}')]),
    { judged: targets, record: done },
    {
      width,
      reportsPath: 'kscan-reports',
      repeat: ({ control: { id } }) => ({ command: `kscan scan --controls ${id}`, hidden: id === 'V-1' ? ['KSCAN_GIT_TOKEN', 'KSCAN_PROFILE_INPUTS'] : [] })
    }
  ).split('\n')

describe('the end in a terminal', () => {
  test('says target and approach, access, bounds, failures, the command, the reports, and the verdict last', () => {
    const failed = control('V-1', 'failed', { severity: 'high', title: 'No telnet', checks: [check('failed', '\nexpected: 0\n     got: 1')] })
    expect(write([judged('web/api/nginx', [failed, ...many(1, 'passed')])])).toEqual([
      'web/api/nginx: kubernetes-api (the container has a shell of its own)',
      '  1 passed, 1 failed, 0 error, 0 not reviewed, 0 not applicable, 0 waived; compliance 50.00 %',
      'access: per-run; held get pods [api-7d9]; revoked serviceaccount web/kscan-abcdefghij',
      'isolation of the auditor: namespaces',
      'violated bounds:',
      '  failed.high.max of web/api/nginx: expected at most 0, got 1 (V-1)',
      'worst failures:',
      '  high V-1 (web/api/nginx): No telnet',
      '    expected: File /x is expected to be failed',
      '    got: 1',
      'repeat the first:',
      '  kscan scan --controls V-1',
      '  set KSCAN_GIT_TOKEN and KSCAN_PROFILE_INPUTS as in this run: what may hold a secret is not shown',
      'reports: kscan-reports',
      'NOT COMPLIANT: 1 bound violated, compliance 50.00 %, container detection docker'
    ])
  })

  test.each<[string, readonly Judged[], Partial<RunRecord>, RegExp]>([
    ['passed', [judged('t', many(1, 'passed'))], {}, /^PASSED: compliance 100\.00 %/],
    ['unjudged', [judged('t', [])], {}, /^UNJUDGED: t: the profile p has no controls to run$/],
    [
      'not scanned',
      [],
      { targets: [targetRecord('t', { failure: { code: 'X', message: 'no shell' } })] },
      /^COULD NOT SCAN: 1 of 1 container could not be scanned$/
    ],
    [
      'not read',
      [],
      { targets: [targetRecord('t', { failure: { code: 'PROFILE_FAILED', message: 'The profile p did not load' } })] },
      /^UNJUDGED: t: The profile p did not load$/
    ]
  ])('ends with the verdict of a run that is %s', (_, targets, more, expected) => {
    expect(write(targets, record(['t'], more)).at(-1)).toMatch(expected)
  })

  test('shows why a target could not be scanned, what is left over, and at most five failures', () => {
    const lines = write(
      [judged('t', many(7, 'failed'))],
      record(['t'], { targets: [targetRecord('u', { failure: { code: 'X', message: 'no shell' } })], leftovers: ['role web/x'] })
    )
    expect(lines).toContain('  could not be scanned: no shell')
    expect(lines).toContain('left over: role web/x – run kscan cleanup')
    expect(lines).toContain('  … 2 more in the report')
  })

  test('breaks no command: it would be another', () => {
    const id = `V ${'word '.repeat(40)}`
    const command = `kscan scan --controls ${id}`
    expect(write([judged('t', [control(id, 'failed')])], undefined, 40)).toContain(`  ${command.trimEnd()}`)
    expect(write([judged('t', [control('x'.repeat(10_000), 'failed')])], undefined, 40)).toContain('  (the command is too long to be shown)')
  })

  test.each([40, 80, 120])('breaks lines of words at %d columns', (width) => {
    const failed = control('V-1', 'failed', { severity: 'high', title: 'word '.repeat(60), checks: [check('failed', 'word '.repeat(100))] })
    const lines = write([judged('t', [{ ...failed, id: 'V-2' }])], undefined, width)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
  })

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const lines = (word: string): string[] => {
      const hostile = control(word, 'failed', { severity: 'high', title: word, checks: [{ ...check('failed', word), description: word }] })
      const target = judged(word, [hostile, control('p', 'passed')], {
        unjudged: [{ control: 'p', reason: word, cause: 'missing:ss', lost: false, command: word }]
      })
      return write([target], record([word], { leftovers: [word] }), 1_000_000)
    }
    const written = lines(text)
    expect(written).toHaveLength(lines('harmless').length)
    expect(written.join('\n')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*::/mu)
    expect(Math.max(...written.map((line) => line.length))).toBeLessThan(5000)
  })
})
