import { existsSync } from 'node:fs'
import { kubectl, NAMESPACE } from './cluster.ts'

/** The pods that all suites scan; they stay for the next run on the same cluster. */
export default async (): Promise<void> => {
  if (!existsSync('dist/cli.js')) throw new Error('dist/ is missing: npm run build')
  await kubectl('apply', '-f', 'test/fixtures/pods/targets.yaml')
  await kubectl('rollout', 'status', '-n', NAMESPACE, 'deployment/pair', '--timeout=90s')
  await kubectl('wait', '-n', NAMESPACE, '--for=condition=Ready', 'pod', '--all', '--timeout=90s')
}
