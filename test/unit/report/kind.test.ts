import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import Ajv from 'ajv'
import { html } from '../../../src/report/html.ts'
import { markdown } from '../../../src/report/markdown.ts'
import type { KindRecord } from '../../../src/report/record.ts'
import { parseRun, runJson } from '../../../src/report/run-json.ts'
import { judgeBy, judged, many, threshold } from '../verdict/sample.ts'
import { record } from './sample.ts'

const KIND: KindRecord = {
  name: 'kscan-abcdefghij-tpdaro',
  version: '0.33.0',
  source: 'path',
  nodeImage: 'own/<b>node:1',
  nodeDigest: '',
  engine: 'docker',
  engineVersion: '28.0.0',
  loaded: ['app:dev'],
  applied: 1,
  timings: { ready: 12, create: 17_000, load: 2000.5, deploy: 900 },
  kept: false
}
const targets = [judged('web', many(1, 'passed'))]
const verdict = judgeBy(targets, [threshold('failed: {total: {max: 0}}')])
const done = (kind: KindRecord | undefined): ReturnType<typeof record> =>
  record(['web'], { cluster: { server: 'https://127.0.0.1:1/', version: 'v1.37.0', context: 'kind-x', ...(kind === undefined ? {} : { kind }) } })

test.each([
  [false, 'and removed'],
  [true, 'and kept']
])('the reports that people read say what a cluster was made of, and that it is kept (%s)', (kept, words) => {
  const made = done({ ...KIND, kept })
  expect(markdown(verdict, targets, made)).toContain(`made for this run by kind 0.33.0 with docker 28.0.0 of own/&#60;b&#62;node:1, ${words}`)
  expect(html(verdict, targets, { record: made, transcripts: new Map() })).toContain(
    `made for this run by kind 0.33.0 with docker 28.0.0 of own/&lt;b&gt;node:1, ${words}`
  )
})

test('of a cluster that was there they say nothing of the kind', () => {
  expect(markdown(verdict, targets, done(undefined))).not.toContain('made for this run')
  expect(html(verdict, targets, { record: done(undefined), transcripts: new Map() })).not.toContain('made for this run')
})

test('run.json holds it as its schema says, and gives it back', () => {
  const isRun = new Ajv().compile(JSON.parse(readFileSync('docs/run.schema.json', 'utf8')) as object)
  for (const kind of [KIND, undefined]) {
    const text = runJson(verdict, done(kind))
    expect([isRun(JSON.parse(text)), parseRun(text).record.cluster.kind]).toEqual([true, kind])
  }
})
