import { describe, expect, test } from '@jest/globals'
import { DEFAULT_THRESHOLD, parseThreshold } from '../../../src/verdict/threshold.ts'

const boundsOf = (text: string): string[] => {
  const parsed = parseThreshold(text, 't.yaml')
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems))
  return parsed.threshold.bounds.map(
    ({ key, status, severity, kind, value }) => `${key} | ${status} ${severity ?? '-'} ${kind} ${typeof value === 'number' ? value : `[${value.join(' ')}]`}`
  )
}

const problemsOf = (text: string): string[] => {
  const parsed = parseThreshold(text, 't.yaml')
  return parsed.kind === 'problems' ? parsed.problems.map(({ name, expected, got }) => `${name} | ${expected} | ${got}`) : []
}

describe('bounds of the nested form', () => {
  test.each([
    ['compliance: {min: 97.5}', ['compliance.min | compliance - min 97.5']],
    ['compliance: {min: 1, max: 100}', ['compliance.min | compliance - min 1', 'compliance.max | compliance - max 100']],
    ['compliance:\n  max: 0', ['compliance.max | compliance - max 0']],
    ['passed: {total: 3}', ['passed.total | passed total exact 3']],
    ['failed: {total: {min: 0, max: 0}}', ['failed.total.min | failed total min 0', 'failed.total.max | failed total max 0']],
    ['failed: {high: 3}', ['failed.high | failed high exact 3']],
    ['failed: {none: {max: 1}}', ['failed.none.max | failed none max 1']],
    ['no_impact: {none: {controls: [a, "1.10"]}}', ['no_impact.none.controls | no_impact none controls [a 1.10]']],
    ['error: {total: {controls: []}}', ['error.total.controls | error total controls []']],
    [
      '{"skipped": {"critical": {"min": 1, "max": 2, "controls": ["V-1"]}}}',
      [
        'skipped.critical.min | skipped critical min 1',
        'skipped.critical.max | skipped critical max 2',
        'skipped.critical.controls | skipped critical controls [V-1]'
      ]
    ],
    ['{\n\t"failed": {\n\t\t"low": {"max": 1}\n\t}\n}', ['failed.low.max | failed low max 1']],
    ['# comment\n---\npassed:\n  total:\n    min: 1\n', ['passed.total.min | passed total min 1']],
    ['\ufefffailed: {total: 0}', ['failed.total | failed total exact 0']]
  ])('%s', (text, expected) => {
    expect(boundsOf(text)).toEqual(expected)
  })

  test('every status with every severity', () => {
    for (const status of ['passed', 'failed', 'skipped', 'no_impact', 'error'])
      for (const severity of ['critical', 'high', 'medium', 'low', 'none', 'total'])
        expect(boundsOf(`${status}: {${severity}: {max: 1}}`)).toEqual([`${status}.${severity}.max | ${status} ${severity} max 1`])
  })

  test('the default threshold is what the documentation says', () => {
    expect(DEFAULT_THRESHOLD.bounds.map(({ key, value }) => `${key}: ${String(value)}`)).toEqual(['failed.total.max: 0', 'error.total.max: 0'])
  })
})

describe('other spellings of the same bounds', () => {
  const NESTED = boundsOf('compliance: {min: 50}\nfailed: {high: {min: 0, max: 2}, low: 3}')

  test.each([
    'compliance.min: 50\nfailed.high.min: 0\nfailed.high.max: 2\nfailed.low: 3',
    'compliance: {min: 50}\nfailed.high: {min: 0, max: 2}\nfailed: {low: 3}',
    'compliance.min: 50\nfailed:\n  high.min: 0\n  high: {max: 2}\n  low: 3',
    '{"compliance.min": 50, "failed.high.min": 0, "failed.high.max": 2, "failed.low": 3}',
    'compliance.min: 50, failed.high.min: 0, failed.high.max: 2, failed.low: 3',
    'compliance.min:50,failed.high.min:0,failed.high.max:2,failed.low:3',
    '{compliance.min: 50}, {failed.high.min: 0}, {failed.high.max: 2}, {failed.low: 3}',
    '{compliance.min: 50, failed.high.min: 0, failed.high.max : 2, failed.low: 3}'
  ])('%j', (text) => expect(boundsOf(text)).toEqual(NESTED))

  test('a decimal and a list', () => {
    expect(boundsOf('compliance.max: 97.5')).toEqual(['compliance.max | compliance - max 97.5'])
    expect(boundsOf('failed.high.controls: [V-1, "9.10"]')).toEqual(['failed.high.controls | failed high controls [V-1 9.10]'])
  })
})

