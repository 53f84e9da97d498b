import { existsSync } from 'node:fs'
import { applyFixture, kubectl, namespaceOf } from './cluster.ts'
import { readyToolbox } from './toolbox.ts'

/** What many files scan, once for each worker; it stays for the next run on the same cluster. */
export default async ({ maxWorkers }: { readonly maxWorkers: number }): Promise<void> => {
  if (!existsSync('dist/cli.js')) throw new Error('dist/ is missing: npm run build')
  readyToolbox()
  const namespaces = Array.from({ length: maxWorkers }, (_, index) => namespaceOf(index + 1))
  for (const namespace of namespaces) for (const pods of ['targets', 'distroless']) await applyFixture(`pods/${pods}.yaml`, { namespace })
  for (const namespace of namespaces) {
    await kubectl('rollout', 'status', '-n', namespace, 'deployment/pair', '--timeout=90s')
    await kubectl('wait', '-n', namespace, '--for=condition=Ready', 'pod', '--all', '--timeout=90s')
  }
}
