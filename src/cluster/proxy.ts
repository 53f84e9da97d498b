import { BlockList, isIP } from 'node:net'
import { badInput } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'

type Env = Readonly<Record<string, string | undefined>>

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'socks5:', 'socks5h:'])

/** The proxy that a kubeconfig names with its scheme, as kubectl wants it; else what came in place of one. */
export const namedProxy = (text: string): URL | string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.host === '') return 'no such address'
  return SCHEMES.has(url.protocol) ? url : printableLine(`${url.protocol}//…`, 100)
}

/**
 * The proxy on the way to a server by the environment, as Go's programs read it, among them kubectl: HTTPS_PROXY, with or without a scheme, but not for what
 * NO_PROXY names, nor for this machine. Throws BAD_INPUT for one that kscan cannot use.
 */
export const proxyOf = (server: URL, env: Env): URL | undefined => {
  const [name, text] = given(env, 'HTTPS_PROXY', 'https_proxy')
  if (text === '' || isHere(server) || isExcepted(server, given(env, 'NO_PROXY', 'no_proxy')[1])) return undefined
  const proxy = namedProxy(text.includes('://') ? text : `http://${text}`)
  if (typeof proxy === 'string') throw badInput([{ name, expected: 'a proxy that begins with http://, https:// or socks5://', got: proxy }])
  return proxy
}

const given = (env: Env, upper: string, lower: string): [name: string, text: string] => {
  const [first, second] = [env[upper]?.trim() ?? '', env[lower]?.trim() ?? '']
  return first === '' ? [lower, second] : [upper, first]
}

/** An address without the brackets of IPv6. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').toLowerCase()

const HERE = new BlockList()
HERE.addSubnet('127.0.0.0', 8, 'ipv4')
HERE.addAddress('::1', 'ipv6')

const isHere = (server: URL): boolean => {
  const host = hostOf(server)
  return host === 'localhost' || (isIP(host) !== 0 && HERE.check(host, familyOf(host)))
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const isExcepted = (server: URL, list: string): boolean =>
  list
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .some((each) => each !== '' && matches(server, each))

const matches = (server: URL, exception: string): boolean => {
  if (exception === '*') return true
  const host = hostOf(server)
  if (exception.includes('/')) return isWithin(host, exception)
  const { name, port } = split(exception)
  if (port !== undefined && port !== (server.port === '' ? '443' : server.port)) return false
  if (isIP(name) !== 0) return name === host
  const domain = name.replace(/^\*(?=\.)/, '')
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

/** `host`, `host:port`, `[::1]:port`, `::1`. */
const split = (exception: string): { name: string; port: string | undefined } => {
  if (isIP(exception) !== 0) return { name: exception, port: undefined }
  const [, name = exception, port] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(exception) ?? []
  return { name, port }
}

const isWithin = (host: string, range: string): boolean => {
  const [, address = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(range) ?? []
  if (isIP(host) === 0 || isIP(address) === 0 || Number(bits) > (isIP(address) === 6 ? 128 : 32)) return false
  const within = new BlockList()
  within.addSubnet(address, Number(bits), familyOf(address))
  return within.check(host, familyOf(host))
}
