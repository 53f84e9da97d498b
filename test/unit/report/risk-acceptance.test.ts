import { describe, expect, test } from '@jest/globals'
import { complianceOf } from '../../../src/report/compliance.ts'
import { html } from '../../../src/report/html.ts'
import { markdown } from '../../../src/report/markdown.ts'
import type { RunRecord, TargetRecord } from '../../../src/report/record.ts'
import { riskAcceptance } from '../../../src/report/risk-acceptance.ts'
import { safeguardsOf } from '../../../src/report/safeguards.ts'
import { judgeBy, judged, many } from '../verdict/sample.ts'
import { record, targetRecord } from './sample.ts'

const DIGEST = `sha256:${'0'.repeat(64)}`
const MADE = ['role web/kscan-r', 'rolebinding web/kscan-r']
const HELPER = { by: 'kscan', as: 'ephemeral-container', image: `registry.test/toolbox@${DIGEST}`, policy: 'refuses', rights: 'restricted' } as const
const DEBUG = targetRecord('web/bare/main', {
  approach: 'debug-container',
  why: 'the image has no usable shell, and a helper may be added',
  rejected: [
    { approach: 'kubernetes-api', why: 'There is no /bin/sh in it' },
    { approach: 'sidecar-container', why: 'no helper is deployed with the pod' }
  ],
  tamperResistance: 'lent-shell',
  helpers: [HELPER],
  kept: ['ephemeral container web/bare/kscan-r-main-0: its process has ended, and the entry goes with the pod'],
  imageId: DIGEST
})
const OWN = targetRecord('web/api/nginx', { helpers: [], why: 'the image has a shell' })
const SIDECAR = targetRecord('web/side/main', {
  approach: 'sidecar-container',
  why: 'it was asked for',
  helpers: [{ by: 'owner', as: 'container', image: 'toolbox:1', rights: 'wider' }]
})

