import { createServer, type Server } from 'node:http'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { OUTPUTS } from '../../src/config/outputs.ts'
import type { ApiServer } from '../support/api-server/server.ts'
import { TOOLS } from '../support/command-line.ts'
import { type ActionEnd, type ActionRun, runAction } from '../support/github-runner.ts'
import { base64, Folder, kubeconfigText } from '../support/kubeconfig.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { stubAuditor } from '../support/stub-auditor.ts'

/** The first scan on a machine fetches the auditor. */
const FETCH_MS = 120_000
/** How long undoing may take. */
const UNDO_MS = 6000
/** What a busy machine needs for a whole run; less than what the limits of these tests would cost if they did not hold. */
const BUSY_MS = 20_000

let shop: Shop
let server: ApiServer
let folder: Folder
beforeAll(async () => {
  shop = await startShop()
  ;({ server, folder } = shop)
})
afterEach(() => {
  server.faults.clear()
  expect(server.objects.made()).toEqual([])
})
afterAll(() => shop.close())

type Inputs = Readonly<Record<string, string>>

const given = (inputs: Inputs = {}): Inputs => ({
  kubeconfig: folder.file('kubeconfig', server.kubeconfig()),
  namespace: 'shop',
  pod: 'web',
  profile: resolve('test/fixtures/profiles/first'),
  threshold: 'failed: {total: {max: 100}}',
  'max-unjudged': '100',
  ...inputs
})

const run = (inputs: Inputs = {}, more: Omit<ActionRun, 'root' | 'inputs'> = {}): Promise<ActionEnd> =>
  runAction({ root: process.cwd(), inputs: given({ auditor: stubAuditor(folder), ...inputs }), ...more })

const names = (outputs: Inputs): string[] => Object.keys(outputs).toSorted()
/** The outputs that count controls. */
const counts = ({ outputs }: ActionEnd): Set<string> =>
  new Set(Object.entries(outputs).flatMap(([name, value]) => (/^(controls|failed)-|^compliance$/.test(name) ? [value] : [])))
const errors = ({ annotations }: ActionEnd): string[] => annotations.filter(({ level }) => level === 'error').map(({ message }) => message)

