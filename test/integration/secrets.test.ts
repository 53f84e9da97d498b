import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { startCommandLine } from '../support/command-line.ts'
import { runAction } from '../support/github-runner.ts'
import { base64, Folder, kubeconfigText } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

const GIT_TOKEN = 'git-token-4711-recognisable'
const INPUT = 'profile-input-0815-recognisable'
const GIT_PROFILE = `git+https://git.test/profiles@${'a'.repeat(40)}`

let server: ApiServer
let folder: Folder
let keys: { cert: string; key: string }
beforeAll(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'shop', name: 'web' })
  keys = server.clientCertificate()
})
beforeEach(() => {
  folder = new Folder()
})
afterAll(() => server.close())

/** Where the spies write: beside what the run writes, so that it is not taken for it. */
const seen = (name: string): string => join(folder.path, 'seen', name)
const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** An auditor that keeps what it was handed, its environment, every argv of this machine, and a copy of all files of the run. */
const spy = (run: string): string =>
  stubAuditor(
    folder,
    [
      `mkdir -p '${seen('')}'`,
      `cat >'${seen('stdin')}'`,
      `env >'${seen('env')}'`,
      `for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done >'${seen('argv')}' 2>/dev/null`,
      `tar -c -f - --exclude=inputs.yml -C '${run}' . >'${seen('files.tar')}' 2>/dev/null`,
      'echo "the auditor prints something"'
    ].join('\n')
  )

/** It looks for what is there to be found, so that nothing is hidden from it. */
const spied = (run: string): string[] => ['--auditor', spy(run), '--isolation', 'none']

/** A git that keeps its argv, and fails with all of its environment, as one that traces. */
const gitOnPath = (): string => {
  const path = folder.file('git', `#!/bin/sh\nmkdir -p '${seen('')}'\necho "$@" >>'${seen('git-argv')}'\necho "fatal: $(env | tr '\\n' ' ')" >&2\nexit 128\n`)
  return path.slice(0, path.lastIndexOf('/'))
}

const kubeconfig = (user: Readonly<Record<string, unknown>> = { token: server.adminToken }): string =>
  folder.file('kubeconfig', kubeconfigText({ one: { cluster: { server: server.url, 'certificate-authority-data': base64(server.ca) }, user } }))

/** Each secret in the forms in which it could show. */
const secrets = (): Record<string, string> => {
  const broker = /"token":"([0-9a-f]{64})"/.exec(read(seen('stdin')))?.[1]
  const key = keys.key.split('\n')[1] ?? ''
  return {
    'the token of the caller': server.adminToken,
    ...Object.fromEntries(server.issuedTokens.map((token, number) => [`minted token ${number}`, token])),
    'the key of the client': key,
    'the key of the client in base64': base64(keys.key).slice(0, 60),
    'git-token': GIT_TOKEN,
    'git-token as git sends it': base64(`x-access-token:${GIT_TOKEN}`),
    'profile-inputs': INPUT,
    ...(broker === undefined ? {} : { 'the token of the broker': broker })
  }
}

const found = (where: Readonly<Record<string, string>>): string[] =>
  Object.entries(secrets()).flatMap(([name, value]) => Object.entries(where).flatMap(([place, text]) => (text.includes(value) ? [`${name} in ${place}`] : [])))

/** All files below a folder by path, but those that the test itself put there. */
const filesBelow = (root: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, 'latin1')])
  )

