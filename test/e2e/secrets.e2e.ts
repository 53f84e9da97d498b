import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { kubeconfigOf } from '../support/api-server/wire.ts'
import { act } from './act.ts'
import { accountUser, watchAudit } from './audit-log.ts'
import { CALLER_ROLE, type Caller, clusterOf, kubeconfigFile, makeCaller } from './caller.ts'
import { kscan, type Ran, startKscan } from './cli.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'
import { secretsBelow, secretsIn, unzip } from './secrets.ts'

let caller: Caller
let byToken = ''
beforeAll(async () => {
  caller = await makeCaller('secret-caller')
  await caller.allow(CALLER_ROLE.replace('kscan-caller', 'kscan-secret'))
  const { server, ca } = clusterOf(KUBECONFIG)
  byToken = kubeconfigFile(kubeconfigOf({ url: server, ca, token: caller.token }))
})
afterAll(() => caller.remove())

const first = ['--namespace', NAMESPACE, '--pod', 'debian', '--profile', resolve('test/fixtures/profiles/first'), '--threshold', 'failed: {total: {max: 100}}']
const slow = ['--namespace', NAMESPACE, '--pod', 'debian', '--profile', resolve('test/fixtures/profiles/slow')]

/** Nothing that a run wrote, to its two streams or below its folder (reports, logs, journals, private files), holds a secret. */
const expectClean = (ran: Ran, kubeconfig: string): void => {
  expect({ stdout: secretsIn(ran.stdout, kubeconfig), stderr: secretsIn(ran.stderr, kubeconfig) }).toEqual({ stdout: [], stderr: [] })
  expect(secretsBelow(ran.folder, kubeconfig).found).toEqual([])
}

/** How often a token was made for a scanner since the watch began. */
const watchTokens = (): (() => number) => {
  const events = watchAudit()
  return () => events().filter(({ verb, objectRef }) => verb === 'create' && objectRef?.subresource === 'token' && objectRef.name?.startsWith('kscan-')).length
}

describe('the search for secrets', () => {
  test('finds tokens, keys and certificates in every form, also in an archive', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-planted-'))
    const deflated = deflateRawSync(Buffer.from(`x ${caller.token} y`))
    const local = Buffer.alloc(31)
    local.writeUInt16LE(1, 26)
    local.write('a', 30)
    const central = Buffer.alloc(47)
    central.writeUInt16LE(8, 10)
    central.writeUInt32LE(deflated.length, 20)
    central.writeUInt16LE(1, 28)
    central.write('a', 46)
    const end = Buffer.from('504b0506000000000100010000000000000000000000', 'hex')
    end.writeUInt32LE(local.length + deflated.length, 16)
    writeFileSync(join(folder, 'archive.zip'), Buffer.concat([local, deflated, central, end]))
    writeFileSync(join(folder, 'log'), Buffer.from(caller.token).toString('base64'))
    const admin = readFileSync(KUBECONFIG, 'utf8')
    const decoded = Buffer.from(/client-key-data: (\S+)/.exec(admin)?.[1] ?? '', 'base64').toString()

    expect(secretsBelow(folder, byToken).found.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'archive.zip!a: token',
      'archive.zip!a: credential',
      'log: token'
    ])
    expect(secretsIn(admin, KUBECONFIG).length).toBe(2)
    expect(secretsIn(decoded, KUBECONFIG).length).toBeGreaterThan(2)
    expect(unzip(readFileSync(join(folder, 'archive.zip'))).map(([name, bytes]) => `${name} ${bytes.length}`)).toEqual([`a ${caller.token.length + 4}`])
  })
})

