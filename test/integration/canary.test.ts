import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { base64, Folder } from '../support/kubeconfig.ts'

/** No four characters of it stand in any message by chance. */
const CANARY = 'Zq7XwKv9Bn3Jd5Lp8Tc'
const PIECES = Array.from({ length: CANARY.length - 3 }, (_, at) => CANARY.slice(at, at + 4))

const kept = new Folder()
afterAll(() => kept.remove())

type Environment = Readonly<Record<string, string>>

/** What of it a run said, or left in a file of its own. */
const told = ({ stdout, stderr, folder }: Ran): string[] => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && !entry.name.startsWith('given'))
  const texts = [stdout, stderr, ...files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))]
  return texts.flatMap((text) => text.split('\n').filter((line) => PIECES.some((piece) => line.includes(piece))))
}

/** What runs with this said of it, for each way that is given one; each ends with an error. */
const toldBy = async (args: readonly string[], env: Environment = {}): Promise<unknown[]> => {
  const ran = await startCommandLine([...args, '--verbose'], { env }).ended
  return ran.code === 0 || ran.code === null ? [`ended with ${ran.code}: ${ran.stderr}`] : told(ran)
}

/** Texts that are no YAML or JSON, or not what is expected, with the secret where they fail. */
const TEXTS: Readonly<Record<string, string>> = {
  'a bare secret': CANARY,
  'a secret in a list': `- ${CANARY}\n`,
  'quotes that do not end': `a: "${CANARY}\n`,
  'single quotes that do not end': `a: '${CANARY}\n`,
  'two values': `a: "${CANARY}" ${CANARY}\n`,
  'a mapping within a line': `a: b: ${CANARY}\n`,
  'an alias': `a: *${CANARY}\n`,
  'a tag': `a: !${CANARY} b\n`,
  'a tag without an end': `a: !<${CANARY}\n`,
  'a tag of a handle': `a: !${CANARY}!x b\n`,
  'an escape': `a: "\\${CANARY}"\n`,
  'a long escape': `a: "\\U${CANARY}"\n`,
  'a reserved sign': `a: @${CANARY}\n`,
  'a version': `%YAML ${CANARY}\n---\na: 1\n`,
  'a directive': `%${CANARY} x\n---\na: 1\n`,
  'a block': `a: |${CANARY}\n  x\n`,
  'a tab': `a:\n\t${CANARY}: 1\n`,
  'a list in a mapping': `a: [${CANARY}\n`,
  'a brace too many': `a: 1\n}${CANARY}\n`,
  'JSON that is cut': `{"a": {"token": "${CANARY}"`,
  'JSON with a word': `{"a": ${CANARY}}`,
  'JSON with more behind it': `{"a": 1} ${CANARY}`,
  'JSON with an escape': `{"a": "\\u${CANARY}"}`,
  'a private key': `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`,
  'a kubeconfig': `users:\n- name: a\n  user: {token: ${CANARY}}\n`,
  variables: `TOKEN=${CANARY}\n`
}

const scan = (input: string, path: string): string[] => ['plan', '--namespace', 'a', '--pod', 'a', '--kubeconfig', '/none', `--${input}`, path]
const judge = (...args: readonly string[]): string[] => ['judge', ...args]
const HDF = join(process.cwd(), 'test/fixtures/hdf/one-profile.json')

/** Where one file can be given, and where several can. */
const READERS: Readonly<Record<string, (path: string) => string[]>> = {
  kubeconfig: (path) => ['plan', '--namespace', 'a', '--pod', 'a', '--kubeconfig', path],
  config: (path) => scan('config', path),
  'baseline-file': (path) => judge(HDF, '--baseline-file', path),
  'run-json': (path) => judge(HDF, '--run-json', path),
  'an HDF file': (path) => judge(path),
  'kind-config': (path) => ['plan', '--cluster', 'kind', '--target-image', 'a', '--kind-config', path]
}
const LISTS: Readonly<Record<string, (path: string) => string[]>> = {
  'threshold-file': (path) => judge(HDF, '--threshold-file', path),
  'attestation-file': (path) => judge(HDF, '--attestation-file', path),
  'unjudged-ok-file': (path) => judge(HDF, '--unjudged-ok-file', path),
  'profile-inputs-file': (path) => scan('profile-inputs-file', path),
  'waivers-file': (path) => scan('waivers-file', path),
  manifests: (path) => ['plan', '--cluster', 'kind', '--pod', 'a', '--manifests', path]
}

/** As many at once as the machine has processors for. */
const inTurn = async <T>(works: readonly (() => Promise<T>)[]): Promise<T[]> => {
  const results: T[] = []
  const queue = works.entries()
  const next = async (): Promise<void> => {
    for (const [index, work] of queue) results[index] = await work()
  }
  await Promise.all([next(), next()])
  return results
}

