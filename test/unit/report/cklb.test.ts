import { describe, expect, test } from '@jest/globals'
import { createRequire } from 'node:module'
import { cklb } from '../../../src/report/cklb.ts'
import type { TargetRecord } from '../../../src/report/record.ts'
import type { Judged } from '../../../src/verdict/model.ts'
import { check, control, judgeBy, judged, many, profile, results } from '../verdict/sample.ts'
import { HOSTILE, record, targetRecord } from './sample.ts'

interface Review {
  readonly ruleId: string
  readonly result: string
  readonly detail: string | null
  readonly comment: string | null
}
interface Read {
  readonly target: { readonly name: string; readonly description: string; readonly ip: string | null; readonly fqdn: string | null }
  readonly checklists: readonly {
    readonly benchmarkId: string
    readonly revisionStr: string | null
    readonly reviews: readonly Review[]
    readonly stats: Readonly<Record<string, number>>
  }[]
}

// The package's own types do not name its functions.
const manager = createRequire(import.meta.url)('@nuwcdivnpt/stig-manager-client-modules') as { readonly reviewsFromCklb: (what: object) => Read }

const ALWAYS = { enabled: 'always', required: 'optional' }
const IMPORT = {
  autoStatus: 'saved',
  unreviewed: 'always',
  unreviewedCommented: 'notchecked',
  emptyDetail: 'import',
  emptyComment: 'import',
  allowCustom: true
}
const read = (data: string): Read =>
  manager.reviewsFromCklb({ data, fieldSettings: { detail: ALWAYS, comment: ALWAYS }, allowAccept: false, importOptions: IMPORT, sourceRef: 'a.cklb' })

interface Rule extends Readonly<Record<string, unknown>> {
  readonly uuid: string
  readonly stig_uuid: string
}
interface Checklist {
  readonly id: string
  readonly target_data: { readonly host_name: string }
  readonly stigs: readonly { readonly uuid: string; readonly size: number; readonly rules: readonly Rule[] }[]
}
const parsed = (text: string): Checklist => JSON.parse(text) as Checklist
const uuids = (text: string): string[] => [parsed(text).id, ...parsed(text).stigs.flatMap((stig) => [stig.uuid, ...stig.rules.map((rule) => rule.uuid)])]

type Told = Omit<Parameters<typeof cklb>[2], 'record'>
const write = (targets: readonly Judged[], told: Told = {}, done = record(targets.map(({ target }) => target))): ReadonlyMap<string, string> =>
  cklb(judgeBy(targets, []), targets, { record: done, ...told })
const one = (target: Judged, told?: Told): string => write([target], told).get(target.target) ?? ''
const RHEL = { id: 'RHEL_9_STIG', version: '2', release: 'Release: 1 Benchmark Date: 24 Jul 2024' }
const NONE = { id: undefined, version: undefined, release: undefined }

