import { describe, expect, test } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import type { Severity } from '../../../src/hdf/model.ts'
import { digest } from '../../../src/report/escape.ts'
import type { RunRecord } from '../../../src/report/record.ts'
import { sarif } from '../../../src/report/sarif.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { sarifSchema } from '../../support/sarif-schema.ts'
import { check, control, judgeBy, judged, many, profile, results } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'

const isSarif = sarifSchema()

/** What GitHub and GitLab ask for beyond the schema, and what these tests look at. */
const Message = z.object({ text: z.string().min(1).max(1000) })
const Description = Message
const Tags = z.array(z.string()).max(20)
const Rule = z.object({
  id: z.string().min(1).max(255),
  shortDescription: Description,
  fullDescription: Description,
  help: z.object({ text: z.string().min(1), markdown: z.string().min(1) }),
  properties: z.object({
    tags: Tags,
    profile: z.object({ name: z.string(), title: z.string(), version: z.string() }).optional(),
    'security-severity': z.string().optional()
  })
})
const Place = z.object({
  physicalLocation: z.object({
    artifactLocation: z.object({ uri: z.string().regex(/^k8s(\/(?!\.+(\/|$))[\w.~!*'()%-]+)*$/), uriBaseId: z.literal('%SRCROOT%') }),
    region: z.object({ startLine: z.literal(1) })
  })
})
const Result = z.object({
  ruleId: z.string(),
  ruleIndex: z.int(),
  level: z.enum(['error', 'warning', 'note']),
  message: Message,
  locations: z.tuple([Place]),
  partialFingerprints: z.strictObject({ primaryLocationLineHash: z.string().regex(/^[0-9a-f]{64}$/) }),
  properties: z.object({ tags: Tags.optional() })
})
const Run = z.object({
  automationDetails: z.object({ id: z.string() }),
  tool: z.object({ driver: z.object({ informationUri: z.url(), rules: z.array(Rule) }) }),
  invocations: z.tuple([
    z.object({ executionSuccessful: z.boolean(), toolExecutionNotifications: z.array(z.object({ level: z.string(), message: Description })) })
  ]),
  results: z.array(Result).max(5000),
  properties: z.object({ leftOut: z.int(), waived: z.int() })
})
const Log = z.object({ runs: z.tuple([Run]) })

const write = (
  targets: readonly Judged[],
  done = record(targets.map(({ target }) => target)),
  limits: Omit<Parameters<typeof sarif>[2], 'record'> = {}
): string => sarif(judgeBy(targets, []), targets, { record: done, ...limits })

const read = (text: string): z.infer<typeof Run> => {
  const log: unknown = JSON.parse(text)
  isSarif(log)
  expect(isSarif.errors ?? []).toEqual([])
  const [run] = Log.parse(log).runs
  const { rules } = run.tool.driver
  expect(run.results.map(({ ruleIndex }) => rules[ruleIndex]?.id)).toEqual(run.results.map(({ ruleId }) => ruleId))
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
  return run
}
const told = (run: z.infer<typeof Run>): string[] => run.results.map(({ ruleId, level, message }) => `${ruleId} ${level} ${message.text.split('\n', 1)[0]}`)

describe('SARIF', () => {
  test('a result for each control that failed or was not judged; what passed, was waived, skipped or is not applicable has none', () => {
    const waiver = { justification: 'not now', expires: '2099-01-01', skipped: true, run: false }
    const target = judged(
      'web/api/nginx',
      [
        control('passed', 'passed'),
        control('failed', 'failed', { severity: 'high' }),
        control('error', 'error'),
        control('skipped', 'skipped'),
        control('waived', 'no_impact', { waiver }),
        control('na', 'no_impact'),
        control('unjudged', 'passed', { severity: 'low' })
      ],
      { unjudged: [{ control: 'unjudged', reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }] }
    )
    const run = read(write([target]))
    expect(told(run).slice(1)).toEqual([
      'p/failed error failed in web/api/nginx',
      'p/error note error in web/api/nginx: a check could not be carried out',
      'p/unjudged note unjudged in web/api/nginx: no such program: ss; command: ss -tln'
    ])
    expect(run.results[1]?.locations[0].physicalLocation.artifactLocation.uri).toBe('k8s/web/api/nginx')
    expect(run.properties).toMatchObject({ leftOut: 0, waived: 1 })
    expect(run.invocations[0].toolExecutionNotifications[0]?.message.text).toBe('1 controls are waived.')
  })

  test.each<[Severity, string, string | undefined]>([
    ['critical', 'error', '9.5'],
    ['high', 'error', '8.0'],
    ['medium', 'warning', '5.5'],
    ['low', 'note', '2.0'],
    ['none', 'note', undefined]
  ])('severity %s has level %s and score %s', (severity, level, score) => {
    const run = read(write([judged('t', [control('a', 'failed', { severity })])]))
    expect(run.results[0]?.level).toBe(level)
    expect(run.tool.driver.rules[0]?.properties['security-severity']).toBe(score)
  })

  test('a rule tells what the profile says of check and fix, line by line, and is rated by the worst of its results', () => {
    const texts = { description: 'Why.', checkText: 'Look:\n\n1. at {this}\n- [or](that)', fixText: 'Mend it.' }
    const low = control('a', 'failed', { ...texts, severity: 'low' })
    const run = read(write([judged('t', [low]), judged('u', [{ ...low, severity: 'critical' }])]))
    expect(run.tool.driver.rules).toMatchObject([
      {
        id: 'p/a',
        shortDescription: { text: 'Title of a' },
        fullDescription: { text: 'Why.' },
        help: {
          text: 'Check:\nLook:\n\n1. at {{this}}\n- \\[or\\](that)\n\nFix:\nMend it.',
          markdown: '**Check**\n\nLook:\n\n&#49;. at &#123;this&#125;  \n&#45; &#91;or&#93;(that)\n\n**Fix**\n\nMend it.'
        },
        properties: { 'security-severity': '9.5' }
      }
    ])
  })

  test('a message has the first checks that did not pass, with what was found', () => {
    const checks = [check('passed'), ...[1, 2, 3, 4, 5].map((got) => check('failed', `\nexpected: 0\n     got: ${got}\n`))]
    expect(read(write([judged('t', [control('a', 'failed', { checks })])])).results[0]?.message.text.split('\n')).toEqual([
      'failed in t',
      ...[1, 2, 3].map((got) => `File /x is expected to be failed; found: ${got}`),
      '2 more checks did not pass.'
    ])
  })

  const LONG = { bracketed: '[{x}] ', wide: '\u{1f600} ', plain: 'find / -xdev ', hidden: '\u200b\u{e0041}' }
  test.each(Object.entries(LONG))(
    'a message that is too long, of %s text, keeps what was expected and found by the first check, and says what it lacks',
    (_, word) => {
      const long = (begin: string): string => `${begin} ${word.repeat(300)}`
      const checks = [1, 2, 3].map((number) => ({ ...check('failed', long(`F${number}`)), description: long(`E${number}`) }))
      const control_ = control('a', 'failed', { checks, title: long('T'), description: long('D') })
      const lack = { control: 'u', reason: long('R'), cause: 'missing:c', lost: false, command: long('C') }
      const target = judged('t', [control_, control('u', 'passed')], { unjudged: [lack], reasons: [long('W')] })
      const done = record(['t'], { leftovers: [long('L')], strictCleanup: true })
      const run = read(write([target], done))
      const [failed = '', unjudged = ''] = run.results.filter(({ ruleId }) => ruleId !== 'kscan/run').map(({ message }) => message.text)
      for (const part of ['failed in t', 'E1 ', '; found: F1 ', 'characters more)', '2 more checks did not pass.']) expect(failed).toContain(part)
      for (const part of ['unjudged in t', 'R ', 'command: C ', 'characters more)']) expect(unjudged).toContain(part)
      const texts = run.results.filter(({ ruleId }) => ruleId === 'kscan/run').map(({ message }) => message.text)
      for (const begin of ['t: W ', 'left over: L ']) expect(texts).toContainEqual(expect.stringMatching(new RegExp(`^${begin}[^]*characters more\\)$`)))
      expect(run.tool.driver.rules.find(({ id }) => id === 'p/a')).toMatchObject({ shortDescription: { text: expect.stringMatching(/^T /) } })
    }
  )

  test('a message of three checks with commands of a STIG holds whole checks, not the beginnings of all', () => {
    const checks = [1, 2, 3].map((number) => ({
      ...check('failed', `got: "${number} ${'/x '.repeat(50)}"`),
      description: `Command: \`find / ${'-xdev '.repeat(40)}${number}\` is expected to be empty`
    }))
    const [text = ''] = read(write([judged('t', [control('a', 'failed', { checks })])])).results.map(({ message }) => message.text)
    expect(text.split('\n')).toEqual([
      'failed in t',
      expect.stringMatching(/^Command.*1` is expected to be empty; found: "1 .*"$/),
      expect.stringMatching(/2` is expected to be empty; found: "2 .*"$/),
      '1 more check did not pass.'
    ])
  })

  test('a control that asks the node says so, in its message and by a tag', () => {
    const run = read(write([judged('t', [control('a', 'failed', { node: true }), control('b', 'failed')])]))
    expect(run.results.map(({ properties, message }) => [properties.tags, message.text.includes("the node's kernel")])).toEqual([
      [['node-kernel'], true],
      [undefined, false]
    ])
    expect(run.tool.driver.rules.map(({ properties }) => properties.tags.includes('node-kernel'))).toEqual([true, false])
  })

  test('a target without results, and one that cannot be judged, are results, for its earlier alerts end', () => {
    const failure = { code: 'TARGET_UNUSABLE', message: 'no shell' }
    const run = read(write([judged('b', [])], record([], { targets: [targetRecord('web/a/c', { failure }), targetRecord('b')] })))
    expect(told(run)).toEqual(['kscan/run error web/a/c could not be scanned: no shell', 'kscan/run error b: the profile p has no controls to run'])
    expect(run.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe('k8s/web/a/c')
    expect(run.invocations[0]).toMatchObject({ executionSuccessful: false, toolExecutionNotifications: [{ level: 'error' }, { level: 'error' }] })
  })

  test('a run in which all is well has no result', () => {
    expect(read(write([judged('t', many(2, 'passed'))]))).toMatchObject({
      results: [],
      tool: { driver: { rules: [] } },
      invocations: [{ executionSuccessful: true }]
    })
  })

  test('a fingerprint is unique, and stays when the control turns from failed to error or what was found changes', () => {
    const fingerprints = (targets: readonly Judged[]): string[] =>
      read(write(targets))
        .results.filter(({ ruleId }) => ruleId !== 'kscan/run')
        .map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash)
    const targets = (status: 'failed' | 'error', got: string): Judged[] =>
      ['b', 'a'].map((name) =>
        judged(
          name,
          ['p', 'q'].map((profile) => control('x', status, { profile, checks: [check(status, got)] }))
        )
      )
    const all = fingerprints(targets('failed', '1'))
    expect(new Set(all).size).toBe(4)
    expect(fingerprints(targets('error', '2').toReversed())).toEqual(all)
  })

  test('of more than 5,000 results the worst are kept, and it says how many were left out', () => {
    const targets = Array.from({ length: 50 }, (_, index) => judged(`t${index}`, many(101, 'failed', 'low')))
    const run = read(write([...targets, judged('u', [...many(7, 'failed', 'critical'), control('e', 'error', { severity: 'low' })])]))
    expect(run.results).toHaveLength(5000)
    expect(run.results.slice(0, 9).map(({ level }) => level)).toEqual([...Array.from({ length: 8 }, () => 'error'), 'note'])
    expect(run.properties.leftOut).toBe(59)
    expect(run.invocations[0].toolExecutionNotifications[0]).toMatchObject({
      level: 'error',
      message: { text: expect.stringMatching(/^59 results are left out, the least severe/) }
    })
  })

  test('a cut list says so first, as an alert of its own: what is missing must not look fixed', () => {
    const warnings: string[] = []
    const targets = Array.from({ length: 10 }, (_, index) => judged(`t${index}`, many(600, 'failed', 'low')))
    const run = read(write(targets, undefined, { warn: (line) => warnings.push(line) }))
    expect(run.results[0]).toMatchObject({
      ruleId: 'kscan-cut',
      level: 'error',
      message: { text: expect.stringMatching(/^1001 results are left out.*They are not fixed, though their alerts close: see the other reports\.$/) }
    })
    expect(warnings).toEqual([`sarif: ${run.results[0]?.message.text}`])
    expect(read(write(targets)).results[0]?.partialFingerprints).toEqual(run.results[0]?.partialFingerprints)
  })

  test('of 5,000 results all are kept, and nothing is said', () => {
    const warnings: string[] = []
    const targets = Array.from({ length: 50 }, (_, index) => judged(`t${index}`, many(100, 'failed')))
    const run = read(write(targets, undefined, { warn: (line) => warnings.push(line) }))
    expect([run.results.length, run.properties.leftOut, run.results.some(({ ruleId }) => ruleId === 'kscan-cut'), warnings]).toEqual([5000, 0, false, []])
  })

  test('a file that is too large once compressed is cut as well', () => {
    const noise = (seed: string): string => Array.from({ length: 12 }, (_, index) => digest(`${seed} ${index}`)).join(' ')
    const controls = ['high', 'low'].flatMap((severity) =>
      many(50, 'failed', severity as Severity).map((each) => ({ ...each, description: noise(each.id), fixText: noise(`${each.id} fix`) }))
    )
    const whole = write([judged('t', controls)])
    const most = Math.floor(gzipSync(whole).length / 2)
    const cut = write([judged('t', controls)], undefined, { mostGzipBytes: most })
    expect(gzipSync(cut).length).toBeLessThanOrEqual(most)
    const run = read(cut)
    expect(run.results.length).toBeGreaterThan(20)
    expect(run.results.slice(1).every(({ level }) => level === 'error')).toBe(true)
    expect(run.properties.leftOut).toBe(101 - run.results.length)
  })

  test('a rule has the ids of the control as tags, no more than GitHub takes', () => {
    const tags = { cci: ['CCI-000366', 'CCI-000366'], nist: ['CM-6 b', 'Rev_4'], gtitle: 'SRG-OS-000480', stig_id: 'UBTU-1', rid: 'SV-1r1_rule' }
    const more = { cci: Array.from({ length: 60 }, (_, index) => `CCI-${index}`) }
    const run = read(write([judged('t', [control('a', 'failed', { tags, node: true }), control('b', 'failed', { tags: more })])]))
    expect(run.tool.driver.rules.map(({ properties }) => properties.tags)).toEqual([
      [
        'security',
        'compliance',
        'kubernetes',
        'node-kernel',
        'external/cci/CCI-000366',
        'external/nist/CM-6-b',
        'external/srg/SRG-OS-000480',
        'external/stig-id/UBTU-1',
        'external/rule-id/SV-1r1_rule'
      ],
      ['security', 'compliance', 'kubernetes', ...Array.from({ length: 17 }, (_, index) => `external/cci/CCI-${index}`)]
    ])
  })

  test('a rule names its profile, the driver its home', () => {
    const own = results([control('a', 'failed')], [profile('p', { title: 'The P', version: '1.2.3' })])
    const run = read(write([{ ...judged('t', []), results: own }]))
    expect(run.tool.driver.informationUri).toBe('https://github.com/org/kscan-action')
    expect(run.tool.driver.rules[0]?.properties.profile).toEqual({ name: 'p', title: 'The P', version: '1.2.3' })
  })

  describe('the category, by which GitHub knows which alerts a run takes the place of,', () => {
    const category = (more: Partial<RunRecord>, names = ['web/deployment/api/nginx']): string => {
      const done = record([], { targets: names.map((name) => targetRecord(`${name} in this run`, { stableName: name })), ...more })
      const [, found = ''] = /^(kscan\/[0-9a-f]{16})\/[a-z]+$/.exec(read(write([judged('t', many(1, 'failed'))], done)).automationDetails.id) ?? []
      return found
    }
    const cluster = { server: 'https://127.0.0.1:6443', version: 'v1.34.0', context: 'prod' }
    const source = (of: string): Partial<RunRecord> => ({ profiles: [{ source: of, sha256: 'ff' }] })

    test.each<[string, Partial<RunRecord>, Partial<RunRecord>]>([
      ['run', { run: 'a' }, { run: 'b' }],
      ['port of a local cluster', { cluster }, { cluster: { ...cluster, server: 'https://localhost:40001' } }],
      ['commit of the profile', source(`git+https://h.example/p@${'a'.repeat(40)}`), source(`git+https://h.example/p@${'b'.repeat(40)}`)],
      ['digest of the profile', source('p.tgz#sha256=aa'), source('p.tgz#sha256=bb')]
    ])('stays with another %s', (_, one, other) => {
      expect(category(one)).not.toBe('')
      expect(category(one)).toBe(category(other))
    })

    test.each<[string, Partial<RunRecord>, Partial<RunRecord>]>([
      ['context', { cluster }, { cluster: { ...cluster, context: 'test' } }],
      ['server', { cluster: { ...cluster, server: 'https://a.example' } }, { cluster: { ...cluster, server: 'https://b.example' } }],
      ['profile', source('./a'), source('./b')]
    ])('is another with another %s', (_, one, other) => {
      expect(category(one)).not.toBe(category(other))
    })

    test('is of the containers, in any order', () => {
      expect(category({}, ['a', 'b'])).toBe(category({}, ['b', 'a', 'a']))
      expect(category({}, ['a'])).not.toBe(category({}, ['b']))
    })
  })

  test('the order of the targets given makes no difference', () => {
    const targets = ['b', 'a', 'c'].map((name) => judged(name, many(2, 'failed')))
    expect(write(targets)).toBe(write(targets.toReversed()))
  })

  test.each([...HOSTILE, ['dots', '../..'], ['halves', '\u{1f600}'.repeat(3000)], ['spaces', ' \n ']])('%s stays inert', (_, text) => {
    const tags = { cci: [text], nist: text, srg: [text], stig_id: text, rid: [text, text] }
    const texts = { title: text, profile: text, description: text, checkText: text, fixText: text, tags }
    const hostile = control(text, 'failed', { ...texts, checks: [{ ...check('failed', text), description: text }] })
    const done = record([], { targets: [targetRecord(text, { failure: { code: 'X', message: text } })], leftovers: [text], strictCleanup: true })
    const written = write([judged(text, [hostile], { unjudged: [{ control: text, reason: text, cause: 'missing:ss', lost: false, command: text }] })], done)
    const run = read(written)
    expect(written.length).toBeLessThan(50_000)
    expect(written).toBe(written.toWellFormed())
    expect(written).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|^\s*::/mu)
    const rule = run.tool.driver.rules.find(({ id }) => id !== 'kscan/run')
    expect(rule?.help.markdown.replace(/&#\d+;/g, '').replaceAll('**', '')).not.toMatch(/[<>[\]`*_|]|^\s*(?:[-+=#]|\d+[.)])/m)
    for (const { message } of run.results) {
      expect(message.text.replaceAll(/\\[\\[\]]/g, '')).not.toMatch(/[[\]\\]/)
      expect(message.text.replaceAll('{{', '').replaceAll('}}', '')).not.toMatch(/[{}]/)
    }
  })
})

test('the schema that these tests use refuses a result without a message and a word that it does not know', () => {
  const log = (result: object): object => ({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [result] }] })
  expect(
    [{}, { message: { text: 'a' }, bogus: 1 }, { message: { text: 'a' }, level: 'high' }, { message: { text: 'a' } }].map((result) => isSarif(log(result)))
  ).toEqual([false, false, false, true])
})
