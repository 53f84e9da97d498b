import { describe, expect, test } from '@jest/globals'
import { namedProxy, proxyOf } from '../../../src/cluster/proxy.ts'

const SERVER = new URL('https://kube.corp.example:6443')
const by = (env: Readonly<Record<string, string>>, server = SERVER): string | undefined => proxyOf(server, env)?.href

describe('the proxy of the environment', () => {
  test.each([
    ['http://proxy.example:3128', 'http://proxy.example:3128/'],
    ['https://proxy.example:3128', 'https://proxy.example:3128/'],
    ['proxy.example:3128', 'http://proxy.example:3128/'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128/'],
    ['user:pass@proxy.example:3128', 'http://user:pass@proxy.example:3128/'],
    ['socks5://proxy.example:1080', 'socks5://proxy.example:1080'],
    ['socks5h://proxy.example:1080', 'socks5h://proxy.example:1080'],
    [' http://proxy.example ', 'http://proxy.example/']
  ])('%j is used', (text, href) => {
    expect([by({ HTTPS_PROXY: text }), by({ https_proxy: text }), by({ https_proxy: 'http://other', HTTPS_PROXY: text })]).toEqual([href, href, href])
  })

  test.each(['socks4://proxy.example', 'ftp://proxy.example', 'http://', 'http://[1'])('%j is bad input, without what else stands there', (text) => {
    const failed = ((): unknown => {
      try {
        return by({ HTTPS_PROXY: text })
      } catch (error) {
        return error
      }
    })()
    expect(failed).toMatchObject({ code: 'BAD_INPUT', problems: [{ name: 'HTTPS_PROXY', expected: expect.stringContaining('socks5://') }] })
  })

  test.each([[{}], [{ HTTPS_PROXY: '' }], [{ HTTP_PROXY: 'http://proxy.example', ALL_PROXY: 'http://proxy.example' }]])('is none by %j', (env) => {
    expect(by(env)).toBeUndefined()
  })

  test.each(['https://127.0.0.1:6443', 'https://localhost:6443', 'https://[::1]:6443', 'https://127.9.9.9'])('is not for this machine: %s', (server) => {
    expect(by({ HTTPS_PROXY: 'http://proxy.example' }, new URL(server))).toBeUndefined()
  })
})

const [IPV4, IPV6] = ['https://10.1.2.3:6443', 'https://[fd00::1:2]:6443']

test.each<[exception: string, server: string, excepted: boolean]>([
  ['*', SERVER.href, true],
  ['kube.corp.example', SERVER.href, true],
  ['corp.example', SERVER.href, true],
  ['.corp.example', SERVER.href, true],
  ['*.corp.example', SERVER.href, true],
  ['CORP.Example', SERVER.href, true],
  ['.kube.corp.example', SERVER.href, false],
  ['orp.example', SERVER.href, false],
  ['kube.corp.example:6443', SERVER.href, true],
  ['kube.corp.example:443', SERVER.href, false],
  ['kube.corp.example:443', 'https://kube.corp.example', true],
  ['other, ,kube.corp.example', SERVER.href, true],
  ['10.1.2.3', IPV4, true],
  ['10.1.2.4', IPV4, false],
  ['10.1.2.3:6443', IPV4, true],
  ['10.1.2.3:1', IPV4, false],
  ['10.0.0.0/8', IPV4, true],
  ['10.1.2.0/24', IPV4, true],
  ['10.1.3.0/24', IPV4, false],
  ['10.1.2.3/32', IPV4, true],
  ['10.1.2.0/33', IPV4, false],
  ['10.0.0.0/8', SERVER.href, false],
  ['fd00::/8', IPV6, true],
  ['fd00::/8', IPV4, false],
  ['fd00::1:2', IPV6, true],
  ['[fd00::1:2]:6443', IPV6, true],
  ['fd00::/999', IPV6, false],
  ['/8', IPV4, false],
  ['', SERVER.href, false]
])('NO_PROXY %j, and the server %s', (exception, server, excepted) => {
  const proxy = by({ HTTPS_PROXY: 'http://proxy.example', NO_PROXY: exception }, new URL(server))
  expect(proxy === undefined).toBe(excepted)
})

test.each(['proxy:3128', '10.0.0.1:3128', 'socks4://p', 'file:///x', '', 'http://'])(
  'a kubeconfig must name its proxy with a scheme that is known: %j',
  (text) => {
    expect(typeof namedProxy(text)).toBe('string')
  }
)
