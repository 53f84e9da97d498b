import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from '@jest/globals'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { leftHere, type Ran, startCommandLine } from '../support/command-line.ts'
import { runAction, type ActionEnd } from '../support/github-runner.ts'
import { base64, Folder, kubeconfigText } from '../support/kubeconfig.ts'
import { stubAuditor } from '../support/stub-auditor.ts'

let server: ApiServer
let kept: Folder
let work: Folder
beforeAll(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'shop', name: 'web' })
  kept = new Folder()
})
beforeEach(() => {
  work = new Folder()
  copyFileSync('test/fixtures/hdf/one-profile.json', join(work.path, 'results.json'))
})
afterEach(() => work.remove())
afterAll(async () => {
  kept.remove()
  await server.close()
})

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(work.path, name, '..'), { recursive: true })
    writeFileSync(join(work.path, name), text)
  }
}
const kscan = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> => startCommandLine(args, { folder: work.path, env }).ended

/** A threshold that the results meet, and one that they do not. */
const MET = 'failed: {total: {max: 100}}'
const NOT_MET = 'passed: {total: {min: 100}}'

describe('kscan judge', () => {
  test('reads kscan.yaml of its folder, and says what came from it', async () => {
    write({
      'kscan.yaml': `# of the team\nthreshold:\n  failed: { total: { max: 100 } }\n  error: { total: { max: 100 } }\nmax-unjudged: 100\nnamespace: shop\n`
    })
    const ran = await kscan(['judge', 'results.json'])
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('max-unjudged: 100 (kscan.yaml, line 5)\n')])
    expect(ran.stderr).toContain('threshold: failed: { total: { max: 100 } } ⏎   error: { total: { max: 100 } } (kscan.yaml, line 2)\n')
    expect(ran.stderr).not.toContain('namespace') // judge has no such input
  })

  test.each<[what: string, args: readonly string[], env: Record<string, string>, code: number]>([
    ['the file', [], {}, 1],
    ['the environment before the file', [], { KSCAN_THRESHOLD: MET }, 0],
    ['a flag before the environment', ['--threshold', NOT_MET], { KSCAN_THRESHOLD: MET }, 1],
    ['a flag before the file', ['--threshold', MET], {}, 0],
    ['another file', ['--config', 'ci/other.yaml'], {}, 0],
    ['another file by the environment', [], { KSCAN_CONFIG: 'ci/other.yaml' }, 0],
    ['no file', ['--config', 'none', '--threshold', MET], {}, 0]
  ])('takes the threshold of %s', async (_what, args, env, code) => {
    write({ 'kscan.yaml': `threshold: "${NOT_MET}"`, 'ci/other.yaml': 'threshold-file: threshold.yaml', 'ci/threshold.yaml': MET })
    expect((await kscan(['judge', ...args, 'results.json'], env)).code).toBe(code)
  })

  test('says all that is wrong at once: with the file, and with what was given otherwise', async () => {
    write({ 'kscan.yaml': 'namspace: a\nmax-targets: many\nenforce: "true"\nthreshold:\n  faild: { total: { max: 0 } }\n' })
    const ran = await kscan(['judge', '--max-unjudged', 'few', 'results.json'])
    expect(ran.code).toBe(2)
    for (const fault of [
      'namspace: expected the name of an input; got namspace (kscan.yaml, line 1). Did you mean namespace?',
      'max-targets: expected a whole number, without quotes; got many (kscan.yaml, line 2)',
      'enforce: expected true or false, without quotes; got "true" (kscan.yaml, line 3)',
      'max-unjudged: expected a whole number from 0 to 100000; got "few"',
      'faild'
    ])
      expect(ran.stderr).toContain(fault)
    expect(ran.stderr).toMatch(/error: 5 inputs are not usable/)
  })

  test('shows no secret of a file that holds one', async () => {
    write({ 'kscan.yaml': 'git-token: hunter2-hunter2\nprofile-inputs: [hunter2-hunter2]\n' })
    const ran = await kscan(['judge', 'results.json', '--verbose'])
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('Give it as KSCAN_GIT_TOKEN in the environment')])
    expect(ran.stdout + ran.stderr).not.toContain('hunter2')
  })
})

