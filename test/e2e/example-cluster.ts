import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { KUBECONFIG, kubectl, NAMESPACE } from './cluster.ts'

/** The namespaces of the examples are named so for the tests of each worker. */
export const inOwn = (text: string): string =>
  text.replace(/(?<=namespaces?:? [["]?|metadata\.name: |, |helper-)\b(shop|payments|review-)/gi, `${NAMESPACE}-$1`)
export const SHOP = inOwn('namespace shop').split(' ')[1] ?? ''

/** A Deployment of an image of the node, whose one container is called app. */
export const deployment = (name: string, image = 'test.local/debian:1', more: object = {}): string =>
  stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { tier: 'web' } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, tier: 'web' } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image, imagePullPolicy: 'Never', ...more }] }
      }
    }
  })

export const SLEEPS = { command: ['sh', '-c', 'exec sleep 1000000'] }

export const apply = (text: string, ...args: readonly string[]): void =>
  void execFileSync('kubectl', ['--kubeconfig', KUBECONFIG, 'apply', ...args, '-f', '-'], { input: text, stdio: ['pipe', 'ignore', 'inherit'] })

/** The application that the examples scan; it stays for the next file. */
export const startShop = async (namespace = SHOP, name = 'web'): Promise<void> => {
  apply(stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))
  apply(deployment(name, undefined, SLEEPS), '-n', namespace)
  await kubectl('rollout', 'status', '-n', namespace, `deployment/${name}`, '--timeout=90s')
}

const CONTEXTS = ['prod', 'staging', 'production', 'org/infra:prod']

/** A kubeconfig of this cluster in one line, with the contexts that the examples name; `user` signs in, by default the administrator. */
export const kubeconfigOf = (user?: object, contexts: readonly string[] = CONTEXTS): string => {
  const config = parse(readFileSync(KUBECONFIG, 'utf8')) as { clusters: [{ name: string }]; users: [{ name: string; user: object }] }
  const [cluster] = config.clusters
  const [admin] = config.users
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster],
    users: [{ name: 'job', user: user ?? admin.user }],
    contexts: contexts.map((name) => ({ name, context: { cluster: cluster.name, user: 'job' } })),
    'current-context': 'prod'
  })
}
