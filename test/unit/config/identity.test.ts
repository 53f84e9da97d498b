import { describe, expect, test } from '@jest/globals'
import { identityToken } from '../../support/identity-token.ts'
import { type Inputs, load, namesOf, problemsOf, scanWith } from './load-support.ts'

const SERVER = 'https://kubernetes.test:6443'
const MAY_ASK = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.test/?a=b', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }
const lasting = (seconds: number): Record<string, string> => ({ KSCAN_ID_TOKEN: identityToken({ exp: Math.floor(Date.now() / 1000) + seconds }) })
const LONG = lasting(3600)

const GITHUB = { identity: 'github-oidc', server: SERVER }
const GITLAB = { identity: 'gitlab-oidc', server: SERVER }
const ACCOUNT = { access: 'service-account', 'service-account': 'kscan' }

describe('identity is', () => {
  test.each<[Inputs, Record<string, string>, object]>([
    [{}, {}, { kind: 'kubeconfig' }],
    [{ identity: 'kubeconfig', context: 'prod' }, {}, { kind: 'kubeconfig' }],
    [{ 'oidc-audience': 'mine' }, {}, { kind: 'kubeconfig' }],
    [GITHUB, MAY_ASK, { kind: 'github-oidc', server: SERVER, audience: 'kscan' }],
    [
      { ...GITHUB, server: `${SERVER}/clusters/one/`, 'oidc-audience': 'mine' },
      MAY_ASK,
      { kind: 'github-oidc', server: `${SERVER}/clusters/one`, audience: 'mine' }
    ],
    [GITLAB, LONG, { kind: 'gitlab-oidc', server: SERVER, audience: 'kscan' }],
    [{ ...GITLAB, ...ACCOUNT }, lasting(20), { kind: 'gitlab-oidc', server: SERVER, audience: 'kscan' }],
    [{ ...GITLAB, access: 'self' }, lasting(20), { kind: 'gitlab-oidc', server: SERVER, audience: 'kscan' }],
    [{ ...GITLAB, 'scan-timeout': '10m' }, lasting(15 * 60 + 5), { kind: 'gitlab-oidc', server: SERVER, audience: 'kscan' }]
  ])('%j', (inputs, env, identity) => {
    expect(scanWith(inputs, { env })).toMatchObject({ identity, cluster: { kind: 'existing' } })
  })

  test('that of the job also where an image is the target, and KUBECONFIG is set', () => {
    const config = load(
      { ...GITHUB, 'target-image': 'app:1', approach: 'twin-pod', 'helper-image': 'helper:1', allow: 'scan-pod' },
      { env: { ...MAY_ASK, KUBECONFIG: '/k' } }
    )
    expect([config.cluster.kind, config.identity.kind]).toEqual(['existing', 'github-oidc'])
  })
})

describe('bad input is', () => {
  test.each<[string, Inputs, Record<string, string>, string[]]>([
    ['an identity that nobody knows', { identity: 'github' }, {}, ['identity']],
    ['a server that nobody asks', { server: SERVER }, {}, ['server']],
    ['no server', { identity: 'github-oidc' }, MAY_ASK, ['server']],
    ['a server without TLS', { ...GITHUB, server: 'http://kubernetes.test' }, MAY_ASK, ['server']],
    ['a server with a password', { ...GITHUB, server: 'https://a:b@kubernetes.test' }, MAY_ASK, ['server']],
    ['a server with a query', { ...GITHUB, server: `${SERVER}/?a` }, MAY_ASK, ['server']],
    ['a server that is no address', { ...GITHUB, server: 'kubernetes' }, MAY_ASK, ['server']],
    ['a kubeconfig beside it', { ...GITHUB, kubeconfig: 'k', context: 'c' }, MAY_ASK, ['kubeconfig', 'context']],
    ['a job that may not ask', GITHUB, {}, ['identity']],
    ['a job that may ask, without what it asks with', GITHUB, { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.test' }, ['identity']],
    ['a job without a token', GITLAB, {}, ['identity']],
    ['a token that is none', GITLAB, { KSCAN_ID_TOKEN: 'hunter2' }, ['identity']],
    ['a token that ends before all is removed', { ...GITLAB, 'scan-timeout': '10m' }, lasting(14 * 60), ['identity']],
    ['a cluster that is made', { ...GITHUB, cluster: 'kind', 'target-image': 'app:1' }, MAY_ASK, ['identity', 'pod', 'server']]
  ])('%s', (_what, inputs, env, names) => {
    const problems = problemsOf(() => scanWith(inputs, { env }))
    expect(namesOf(problems).toSorted()).toEqual(names.toSorted())
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|a:b@/)
  })
})
