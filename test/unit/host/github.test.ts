import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { githubHost, type Toolkit } from '../../../src/host/github.ts'
import type { Host } from '../../../src/host/host.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-github-'))
afterAll(() => rmSync(folder, { recursive: true }))

const said: string[] = []
const core = { info: (line: string) => void said.push(line), debug: () => {}, setSecret: () => {}, error: (line: string) => void said.push(line) }
const toolkit = { core, artifact: () => Promise.reject(new Error('none')) } as unknown as Toolkit

const host = (env: Readonly<Record<string, string>>): Host => githubHost(toolkit, env)
const withEvent = (event: unknown): Host => {
  const path = join(folder, 'event.json')
  writeFileSync(path, typeof event === 'string' ? event : JSON.stringify(event))
  return host({ GITHUB_EVENT_PATH: path })
}

describe('whom a job trusts', () => {
  const repository = { full_name: 'org/own', private: false }
  const from = (repo: unknown): unknown => ({ repository, pull_request: { head: { repo } } })
  test.each([
    ['a push', { repository }, true],
    ['a pull request of its own repository', from({ full_name: 'org/own' }), true],
    ['a pull request of a fork', from({ full_name: 'stranger/own' }), false],
    ['a pull request of a fork that was deleted', from(null), false]
  ])('%s', (_what, event, trusted) => expect(withEvent(event).trusted).toBe(trusted))

  test.each([
    ['a private repository', { repository: { full_name: 'org/own', private: true } }, true],
    ['a public one', { repository }, false],
    ['one of which nothing is known', 'no JSON', false]
  ])('uploads of %s by default', (_what, event, uploads) => expect(withEvent(event).uploadByDefault).toBe(uploads))
})

test('inputs win over the environment, in their own spelling; empty ones were not given', () => {
  const own = host({ 'INPUT_MAX-TARGETS': '7', INPUT_POD: ' ', KSCAN_POD: 'web', KSCAN_MAX_TARGETS: '3', KSCAN_CONTEXT: '' })
  expect(Object.fromEntries(own.inputs())).toEqual({ 'max-targets': { value: '7', origin: 'input' }, pod: { value: 'web', origin: 'environment' } })
})

test('journals and private folders are those of the job, tools those of the runner', () => {
  const { journalFolder, tempFolder, toolFolder, owner } = host({
    RUNNER_TEMP: '/t',
    RUNNER_TOOL_CACHE: '/c',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_JOB: 'j'
  })
  expect([journalFolder, tempFolder, toolFolder, owner]).toEqual(['/t/kscan', '/t', '/c/kscan', 'o/r#1.2/j'])
})

test('what was masked is in no line and in no annotation', () => {
  const own = host({})
  own.mask('first-secret\nsecond-secret')
  own.log.warn('a first-secret')
  own.annotate('error', 'kscan', 'b second-secret')
  own.print('c first-secret')
  expect(said.join('\n')).not.toMatch(/secret/)
  expect(said).toHaveLength(3)
})
