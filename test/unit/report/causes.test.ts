import { describe, expect, test } from '@jest/globals'
import { causesOf } from '../../../src/report/causes.ts'
import { csv } from '../../../src/report/csv.ts'
import { html } from '../../../src/report/html.ts'
import { junit } from '../../../src/report/junit.ts'
import { comment, markdown } from '../../../src/report/markdown.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import type { Unjudged } from '../../../src/verdict/model.ts'
import { control, judgeBy, judged, many } from '../verdict/sample.ts'
import { record } from './sample.ts'

const lack = (id: string, what: string, command = `${what} -x`): Unjudged => ({
  control: id,
  reason: `the program ${what} is not in the image`,
  cause: `missing:${what}`,
  lost: false,
  command
})
const ids = Array.from({ length: 20 }, (_, index) => `passed-medium-${index}`)
const lacks = ids.flatMap((id) => [lack(id, 'systemctl', `systemctl is-enabled ${id}`), lack(id, 'systemctl', 'systemctl status')])
const all = [
  judged('shop/web/app', many(20, 'passed'), { unjudged: [...lacks, lack('passed-medium-0', 'ss')] }),
  judged('shop/db/db', [control('passed-medium-0', 'passed')], { unjudged: [lack('passed-medium-0', 'ss')] })
]
const verdict = judgeBy(all, [])
const facts = record(['shop/web/app', 'shop/db/db'])
const terminal = (of = verdict): string => terminalEnd(of, { judged: all, record: facts }, { width: 400, reportsPath: 'x' })

describe('unjudged controls', () => {
  test('are grouped by cause, that of most first, each control once in each', () => {
    expect(causesOf(verdict).map(({ cause, controls }) => [cause, controls.length, controls[0]?.commands])).toEqual([
      ['missing:systemctl', 20, ['systemctl is-enabled passed-medium-0', 'systemctl status']],
      ['missing:ss', 2, ['ss -x']]
    ])
  })

  test('of one cause that have other reasons are told apart', () => {
    const unjudged = ['find: unknown predicate', 'df: unrecognized option'].map((reason) => ({ ...lack('passed-medium-0', 'x'), cause: 'tool', reason }))
    const two = judgeBy([judged('t', many(1, 'passed'), { unjudged })], [])
    expect(causesOf(two).map(({ reason }) => reason)).toEqual(['df: unrecognized option', 'find: unknown predicate'])
  })

  test.each([
    ['terminal', terminal(), ':'],
    ['markdown', markdown(verdict, all, facts), ' –'],
    ['comment', comment(verdict, all, { record: facts, secrets: [] }), ' –']
  ])('are one line for each cause: %s', (_, text, sign) => {
    const plain = text.replaceAll('\\', '')
    expect(plain).toContain(`the program systemctl is not in the image${sign} 20 controls (missing:systemctl)`)
    expect(plain).toContain(`the program ss is not in the image${sign} 2 controls (missing:ss)`)
    expect(plain).toContain('unjudged-ok-file')
  })

  test('are folded below their cause', () => {
    expect(markdown(verdict, all, facts).match(/<details><summary>Which<\/summary>/g)).toHaveLength(2)
    const page = html(verdict, all, { record: facts, transcripts: new Map() })
    expect(page).toContain('the program systemctl is not in the image <code>missing:systemctl</code><details class="more"><summary>20 controls</summary>')
    expect(page).toContain('<summary>2 controls</summary>')
  })

  test('are named in a terminal up to some', () => expect(terminal()).toContain('passed-medium-5, …'))

  test.each([
    ['csv', csv(verdict, all, facts)],
    ['junit', junit(verdict, all, { record: facts })]
  ])('have all their causes and commands: %s', (_, text) => {
    expect(text).toContain('the program systemctl is not in the image; the program ss is not in the image')
    for (const command of ['systemctl is-enabled passed-medium-0', 'systemctl status', 'ss -x']) expect(text).toContain(command)
  })
})

describe('what is accepted', () => {
  const accepts = [{ cause: 'missing:systemctl', justification: 'no service manager', expires: '2027-06-30' }]
  const target = judged('shop/web/app', many(2, 'passed'), { unjudged: lacks.slice(0, 4), accepts })
  const accepted = judgeBy([target], [])
  const sentence = 'shop/web/app: 2 controls could not see all (missing:systemctl), accepted until 2027-06-30: no service manager'

  test.each([
    ['terminal', terminal(accepted)],
    ['markdown', markdown(accepted, [target], facts)],
    ['html', html(accepted, [target], { record: facts, transcripts: new Map() })]
  ])('is said, and listed like a waiver: %s', (name, text) => {
    const plain = text.replaceAll('\\', '')
    expect(plain).toContain(sentence)
    expect(plain).toMatch(/2 waived|>no service manager</)
    if (name !== 'terminal') expect(plain).toMatch(/accepted: missing:systemctl|Accepted: <code>missing:systemctl/)
  })
})

test('a waiver that changes nothing says what to write instead', () => {
  const waiver = { justification: 'j', expires: undefined, skipped: false, run: true }
  const target = judged('t', [control('V-1', 'failed', { waiver })])
  const idle = judgeBy([target], [])
  for (const text of [terminalEnd(idle, { judged: [target], record: facts }, { width: 400, reportsPath: 'x' }), markdown(idle, [target], facts)])
    expect(text.replaceAll('\\', '')).toMatch(/the waiver of V-1 \(t\) changes nothing: .* Write run: false/)
  expect(html(idle, [target], { record: facts, transcripts: new Map() })).toContain('with <code>run: false</code> it is left out')
})