describe('a checklist of STIG Viewer', () => {
  test('comes back from STIG Manager with the statuses meant, and only what passed is no finding', () => {
    const waiver = { justification: 'not now', expires: '2099-01-01', skipped: true, run: false }
    const target = judged(
      'web/api/nginx',
      [
        control('passed', 'passed'),
        control('failed', 'failed', { checks: [check('passed'), check('failed', 'expected: 0\n     got: 1')] }),
        control('error', 'error', { checks: [check('error', 'it broke')] }),
        control('empty', 'error', { checks: [] }),
        control('skipped', 'skipped'),
        control('waived', 'no_impact', { waiver }),
        control('na', 'no_impact'),
        control('unjudged', 'passed', { node: true })
      ],
      { unjudged: [{ control: 'unjudged', reason: 'no such program: ss', cause: 'missing:ss', lost: false, command: 'ss -tln' }] }
    )
    const { target: host, checklists } = read(one(target))
    expect(host).toMatchObject({ name: 'web/api/nginx', description: 'Image nginx:1.27, approach kubernetes-api' })
    expect(checklists.map(({ benchmarkId }) => benchmarkId)).toEqual(['p'])
    expect(checklists[0]?.reviews).toMatchObject([
      { ruleId: 'passed', result: 'pass' },
      {
        ruleId: 'failed',
        result: 'fail',
        detail: 'Outcome: failed\nfailed: File /x is expected to be failed\nexpected: 0\n     got: 1\npassed: File /x is expected to be passed',
        comment: ''
      },
      {
        ruleId: 'error',
        result: 'notchecked',
        detail: expect.stringContaining('a check could not be carried out\nerror: File /x is expected to be error\nit broke')
      },
      { ruleId: 'empty', result: 'notchecked', detail: 'Outcome: error: no check was run' },
      { ruleId: 'skipped', result: 'notchecked', detail: expect.stringContaining('Outcome: not-reviewed: because') },
      { ruleId: 'waived', result: 'notchecked', comment: 'Waiver (until 2099-01-01): not now' },
      { ruleId: 'na', result: 'notapplicable' },
      { ruleId: 'unjudged', result: 'notchecked', detail: expect.stringMatching(/^Outcome: unjudged: no such program: ss\nCommand: ss -tln\n.*node's kernel/) }
    ])
  })

  test('an attestation is a comment', () => {
    const attestation = { status: 'passed' as const, explanation: 'I looked', by: 'Ada', updated: '2026-01-01', expires: '2099-01-01' }
    const [stig] = read(one(judged('t', [control('a', 'passed', { attestations: [attestation] })]))).checklists
    expect(stig?.reviews).toMatchObject([{ result: 'pass', comment: 'Attested passed by Ada on 2026-01-01, until 2099-01-01: I looked' }])
  })

  test('the numbers of a STIG are those of the tags, else the id of the control', () => {
    const tags = {
      gid: 'V-230221',
      rid: 'SV-230221r858734_rule',
      stig_id: 'RHEL-08-010000',
      gtitle: 'SRG-OS-000480',
      cci: ['CCI-000366', 1, ''],
      legacy: 'V-1'
    }
    const text = one(judged('t', [control('SV-230221', 'failed', { tags }), control('b', 'passed', { tags: { gid: 7, rid: ' ', cci: null } })]))
    expect(read(text).checklists[0]?.reviews.map(({ ruleId }) => ruleId)).toEqual(['SV-230221r858734_rule', 'b'])
    expect(parsed(text).stigs[0]?.rules).toMatchObject([
      {
        group_id: 'V-230221',
        group_id_src: 'V-230221',
        group_title: 'SRG-OS-000480',
        rule_id: 'SV-230221r858734',
        rule_id_src: 'SV-230221r858734_rule',
        rule_version: 'RHEL-08-010000',
        ccis: ['CCI-000366'],
        legacy_ids: ['V-1']
      },
      { group_id: 'b', group_title: 'Title of b', rule_id: 'b', rule_id_src: 'b', rule_version: 'b', ccis: [], legacy_ids: [] }
    ])
  })

  test.each([
    ['critical', 'high'],
    ['high', 'high'],
    ['medium', 'medium'],
    ['low', 'low'],
    ['none', 'low']
  ] as const)('severity %s is %s', (severity, expected) => {
    expect(parsed(one(judged('t', many(1, 'failed', severity)))).stigs[0]?.rules).toMatchObject([{ severity: expected }])
  })

  describe('the benchmark', () => {
    const benchmarkOf = (text: string): [string, string | null][] => read(text).checklists.map(({ benchmarkId, revisionStr }) => [benchmarkId, revisionStr])
    const titled = (name: string, title: string): Judged => ({
      ...judged('t', []),
      results: results([control('a', 'passed', { profile: name })], [profile(name, { title, version: '1.2.0' })])
    })

    test('is the one that was given, as STIG Manager reads it', () => {
      const text = one(titled('rhel9', 'RHEL 9 STIG Profile'), { benchmark: RHEL })
      expect(benchmarkOf(text)).toEqual([['RHEL_9_STIG', 'V2R1']])
      expect(parsed(text).stigs).toMatchObject([
        { stig_name: 'RHEL 9 STIG Profile', display_name: 'RHEL 9 STIG Profile', stig_id: 'RHEL_9_STIG', version: '2', release_info: RHEL.release }
      ])
    })

    test('keeps a release without a date, and an id as a data stream has it', () => {
      expect(benchmarkOf(one(titled('p', 'P'), { benchmark: { id: 'xccdf_mil.disa.stig_benchmark_K8S', version: '2', release: 'Release: 3 ' } }))).toEqual([
        ['K8S', 'V2R3']
      ])
    })

    test('is the profile where nothing was given: a version, and no release', () => {
      const text = one(titled('rhel9', 'RHEL 9 STIG Profile'))
      expect(benchmarkOf(text)).toEqual([['rhel9', null]])
      expect(parsed(text).stigs).toMatchObject([{ stig_name: 'RHEL 9 STIG Profile', stig_id: 'rhel9', version: '1.2.0', release_info: '' }])
      expect(one(titled('rhel9', 'RHEL 9 STIG Profile'), { benchmark: NONE })).toBe(text)
    })

    test('has the version of the profile where only a release was given, and the name where there is no title', () => {
      const text = one(titled('rhel9', ' '), { benchmark: { ...NONE, release: 'Release: 4 ' } })
      expect(parsed(text).stigs).toMatchObject([{ stig_name: 'rhel9', stig_id: 'rhel9', version: '1.2.0', release_info: 'Release: 4 ' }])
    })

    test('is not given to one of several profiles, which is said', () => {
      const both = results([control('a', 'passed'), control('b', 'passed', { profile: 'q' })], [profile('p'), profile('q')])
      const warnings: string[] = []
      const told = { benchmark: RHEL, warn: (line: string) => warnings.push(line) }
      const text = one({ ...judged('t', []), results: both }, told)
      expect(benchmarkOf(text)).toEqual([
        ['p', null],
        ['q', null]
      ])
      expect(warnings).toEqual([expect.stringMatching(/^cklb: stig-id and stig-release are of one profile/)])
    })
  })

  test.each<[string, Partial<TargetRecord>, string | null]>([
    ['the pod that was looked at', { podIp: '10.1.2.3' }, '10.1.2.3'],
    ['it in a cluster of IPv6', { podIp: 'fd00::7' }, 'fd00::7'],
    ['none that a run did not tell', {}, null],
    ['none of a pod that was not looked at', { podIp: '10.1.2.3', approach: 'twin-pod' }, null],
    ['none that is no address', { podIp: 'pod.example' }, null]
  ])('the address is that of %s; the name in DNS is not known', (_, more, ip) => {
    const done = record([], { targets: [targetRecord('web/api/nginx', more)] })
    const text = write([judged('web/api/nginx', many(1, 'passed'))], {}, done).get('web/api/nginx') ?? ''
    expect(read(text).target).toMatchObject({ name: 'web/api/nginx', ip, fqdn: null })
  })

  test('a file for each target that has controls, in it a STIG for each profile', () => {
    const both = results([control('a', 'passed'), control('b', 'failed', { profile: 'q' })], [profile('p'), profile('q', { version: '2.1.0' })])
    const written = write([judged('z', many(1, 'passed')), judged('empty', []), { ...judged('a', []), results: both }])
    expect([...written.keys()]).toEqual(['a', 'z'])
    expect(read(written.get('a') ?? '').checklists.map(({ benchmarkId, stats }) => [benchmarkId, stats['pass'], stats['fail']])).toEqual([
      ['p', 1, 0],
      ['q', 0, 1]
    ])
    expect(parsed(written.get('a') ?? '').stigs).toMatchObject([
      { version: '1.0.0', size: 1 },
      { version: '2.1.0', size: 1 }
    ])
  })

  test('UUIDs differ within a run and are the same in the next, whatever came of the controls', () => {
    const twice = [control('a', 'passed'), control('a', 'passed')]
    const all = [...write([judged('t', twice), judged('u', twice)]).values()].flatMap(uuids)
    expect(new Set(all).size).toBe(8)
    for (const each of all) expect(each).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    const text = one(judged('t', many(2, 'passed')))
    expect(one(judged('t', many(2, 'passed')))).toBe(text)
    expect(uuids(one(judged('t', [control('a', 'failed')])))).toEqual(uuids(one(judged('t', [control('a', 'passed', { title: 'other' })]))))
    const [stig] = parsed(text).stigs
    expect(stig?.rules.map((rule) => rule.stig_uuid)).toEqual([stig?.uuid, stig?.uuid])
  })

  test('the order of the targets given makes no difference', () => {
    const targets = ['b', 'a', 'c'].map((name) => judged(name, many(2, 'failed')))
    expect([...write(targets)]).toEqual([...write(targets.toReversed())])
  })

  test('long names of targets stay different, and no longer than STIG Manager takes', () => {
    const hosts = ['x', 'y'].map((end) => read(one(judged(`${'n'.repeat(400)}${end}`, many(1, 'passed')))).target.name)
    expect(new Set(hosts).size).toBe(2)
    for (const host of hosts) expect(host).toHaveLength(255)
  })

  test.each(HOSTILE)('%s stays inert', (_, text) => {
    const waiver = { justification: text, expires: undefined, skipped: false, run: true }
    const texts = { title: text, profile: text, description: text, checkText: text, fixText: text, waiver }
    const tags = { gid: text, rid: text, stig_id: text, gtitle: text, cci: [text], legacy: text }
    const hostile = control(text, 'failed', { ...texts, tags, checks: [{ ...check('failed', text), description: text }] })
    const written = one(judged(text, [hostile], { unjudged: [{ control: text, reason: text, cause: 'missing:ss', lost: false, command: text }] }))
    const { checklists } = read(written)
    expect(checklists.map(({ reviews }) => reviews.map(({ result }) => result))).toEqual([['fail']])
    const [review] = checklists[0]?.reviews ?? []
    for (const said of [review?.detail, review?.comment]) expect(said?.length).toBeLessThan(32_767)
    expect(written.length).toBeLessThan(100_000)
    expect(written).toBe(written.toWellFormed())
    expect(JSON.stringify(JSON.parse(written))).not.toMatch(/\\u00|[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(written).not.toMatch(/^\s*::/m)
  })
})
