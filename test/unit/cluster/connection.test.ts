import { expect, test } from '@jest/globals'
import { resolvePath } from '../../../src/cluster/connection.ts'

const SERVER = new URL('https://one.example/clusters/a')

test.each([
  ['version', '/clusters/a/version'],
  ['api/v1/namespaces/shop/pods/web?dryRun=All', '/clusters/a/api/v1/namespaces/shop/pods/web?dryRun=All'],
  ['apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Abasic', '/clusters/a/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Abasic'],
  ['api/v1/pods?labelSelector=a%2Fb%3Dc', '/clusters/a/api/v1/pods?labelSelector=a%2Fb%3Dc']
])('%s is below the server', (path, expected) => {
  const { pathname, search } = resolvePath(SERVER, path)
  expect(`${pathname}${search}`).toBe(expected)
})

test.each([
  '..',
  '.',
  '',
  '/version',
  'https://two.example/version',
  '//two.example/version',
  'api/v1/namespaces/shop/pods/..',
  'api/v1/namespaces/shop/pods/../..',
  'api/v1/namespaces/../pods/web',
  'api/v1/namespaces//pods/web',
  'api/v1/namespaces/shop/pods/',
  'api/v1/namespaces/shop/pods/.',
  'api/v1/namespaces/shop/pods/%2e%2e',
  'api/v1/namespaces/shop/pods/.%2E',
  'api/v1/namespaces/shop/pods/%2E',
  'api/v1/namespaces/shop/pods/a%2fb',
  'api/v1/namespaces/shop/pods/a%5cb',
  'api/v1/namespaces/shop/pods/..\\..',
  'api/v1/namespaces/shop/pods/.\t.',
  'api/v1/namespaces/shop/pods/a#b',
  'api/v1/namespaces/shop/pods/a b',
  'api/v1/namespaces/shop/pods/a%00',
  'api/v1/namespaces/shop/pods/%ff',
  'api/v1/namespaces/shop/pods/%',
  '../version'
])('%j is asked of no server', (path) => {
  expect(() => resolvePath(SERVER, path)).toThrow(expect.objectContaining({ code: 'API_FAILED' }))
})
