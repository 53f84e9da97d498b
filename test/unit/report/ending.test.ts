import { describe, expect, test } from '@jest/globals'
import { annotateEnding } from '../../../src/command/annotate.ts'
import { badInput, type ErrorCode, EXIT, ScanError } from '../../../src/kernel/error.ts'
import { endingOf, endingOfFailure } from '../../../src/report/ending.ts'
import { html } from '../../../src/report/html.ts'
import { junit } from '../../../src/report/junit.ts'
import { markdown } from '../../../src/report/markdown.ts'
import { noResults } from '../../../src/report/no-results.ts'
import type { RunRecord } from '../../../src/report/record.ts'
import { runJson } from '../../../src/report/run-json.ts'
import { sarif } from '../../../src/report/sarif.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { control, judgeBy, judged, many, threshold } from '../verdict/sample.ts'
import { record, targetRecord } from './sample.ts'

const failed = (code: ErrorCode | 'LATER', hint?: string) => targetRecord('u', { failure: { code, message: `it is ${code}`, hint } })
const LEFT = { leftovers: ['role web/x'] }
const PASSED = [judged('t', many(1, 'passed'))]
const BAD = [judged('t', many(2, 'failed'))]
const UNJUDGED = [judged('t', [control('p', 'passed')], { unjudged: [{ control: 'p', reason: 'no ss', cause: 'missing:ss', lost: false, command: 'ss' }] })]
const EMPTY = [judged('t', [])]

interface Case {
  readonly targets: readonly Judged[]
  readonly run: Partial<RunRecord>
}
const RUNS: readonly (readonly [string, Case, readonly [exit: number, result: string, word: string]])[] = [
  ['passes', { targets: PASSED, run: {} }, [0, 'passed', 'Passed']],
  ['fails', { targets: BAD, run: {} }, [1, 'not-compliant', 'Not compliant']],
  ['has an unjudged control', { targets: UNJUDGED, run: {} }, [3, 'unjudged', 'Unjudged']],
  ['fails and has an unjudged control', { targets: [...UNJUDGED, judged('v', many(1, 'failed'))], run: {} }, [3, 'unjudged', 'Unjudged']],
  ['has no control', { targets: EMPTY, run: {} }, [3, 'unjudged', 'Unjudged']],
  ['passes and leaves something', { targets: PASSED, run: LEFT }, [0, 'passed', 'Passed']],
  ['passes and leaves what counts', { targets: PASSED, run: { ...LEFT, strictCleanup: true } }, [4, 'scan-failed', 'Not cleaned up']],
  ['fails and leaves what counts', { targets: BAD, run: { ...LEFT, strictCleanup: true } }, [4, 'scan-failed', 'Not cleaned up']],
  ['is unjudged and leaves what counts', { targets: UNJUDGED, run: { ...LEFT, strictCleanup: true } }, [4, 'scan-failed', 'Not cleaned up']],
  ['has a profile that did not load', { targets: [], run: { targets: [failed('PROFILE_FAILED')] } }, [3, 'unjudged', 'Unjudged']],
  [
    'has results that cannot be read beside some that pass',
    { targets: PASSED, run: { targets: [targetRecord('t'), failed('RESULTS_UNREADABLE')] } },
    [3, 'unjudged', 'Unjudged']
  ],
  [
    'has results that cannot be read beside some that fail',
    { targets: BAD, run: { targets: [targetRecord('t'), failed('RESULTS_UNREADABLE')] } },
    [3, 'unjudged', 'Unjudged']
  ],
  [
    'lost a container beside one that passes',
    { targets: PASSED, run: { targets: [targetRecord('t'), failed('SESSION_FAILED')] } },
    [4, 'scan-failed', 'Could not scan']
  ],
  [
    'lost a container, and a profile did not load',
    { targets: [], run: { targets: [failed('TIMED_OUT'), failed('PROFILE_FAILED')] } },
    [4, 'scan-failed', 'Could not scan']
  ],
  [
    'lost a container and leaves what counts',
    { targets: [], run: { ...LEFT, strictCleanup: true, targets: [failed('TARGET_CHANGED')] } },
    [4, 'scan-failed', 'Could not scan']
  ],
  [
    'has a profile that did not load and leaves what counts',
    { targets: [], run: { ...LEFT, strictCleanup: true, targets: [failed('PROFILE_FAILED')] } },
    [4, 'scan-failed', 'Not cleaned up']
  ],
  ['has a container with an input of its own that is bad', { targets: [], run: { targets: [failed('BAD_INPUT')] } }, [2, 'bad-input', 'Bad input']],
  ['has a failure that only a later version knows', { targets: PASSED, run: { targets: [failed('LATER')] } }, [4, 'scan-failed', 'Could not scan']]
]