describe('no secret is in any output', () => {
  const args = (...more: string[]): string[] => ['scan', '--namespace', 'shop', '--pod', 'web', '--profile', resolve('test/fixtures/profiles/first'), ...more]
  const SECRETS = { KSCAN_GIT_TOKEN: GIT_TOKEN, KSCAN_PROFILE_INPUTS: `secret: ${INPUT}` }

  test.each([
    ['a success', [], () => ({ token: server.adminToken }), 0],
    ['a success with --verbose', ['--verbose'], () => ({ token: server.adminToken }), 0],
    ['a success with --json', ['--json'], () => ({ token: server.adminToken }), 0],
    ['a success with a client certificate', ['--verbose'], () => ({ 'client-certificate-data': base64(keys.cert), 'client-key-data': base64(keys.key) }), 0],
    ['a violated threshold', ['--threshold', 'passed: {total: {min: 1000}}'], () => ({ token: server.adminToken }), 1]
  ])('of %s, nor in files, arguments and environment during the run', async (_what, more, user, code) => {
    const run = join(folder.path, 'run')
    const lenient = more.includes('--threshold') ? ['--max-unjudged', '100'] : LENIENT
    const env = { KUBECONFIG: kubeconfig(user()), ...SECRETS }
    const ran = await startCommandLine(args(...lenient, ...more, ...spied(run)), { folder: run, env }).ended
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining('✓ Revoke access')])
    expect(Object.keys(secrets())).toContain('the token of the broker')
    expect(read(seen('argv'))).toContain('--target=kscan://target')
    expect(read(seen('files.tar'))).toContain('.jsonl')
    const during = { argv: read(seen('argv')), 'the environment of the auditor': read(seen('env')), 'files of the run': read(seen('files.tar')) }
    expect(found({ stdout: ran.stdout, stderr: ran.stderr, ...during, ...filesBelow(run) })).toEqual([])
    folder.remove()
  })

  test('of an auditor that prints a token and a key that nobody knew, and fails', async () => {
    const run = join(folder.path, 'run')
    const claims = [{ alg: 'RS256' }, { sub: 'somebody' }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    const token = [...claims, 'c2lnbmF0dXJlLW9mLXRoZS10b2tlbg'].join('.')
    const line = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2'
    const said = [`Bearer ${token}`, '-----BEGIN PRIVATE KEY-----', line, '-----END PRIVATE KEY-----', 'the end'].map((text) => `echo '${text}' >&2`)
    const auditor = folder.file('fails', `#!/bin/sh\n[ "$1" = version ] && echo 5.24.24 && exit\n${said.join('\n')}\nexit 1\n`)
    const ran = await startCommandLine(args('--verbose', '--auditor', auditor), { folder: run, env: { KUBECONFIG: kubeconfig() } }).ended
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('redacted by kscan')])
    expect(ran.stderr).toContain('the end')
    expect([token.slice(-20), line.slice(0, 20)].filter((piece) => `${ran.stdout}${ran.stderr}`.includes(piece))).toEqual([])
    folder.remove()
  })

  test('of a server and a git that repeat what they were given', async () => {
    const run = join(folder.path, 'run')
    const refusal = { kind: 'Status', message: `no: Bearer ${server.adminToken}` }
    server.faults.add({ method: 'POST', path: /\/token$/, mishap: { kind: 'answer', answer: { status: 403, body: refusal } } })
    const env = { KUBECONFIG: kubeconfig(), PATH: `${gitOnPath()}:${process.env['PATH'] ?? ''}` }
    const refused = await startCommandLine(args(...LENIENT, '--verbose', ...spied(run)), { folder: run, env }).ended
    const git = ['scan', '--namespace', 'shop', '--pod', 'web', '--profile', GIT_PROFILE, '--verbose', ...spied(run)]
    const failed = await startCommandLine(git, { folder: run, env: { ...env, ...SECRETS } }).ended
    expect([refused.code, failed.code, failed.stderr]).toEqual([4, 3, expect.stringContaining('could not be fetched: git init: fatal: ')])
    expect(found({ stdout: refused.stdout + failed.stdout, stderr: refused.stderr + failed.stderr, argv: read(seen('git-argv')), ...filesBelow(run) })).toEqual(
      []
    )
    folder.remove()
  })

  test('of a command line that holds them, and nothing is done with them', async () => {
    const asked = server.requests.length
    const ran = await startCommandLine(args('--git-token', GIT_TOKEN, `--profile-inputs=secret: ${INPUT}`), { env: { KUBECONFIG: kubeconfig() } }).ended
    expect([ran.code, server.requests.length]).toEqual([2, asked])
    expect(ran.stderr).toContain('Give it as KSCAN_GIT_TOKEN in the environment.')
    expect(ran.stderr).toContain('Give it as KSCAN_PROFILE_INPUTS in the environment, or in a file with --profile-inputs-file.')
    expect(found({ stdout: ran.stdout, stderr: ran.stderr })).toEqual([])
  })

  test('of the action: log, summary, outputs, state and annotations', async () => {
    const inputs = {
      kubeconfig: kubeconfig(),
      namespace: 'shop',
      pod: 'web',
      profile: resolve('test/fixtures/profiles/first'),
      auditor: spy(folder.path),
      'git-token': GIT_TOKEN,
      'profile-inputs': `secret: ${INPUT}`,
      threshold: 'passed: {total: {min: 1000}}'
    }
    const ended = await runAction({ root: process.cwd(), inputs })
    expect([ended.main.code, ended.outputs['result']]).toEqual([1, 'not-compliant'])
    const { main, post, outputs, state, annotations, summary, exported } = ended
    const told = main.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    const rest = JSON.stringify([post, outputs, state, annotations, summary, exported])
    expect(found({ log: told.join('\n'), rest, argv: read(seen('argv')), 'the environment of the auditor': read(seen('env')) })).toEqual([])
    folder.remove()
  })
})