describe('nothing of a secret is told that stands where', () => {
  const files = (input: string): (readonly [what: string, path: string])[] =>
    Object.entries(TEXTS).map(([what, text], index) => [what, kept.file(`given-${input.replaceAll(' ', '-')}-${index}.yaml`, text)])

  test.each(Object.keys(READERS))(
    'the text of %s fails',
    async (input) => {
      const works = files(input).map(([what, path]) => async (): Promise<unknown> => [what, await toldBy(READERS[input]?.(path) ?? [])])
      expect(await inTurn(works)).toEqual(Object.keys(TEXTS).map((what) => [what, []]))
    },
    240_000
  )

  test.each(Object.keys(LISTS))('the texts of %s fail', async (input) => {
    const paths = files(input).map(([, path]) => path)
    expect(await toldBy(LISTS[input]?.(paths.join(',')) ?? [])).toEqual([])
  })

  test('inline inputs fail', async () => {
    const works = Object.entries(TEXTS).map(([what, text]) => async (): Promise<unknown> => [
      what,
      await toldBy(scan('context', 'a'), { KSCAN_PROFILE_INPUTS: text, KSCAN_GIT_TOKEN: `${CANARY}\n${CANARY}` })
    ])
    expect(await inTurn(works)).toEqual(Object.keys(TEXTS).map((what) => [what, []]))
  }, 240_000)

  const kubeconfig = (cluster: unknown, user: unknown): string =>
    JSON.stringify({
      clusters: [{ name: 'a', cluster }],
      users: [{ name: 'a', user }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }]
    })
  const plugin = (name: string, script: string): unknown => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: kept.file(name, `#!/bin/sh\n${script}\n`), interactiveMode: 'Never' }
  })
  const SERVER = { server: 'https://127.0.0.1:1' }

  test.each<[string, () => string, Environment]>([
    ['the address of a server', () => kubeconfig({ server: `https://user:${CANARY}@127.0.0.1:1` }, {}), {}],
    ['a plain address', () => kubeconfig({ server: `http://user:${CANARY}@127.0.0.1:1` }, {}), {}],
    ['an address without a scheme', () => kubeconfig({ server: `user:${CANARY}@127.0.0.1` }, {}), {}],
    ['what is no address', () => kubeconfig({ server: `https://user:${CANARY}@[1` }, {}), {}],
    ['the proxy of a cluster', () => kubeconfig({ ...SERVER, 'proxy-url': `http://user:${CANARY}@127.0.0.1:1` }, {}), {}],
    ['a proxy that is none', () => kubeconfig({ ...SERVER, 'proxy-url': `http://user:${CANARY}@[1` }, {}), {}],
    ['a proxy of another kind', () => kubeconfig({ ...SERVER, 'proxy-url': `socks5://user:${CANARY}@127.0.0.1:1` }, {}), {}],
    ['a proxy without a scheme', () => kubeconfig({ ...SERVER, 'proxy-url': `user:${CANARY}@127.0.0.1:1` }, {}), {}],
    ['the proxy of the environment', () => kubeconfig(SERVER, {}), { HTTPS_PROXY: `http://user:${CANARY}@127.0.0.1:1` }],
    ['a proxy of the environment that is none', () => kubeconfig(SERVER, {}), { HTTPS_PROXY: `http://user:${CANARY}@[1` }],
    ['a certificate', () => kubeconfig(SERVER, { 'client-certificate-data': base64(CANARY), 'client-key-data': base64(CANARY) }), {}],
    ['an authority', () => kubeconfig({ ...SERVER, 'certificate-authority-data': base64(`-----BEGIN CERTIFICATE-----\n${CANARY}`) }, {}), {}],
    ['a token with a line end', () => kubeconfig(SERVER, { token: `${CANARY}\n${CANARY}` }), {}],
    ['a plugin that fails', () => kubeconfig(SERVER, plugin('given-fails', `echo '${CANARY}' >&2; exit 1`)), {}],
    ['a plugin that prints a token', () => kubeconfig(SERVER, plugin('given-prints', `echo '${CANARY}'`)), {}],
    ['a plugin that prints something else', () => kubeconfig(SERVER, plugin('given-else', `echo '{"status":"${CANARY}"}'`)), {}],
    ['a plugin that prints no status', () => kubeconfig(SERVER, plugin('given-none', `echo '["${CANARY}"]'`)), {}],
    [
      'the credential of a plugin',
      () => kubeconfig(SERVER, plugin('given-cert', `echo '{"status":{"clientCertificateData":"${CANARY}","clientKeyData":"${CANARY}"}}'`)),
      {}
    ]
  ])('%s fails', async (what, text, env) => {
    const path = kept.file(`given-${what.replaceAll(' ', '-')}`, text())
    expect(await toldBy(['doctor', '--namespace', 'a', '--pod', 'a', '--kubeconfig', path], env)).toEqual([])
  })

  test.each<[string, readonly string[], Environment]>([
    ['a profile', scan('profile', `git+https://user:${CANARY}@127.0.0.1:1/p@${'a'.repeat(40)}`), {}],
    [
      'an address of manifests',
      ['plan', '--cluster', 'kind', '--pod', 'a', '--manifests', `https://user:${CANARY}@127.0.0.1:1/a.yaml#sha256=${'a'.repeat(64)}`],
      {}
    ],
    ['the host of a token', scan('git-token-host', `https://user:${CANARY}@127.0.0.1`), {}],
    ['a flag that is not known', ['scan', `--git-tokn=${CANARY}`], {}],
    ['a word that is none', ['scan', CANARY, CANARY], {}],
    ['a secret flag', ['scan', '--git-token', CANARY], {}],
    [
      'an event',
      ['plan', '--pod', 'a', '--config', 'x'],
      { GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'push', GITHUB_EVENT_PATH: kept.file('given-event', `{"a": ${CANARY}`) }
    ]
  ])('%s fails', async (_what, args, env) => {
    expect(await toldBy(args, env)).toEqual([])
  })
})