describe('what a run came to', () => {
  test.each(RUNS)('that %s is the same everywhere', (_, { targets, run }, [exit, result, word]) => {
    const done = record(
      targets.map(({ target }) => target),
      run
    )
    const verdict = judgeBy(targets, [threshold('failed: {total: {max: 1}}')])
    const ending = endingOf(verdict, done)
    expect([ending.exitCode, ending.result, ending.word]).toEqual([exit, result, word])
    const lines = terminalEnd(verdict, { judged: targets, record: done }, { width: 500, reportsPath: 'r' }).split('\n')
    expect(lines.at(-1)).toMatch(new RegExp(`^${word.toUpperCase()}: .`))
    expect(markdown(verdict, targets, done)).toMatch(new RegExp(`^## \\S+ ${word}\n`))
    const page = html(verdict, targets, { record: done, transcripts: new Map() })
    expect([page.includes(`<title>kscan: ${word}</title>`), page.includes(`<h1>${word}</h1>`)]).toEqual([true, true])
    expect(JSON.parse(runJson(verdict, done))).toMatchObject({
      ending: { exitCode: exit, result, headline: expect.stringMatching(`^${word}\\. `), reasons: ending.reasons }
    })
    const annotated: string[][] = []
    annotateEnding(ending, { annotate: (...words) => void annotated.push(words), secrets: () => [] })
    if (exit === 0) expect([ending.reasons, ending.remedy, annotated]).toEqual([[], '', []])
    else expect(annotated).toEqual([['error', `kscan: ${word.toLowerCase()}`, `${ending.reasons.join('; ')} – ${ending.remedy}`]])
    const wrong = exit > 1
    expect(junit(verdict, targets, { record: done }).includes('<testsuite name="kscan"')).toBe(wrong)
    expect(JSON.parse(sarif(verdict, targets, { record: done }))).toMatchObject({ runs: [{ invocations: [{ executionSuccessful: !wrong }] }] })
  })

  test('has all reasons, the worst first: containers, leftovers, what could not be judged, bounds', () => {
    const targets = [...UNJUDGED, judged('v', many(2, 'failed'))]
    const done = record([], { ...LEFT, strictCleanup: true, targets: [targetRecord('t'), targetRecord('v'), failed('SESSION_FAILED', 'Scan it again.')] })
    const { reasons, remedy } = endingOf(judgeBy(targets, [threshold('failed: {total: {max: 1}}')]), done)
    expect(reasons).toEqual([
      'u: it is SESSION_FAILED',
      'left over: role web/x',
      't: no control was judged: none passed or failed',
      expect.stringMatching(/^1 control rests on what could not be seen/),
      'v: failed.total.max: expected at most 1, got 2 (failed-medium-0, failed-medium-1)'
    ])
    expect(remedy).toBe('Scan it again.')
  })

  test('names a container that was not scanned before one whose results cannot be read, and what to do about the worse', () => {
    const done = record([], { targets: [failed('RESULTS_UNREADABLE', 'Read it.'), failed('SESSION_FAILED', 'Scan it again.')] })
    const { reasons, remedy } = endingOf(judgeBy([], [threshold('failed: {total: {max: 1}}')]), done)
    expect([reasons, remedy]).toEqual([['u: it is SESSION_FAILED', 'u: it is RESULTS_UNREADABLE'], 'Scan it again.'])
  })

  test('names leftovers that count before results that cannot be read, and how to remove them', () => {
    const done = record([], { ...LEFT, strictCleanup: true, targets: [failed('RESULTS_UNREADABLE', 'Read it.')] })
    const { reasons, remedy } = endingOf(judgeBy([], [threshold('failed: {total: {max: 1}}')]), done)
    expect([reasons, remedy]).toEqual([['left over: role web/x', 'u: it is RESULTS_UNREADABLE'], 'Run kscan cleanup.'])
  })
})

