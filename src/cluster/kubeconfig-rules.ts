import type { Problem } from '../kernel/error.ts'
import type { Cluster, Exec, User } from './kubeconfig-format.ts'
import { namedProxy } from './proxy.ts'

type Said = Omit<Problem, 'name'>

/** What cannot be done as a kubeconfig says it, all of it: nothing of it is dropped without a word. */
export const problemsOf = (cluster: Cluster, user: User): Problem[] =>
  [...serverProblems(cluster), ...trustProblems(cluster), ...certificateProblems(user), ...identityProblems(user), ...execProblems(user.exec)].map((said) => ({
    name: 'kubeconfig',
    ...said
  }))

const problem = (expected: string, got: string, hint?: string): Said => ({ expected, got, ...(hint === undefined ? {} : { hint }) })
const unless = (holds: boolean, said: () => Said): Said[] => (holds ? [] : [said()])

const serverProblems = ({ server = '', 'proxy-url': proxy }: Cluster): Said[] => {
  const url = URL.canParse(server) ? new URL(server) : undefined
  const other = url?.protocol === 'http:' ? `http://${url.host}` : 'something else'
  const named = proxy === undefined ? undefined : namedProxy(proxy)
  return [
    ...unless(url?.protocol === 'https:', () => problem('a server that begins with https://', other, 'Tokens are never sent over plain HTTP.')),
    ...unless(url === undefined || (url.username === '' && url.password === ''), () =>
      problem('a server without a user or password in its address', `https://***@${url?.host ?? ''}`, 'Put them into the user of the context.')
    ),
    ...(typeof named === 'string' ? [problem('a proxy-url that begins with http://, https:// or socks5://', named)] : [])
  ]
}

const both = (one: unknown, other: unknown): boolean => one !== undefined && other !== undefined

const trustProblems = (cluster: Cluster): Said[] => {
  const { 'certificate-authority': file, 'certificate-authority-data': data, 'insecure-skip-tls-verify': skips } = cluster
  return [
    ...unless(!both(file, data), () => problem('certificate-authority or certificate-authority-data', 'both')),
    ...unless(!skips || (file ?? data) === undefined, () =>
      problem(
        'insecure-skip-tls-verify or a certificate-authority',
        'both',
        'With an authority the certificate is verified: leave insecure-skip-tls-verify out.'
      )
    )
  ]
}

const certificateProblems = (user: User): Said[] => {
  const { 'client-certificate': cert, 'client-certificate-data': certData, 'client-key': key, 'client-key-data': keyData } = user
  const [hasCert, hasKey] = [(cert ?? certData) !== undefined, (key ?? keyData) !== undefined]
  return [
    ...unless(!both(cert, certData), () => problem('client-certificate or client-certificate-data', 'both')),
    ...unless(!both(key, keyData), () => problem('client-key or client-key-data', 'both')),
    ...unless(hasKey || !hasCert, () => problem('a client-key beside the client-certificate', 'none')),
    ...unless(hasCert || !hasKey, () => problem('a client-certificate beside the client-key', 'none'))
  ]
}

const identityProblems = (user: User): Said[] => {
  const { token, tokenFile, username, password, exec, as } = user
  const provider = user['auth-provider'] ?? undefined
  const ways = [
    ...((token ?? tokenFile) === undefined ? [] : ['a token']),
    ...(username === undefined ? [] : ['a username']),
    ...((exec ?? undefined) === undefined ? [] : ['exec']),
    ...(provider === undefined ? [] : ['auth-provider'])
  ]
  const meant = ['as-uid', 'as-groups', 'as-user-extra'].filter((name) => !isEmpty(user[name]))
  return [
    ...unless(ways.length <= 1, () => problem('one way to say who asks', ways.join(' and '))),
    ...unless(provider === undefined, () =>
      problem(
        'a user with a certificate, token, token file or credential plugin',
        'auth-provider',
        'Kubernetes has given up auth-provider: use the credential plugin (exec) of your provider.'
      )
    ),
    ...unless(password === undefined || username !== undefined, () => problem('a username beside the password', 'none')),
    ...unless(meant.length === 0 || as !== undefined, () =>
      problem(`as beside ${meant.join(' and ')}`, 'none', 'Nobody is impersonated without as: the caller would ask with all their own rights.')
    )
  ]
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)

const VERSIONS = ['v1', 'v1beta1'].map((version) => `client.authentication.k8s.io/${version}`)

const execProblems = (exec: Exec | null | undefined): Said[] => {
  if (exec === null || exec === undefined) return []
  const { apiVersion, interactiveMode = 'Never' } = exec
  return [
    ...unless(apiVersion !== undefined && VERSIONS.includes(apiVersion), () => problem(`exec.apiVersion ${VERSIONS.join(' or ')}`, apiVersion ?? 'none')),
    ...unless(interactiveMode === 'Never' || interactiveMode === 'IfAvailable', () =>
      problem(
        'exec.interactiveMode Never or IfAvailable',
        interactiveMode,
        'Nobody answers in a pipeline: sign in beforehand, or use a plugin that does not ask.'
      )
    )
  ]
}
