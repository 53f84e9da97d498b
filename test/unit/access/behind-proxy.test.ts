import { expect, test } from '@jest/globals'
import { demandTokens, knownProxy } from '../../../src/access/behind-proxy.ts'

const server = (href: string, serverName?: string): { url: URL; serverName: string | undefined } => ({ url: new URL(href), serverName })

test.each<[href: string, serverName: string | undefined, name: string | undefined]>([
  ['https://rancher.corp.example/k8s/clusters/c-m-abc123', undefined, "Rancher's proxy"],
  ['https://rancher.corp.example/k8s/clusters/local', undefined, "Rancher's proxy"],
  ['https://kas.gitlab.com/k8s-proxy', undefined, "GitLab's agent"],
  ['https://gitlab.example/-/kubernetes-agent/k8s-proxy/', undefined, "GitLab's agent"],
  ['https://teleport.example:443/v1/teleport/cm9vdA/a3ViZQ', undefined, "Teleport's proxy"],
  ['https://teleport.example:443', 'kube-teleport-proxy-alpn.teleport.example', "Teleport's proxy"],
  ['https://platform.example/kubernetes/project/p/virtualcluster/v', undefined, "vCluster Platform's proxy"],
  ['https://connectgateway.googleapis.com/v1/projects/1/locations/global/memberships/m', undefined, "Google's Connect gateway"],
  ['https://europe-west1-connectgateway.googleapis.com/v1/projects/1', undefined, "Google's Connect gateway"],
  ['https://10.0.0.1:6443', undefined, undefined],
  ['https://kube.example/clusters/one', undefined, undefined],
  ['https://rancher.corp.example:6443', undefined, undefined],
  ['https://kube.example', 'kubernetes', undefined]
])('%s is told by its address', (href, serverName, name) => {
  expect(knownProxy(server(href, serverName))).toBe(name)
})

test('where the token of an account cannot work none is made: access: self is the way', () => {
  const rancher = server('https://rancher.corp.example/k8s/clusters/c-1')
  expect(() => demandTokens('self', rancher)).not.toThrow()
  expect(() => demandTokens('service-account', rancher)).not.toThrow() // it makes nothing, and its token is tried
  expect(() => demandTokens('per-run', server('https://10.0.0.1'))).not.toThrow()
  const failed = ((): unknown => {
    try {
      return demandTokens('per-run', rancher)
    } catch (error) {
      return error
    }
  })()
  expect(failed).toMatchObject({
    code: 'ACCESS_DENIED',
    message: "The server of this context is Rancher's proxy, which knows its own tokens only: the token of a service account is refused there",
    hint: expect.stringMatching(/^Use access: self, /)
  })
})
