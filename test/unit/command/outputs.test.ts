import { expect, test } from '@jest/globals'
import { setOutputs } from '../../../src/command/outputs.ts'
import type { Outcome } from '../../../src/scan/scan.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { control, judgeBy, judged, many } from '../verdict/sample.ts'
import { record, targetRecord } from '../report/sample.ts'

const COUNTS = ['controls-passed', 'controls-failed', 'controls-errored', 'controls-unjudged', 'failed-critical', 'failed-high', 'compliance', 'new-failures']
const LACK = { control: 'p', reason: 'no ss', cause: 'missing:ss', lost: false, command: 'ss' }
const LOST = targetRecord('u', { failure: { code: 'SESSION_FAILED', message: 'it was lost' } })
const BASELINE = { source: 'b', sha256: 'ab', run: 'earlier', day: '2026-11-01', targets: [judged('t', many(1, 'passed'), { stableName: 't' })] }

const counts = (targets: readonly Judged[], lost: boolean): (string | undefined)[] => {
  const done = record([], { targets: [...targets.map(({ target }) => targetRecord(target)), ...(lost ? [LOST] : [])] })
  const outcome = {
    verdict: judgeBy(targets, [], { baseline: BASELINE }),
    judged: targets,
    record: done,
    runs: [],
    paths: new Map(),
    reports: { folder: '' }
  } as unknown as Outcome
  const outputs = new Map<string, string>()
  setOutputs({ setOutput: (name, value) => void outputs.set(name, value) }, { result: 'x', outcome, uploaded: undefined, leftovers: 0 })
  return COUNTS.map((name) => outputs.get(name))
}
const EMPTY = COUNTS.map(() => '')
const one = (status: 'passed' | 'failed', more: Partial<Judged> = {}): Judged => judged('t', [control('p', status)], { stableName: 't', ...more })

test.each<[string, readonly Judged[], boolean, readonly string[]]>([
  ['no results', [], true, EMPTY],
  ['no container', [], false, EMPTY],
  ['no control', [judged('t', [])], false, EMPTY],
  ['errors only', [judged('t', [control('a', 'error')])], false, EMPTY],
  ['nothing but what was skipped or does not apply', [judged('t', [control('a', 'skipped'), control('b', 'no_impact')])], false, EMPTY],
  ['nothing but unjudged controls', [one('passed', { unjudged: [LACK] })], false, EMPTY],
  ['results of one container, and none of another', [one('passed')], true, EMPTY],
  ['a control that passed', [one('passed')], false, ['1', '0', '0', '0', '0', '0', '100.00', '0']],
  [
    'a control that passed beside an unjudged one',
    [judged('t', [control('p', 'passed'), control('q', 'passed')], { stableName: 't', unjudged: [LACK] })],
    false,
    ['1', '0', '1', '1', '0', '0', '50.00', '0']
  ],
  ['a control that failed', [one('failed')], false, ['0', '1', '0', '0', '0', '0', '0.00', expect.any(String) as unknown as string]]
])('a run that gave %s counts what is known, and nothing else', (_, targets, lost, expected) => expect(counts(targets, lost)).toEqual(expected))
