import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { RequestOptions } from 'node:https'
import type { KubeConfig, User } from '@kubernetes/client-node'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { Identity } from './connection.ts'
import { fileOrData, readNamed, wrong } from './kubeconfig.ts'

export interface CredentialOptions {
  /** Path of the kubeconfig; undefined inside a pod. */
  readonly kubeconfig: string | undefined
  /** Whether a credential plugin that the kubeconfig names may be started. */
  readonly allowExec: boolean
}

/**
 * Who we are by the chosen context: a client certificate, a token, a token file (read anew at each request), or a credential plugin (asked anew when
 * its credential runs out). Throws BAD_INPUT for a plugin that may not run, ACCESS_DENIED for one that fails.
 */
export const identityOf = async (config: KubeConfig, options: CredentialOptions): Promise<Identity> => {
  const user = config.getCurrentUser()
  if (user === null) return { headers: () => Promise.resolve({}) }
  const tokenFile = options.kubeconfig === undefined ? undefined : tokenFileOf(user.name, options.kubeconfig)
  if (tokenFile !== undefined)
    return { headers: () => Promise.resolve({ authorization: `Bearer ${readNamed('tokenFile', tokenFile).toString('utf8').trim()}` }) }
  if (hasPlugin(user)) return await pluginIdentity(config, user, options)
  const cert = fileOrData('client-certificate', user.certFile, user.certData)
  const key = fileOrData('client-key', user.keyFile, user.keyData)
  return { ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }), headers: async () => (await authenticate(config)).headers }
}

const hasPlugin = (user: User): boolean => user.exec !== undefined && user.exec !== null

const pluginIdentity = async (config: KubeConfig, user: User, options: CredentialOptions): Promise<Identity> => {
  if (!options.allowExec) {
    throw wrong({
      name: 'kubeconfig-exec',
      expected: 'a context without a credential plugin',
      got: 'deny',
      hint: 'Set kubeconfig-exec: allow if you trust the program that this kubeconfig starts.'
    })
  }
  tellPluginItsCluster(config, user)
  const first = await authenticate(config)
  return { ...(first.certificate === undefined ? {} : { certificate: first.certificate }), headers: async () => (await authenticate(config)).headers }
}

/** The client library leaves out KUBERNETES_EXEC_INFO, without which plugins that ask for cluster information fail. */
const tellPluginItsCluster = (config: KubeConfig, user: User): void => {
  const cluster = config.getCurrentCluster()
  const exec = z
    .looseObject({
      apiVersion: z.string().default('client.authentication.k8s.io/v1'),
      env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish()
    })
    .parse(user.exec)
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: {
        server: cluster?.server,
        'tls-server-name': cluster?.tlsServerName,
        'certificate-authority-data': cluster?.caData,
        'insecure-skip-tls-verify': cluster?.skipTLSVerify
      }
    }
  }
  const env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }]
  Object.assign(user, { exec: { ...exec, env } })
}

const authenticate = async (config: KubeConfig): Promise<{ headers: Record<string, string>; certificate?: NonNullable<Identity['certificate']> }> => {
  const request: RequestOptions = { headers: {} }
  try {
    await config.applyToHTTPSOptions(request)
  } catch (error) {
    // a plugin's message may repeat what it was given: its first line must do
    throw new ScanError(
      'ACCESS_DENIED',
      `The credentials of context ${config.currentContext} could not be had: ${printableLine(messageOf(error).split('\n')[0] ?? '')}`,
      {
        cause: error,
        hint: 'Run the credential plugin of the kubeconfig by hand.'
      }
    )
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers ?? {})) if (typeof value === 'string') headers[name.toLowerCase()] = value
  if (typeof request.auth === 'string') headers['authorization'] ??= `Basic ${Buffer.from(request.auth).toString('base64')}`
  const { cert, key } = request
  const usable = (typeof cert === 'string' || cert instanceof Buffer) && (typeof key === 'string' || key instanceof Buffer)
  return { headers, ...(usable ? { certificate: { cert, key } } : {}) }
}

const Kubeconfig = z.looseObject({
  users: z.array(z.looseObject({ name: z.string(), user: z.looseObject({ tokenFile: z.string().optional() }).nullish() })).nullish()
})

/** `tokenFile` of a user, which the client library does not read. */
const tokenFileOf = (user: string, path: string): string | undefined => {
  const parsed = Kubeconfig.safeParse(parseYaml(readFileSync(path, 'utf8')))
  const file = parsed.data?.users?.find((entry) => entry.name === user)?.user?.tokenFile
  return file === undefined ? undefined : resolve(dirname(path), file)
}
