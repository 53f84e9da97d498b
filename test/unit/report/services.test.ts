import { expect, test } from '@jest/globals'
import { html } from '../../../src/report/html.ts'
import { markdown } from '../../../src/report/markdown.ts'
import { withoutManager } from '../../../src/report/record.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import { judgeBy, judged, many, threshold } from '../verdict/sample.ts'
import { record, targetRecord } from './sample.ts'

const GROUND = 'process 1 is nginx'
const services = ['telnet', '<b>rsh</b>'].map((service) => ({ service, ground: GROUND }))
const done = record([], { targets: [targetRecord('web', { services })] })
const targets = [judged('web', many(1, 'passed'))]
const verdict = judgeBy(targets, [threshold('failed: {total: {max: 0}}')])

test('services of one ground are one line, others none', () => {
  const another = targetRecord('db', { services: [...services, { service: 'ntp', ground: 'process 1 is sh' }] })
  expect(withoutManager([targetRecord('web'), another])).toEqual([
    'db: answered without a service manager: telnet, <b>rsh</b> (process 1 is nginx).',
    'db: answered without a service manager: ntp (process 1 is sh).'
  ])
})

test('each report that people read says on what ground a service is not there', () => {
  const page = html(verdict, targets, { record: done, transcripts: new Map() })
  expect(page).toContain('web: answered without a service manager: telnet, &lt;b&gt;rsh&lt;/b&gt; (process 1 is nginx).')
  expect(markdown(verdict, targets, done)).toMatch(/^web: answered without a service manager: telnet, &#60;b&#62;rsh&#60;\/b&#62; \(process 1 is nginx\)\.$/m)
  expect(terminalEnd(verdict, { judged: targets, record: done }, { width: 200, reportsPath: 'r' })).toContain(
    'web: answered without a service manager: telnet, <b>rsh</b> (process 1 is nginx).'
  )
})