describe('a run of the action', () => {
  test('that succeeds sets every output, tells of each phase, and writes the summary', async () => {
    const before = server.issuedTokens.length
    const ended = await run()
    expect([ended.main.code, ended.post?.code, names(ended.outputs)]).toEqual([0, 0, names(OUTPUTS)])
    expect(ended.outputs).toMatchObject({
      result: 'passed',
      'target-count': '1',
      'approaches-used': 'kubernetes-api',
      'cluster-name': 'stand-in',
      leftovers: '0'
    })
    for (const phase of ['Connect to the cluster', 'Ready the auditor', 'Grant access', 'Audit', 'Revoke access']) {
      const [, inside] = ended.main.visibleLog.split(`##[group]${phase}\n`)
      expect([phase, inside?.split('##[group]')[0]]).toEqual([phase, expect.stringContaining('##[endgroup]')])
    }
    expect(ended.summary).toContain('shop/web/main')
    const why = 'no artifact: upload: auto leaves it out where the repository is not known to be private; upload: always makes one'
    expect([ended.main.visibleLog, ended.summary.toLowerCase()]).toEqual([expect.stringContaining(why), expect.stringContaining(why)])
    const [token = ''] = server.issuedTokens.slice(before)
    expect([ended.masks.includes(token), ended.main.log.split(token).length - 1]).toEqual([true, 1])
  })

  test('with bad input sets every output and says all that is wrong in one error', async () => {
    const ended = await run({ pod: 'Not A Name', threshold: 'faild: {total: {max: 0}}' })
    expect([ended.main.code, ended.outputs['result'], names(ended.outputs)]).toEqual([2, 'bad-input', names(OUTPUTS)])
    expect([errors(ended).length, ended.post?.code]).toEqual([1, 0])
    for (const words of ['pod: expected', 'faild']) for (const place of [ended.main.visibleLog, ended.summary, errors(ended)[0]]) expect(place).toContain(words)
    expect([ended.summary, counts(ended)]).toEqual([expect.stringMatching(/^## ⛔ Bad input\n/), new Set([''])])
  })

  test('with bad input leaves the summary alone where it is not wanted', async () => {
    expect(await run({ pod: 'Not A Name', summary: 'false' })).toMatchObject({ main: { code: 2 }, summary: '' })
    const quiet = await run({ pod: 'Not A Name', annotations: 'false' })
    expect([quiet.main.code, errors(quiet)]).toEqual([2, []])
  })

  test('that could not scan sets every output', async () => {
    server.faults.add({ method: 'POST', path: /\/roles$/, mishap: { kind: 'answer', answer: { status: 500, body: 'no' } } })
    const ended = await run()
    expect([ended.main.code, ended.outputs['result'], names(ended.outputs)]).toEqual([4, 'scan-failed', names(OUTPUTS)])
    expect(errors(ended)).toEqual([expect.stringContaining('500')])
    expect(ended.summary).toMatch(/^## ⛔ Could not scan\n[^]*500[^]*no results, no reports and no artifact/)
    expect(counts(ended)).toEqual(new Set(['']))
  })

  test('whose objects cannot be removed counts them, and post removes them', async () => {
    server.faults.add({ method: 'DELETE', path: /\/role/, times: 2, mishap: { kind: 'answer', answer: { status: 403, body: 'no' } } })
    const ended = await run()
    expect([ended.main.code, ended.outputs['leftovers'], ended.post?.code]).toEqual([0, '2', 0])
    expect(ended.post?.visibleLog).toMatch(/removed role .*\n(.*\n)*|removed rolebinding /)
  })

  test.each([
    ['pull_request', { repository: { full_name: 'org/repo' }, pull_request: { head: { repo: { full_name: 'stranger/repo' } } } }],
    ['workflow_run', { repository: { full_name: 'org/repo' }, workflow_run: { event: 'pull_request', head_repository: { full_name: 'stranger/repo' } } }],
    ['issue_comment', { repository: { full_name: 'org/repo' } }]
  ])('after the event %s of a stranger starts no credential plugin', async (name, event) => {
    const started = join(folder.path, 'plugin-started')
    const command = folder.file('plugin', `#!/bin/sh\ntouch '${started}'\n`)
    const cluster = { server: server.url, 'certificate-authority-data': base64(server.ca) }
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' } }
    const ended = await run({ kubeconfig: folder.file('with-plugin', kubeconfigText({ one: { cluster, user } })) }, { event, env: { GITHUB_EVENT_NAME: name } })
    expect([ended.main.code, ended.outputs['result'], existsSync(started)]).toEqual([2, 'bad-input', false])
    expect(ended.main.visibleLog).toContain('kubeconfig-exec: expected a context without a credential plugin; got deny')
  })
})

describe('what an earlier step of the job has put into the environment', () => {
  test('does not make the scan a clean-up', async () => {
    const env = { STATE_main: 'done', STATE_run: 'abcdefghij', STATE_journal: `abcdefghij-1-${'a'.repeat(64)}` }
    const ended = await run({ threshold: 'passed: {total: {min: 100}}' }, { env })
    expect([ended.main.code, ended.outputs['result'], ended.post?.code]).toEqual([1, 'not-compliant', 0])
  })
})

describe('reports that are there before', () => {
  const path = (): string => join(folder.path, 'committed')
  const files = (): string[] => readdirSync(path(), { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(path(), name)).isFile())
  const named = ({ outputs }: ActionEnd): string[] => Object.entries(outputs).flatMap(([name, value]) => (name.endsWith('-path') && value !== '' ? [name] : []))

  test.each([
    ['fails before its audit', { pod: 'nosuch' }, 4],
    ['has wrong inputs', { pod: 'Not A Name' }, 2],
    ['has an input that does not exist', { selectr: 'app=web' }, 2]
  ])('are neither named by a run that %s, nor found where it was to write', async (_what, inputs, code) => {
    const before = await run({ 'reports-path': path() })
    expect([before.main.code, named(before).length > 1, files().includes('run.json')]).toEqual([0, true, true])
    const ended = await run({ 'reports-path': path(), ...inputs })
    expect([ended.main.code, named(ended), files()]).toEqual([code, [], []])
  })
})

describe('what others print', () => {
  test(
    'in a profile, its titles and the output of its commands is no workflow command; at most 1 error and 9 warnings are shown',
    async () => {
      const inputs = given({ auditor: 'gems', profile: resolve('test/fixtures/profiles/hostile'), threshold: 'failed: {total: {max: 0}}' })
      const ended = await runAction({ root: process.cwd(), inputs, env: { RUNNER_TOOL_CACHE: TOOLS }, timeout: FETCH_MS })
      expect([ended.main.code, ended.outputs['result'], ended.outputs['controls-failed']]).toEqual([1, 'not-compliant', '12'])
      expect(ended.annotations.map(({ level }) => level)).toEqual(['error', ...Array.from({ length: 9 }, () => 'warning')])
      expect(ended.annotations.filter(({ properties }) => properties['title']?.startsWith('kscan') !== true)).toEqual([])
      expect(ended.masks).not.toContain('passed')
      expect(ended.main.log).not.toMatch(/\u001b|\u202e/)
      expect(ended.summary).not.toMatch(/<img|<script|\u001b/)
    },
    FETCH_MS
  )

  test(
    'in a check, where it looks like a private key, is not in the summary, the annotations, the log, the comment',
    async () => {
      const inputs = given({
        auditor: 'gems',
        profile: resolve('test/fixtures/profiles/leaky'),
        threshold: 'failed.total.max: 0',
        reports: 'comment,csv',
        'reports-path': folder.path
      })
      const ended = await runAction({ root: process.cwd(), inputs, env: { RUNNER_TOOL_CACHE: TOOLS }, timeout: FETCH_MS })
      const comment = readFileSync(join(folder.path, 'comment.md'), 'utf8')
      const annotations = ended.annotations.map(({ message }) => message).join()
      for (const text of [ended.summary, annotations, ended.main.log, comment]) {
        expect(text).toContain('redacted by kscan: private key')
        expect(text).not.toContain('MIIEvQIBADAN')
      }
      expect(readFileSync(join(folder.path, 'controls.csv'), 'utf8')).toContain('MIIEvQIBADAN')
    },
    FETCH_MS
  )

  test('in an auditor that breaks is none either', async () => {
    const lines = [
      '::set-output name=result::passed',
      '::error::planted',
      '##[error]planted',
      'x ##[set-output name=result;]passed',
      '::stop-commands::x',
      '::add-mask::kscan'
    ]
    const ended = await run({ auditor: stubAuditor(folder, `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}; exit 1`) })
    expect([ended.main.code, ended.outputs['result'], ended.masks.includes('kscan')]).toEqual([4, 'scan-failed', false])
    expect(errors(ended)).toEqual([expect.stringMatching(/^shop\/web\/main: The auditor did not finish[^]* – The whole output of the auditor is in /)])
    expect(ended.annotations.map(({ properties }) => properties['title'])).toEqual(['kscan: could not scan'])
    expect([counts(ended), ended.outputs['target-count']]).toEqual([new Set(['']), '1'])
  })
})

describe('a main step that is killed', () => {
  test.each([
    ['while access is granted', /::group::Grant access/],
    ['in the middle of the audit', /::group::Audit/]
  ])('%s leaves what post removes', async (_when, match) => {
    const ended = await run({ auditor: stubAuditor(folder, 'sleep 2') }, { killOn: { match, signal: 'SIGKILL' } })
    expect([ended.main.signal, ended.post?.code]).toEqual(['SIGKILL', 0])
  })

  test('by a cancelled job ends by itself in time, interrupted', async () => {
    const begun = performance.now()
    const ended = await run({ auditor: stubAuditor(folder, 'sleep 60') }, { killOn: { match: /::group::Audit/, signal: 'cancel' } })
    expect([ended.main.code, ended.outputs['result'], ended.post?.code]).toEqual([130, 'interrupted', 0])
    expect([ended.summary, errors(ended)]).toEqual([expect.stringMatching(/^## ⛔ Interrupted\n/), [expect.stringContaining('Interrupted by SIGINT')]])
    expect(performance.now() - begun).toBeLessThan(UNDO_MS + BUSY_MS)
  }, 60_000)
})

describe('an artifact service', () => {
  let service: Server
  let asked = 0
  afterEach(() => {
    service.closeAllConnections()
    service.close()
  })

  const start = async (status: number | undefined): Promise<Record<string, string>> => {
    asked = 0
    service = createServer((_request, response) => {
      asked += 1
      if (status !== undefined) response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
    await new Promise<void>((listening) => service.listen(0, '127.0.0.1', listening))
    const bound = service.address()
    const claims = { scp: 'Actions.Results:one:two' }
    return {
      ACTIONS_RESULTS_URL: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}/`,
      ACTIONS_RUNTIME_TOKEN: ['{}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.')
    }
  }

  test.each([
    ['never answers', undefined],
    ['answers 500', 500]
  ])(
    'that %s costs the time of its limit and not the verdict',
    async (_how, status) => {
      const env = await start(status)
      const begun = performance.now()
      const ended = await run({ upload: 'always' }, { main: 'test/support/action-short-upload.ts', env })
      expect([ended.main.code, ended.outputs['result'], ended.outputs['artifact-id']]).toEqual([0, 'passed', ''])
      expect(ended.main.visibleLog).toContain('warning: the upload failed: the artifact service did not answer within 1.5 s; the verdict stands')
      expect(ended.summary).toContain('No artifact: the upload failed: the artifact service did not answer within 1.5 s.')
      expect(asked).toBeGreaterThan(0)
      expect(performance.now() - begun).toBeLessThan(1500 + BUSY_MS)
    },
    60_000
  )

  test('that refuses the job at once does not cost the verdict of the bundle', async () => {
    const env = await start(undefined)
    const ended = await run({ upload: 'always' }, { env: { ...env, ACTIONS_RUNTIME_TOKEN: 'x.e30.x' } })
    expect([ended.main.code, ended.outputs['result'], asked]).toEqual([0, 'passed', 0])
    expect(ended.main.visibleLog).toMatch(/warning: the upload failed: .*; the verdict stands/)
  })
})
