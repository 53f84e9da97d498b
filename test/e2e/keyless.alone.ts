import { execFile } from 'node:child_process'
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createPlain, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { makeCertificates } from '../support/api-server/certificates.ts'
import { clusterWith, watchAudit } from './audit-log.ts'
import { clusterOf } from './caller.ts'
import { KUBECONFIG, kubectl, leftBehind } from './cluster.ts'
import { runExample, runOf } from './example.ts'
import { apply, inOwn, SHOP, startShop } from './example-cluster.ts'

const exec = promisify(execFile)

/** The API server, and this machine as it sees it. */
const { server: API, ca: API_CA } = clusterOf(KUBECONFIG)
const HERE = new URL(API).hostname.replace(/\.2$/, '.1')
const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
const CERTIFICATES = makeCertificates([`IP:${HERE}`])

/** What GitHub says of a job of main. */
const CLAIMS = { aud: 'kscan', repository_id: '4711', ref: 'refs/heads/main', event_name: 'push' }

let issuer: Server
let tokens: Server
let folder = ''
/** What the job asked for its token with. */
let asked: string[] = []

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An identity token as GitHub makes them, by an issuer of ours. */
const tokenWith = (claims: object): string => {
  const now = Math.floor(Date.now() / 1000)
  const body = { ...CLAIMS, iss: urlOf(issuer), sub: 'repo:org/shop', jti: randomUUID(), iat: now, nbf: now, exp: now + 300, ...claims }
  const signed = `${base64({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${base64(body)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(KEY.privateKey, 'base64url')}`
}

const urlOf = (server: Server): string => `https://${HERE}:${(server.address() as AddressInfo).port}`
const listen = (server: Server, host: string): Promise<void> => new Promise((done) => server.listen(0, host, done))

/** Whether the API server takes a token: 401 is all that it says if not. */
const isTaken = (token: string): Promise<boolean> =>
  exec('kubectl', ['--kubeconfig', '/dev/null', '--server', API, '--insecure-skip-tls-verify', '--token', token, 'get', '--raw', '/version']).then(
    () => true,
    () => false
  )

/** Starts the API server anew with more flags, and waits until it takes an identity token, or, without flags, the administrator. */
const restart = async (flags: string, ready: () => Promise<boolean>): Promise<void> => {
  clusterWith({ CLUSTER_APISERVER_ARGS: flags }, 'restart', 'kube-apiserver')
  const end = Date.now() + 90_000
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`the API server with ${flags} does not become ready`)
    await sleep(500)
  }
}

const isUp = (): Promise<boolean> =>
  kubectl('get', '--raw', '/readyz').then(
    () => true,
    () => false
  )

beforeAll(async () => {
  const keys = { keys: [{ ...KEY.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] }
  issuer = createServer({ cert: CERTIFICATES.cert, key: CERTIFICATES.key }, ({ url }, response) => {
    response.setHeader('content-type', 'application/json')
    const discovery = { issuer: urlOf(issuer), jwks_uri: `${urlOf(issuer)}/keys`, id_token_signing_alg_values_supported: ['RS256'] }
    response.end(JSON.stringify(url === '/keys' ? keys : discovery))
  })
  tokens = createPlain(({ url = '', headers }, response) => {
    asked = [url, headers.authorization ?? '']
    response.end(JSON.stringify({ value: tokenWith({}) }))
  })
  await listen(issuer, HERE)
  await listen(tokens, '127.0.0.1')
  await startShop()
  apply(readFileSync('examples/service-account/access.yaml', 'utf8'), '-n', SHOP)
  const config = parse(readFileSync('examples/keyless/authentication.yaml', 'utf8')) as { jwt: [{ issuer: Record<string, unknown> }] }
  Object.assign(config.jwt[0].issuer, { url: urlOf(issuer), certificateAuthority: CERTIFICATES.ca })
  folder = mkdtempSync(join(tmpdir(), 'kscan-keyless-'))
  writeFileSync(join(folder, 'authentication.yaml'), stringify(config))
  await restart(`--authentication-config=${join(folder, 'authentication.yaml')}`, async () => (await isUp()) && (await isTaken(tokenWith({}))))
}, 180_000)
afterAll(async () => {
  await restart('', isUp)
  const roles = ['kscan', 'kscan-caller'].flatMap((name) => [`role/${name}`, `rolebinding/${name}`])
  await kubectl('delete', '-n', SHOP, 'serviceaccount/kscan', ...roles)
  for (const server of [issuer, tokens]) server.close()
  rmSync(folder, { recursive: true, force: true })
}, 180_000)

test('keyless: the token of the job is all that it signs in with, and gets it one token of the service account', async () => {
  const events = watchAudit()
  const change = (text: string): string =>
    inOwn(text)
      .replace('https://kubernetes.example:6443', API)
      .replace(/certificate-authority-data: .*/, `certificate-authority-data: ${Buffer.from(API_CA).toString('base64')}`)
  const env = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'a-request-token'
  }
  const ran = await runExample('examples/github/keyless.yml', { change, env })
  expect([ran.code, runOf(ran)]).toMatchObject([0, { targets: [{ name: `${SHOP}/web/app` }], access: { mode: 'service-account', made: [] } }])
  const byJob = events().filter(({ user }) => user.username === 'ci:github:repo:4711')
  expect(byJob.filter(({ objectRef }) => objectRef?.subresource === 'token').map(({ objectRef }) => objectRef?.name)).toEqual(['kscan'])
  expect(byJob.filter(({ objectRef }) => objectRef?.subresource === 'exec')).toEqual([])
  expect(asked).toEqual(['/?api-version=2.0&audience=kscan', 'bearer a-request-token'])
  expect(await leftBehind()).toEqual([])
}, 240_000)

test.each([
  ['another repository', { repository_id: '4712' }],
  ['another branch', { ref: 'refs/heads/other' }],
  ['a pull request', { event_name: 'pull_request' }],
  ['another audience', { aud: 'https://github.com/org' }],
  ['the day before', { exp: Math.floor(Date.now() / 1000) - 60 }]
])('a token of %s is refused', async (_what, claims) => {
  expect([await isTaken(tokenWith(claims)), await isTaken(tokenWith({}))]).toEqual([false, true])
})
