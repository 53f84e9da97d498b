import { describe, expect, test } from '@jest/globals'
import { marksOf } from '../../../src/report/marks.ts'

describe('what stands out of a line', () => {
  test.each<[line: string, marks: readonly string[]]>([
    ['PASSED: compliance 100.00 %', ['good PASSED']],
    ['NOT COMPLIANT: 1 bound violated, compliance 50.00 %', ['bad NOT COMPLIANT']],
    ['UNJUDGED: t: no controls', ['doubtful UNJUDGED']],
    ['COULD NOT SCAN: 1 of 1 container could not be scanned', ['bad COULD NOT SCAN']],
    ['NOT CLEANED UP: 1 thing left over', ['bad NOT CLEANED UP']],
    ['PASSED', ['good PASSED']],
    ['violated bounds:', ['heading violated bounds:']],
    ['worst failures:', ['heading worst failures:']],
    ['repeat the first:', ['heading repeat the first:']],
    ['unjudged, and so errors:', ['heading unjudged, and so errors:']],
    ['  1 passed, 2 failed, 3 error, 0 not reviewed, 0 not applicable', ['good 1 passed', 'bad 2 failed', 'doubtful 3 error']],
    ['  0 passed, 2 failed, 0 error, 0 not reviewed, 0 not applicable', ['bad 2 failed']],
    ['shop/web: 1 passed, 0 failed, 0 error, 0 not reviewed, 0 not applicable', ['good 1 passed']],
    ['violated: failed.total.max of t: expected at most 0, got 1', ['bad violated:']],
    ['unjudged: no ss: 1 control', ['doubtful unjudged:']],
    ['left over: role web/x – run kscan cleanup', ['doubtful left over:']],
    ['✓ the caller may do all that per-run access needs', ['good ✓']],
    ['✗ the caller may not: create roles', ['bad ✗']],
    ['  high V-1 (t): PASSED: no', []],
    ['  PASSED: no', []],
    ['a PASSED: no', []],
    ['passed: no', []],
    ['', []]
  ])('%s', (line, marks) => {
    expect(marksOf(line).map(({ tone, text }) => `${tone} ${text}`)).toEqual(marks)
  })
})