const two = badInput([
  { name: 'pod', expected: 'a name', got: '"No"', hint: 'Write it small.' },
  { name: 'profile', expected: 'at least one', got: 'none' }
])
const FAILURES: readonly (readonly [string, ScanError, boolean, readonly [exit: number, result: string, word: string]])[] = [
  ['bad input', two, false, [2, 'bad-input', 'Bad input']],
  [
    'a cluster that cannot be reached',
    new ScanError('CLUSTER_UNREACHABLE', 'no way', { hint: 'Look at the cable.' }),
    false,
    [4, 'scan-failed', 'Could not scan']
  ],
  ['a profile that cannot be fetched', new ScanError('PROFILE_FAILED', 'no such commit', { hint: 'Push it.' }), false, [3, 'unjudged', 'Unjudged']],
  [
    'a profile that cannot be fetched, with leftovers that count',
    new ScanError('PROFILE_FAILED', 'no such commit'),
    true,
    [4, 'scan-failed', 'Not cleaned up']
  ],
  ['an interruption', new ScanError('INTERRUPTED', 'Interrupted by SIGTERM'), false, [130, 'interrupted', 'Interrupted']],
  ['an interruption, with leftovers that count', new ScanError('INTERRUPTED', 'Interrupted by SIGTERM'), true, [130, 'interrupted', 'Interrupted']]
]

describe('what came to an end before its verdict by', () => {
  test.each(FAILURES)('%s tells why and what to do, in the annotation and on the summary', (_, failure, left, [exit, result, word]) => {
    const leftovers = left ? ['role web/x'] : []
    const ending = endingOfFailure(failure, { strictCleanup: true, leftovers })
    expect([ending.exitCode, ending.result, ending.word]).toEqual([exit, result, word])
    const summary = noResults(ending, leftovers)
    expect(summary).toMatch(new RegExp(`^## \\S+ ${word}\n`))
    const annotated: string[] = []
    annotateEnding(ending, { annotate: (level, title, message) => void annotated.push(level, title, message), secrets: () => [] })
    expect(annotated.slice(0, 2)).toEqual(['error', `kscan: ${word.toLowerCase()}`])
    const texts = failure.problems.length > 0 ? failure.problems.flatMap(({ expected, hint = '' }) => [expected, hint]) : [failure.message, failure.hint ?? '']
    for (const text of [...texts, ...leftovers]) for (const place of [annotated[2], summary]) expect(place).toContain(text)
    expect(summary).toContain('no results, no reports and no artifact')
  })

  test('many problems is told by the first of them, in the annotation of limited length too', () => {
    const problems = Array.from({ length: 500 }, (_, index) => ({ name: `input-${index}`, expected: 'x'.repeat(100), got: 'y', hint: `mend ${index}` }))
    const ending = endingOfFailure(badInput(problems), { strictCleanup: false, leftovers: [] })
    const annotated: string[] = []
    annotateEnding(ending, { annotate: (...words) => void annotated.push(...words), secrets: () => [] })
    expect(annotated[2]).toMatch(/^input-0: expected x+; got y\. mend 0; input-1: /)
    expect(annotated[2]?.length).toBeLessThan(4000)
    expect(noResults(ending, [])).toContain('mend 99')
  })
})

test('every exit code of the program is that of an ending', () => {
  const exits = [...RUNS.map(([, , [exit]]) => exit), ...FAILURES.map(([, , , [exit]]) => exit)]
  expect([...new Set(exits)].toSorted((a, b) => a - b)).toEqual(Object.values(EXIT).toSorted((a, b) => a - b))
})
