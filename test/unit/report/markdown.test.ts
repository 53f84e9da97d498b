import { describe, expect, test } from '@jest/globals'
import { markdown } from '../../../src/report/markdown.ts'
import type { RunRecord } from '../../../src/report/record.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many, profile, results, threshold } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'

const write = (targets: readonly Judged[], done: RunRecord = record(targets.map(({ target }) => target)), text = 'failed: {total: {max: 0}}'): string =>
  markdown(judgeBy(targets, [threshold(text)]), targets, done)

/** As a reader sees it: entities are characters again. */
const seen = (text: string): string => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))

describe('the summary', () => {
  test.each<[string, readonly Judged[], RunRecord, string]>([
    ['passed', [judged('t', many(1, 'passed'))], record(['t']), '## ✅ Passed'],
    ['not compliant', [judged('t', many(1, 'failed'))], record(['t']), '## ❌ Not compliant'],
    ['unjudged', [judged('t', [])], record(['t']), '## ⚠️ Unjudged'],
    [
      'not scanned',
      [judged('t', many(1, 'passed'))],
      record([], { targets: [targetRecord('u', { failure: { code: 'X', message: 'no shell' } })] }),
      '## ⛔ Could not scan'
    ]
  ])('of a run that is %s begins with that, compliance and how containers were detected', (_, targets, done, expected) => {
    const [first, , second] = write(targets, done).split('\n')
    expect(first).toBe(expected)
    expect(second).toMatch(/^Compliance \d+\.\d\d % over 1 container; container detection: docker\./)
  })

  test('names each violated bound with expected, actual and controls', () => {
    const text = seen(write([judged('web/api/nginx', many(10, 'failed', 'high'))], undefined, 'failed: {high: {max: 2}}\ncompliance: {min: 50}'))
    expect(text).toContain('| web/api/nginx | failed.high.max | at most 2 | 10 | failed-high-0, failed-high-1,')
    expect(text).toContain('failed-high-7 and 2 more |')
    expect(text).toContain('| web/api/nginx | compliance.min | at least 50 | 0.00 |')
  })

  test('shows the ten worst by severity, impact and id, and says how many more there are', () => {
    const controls = [
      control('z', 'failed', { severity: 'low', impact: 0.3 }),
      control('b', 'failed', { severity: 'critical', impact: 0.9 }),
      control('a', 'error', { severity: 'critical', impact: 0.9 }),
      control('c', 'failed', { severity: 'critical', impact: 1 }),
      ...many(9, 'failed', 'high'),
      control('fine', 'passed', { severity: 'critical' })
    ]
    const text = seen(write([judged('t', controls)]))
    const order = [...text.matchAll(/<summary>(\w+) · ([\w-]+) ·/g)].map(([, severity, id]) => `${severity} ${id}`)
    expect(order).toEqual(['critical c', 'critical a', 'critical b', ...[0, 1, 2, 3, 4, 5, 6].map((index) => `high failed-high-${index}`)])
    expect(text).toContain('3 more in the report.')
  })

  test('says what was expected and found, and how to mend it', () => {
    const failed = control('a', 'failed', { checks: [check('passed'), check('failed', '\nexpected: "b"\n     got: "a"\n')], fixText: 'Do it.' })
    const text = seen(write([judged('t', [failed])]))
    expect(text).toContain('Expected: File /x is expected to be failed')
    expect(text).toContain('Found: "a"\n')
    expect(text).toContain('Fix: Do it.')
    expect(text).toContain('Profile: p 1.0.0')
    expect(text).not.toContain('CCI')
  })

  test('says what others know a failure by, and the title and version of its profile', () => {
    const tags = { cci: ['CCI-1', 'CCI-2'], nist: 'CM-6 b', srg: 'SRG-1', stig_id: 'X-1', rid: 'SV-1r1' }
    const own = results([control('a', 'failed', { tags })], [profile('p', { title: 'The P', version: '1.2' })])
    const text = seen(write([{ ...judged('t', []), results: own }]))
    expect(text).toContain('CCI: CCI-1, CCI-2; NIST: CM-6 b; SRG: SRG-1; STIG id: X-1; Rule id: SV-1r1')
    expect(text).toContain('Profile: p 1.2 (The P)')
  })

  test('says what was made and removed in the cluster, what is left over, and the versions', () => {
    const text = seen(write([judged('t', many(1, 'passed'))], record(['t'], { leftovers: ['role web/kscan-x (403)'] })))
    expect(text).toContain('Made: serviceaccount web/kscan-abcdefghij. Removed: serviceaccount web/kscan-abcdefghij.')
    expect(text).toContain('**Left over:** role web/kscan-x (403)')
    expect(text).toContain('| Auditor | CINC Auditor 5.22.40 |')
  })

  test('lists unjudged controls with the command, and waivers with their end', () => {
    const waiver = { justification: 'because', expires: '2099-01-01', skipped: true, run: false }
    const target = judged('t', [control('a', 'passed'), control('w', 'no_impact', { waiver })], {
      unjudged: [{ control: 'a', reason: 'no such program', cause: 'missing:ss', lost: false, command: 'ss -tln' }]
    })
    const text = seen(write([target]))
    expect(text).toContain(
      'no such program – 1 control (missing:ss)\n\n<details><summary>Which</summary>\n\n| Container | Control | Commands |\n| --- | --- | --- |\n| t | a | ss -tln |'
    )
    expect(text).toContain('| t | w | because | 2099-01-01 | not run |')
    expect(text).toContain('> t: plain SAF would have said passed')
  })

  test('stays below what GitHub shows, with the verdict first, however much there is', () => {
    const long = 'a|'.repeat(5000)
    const targets = Array.from({ length: 50 }, (_, index) =>
      judged(`web/${index}/${long}`, [...many(300, 'failed'), control(long, 'failed', { fixText: long, title: long })])
    )
    const text = write(targets, undefined, 'failed: {total: {max: 0}, medium: {max: 0}}\ncompliance: {min: 1}')
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900 * 1024)
    expect(text.startsWith('## ❌ Not compliant')).toBe(true)
    expect(text).toMatch(/more (sections )?in the report/)
  })

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const hostile = control(text, 'failed', {
      title: text,
      fixText: text,
      checks: [{ ...check('failed', text), description: text }],
      waiver: { justification: text, expires: undefined, skipped: false, run: true }
    })
    const lack = { control: 'p', reason: text, cause: 'missing:ss', lost: false, command: text }
    const done = record([text], { targets: [targetRecord(text, { failure: { code: 'X', message: text } })], leftovers: [text] })
    const plain = (word: string): string =>
      write([judged(word, [{ ...hostile, id: word, title: word }, control('p', 'passed')], { unjudged: [{ ...lack, control: 'p' }] })], done)
    const written = plain(text)
    const structure = (page: string): string => page.replace(/[^<>|\n#`[\]]|&#\d+;/g, '')
    expect(structure(written.replace(/&#\d+;/g, ''))).toBe(structure(plain('harmless').replace(/&#\d+;/g, '')))
    expect(written.match(/<(?!\/?(details|summary)>)/g)).toBeNull()
    expect(written).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*::/mu)
    expect(written).toBe(written.toWellFormed())
    expect(Buffer.byteLength(written)).toBeLessThan(200_000)
  })
})
