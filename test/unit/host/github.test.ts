import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { githubHost, type Toolkit } from '../../../src/host/github.ts'
import type { Host } from '../../../src/host/host.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-github-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [said, secrets]: [string[], string[]] = [[], []]
const say = (line: string): void => void said.push(line)
const summary = { addRaw: (text: string) => ({ write: () => Promise.resolve(say(text)) }) }
const core = { info: say, debug: say, warning: say, error: say, setSecret: (secret: string) => void secrets.push(secret), summary }
const toolkit = { core, artifact: () => Promise.reject(new Error('none')) } as unknown as Toolkit

const host = (env: Readonly<Record<string, string>>): Host => githubHost(toolkit, env)
const withEvent = (event: unknown, name = 'push'): Host => {
  const path = join(folder, 'event.json')
  writeFileSync(path, typeof event === 'string' ? event : JSON.stringify(event))
  return host({ GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path })
}

describe('whom a job trusts', () => {
  const repository = { full_name: 'org/own', private: false }
  const from = (repo: unknown): unknown => ({ repository, pull_request: { head: { repo } } })
  test.each([
    ['push', { repository }, true],
    ['pull_request', from({ full_name: 'org/own' }), true],
    ['pull_request', from({ full_name: 'stranger/own' }), false],
    ['pull_request', from(null), false],
    ['issue_comment', { repository }, false]
  ])('%s, with %j', (name, event, trusted) => expect(withEvent(event, name).untrusted === undefined).toBe(trusted))

  test('a job that says nothing of its event', () =>
    expect(host({}).untrusted).toBe('this job of GitHub Actions does not say from whose repository the change comes'))

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
  const without = host({ HOME: '/h' }) // a folder in /tmp would have a name that anybody could take first
  expect([without.journalFolder, without.toolFolder]).toEqual(['/h/.cache/kscan', '/h/.cache/kscan'])
})

test('what was masked is in no line, in no annotation and not on the summary, and the runner is told each line of it', async () => {
  const own = host({})
  own.mask('first-secret\r\nsecond-secret\n')
  for (const level of ['info', 'warn', 'error', 'debug'] as const) own.log[level]('a first-secret')
  own.print('a first-secret')
  for (const level of ['error', 'warning'] as const) own.annotate(level, 'kscan', 'b second-secret')
  await own.summary('c first-secret and second-secret')
  expect([said.length, said.filter((line) => /secret/.test(line)), secrets]).toEqual([8, [], ['first-secret', 'second-secret']])
})
