import { createSecureContext } from 'node:tls'
import { messageOf } from '../kernel/error.ts'
import type { Server } from './connection.ts'
import { type Chosen, fileOrData, wrong } from './kubeconfig.ts'
import { namedProxy, proxyOf } from './proxy.ts'

/** The server of the chosen context, and what is on the way to it. Throws BAD_INPUT. */
export const serverOf = ({ cluster }: Chosen, env: Readonly<Record<string, string | undefined>>): Server => {
  const url = new URL(cluster.server)
  const named = cluster['proxy-url'] === undefined ? proxyOf(url, env) : namedProxy(cluster['proxy-url'])
  return {
    url,
    ca: authorityOf(cluster),
    serverName: cluster['tls-server-name'],
    skipVerify: cluster['insecure-skip-tls-verify'],
    proxy: typeof named === 'string' ? undefined : named
  }
}

const authorityOf = (cluster: Chosen['cluster']): Buffer | undefined => {
  const ca = fileOrData('certificate-authority', cluster)
  if (ca === undefined || ca.includes('-----BEGIN CERTIFICATE-----')) return ca
  throw wrong({ name: 'kubeconfig', expected: 'a certificate-authority in PEM', got: 'no certificate' })
}

/** The client's certificate with its key, where the user has one. Throws BAD_INPUT for what is none, or does not fit together. */
export const certificateOf = (user: Chosen['user']): { readonly cert: Buffer; readonly key: Buffer } | undefined => {
  const [cert, key] = [fileOrData('client-certificate', user), fileOrData('client-key', user)]
  if (cert === undefined || key === undefined) return undefined
  try {
    createSecureContext({ cert, key })
    return { cert, key }
  } catch (error) {
    throw wrong({ name: 'kubeconfig', expected: 'a client-certificate in PEM and its client-key, without a passphrase', got: messageOf(error) })
  }
}
