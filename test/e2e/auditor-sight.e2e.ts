import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { kubeconfigOf } from '../support/api-server/wire.ts'
import { CALLER_ROLE, type Caller, clusterOf, kubeconfigFile, makeCaller } from './caller.ts'
import { kscan, type Ran } from './cli.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'
import { secretsIn } from './secrets.ts'

/** What the profile `nosy` writes down. */
interface Seen {
  readonly environment: Readonly<Record<string, string>>
  readonly arguments: readonly string[]
  readonly proc: { readonly environ: string; readonly cmdline: string }
  readonly descriptors: readonly {
    readonly number: number
    readonly link: string
    readonly content: string | null
    readonly peer: { readonly unix: boolean; readonly address: string } | null
  }[]
  readonly files: Readonly<Record<string, string>>
}

/** Variables as they lie about in CI, each with a value that is known again anywhere. */
const NAMES = `
  GITHUB_TOKEN GITHUB_ENV ACTIONS_RUNTIME_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN INPUT_GIT-TOKEN INPUT_KUBECONFIG RUNNER_TEMP
  CI_JOB_TOKEN CI_REGISTRY_PASSWORD GITLAB_TOKEN KSCAN_GIT_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  AZURE_CLIENT_SECRET GOOGLE_APPLICATION_CREDENTIALS VAULT_TOKEN DOCKER_AUTH_CONFIG SSH_AUTH_SOCK KUBE_TOKEN NODE_EXTRA_CA_CERTS
  KUBERNETES_SERVICE_HOST USER CHEF_LICENSE_KEY GEM_HOST_API_KEY BUNDLE_GITHUB__COM`
  .trim()
  .split(/\s+/)
const MARK = randomBytes(6).toString('hex')
const planted = Object.fromEntries(NAMES.map((name) => [name, `planted-${MARK}-${name}`]))

/** Without what else keeps things from it. */
const BARE = ['--isolation', 'none', '--runner-resources', 'allow', '--profile-env', 'SEEN_IN']

let caller: Caller
let ran: Ran
let kubeconfig = ''
const seen = new Map<string, Seen>()
beforeAll(async () => {
  caller = await makeCaller('seen-caller')
  await caller.allow(CALLER_ROLE.replace('kscan-caller', 'kscan-seen'))
  const { server, ca } = clusterOf(KUBECONFIG)
  kubeconfig = kubeconfigFile(kubeconfigOf({ url: server, ca, token: caller.token }))
  const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-'))
  mkdirSync(join(folder, 'tmp'))
  const args = ['--namespace', NAMESPACE, '--pod', 'debian', '--profile', resolve('test/fixtures/profiles/nosy'), ...BARE]
  ran = await kscan(['scan', ...args], { folder, env: { ...planted, KUBECONFIG: kubeconfig, SEEN_IN: join(folder, 'tmp') } })
  for (const moment of ['library', 'load', 'run']) seen.set(moment, JSON.parse(readFileSync(join(folder, 'tmp', `seen-${moment}.json`), 'utf8')) as Seen)
})
afterAll(() => caller.remove())

const at = (moment: string): Seen => {
  const found = seen.get(moment)
  if (found === undefined) throw new Error(`nothing was seen at ${moment}: ${ran.stderr}`)
  return found
}

describe.each(['library', 'load', 'run'])("from inside a profile's code, as %s", (moment) => {
  test('nothing holds a credential of the cluster, or a variable of the CI system or the cloud', () => {
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('git-token: *** (environment)')])
    const everything = JSON.stringify(at(moment))
    expect(secretsIn(everything, kubeconfig)).toEqual([])
    expect(NAMES.filter((name) => everything.includes(`planted-${MARK}-${name}`))).toEqual([])
    expect(everything).not.toContain(kubeconfig)
  })

  test('the environment is the allow-list and what the auditor needs, no more', () => {
    const { environment, proc } = at(moment)
    const known = /^(PATH|HOME|TMPDIR|SEEN_IN|LANG|LC_ALL|INSPEC_CONFIG_DIR|RUBYOPT|RUBY_GC_\w+|SSL_CERT_(FILE|DIR)|(https?|no)_proxy)$/i
    const began = proc.environ.split('\0').flatMap((line) => (line === '' ? [] : [line.slice(0, line.indexOf('='))]))
    expect([...new Set([...Object.keys(environment), ...began])].filter((name) => !known.test(name))).toEqual([])
    expect(Object.keys(environment)).toEqual(expect.arrayContaining(['PATH', 'HOME', 'INSPEC_CONFIG_DIR']))
  })

  test('the arguments name the profile and no address of the cluster', () => {
    const { arguments: words, proc } = at(moment)
    const { hostname } = new URL(clusterOf(KUBECONFIG).server)
    expect([words.join(' '), proc.cmdline.replaceAll('\0', ' ')]).toEqual([
      expect.stringContaining('--target=kscan://target'),
      expect.stringContaining('profiles/nosy')
    ])
    expect(words.join(' ') + proc.cmdline).not.toContain(hostname)
  })

  test('the only sockets are its own three streams and the one to the broker', () => {
    const { descriptors } = at(moment)
    expect(descriptors.length).toBeGreaterThan(3)
    const sockets = descriptors.filter(({ peer }) => peer !== null)
    expect(sockets.filter(({ peer }) => peer?.unix !== true)).toEqual([])
    expect(sockets.filter(({ number }) => number > 2).map(({ peer }) => peer?.address)).toEqual([expect.stringMatching(/\/kscan-[a-z0-9]{10}\/t-\w+\/broker$/)])
  })

  test('HOME is where it stands, private to this audit, and holds what kscan put there', () => {
    const { environment, files } = at(moment)
    expect(environment['HOME']).toMatch(/\/kscan-[a-z0-9]{10}\/t-\w+\/home$/)
    const home = environment['HOME'] ?? ''
    expect(Object.keys(files)).toEqual([`${home}/config/plugins.json`, join(home, '..', '..', 'given', 'waivers.yml')])
  })
})

test('what was made for it is gone', async () => {
  expect(await leftBehind()).toEqual([])
})