describe.each(['certificate', 'token'])('of a caller with a %s, nothing that is written holds a secret', (kind) => {
  const kubeconfig = (): string => (kind === 'token' ? byToken : KUBECONFIG)

  test('by a good run, also with --verbose', async () => {
    const tokens = watchTokens()
    const ran = await kscan(['scan', '--verbose', ...first], { env: { KUBECONFIG: kubeconfig() } })
    expect([ran.code, tokens()]).toEqual([0, 1])
    expectClean(ran, kubeconfig())
    const { files } = secretsBelow(ran.folder, kubeconfig())
    for (const name of ['run.json', 'junit.xml', 'summary.md', 'report.html', `hdf/${NAMESPACE}_debian_main.json`])
      expect(files).toContain(`kscan-reports/${name}`)
  })

  test('by a run whose auditor prints all that it was given and fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-auditor-'))
    const auditor = join(folder, 'cinc-auditor')
    // what it reads on stdin it does not repeat: that is for it alone, and no credential of the cluster
    writeFileSync(
      auditor,
      '#!/bin/sh\n[ "$1" = version ] && echo 5.24.24 && exit\nenv; echo "$@"; cat /proc/self/environ /proc/$PPID/cmdline; grep -r . "$HOME"; exit 1\n'
    )
    chmodSync(auditor, 0o755)
    const tokens = watchTokens()
    const ran = await kscan(['scan', '--verbose', ...first, '--auditor', auditor], { env: { KUBECONFIG: kubeconfig() } })
    expect([ran.code, tokens(), ran.stderr]).toEqual([4, 1, expect.stringContaining('INSPEC_CONFIG_DIR=')])
    expectClean(ran, kubeconfig())
  })

  test('in the middle of a run, nor by it when it is interrupted, nor by one that is killed and its cleanup', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const tokens = watchTokens()
      const running = startKscan(['scan', '--verbose', ...slow], { env: { KUBECONFIG: kubeconfig() } })
      await running.until('of 40 checks')
      const { found, files } = secretsBelow(running.folder, kubeconfig())
      expect([found, files.filter((name) => /\.jsonl$|plugins\.json$/.test(name)).length]).toEqual([[], 2])
      running.signal(signal)
      const ran = await running.ended
      expect([ran.code, tokens()]).toEqual([signal === 'SIGINT' ? 130 : null, 1])
      expectClean(ran, kubeconfig())
      const cleaned = await kscan(['cleanup', '--verbose'], { folder: ran.folder, env: { KUBECONFIG: kubeconfig() } })
      expect(cleaned.code).toBe(0)
      expectClean(cleaned, kubeconfig())
      expect(await leftBehind()).toEqual([])
    }
  })
})

describe('nothing that is written holds a secret', () => {
  test('when the server does not accept the token, or a credential plugin fails over it', async () => {
    const { server, ca } = clusterOf(KUBECONFIG)
    const stale = kubeconfigFile(kubeconfigOf({ url: server, ca, token: `${caller.token}x` }))
    const refused = await kscan(['scan', '--verbose', ...first], { env: { KUBECONFIG: stale } })
    expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('401')])
    expectClean(refused, stale)

    const base = readFileSync(byToken, 'utf8')
    // each a script of one line, which says the token in another wrong way
    for (const script of [`echo '${caller.token}'`, `echo 'refused: ${caller.token}' >&2; exit 1`, `echo '{"status": "${caller.token}"}'`]) {
      const user = JSON.stringify({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script], interactiveMode: 'Never' } })
      const failing = kubeconfigFile(base.replace(/user:\n\s+token: .*/, `user: ${user}`))
      const ran = await kscan(['scan', '--verbose', ...first], { env: { KUBECONFIG: failing } })
      expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('credential plugin')])
      expectClean(ran, byToken)
    }
  })

  test('by the action: its log, its state and outputs, its artifact', async () => {
    const tokens = watchAudit()
    const { outputs, log, folder } = await act({
      kubeconfig: byToken,
      namespace: NAMESPACE,
      pod: 'debian',
      profile: 'test/fixtures/profiles/first',
      threshold: 'failed: {total: {max: 100}}',
      upload: 'always'
    })
    expect([outputs['outcome'], outputs['result']]).toEqual(['success', 'passed'])
    expect(tokens().filter(({ user, objectRef }) => user.username === accountUser(NAMESPACE, caller.name) && objectRef?.subresource === 'token').length).toBe(1)
    expect(secretsIn(log, byToken)).toEqual([])
    const { found, files } = secretsBelow(folder, byToken, (path) => path.startsWith('dist/') || path.includes('/dist/'))
    expect(found).toEqual([])
    const uploaded = files.filter((name) => name.includes('.zip!')).map((name) => name.slice(name.indexOf('!') + 1))
    expect(uploaded.toSorted()).toEqual([`hdf/${NAMESPACE}_debian_main.json`, 'junit.xml', 'report.html', 'run.json', 'summary.md'])
    expect(await leftBehind()).toEqual([])
  })
})
