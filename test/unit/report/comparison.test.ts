import { expect, test } from '@jest/globals'
import { html } from '../../../src/report/html.ts'
import { comment, markdown } from '../../../src/report/markdown.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import { control, judgeBy, judged } from '../verdict/sample.ts'
import { HOSTILE, record } from './sample.ts'

const NAME = 'shop/web/app'
const now = judged(NAME, [control('new', 'failed'), control('old', 'failed'), control('mended', 'passed')], { stableName: NAME })
const then = judged(NAME, [control('new', 'passed'), control('old', 'failed'), control('mended', 'error'), control('gone', 'passed')], { stableName: NAME })
const compared = (source: string) => judgeBy([now], [], { baseline: { source, sha256: 'ab', run: 'earlier', day: '2026-11-01', targets: [then] } })

test('the markdown has what is worse open, the rest folded', () => {
  const text = markdown(compared('main/run.json'), [now], record([NAME]))
  expect(text).toContain('### Baseline\n\nCompared with the run earlier of 2026-11-01: 2 worse, 1 fixed, 1 still failing.')
  expect(text).toMatch(/<details open><summary>Worse: 2<\/summary>[\s\S]*\| new \| passed \| failed \|\n[^\n]*\| gone \| passed \| not run \|/)
  expect(text).toMatch(/<details><summary>Still failing: 1<\/summary>[\s\S]*\| old \| failed \| failed \|/)
  expect(text).toMatch(/<details><summary>Fixed: 1<\/summary>[\s\S]*\| mended \| error \| passed \|/)
})

test('the page links each control that it has', () => {
  const text = html(compared('main/run.json'), [now], { record: record([NAME]), transcripts: new Map() })
  expect(text).toMatch(/<summary>Worse: 2 controls<\/summary>[\s\S]*<a href="#c\d+">new<\/a>[\s\S]*>gone</)
})

test('the terminal has it in one line, and nothing without a baseline', () => {
  const end = (verdict: ReturnType<typeof compared>): string =>
    terminalEnd(verdict, { judged: [now], record: record([NAME]) }, { width: 200, reportsPath: 'r' })
  expect(end(compared('b'))).toContain('\nCompared with the run earlier of 2026-11-01: 2 worse, 1 fixed, 1 still failing\n')
  expect(end(judgeBy([now], []))).not.toContain('Compared')
})

test.each(HOSTILE)('a path of %s is inert', (_, text) => {
  const verdict = compared(text)
  for (const page of [
    markdown(verdict, [now], record([NAME])),
    comment(verdict, [now], { record: record([NAME]), secrets: [] }),
    html(verdict, [now], { record: record([NAME]), transcripts: new Map() })
  ]) {
    expect(page).not.toMatch(/<script>alert|<img src|[\u0000-\u0008\u000e-\u001f\u202e]/)
    expect(page.length).toBeLessThan(100_000)
  }
})
