import { expect, test } from '@jest/globals'
import { cklb } from '../../../src/report/cklb.ts'
import { codequality } from '../../../src/report/codequality.ts'
import { csv } from '../../../src/report/csv.ts'
import { html } from '../../../src/report/html.ts'
import { junit } from '../../../src/report/junit.ts'
import { comment, markdown } from '../../../src/report/markdown.ts'
import { runJson } from '../../../src/report/run-json.ts'
import { sarif } from '../../../src/report/sarif.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import { attest, parseAttestations } from '../../../src/verdict/attestation.ts'
import { control, judgeBy, judged } from '../verdict/sample.ts'
import { record } from './sample.ts'

const entry = (status: string, explanation: string, by: string) => ({
  control_id: 'V-1',
  explanation,
  frequency: '1y',
  status,
  updated: '2026-11-01',
  updated_by: by
})
const { entries } = parseAttestations(
  JSON.stringify([entry('passed', 'the guard said so', 'Ops'), entry('failed', 'the side door is open', 'Auditor')]),
  'a.yaml'
)
const { judged: all } = attest([judged('shop/web/app', [control('V-1', 'skipped'), control('V-2', 'passed')])], entries, '2026-11-24')
const verdict = judgeBy(all, [])
const facts = record(['shop/web/app'], { attestations: entries })

test.each([
  ['junit', junit(verdict, all, { record: facts })],
  ['sarif', sarif(verdict, all, { record: facts })],
  ['codequality', codequality(verdict, all, facts)],
  ['csv', csv(verdict, all, facts)],
  ['cklb', [...cklb(verdict, all, { record: facts }).values()].join('')],
  ['html', html(verdict, all, { record: facts, transcripts: new Map() })],
  ['markdown', markdown(verdict, all, facts)],
  ['comment', comment(verdict, all, { record: facts, secrets: [] })],
  ['run.json', runJson(verdict, facts)],
  ['terminal', terminalEnd(verdict, { judged: all, record: facts }, { width: 160, reportsPath: 'x' })]
])('a failed attestation carries its explanation and who gave it: %s', (_, report) => {
  expect(report).toContain('the side door is open')
  expect(report).toContain('Auditor')
})

test.each([
  ['csv', csv(verdict, all, facts)],
  ['cklb', [...cklb(verdict, all, { record: facts }).values()].join('')],
  ['html', html(verdict, all, { record: facts, transcripts: new Map() })],
  ['markdown', markdown(verdict, all, facts)],
  ['run.json', runJson(verdict, facts)]
])('another attestation of the control is listed beside it: %s', (_, report) => expect(report).toContain('the guard said so'))
