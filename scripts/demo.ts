// npm run demo -- --context NAME: scans one running pod of a cluster with a small profile. Further flags of `kscan scan` go along.
import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { call } from '../src/cluster/api.ts'
import { openExisting } from '../src/cluster/existing.ts'
import { ScanError } from '../src/kernel/error.ts'
import { refusal } from '../src/target/facts.ts'
import { Pod } from '../src/target/pod.ts'

const words = process.argv.slice(2)
const flag = (name: string): string | undefined => {
  const at = words.indexOf(`--${name}`)
  return at < 0 ? words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) : words[at + 1]
}

/** The first running pod of the namespace that was named, else of any that is not the system's own. */
const choosePod = async (): Promise<string[]> => {
  const kubeconfig = flag('kubeconfig') ?? process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config')
  const cluster = await openExisting({ kubeconfig, context: flag('context'), allowExec: true, env: process.env })
  const namespace = flag('namespace')
  const path = namespace === undefined ? 'api/v1/pods' : `api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  const answer = await call(cluster.connection, { method: 'GET', path: `${path}?limit=500` }).finally(() => cluster.connection.agent.destroy())
  const items = typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items) ? answer.items : []
  const first = items
    .map((item: unknown) => Pod.parse(item))
    .find((pod) => refusal(pod) === undefined && (namespace !== undefined || !pod.metadata.namespace.startsWith('kube-')))
  if (first === undefined)
    throw new ScanError('TARGET_UNUSABLE', 'No running pod was found', { hint: 'Name one: npm run demo -- --context NAME --namespace NAMESPACE --pod POD' })
  console.error(`Scanning the pod ${first.metadata.namespace}/${first.metadata.name}`)
  return [...(namespace === undefined ? ['--namespace', first.metadata.namespace] : []), '--pod', first.metadata.name]
}

try {
  const chosen = ['pod', 'workload', 'selector'].some((name) => flag(name) !== undefined) ? [] : await choosePod()
  const profile = flag('profile') === undefined ? ['--profile', 'examples/first-profile'] : []
  process.exitCode = spawnSync(process.execPath, ['dist/cli.js', 'scan', ...words, ...chosen, ...profile], { stdio: 'inherit' }).status ?? 4
} catch (error) {
  const failure = error instanceof ScanError ? error : undefined
  console.error(`error: ${failure?.message ?? String(error)}`)
  for (const { name, expected, got, hint } of failure?.problems ?? []) console.error(`  ${name}: expected ${expected}; got ${got}. ${hint ?? ''}`)
  if (failure?.hint !== undefined) console.error(`  ${failure.hint}`)
  process.exitCode = failure?.exitCode ?? 4
}