describe('kscan scan', () => {
  const config = (more = ''): string =>
    [
      `kubeconfig: ${kept.file('kubeconfig', server.kubeconfig())}`,
      'namespace: shop',
      'workload: deployment/other',
      `profile: ${resolve('test/fixtures/profiles/first')}`,
      `auditor: ${stubAuditor(kept)}`,
      'threshold: { failed: { total: { max: 100 } } }',
      'max-unjudged: 100',
      'reports: [run.json]',
      more
    ].join('\n')

  test('runs by a file alone but for the pod; the reports lie beside the file, and the command that repeats a failure reads it no more', async () => {
    write({ 'ci/kscan.yaml': config('reports-path: out') })
    const ran = await kscan(['scan', '--config', 'ci/kscan.yaml', '--pod', 'web'])
    expect([ran.code, readdirSync(join(work.path, 'ci', 'out'))]).toEqual([0, expect.arrayContaining(['run.json'])])
    expect(ran.stdout).toMatch(/kscan scan --kubeconfig .* --config none$/m)
    expect([server.objects.made(), leftHere(ran)]).toEqual([[], []])
  })

  test.each([
    ['a key that no input has', 'namespce: a', 'Did you mean namespace?'],
    ['an anchor', 'container: &c [a]', 'without anchors'],
    ['a key that stands twice', 'namespace: a', 'each key once'],
    ['a second document', '---\npod: web', 'one YAML document'],
    ['what is no YAML', 'pod: "web', 'expected YAML']
  ])('with %s asks the cluster nothing and makes nothing', async (_what, fault, said) => {
    const asked = server.requests.length
    write({ 'kscan.yaml': config(fault) })
    const ran = await kscan(['scan', '--pod', 'web'])
    expect([ran.code, ran.stderr, server.requests.length]).toEqual([2, expect.stringContaining(said), asked])
    expect(readdirSync(work.path).filter((name) => name.startsWith('kscan-'))).toEqual([])
  })

  test('is not read in a job of another CI system that works on a change from a fork', async () => {
    write({ 'kscan.yaml': config('') })
    const ran = await kscan(['plan', '--pod', 'web'], { CIRCLE_PR_NUMBER: '3' })
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('this job of CircleCI works on a change from a fork')])
  })

  test('starts no credential plugin of a kubeconfig that a file names', async () => {
    const started = join(work.path, 'started')
    const command = kept.file('plugin', `#!/bin/sh\ntouch '${started}'\n`)
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' } }
    const cluster = { server: server.url, 'certificate-authority-data': base64(server.ca) }
    write({ 'kscan.yaml': 'kubeconfig: with-plugin', 'with-plugin': kubeconfigText({ one: { cluster, user } }) })
    const ran = await kscan(['doctor', '--namespace', 'shop'])
    expect([ran.code, existsSync(started)]).toEqual([2, false])
    const said = await kscan(['doctor', '--namespace', 'shop', '--kubeconfig-exec', 'allow'])
    expect([said.code === 2, existsSync(started)]).toEqual([false, true])
  })
})

describe('the action', () => {
  const fork = { repository: { full_name: 'org/repo' }, pull_request: { head: { repo: { full_name: 'stranger/repo' } } } }
  const run = (file: string, inputs: Readonly<Record<string, string>> = {}, event?: unknown, name = 'push'): Promise<ActionEnd> =>
    runAction({
      root: process.cwd(),
      files: { 'kscan.yaml': file },
      inputs: {
        kubeconfig: kept.file('kubeconfig', server.kubeconfig()),
        profile: resolve('test/fixtures/profiles/first'),
        auditor: stubAuditor(kept),
        'max-unjudged': '100',
        threshold: MET,
        ...inputs
      },
      event,
      env: { GITHUB_EVENT_NAME: name }
    })

  test('reads kscan.yaml of the workspace, below its inputs', async () => {
    const ended = await run('namespace: shop\npod: web\nthreshold: "passed.total.min: 100"\n')
    expect([ended.main.code, ended.outputs['result']]).toEqual([0, 'passed'])
    expect(ended.main.visibleLog).toContain('pod: web (kscan.yaml, line 2)\n')
  })

  test('ends with bad input where the file is, in words on the summary too', async () => {
    const ended = await run('namspace: shop\npod: web\n')
    expect([ended.main.code, ended.outputs['result'], ended.summary]).toEqual([2, 'bad-input', expect.stringContaining('namspace')])
  })

  test('heeds the summary of a file in which something else is wrong', async () => {
    const ended = await run('summary: false\npods: web\n')
    expect([ended.main.code, ended.outputs['result'], ended.summary]).toEqual([2, 'bad-input', ''])
  })

  test('in a pull request from a fork does not read it, and asks the cluster nothing', async () => {
    const asked = server.requests.length
    const ended = await run('enforce: false\nsummary: false\n', { namespace: 'shop', pod: 'web' }, fork, 'pull_request')
    expect([ended.main.code, ended.outputs['result'], server.requests.length]).toEqual([2, 'bad-input', asked])
    expect(ended.summary).toContain('config')
    expect(ended.main.visibleLog).toContain(
      'config: expected none where a stranger may have written the config file; got kscan.yaml, and this job of GitHub Actions works on a change from a fork'
    )
  })

  test('after a comment, of which nobody knows what it checks out, does not read it', async () => {
    const ended = await run('enforce: false\n', { namespace: 'shop', pod: 'web' }, { repository: fork.repository }, 'issue_comment')
    expect([ended.main.code, ended.main.visibleLog]).toEqual([2, expect.stringContaining('does not say from whose repository the change comes')])
  })

  test('in a pull request from a fork runs by its inputs where it is told to leave the file', async () => {
    const ended = await run('enforce: false\n', { namespace: 'shop', pod: 'web', config: 'none' }, fork, 'pull_request')
    expect([ended.main.code, ended.main.visibleLog]).toEqual([0, expect.not.stringContaining('enforce')])
  })
})
