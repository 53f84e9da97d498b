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

/** Running pods of the namespace that was named, else of any that is not the system's own. */
const choosePods = async (): Promise<string[][]> => {
  const kubeconfig = flag('kubeconfig') ?? process.env['KUBECONFIG'] ?? join(homedir(), '.kube', 'config')
  const cluster = await openExisting({ kubeconfig, context: flag('context'), allowExec: true, env: process.env })
  const namespace = flag('namespace')
  const path = namespace === undefined ? 'api/v1/pods' : `api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  const answer = await call(cluster.connection, { method: 'GET', path: `${path}?limit=500` }).finally(() => cluster.connection.agent.destroy())
  const items = typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items) ? answer.items : []
  const pods = items
    .map((item: unknown) => Pod.parse(item))
    .filter((pod) => refusal(pod) === undefined && (namespace !== undefined || !pod.metadata.namespace.startsWith('kube-')))
  if (pods.length === 0)
    throw new ScanError('TARGET_UNUSABLE', 'No running pod was found', { hint: 'Name one: npm run demo -- --context NAME --namespace NAMESPACE --pod POD' })
  return pods.map(({ metadata }) => [...(namespace === undefined ? ['--namespace', metadata.namespace] : []), '--pod', metadata.name])
}

/** Many images have no shell: so many pods are tried. */
const TRIES = 5
const CANNOT_SCAN = 4

try {
  const named = ['pod', 'workload', 'selector', 'target-image'].some((name) => flag(name) !== undefined)
  const profile = flag('profile') === undefined ? ['--profile', 'examples/first-profile'] : []
  const tried = named ? [[]] : (await choosePods()).slice(0, TRIES)
  for (const chosen of tried) {
    if (chosen.length > 0) console.error(`Scanning ${chosen.map((word) => word.replace(/^--/, '')).join(' ')}`)
    process.exitCode = spawnSync(process.execPath, ['dist/cli.js', 'scan', ...words, ...chosen, ...profile], { stdio: 'inherit' }).status ?? CANNOT_SCAN
    if (process.exitCode !== CANNOT_SCAN) break
  }
  if (tried.length > 1 && process.exitCode === CANNOT_SCAN)
    console.error(`None of ${tried.length} pods could be scanned. Name one with a shell: npm run demo -- --context NAME --namespace NAMESPACE --pod POD`)
} catch (error) {
  const failure = error instanceof ScanError ? error : undefined
  console.error(`error: ${failure?.message ?? String(error)}`)
  for (const { name, expected, got, hint } of failure?.problems ?? []) console.error(`  ${name}: expected ${expected}; got ${got}. ${hint ?? ''}`)
  if (failure?.hint !== undefined) console.error(`  ${failure.hint}`)
  process.exitCode = failure?.exitCode ?? 4
}
