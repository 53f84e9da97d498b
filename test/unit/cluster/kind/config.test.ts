import { describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { imagesIn, isProblem, kindConfigText, readKindConfig } from '../../../../src/cluster/kind/config.ts'
import { redirected } from '../../../../src/cluster/kind/create.ts'

const GOOD = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n- {role: worker, image: own/node:1}\n'
const read = (text: string) => readKindConfig({ path: 'kind.yaml', text })
const good = (text: string) => {
  const config = read(text)
  if (isProblem(config)) throw new Error(config.got)
  return config
}

describe('a configuration of kind', () => {
  test('is read with the images that it names', () => {
    expect(imagesIn(good(GOOD))).toEqual(['own/node:1'])
  })

  test.each([
    ['nothing', '', /^kind\.yaml: : /],
    ['a Pod', 'kind: Pod\napiVersion: v1\n', /^kind\.yaml: kind: /],
    ['an old version', 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\n', /^kind\.yaml: apiVersion: /],
    ['no YAML', 'kind: [', /^kind\.yaml: [A-Z_]+ at line 1$/],
    ['nodes that are no list', 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: 2\n', /^kind\.yaml: nodes: /]
  ])('with %s is none', (_what, text, expected) => {
    const problem = read(text)
    expect(isProblem(problem) && problem.got).toMatch(expected)
  })

  test.each([
    ['nothing at all', undefined, undefined, undefined],
    ['an address to listen on', undefined, '0.0.0.0', { apiServerPort: -1, apiServerAddress: '0.0.0.0' }],
    ["the user's own address", `${GOOD}networking: {apiServerAddress: 10.0.0.1}\n`, '0.0.0.0', { apiServerAddress: '10.0.0.1' }],
    [
      "the user's own port",
      `${GOOD}networking: {apiServerPort: 6443, ipFamily: ipv6}\n`,
      '0.0.0.0',
      { apiServerPort: 6443, ipFamily: 'ipv6', apiServerAddress: '0.0.0.0' }
    ]
  ])('with %s is handed on', (_what, text, listen, networking) => {
    const written = kindConfigText(text === undefined ? undefined : good(text), listen)
    expect(written === undefined ? undefined : (parse(written) as { networking?: unknown }).networking).toEqual(networking)
    if (written !== undefined) expect(isProblem(read(written))).toBe(false)
  })
})

test.each([
  ['docker', 'https://docker:40123'],
  ['2001:db8::7', 'https://[2001:db8::7]:40123']
])('the kubeconfig of an engine on %s leads there, and its certificate is looked at for another name', (host, server) => {
  const text = stringify({
    clusters: [{ name: 'k', cluster: { server: 'https://0.0.0.0:40123', 'certificate-authority-data': 'eA==' } }],
    users: [{ name: 'k' }]
  })
  expect(parse(redirected(text, { host, serverName: 'kubernetes' }))).toEqual({
    clusters: [{ name: 'k', cluster: { server, 'certificate-authority-data': 'eA==', 'tls-server-name': 'kubernetes' } }],
    users: [{ name: 'k' }]
  })
})
