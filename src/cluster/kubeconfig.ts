import { readFileSync } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import { badInput, messageOf, type Problem, type ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { Server } from './connection.ts'

/** Loads a kubeconfig and chooses its context; the file's own current context is never used by itself. Throws BAD_INPUT. */
export const loadKubeconfig = (path: string, wanted: string | undefined): KubeConfig => {
  const config = new KubeConfig()
  try {
    config.loadFromFile(path)
  } catch (error) {
    throw wrong({ name: 'kubeconfig', expected: 'a readable kubeconfig', got: `${path}: ${messageOf(error)}` })
  }
  const names = config.getContexts().map((context) => context.name)
  const context = wanted ?? (names.length === 1 ? names[0] : undefined)
  if (context === undefined || !names.includes(context)) {
    throw wrong({
      name: 'context',
      expected: `one of ${names.join(', ') || '(the kubeconfig has none)'}`,
      got: wanted ?? 'none',
      hint: 'The current context is not used by itself: name the one that you mean.'
    })
  }
  config.setCurrentContext(context)
  if (config.getCurrentCluster() === null || config.getCurrentUser() === null)
    throw wrong({ name: 'context', expected: 'a context whose cluster and user the kubeconfig has', got: context })
  return config
}

/** The service account of the pod that we run in. Throws BAD_INPUT outside of a pod. */
export const loadInCluster = (env: Readonly<Record<string, string | undefined>>): KubeConfig => {
  if (env['KUBERNETES_SERVICE_HOST'] === undefined) {
    throw wrong({
      name: 'context',
      expected: 'KUBERNETES_SERVICE_HOST, as every pod has it',
      got: 'no such variable',
      hint: '`in-cluster` works inside a pod only.'
    })
  }
  const config = new KubeConfig()
  config.loadFromCluster()
  return config
}

/** The server of the chosen context. Throws BAD_INPUT. */
export const serverOf = (config: KubeConfig, proxy: Server['proxy']): Server => {
  const cluster = config.getCurrentCluster()
  const url = URL.canParse(cluster?.server ?? '') ? new URL(cluster?.server ?? '') : undefined
  if (cluster === null || url?.protocol !== 'https:')
    throw wrong({
      name: 'kubeconfig',
      expected: 'a server that begins with https://',
      got: cluster?.server ?? 'none',
      hint: 'Tokens are never sent over plain HTTP.'
    })
  return {
    url,
    ca: fileOrData('certificate-authority', cluster.caFile, cluster.caData),
    serverName: cluster.tlsServerName,
    skipVerify: cluster.skipTLSVerify,
    proxy: cluster.proxyUrl === undefined ? proxy : { HTTPS_PROXY: cluster.proxyUrl }
  }
}

/** What a kubeconfig gives as a path or as base64. Throws BAD_INPUT when the file cannot be read. */
export const fileOrData = (name: string, file: string | undefined, data: string | undefined): Buffer | undefined => {
  if (data !== undefined) return Buffer.from(data, 'base64')
  return file === undefined ? undefined : readNamed(name, file)
}

/** Reads a file that the kubeconfig names. Throws BAD_INPUT. */
export const readNamed = (name: string, path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    throw wrong({ name: 'kubeconfig', expected: `a readable ${name}`, got: messageOf(error) })
  }
}

export const wrong = (problem: Problem): ScanError => badInput([{ ...problem, got: printableLine(problem.got) }])
