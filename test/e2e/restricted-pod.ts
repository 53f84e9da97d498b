import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HdfReport } from './cli.ts'
import { RESTRICTED_SECURITY } from '../support/restricted-security.ts'
import { applyFixture, kubectl, RESTRICTED } from './cluster.ts'

export { RESTRICTED } from './cluster.ts'

/** The pods `static` and `base` anew, and no others: helpers stay in a pod. */
export const freshPods = async (): Promise<void> => {
  await kubectl('delete', 'pods', '--all', '-n', RESTRICTED, '--force', '--grace-period=0')
  await applyFixture('pods/distroless.yaml')
  await kubectl('wait', '-n', RESTRICTED, '--for=condition=Ready', 'pod', '--all', '--timeout=60s')
}

/** Starts a pod of one image there, with a read-only root and as user 65532; one of the same name is replaced. */
export const startRestrictedPod = async (name: string, image: string, env: Readonly<Record<string, string>> = {}, imagePullPolicy = 'Never'): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-pod-'))
  const file = join(folder, 'pod.json')
  writeFileSync(file, JSON.stringify(podOf(name, { image, imagePullPolicy }, env)))
  await kubectl('delete', 'pod', name, '-n', RESTRICTED, '--force', '--grace-period=0', '--ignore-not-found')
  await kubectl('apply', '-f', file)
  await kubectl('wait', '-n', RESTRICTED, '--for=condition=Ready', `pod/${name}`, '--timeout=60s')
  rmSync(folder, { recursive: true, force: true })
}

const podOf = (name: string, image: { image: string; imagePullPolicy: string }, env: Readonly<Record<string, string>>): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: RESTRICTED },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'main',
        ...image,
        env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
        securityContext: RESTRICTED_SECURITY
      }
    ]
  }
})

/** Every check of a report that did not pass: its words and message. */
export const notPassed = ({ profiles }: HdfReport): string[] =>
  profiles.flatMap(({ controls }) =>
    controls.flatMap(({ results = [] }) =>
      results
        .filter(({ status }) => status !== 'passed')
        .map((result) => `${String(result['code_desc'])}: ${String(result['message'] ?? result['skip_message'])}`)
    )
  )
