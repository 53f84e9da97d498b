import type { RequestOptions } from 'node:https'
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import { z } from 'zod'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { Identity } from './connection.ts'
import { type Chosen, fileOrData, readNamed, wrong } from './kubeconfig.ts'

/**
 * Who we are by the chosen context: a client certificate, a token, a token file (read anew at each request), a name and password, or a credential plugin (asked
 * anew when its credential runs out). Throws BAD_INPUT for what may not be used, ACCESS_DENIED for a plugin that fails.
 */
export const identityOf = async (chosen: Chosen, allowExec: boolean): Promise<Identity> => {
  const { user, tokenFile } = chosen
  const common = impersonation(chosen)
  if (tokenFile !== undefined) {
    return { headers: () => Promise.resolve({ ...common, authorization: `Bearer ${readNamed('tokenFile', tokenFile).toString('utf8').trim()}` }) }
  }
  if (isGiven(user.exec)) return await pluginIdentity(chosen, allowExec)
  if (isGiven(user.authProvider)) {
    throw wrong({
      name: 'kubeconfig',
      expected: 'a user with a certificate, token, token file or credential plugin',
      got: 'auth-provider',
      hint: 'Kubernetes has given up auth-provider: use the credential plugin (exec) of your provider.'
    })
  }
  const cert = fileOrData('client-certificate', user.certFile, user.certData)
  const key = fileOrData('client-key', user.keyFile, user.keyData)
  return {
    ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    headers: () => Promise.resolve({ ...common, ...fixedHeaders(chosen) })
  }
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null

const impersonation = ({ user }: Chosen): Record<string, string> =>
  user.impersonateUser === undefined || user.impersonateUser === null ? {} : { 'impersonate-user': user.impersonateUser }

const fixedHeaders = ({ user }: Chosen): Record<string, string> => {
  if (typeof user.token === 'string' && user.token !== '') return { authorization: `Bearer ${user.token.trim()}` }
  if (typeof user.username === 'string' && user.username !== '')
    return { authorization: `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}` }
  return {}
}

const pluginIdentity = async (chosen: Chosen, allowExec: boolean): Promise<Identity> => {
  if (!allowExec) {
    throw wrong({
      name: 'kubeconfig-exec',
      expected: 'a context without a credential plugin',
      got: 'deny',
      hint: 'Set kubeconfig-exec: allow if you trust the program that this kubeconfig starts.'
    })
  }
  const plugin = new ExecAuth()
  const user = { ...chosen.user, exec: withClusterInfo(chosen) }
  const ask = async (): Promise<RequestOptions> => {
    const request: RequestOptions = { headers: {} }
    await plugin.applyAuthentication(user, request).catch((error: unknown) => {
      throw pluginFailure(chosen, error)
    })
    return request
  }
  const first = await ask()
  const { cert, key } = first
  if (textHeaders(first)['authorization'] === undefined && !isPem(cert))
    throw pluginFailure(chosen, new Error('its credential holds neither a token nor a certificate'))
  const certificate = isPem(cert) && isPem(key) ? { certificate: { cert, key } } : {}
  return { ...certificate, headers: async () => ({ ...impersonation(chosen), ...textHeaders(await ask()) }) }
}

const isPem = (value: unknown): value is string => typeof value === 'string' && value !== ''

// a plugin's message may repeat what it was given: its first line must do
const pluginFailure = ({ context }: Chosen, error: unknown): ScanError =>
  new ScanError('ACCESS_DENIED', `The credential plugin of context ${context.name} failed: ${printableLine(reasonOf(error).split('\n')[0] ?? '', 200)}`, {
    hint: 'Run the program that the kubeconfig names under `exec` by hand.'
  })

// a parser's message quotes what it read: a plugin that prints a bare token must not have it in the log
const reasonOf = (error: unknown): string => (error instanceof SyntaxError ? 'it printed no JSON' : messageOf(error))

const textHeaders = ({ headers }: RequestOptions): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value]] : [])))

const Exec = z.looseObject({
  apiVersion: z.string().default('client.authentication.k8s.io/v1'),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish()
})

/** The client library leaves out KUBERNETES_EXEC_INFO, without which plugins that ask for cluster information fail. */
const withClusterInfo = ({ user, cluster }: Chosen): z.infer<typeof Exec> => {
  const exec = Exec.parse(user.exec)
  const { server, tlsServerName, caData, skipTLSVerify } = cluster
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: { server, 'tls-server-name': tlsServerName, 'certificate-authority-data': caData, 'insecure-skip-tls-verify': skipTLSVerify }
    }
  }
  return { ...exec, env: [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }] }
}