describe('what is not a threshold', () => {
  test.each([
    ['', 't.yaml:1:1'],
    ['# nothing', 't.yaml:1:1'],
    ['null', 't.yaml:1:1'],
    ['{}', 't.yaml:1:1'],
    ['97', 't.yaml:1:1'],
    ['- failed', 't.yaml:1:1'],
    ['compliance: 97', 't.yaml:1:13'],
    ['compliance: {}', 't.yaml:1:13'],
    ['compliance: {min: 101}', 't.yaml:1:19'],
    ['compliance: {min: -1}', 't.yaml:1:19'],
    ['compliance: {min: "97"}', 't.yaml:1:19'],
    ['compliance: {min: 97%}', 't.yaml:1:19'],
    ['compliance: {min: .inf}', 't.yaml:1:19'],
    ['compliance: {min: .nan}', 't.yaml:1:19'],
    ['compliance: {min: [1]}', 't.yaml:1:19'],
    ['compliance: {controls: [a]}', 't.yaml:1:14'],
    ['compliance:\n  min: 9\n  max: 8', 't.yaml:2:3'],
    ['failed:', 't.yaml:1:1'],
    ['failed: {}', 't.yaml:1:1'],
    ['failed: {high: }', 't.yaml:1:16'],
    ['failed: {high: {}}', 't.yaml:1:16'],
    ['failed: {high: {max: 1.5}}', 't.yaml:1:22'],
    ['failed: {high: {max: 1e400}}', 't.yaml:1:22'],
    ['failed: {high: {max: -1}}', 't.yaml:1:22'],
    ['failed: {high: {max: true}}', 't.yaml:1:22'],
    ['failed: {high: {min: 2, max: 1}}', 't.yaml:1:17'],
    ['failed: {high: {max: 1, max: 2}}', 't.yaml:1:25'],
    ['failed: {high: {max: 1}}\nfailed: {low: {max: 1}}', 't.yaml:2:1'],
    ['failed: {high: {controls: a}}', 't.yaml:1:17'],
    ['failed: {high: {controls: [9.10]}}', 't.yaml:1:17'],
    ['failed: {high: {controls: [a, a]}}', 't.yaml:1:17'],
    ['failed: {high: {controls: {a: 1}}}', 't.yaml:1:17'],
    ['failed: {high: {exact: 1}}', 't.yaml:1:17'],
    ['failed.high.max: 0\nfailed: {high: {max: 1}}', 't.yaml:2:17'],
    ['failed.high.min: 3\nfailed: {high: {max: 1}}', 't.yaml:1:1'],
    ['failed.high.max: -1', 't.yaml:1:18'],
    ['failed.hihg.max: 0', 't.yaml:1:1'],
    ['failed.high.max.more: 0', 't.yaml:1:1'],
    ['failed..max: 0', 't.yaml:1:1'],
    ['failed.high.max: 0, failed.low.max: x', 't.yaml:1:37'],
    ['failed.high.max: 0, complaince.min: 9', 't.yaml:1:21'],
    ['failed.high.max: 0, failed.high.max: 0', 't.yaml:1:21'],
    ['{failed.high.max: 0}, {failed.low.max: 1.5}', 't.yaml:1:40'],
    ['failed.high.max=0', 't.yaml:1:1'],
    ['failed.high: 3\nfailed.high.max: 3', 't.yaml:2:1'],
    ['failed.high.max: 3\nfailed.high: 3', 't.yaml:2:1'],
    ['{failed.high.max: 0', 't.yaml:1:20'],
    ['failed.high.max: 0,', 't.yaml:1:18'],
    ['compliance.min: 97%', 't.yaml:1:17'],
    ['failed: {high: &a {max: 0}, low: *a}', 't.yaml:1:34'],
    ['<<: {failed: {total: 0}}', 't.yaml:1:1'],
    ['? [failed]\n: 1', 't.yaml:1:3'],
    ['failed: !sum {total: 0}', 't.yaml:1:9'],
    ['failed: {total: 0}\n---\nerror: {total: 0}', 't.yaml:2:1'],
    ['failed: {total: 0', 't.yaml:1:18'],
    ['%YAML 1.1\n---\nfailed: {total: 1:30}', 't.yaml:3:17']
  ])('%j', (text, position) => {
    const problems = problemsOf(text)
    expect(problems).not.toEqual([])
    expect(problems[0]).toMatch(new RegExp(`^${position.replaceAll('.', '\\.')} \\| .+ \\| `))
  })

  test('one that is a hundred thousand levels deep', () => {
    expect(problemsOf('['.repeat(100_000))).not.toEqual([])
    expect(problemsOf(`failed: ${'{a: '.repeat(100_000)}`)).not.toEqual([])
  })

  test('all problems at once, with their positions', () => {
    expect(
      problemsOf('complaince: {min: 1}\nfailed:\n  hgih: {max: 1}\n  low: {max: -1, mx: 2}\nerror: {total: {max: 0}}').map((line) => line.split(' ')[0])
    ).toEqual(['t.yaml:1:1', 't.yaml:3:3', 't.yaml:4:14', 't.yaml:4:18'])
  })

  test.each([
    ['errors: {total: 0}', 'error'],
    ['erorr: {total: 0}', 'error'],
    ['Failed: {total: 0}', 'failed'],
    ['noimpact: {total: 0}', 'no_impact'],
    ['not_applicable: {total: 0}', 'no_impact'],
    ['not_reviewed: {total: 0}', 'skipped'],
    ['failed: {crtical: {max: 0}}', 'critical'],
    ['failed: {informational: {max: 0}}', 'none'],
    ['failed: {high: {maximum: 0}}', 'max'],
    ['failed: {high: {control: [a]}}', 'controls']
  ])('%s suggests %s', (text, near) => {
    expect(problemsOf(text)[0]).toContain(`did you mean ${near}?`)
  })

  test.each([['zzz: {total: 0}'], ['"": {total: 0}'], ['failed: {zzz: 0}'], ['constructor: {total: 0}']])('%s suggests nothing', (text) => {
    expect(problemsOf(text)).toHaveLength(1)
    expect(problemsOf(text)[0]).not.toContain('did you mean')
  })

  test('hostile text is quoted without its control characters, and short', () => {
    const [problem] = problemsOf(`"\\e[2J${'x'.repeat(5000)}": {total: 0}`)
    expect(problem).not.toContain('\u001b')
    expect(problem?.length).toBeLessThan(400)
  })
})