const runOf = (targets: readonly TargetRecord[], more: Partial<RunRecord> = {}): RunRecord => {
  const access = {
    mode: 'per-run',
    made: MADE,
    removed: MADE,
    rules: ['get pods [api-7d9]', 'patch pods/ephemeralcontainers [api-7d9]'],
    excess: [],
    held: { from: '2026-11-24T10:00:00.000Z', until: '2026-11-24T10:02:00.000Z' },
    tokenSeconds: 900
  } as const
  const done = record([], { access, targets, transcript: 'hashes', ...more })
  return { ...done, compliance: complianceOf(done) }
}
const verdictOf = ({ targets }: RunRecord) => {
  const all = targets.map(({ name }) => judged(name, many(2, 'passed')))
  return { verdict: judgeBy(all, []), all }
}
const written = (run: RunRecord): string => riskAcceptance(verdictOf(run).verdict, run)
/** What follows a heading, up to the next. */
const under = (heading: string, text: string): string => text.split(`\n### ${heading}\n`)[1]?.split(/\n##/)[0] ?? ''

describe('the record of accepted risks', () => {
  const run = runOf([DEBUG])
  const text = written(run)

  test('names the run, its digests and its containers', () => {
    const { statusSha256 } = verdictOf(run).verdict.targets[0] ?? {}
    expect(text).toContain('| Run | abcdefghij |')
    expect(text).toContain('SHA-256 ff')
    const row = text.split('\n').find((line) => line.startsWith('| web/bare/main |'))
    expect(row?.split(' | ').map((cell) => cell.replace(/&#64;(?:&#8203;)?/, '@'))).toEqual([
      '| web/bare/main',
      'web/api-7d9',
      `nginx:1.27, ${DIGEST}`,
      HELPER.image,
      `${statusSha256} |`
    ])
  })

  test('says what is accepted, the conflicts first, and nothing that is met', () => {
    const rows = under('What is accepted', text)
      .split('\n')
      .filter((line) => /^\| (?:at risk|conflict|met|not assessed) /.test(line))
    const [way] = run.compliance?.ways ?? []
    expect(rows.map((line) => line.split(' | ')[0]?.slice(2))).toEqual(
      ['conflict', 'at-risk'].flatMap((status) => way?.assessed.filter((row) => row.status === status).map(() => status.replace('-', ' ')) ?? [])
    )
    expect(rows.join('\n')).toContain('| NIST SP 800-190 4.4.5 |')
  })

  test('says which rule decided, and why none before it did', () => {
    expect(under('Why it was done this way', text).trim()).toBe(
      [
        '- web/bare/main – debug-container – the image has no usable shell, and a helper may be added.',
        '- Not kubernetes-api – There is no /bin/sh in it.',
        '- Not sidecar-container – no helper is deployed with the pod.'
      ].join('\n')
    )
  })

  test('says what it leaves', () => {
    expect(under('What it leaves', text).trim()).toMatch(/^- Kept: ephemeral container [^\n]*\.$/)
    expect(under('What it leaves', written(runOf([OWN]))).trim()).toBe('- Nothing.')
    const left = runOf([OWN], { access: { ...run.access, mode: 'service-account', removed: [] }, leftovers: ['role x (403)'] })
    expect(under('What it leaves', written(left)).trim().split('\n')).toEqual([
      '- Not removed: role web/kscan-r.',
      '- Not removed: rolebinding web/kscan-r.',
      '- Left over: role x (403).',
      '- The token of the installed account stays valid until it expires.'
    ])
  })

  test('says what held against it, and only what did', () => {
    const good = under('What held against it in this run', text)
    const bad = under(
      'What held against it in this run',
      written(runOf([{ ...DEBUG, helpers: [{ ...HELPER, policy: 'not-asked', rights: undefined, image: 'toolbox:1' }] }]))
    )
    for (const sentence of [
      'The cluster refused, in dry runs',
      'The helper may do no more than the Pod Security level restricted',
      "The helper's image was named by its digest"
    ])
      expect([sentence, good.includes(sentence), bad.includes(sentence)]).toEqual([sentence, true, false])
    expect(good).toContain('The rights were held for 2 minutes.')
    expect(good).toContain('No token could live longer than 15 minutes.')
    expect(safeguardsOf({})).toEqual([])
  })

  test('has lines for those who decide', () => {
    expect(text).toMatch(/\| Role \| Name \| Date \| Signature \|\n\| --- \| --- \| --- \| --- \|\n\| Owner of the containers \| {2}\| {2}\| {2}\|/)
    expect(text).toContain('| The acceptance ends on |  |')
  })

  test('has a part for each way of scanning', () => {
    const heads = written(runOf([DEBUG, OWN, SIDECAR, { ...OWN, name: 'web/api/other' }])).match(/^## .*$/gm)
    expect(heads).toEqual([
      '## 1. 1 container by debug-container',
      '## 2. 2 containers by kubernetes-api',
      '## 3. 1 container by sidecar-container',
      '## Decision'
    ])
  })

  test('of a run that does not tell, and of one with nothing to accept, says so', () => {
    const { compliance, ...old } = run
    expect(written(old)).toContain('does not tell how it scanned')
    expect(written({ ...run, compliance: { checked: '2026-12-01', ways: [] } })).toContain('there is nothing to accept')
    const met = compliance?.ways.map((way) => ({ ...way, assessed: way.assessed.map((row) => ({ ...row, status: 'met' as const })) })) ?? []
    const calm = written({ ...run, compliance: { checked: '2026-12-01', ways: met } })
    expect([calm.includes('there is nothing to accept'), calm.includes('Signature')]).toEqual([true, false])
  })
})

describe('the other reports', () => {
  const run = runOf([DEBUG, SIDECAR])
  const { verdict, all } = verdictOf(run)
  const page = html(verdict, all, { record: run, transcripts: new Map() })
  const summary = markdown(verdict, all, run)
  const section = /<section aria-labelledby="compliance">.*?<\/section>/s.exec(page)?.[0] ?? ''

  test('the page has a folded table for each framework and way, and says that it is about the scan', () => {
    expect(section).toContain('It says nothing of how the containers stand.')
    expect(section.match(/<summary>[^<]*<\/summary>/g)?.slice(0, 2)).toEqual([
      expect.stringMatching(/^<summary>NIST SP 800-190: \d+ at risk, \d+ met, 1 not assessed<\/summary>$/),
      expect.stringMatching(/^<summary>NSA\/CISA: /)
    ])
    expect(section.match(/<table>/g)).toHaveLength(2 * 6)
    expect(section).not.toContain('<details class="changes" open')
    const rows = run.compliance?.ways.flatMap(({ assessed }) => assessed) ?? []
    expect(section.match(/<span class="chip [a-z-]+">/g)).toHaveLength(rows.length)
    expect(section).toContain('<span class="chip failed">conflict</span>')
  })

  test('the summary names what somebody has to accept, and counts the rest', () => {
    const part = summary.slice(summary.indexOf('<details><summary>How it was scanned'))
    expect(part).toContain('web/side/main – ')
    expect(part).toMatch(/\| conflict \| NIST SP 800-190 4\.4\.3 \|/)
    expect(part.slice(0, part.indexOf('</details>'))).not.toContain('| met |')
    expect(markdown(verdict, all, runOf([DEBUG]))).toMatch(/<summary>How it was scanned: \d+ at risk, \d+ met, \d+ not assessed<\/summary>/)
  })

  test('of a run of an earlier version they say nothing of it', () => {
    const { compliance: _, ...old } = run
    expect([
      html(verdict, all, { record: old, transcripts: new Map() }).includes('id="compliance"'),
      markdown(verdict, all, old).includes('How it was scanned')
    ]).toEqual([false, false])
  })
})
