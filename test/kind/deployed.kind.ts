import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { TOOLS } from '../support/command-line.ts'
import { runAction } from '../support/github-runner.ts'
import { Folder } from '../support/kubeconfig.ts'
import { docker, ENGINE, IMAGES, NODE_IMAGE, nodesLeft } from './engine.ts'
import { container, deployment } from './workload.ts'

const sh = promisify(execFile)
const PATH = process.env['PATH'] ?? ''

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
let kept = ''
afterAll(async () => {
  if (kept !== '') await docker('rm', '--force', '--volumes', ...(await nodesLeft(kept)), 'none').catch(() => {})
  folder.remove()
})

const SAFE = { runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true }

/** Three workloads that are reached in three ways, with what two of them need. */
const APP: readonly object[] = [
  deployment('shell', { serviceAccountName: 'app', containers: [container(IMAGES.whole, { envFrom: [{ configMapRef: { name: 'settings' } }] })] }),
  deployment('bare', { containers: [container(IMAGES.distroless, { securityContext: SAFE })] }),
  deployment('helped', {
    shareProcessNamespace: true,
    containers: [container(IMAGES.distroless, { securityContext: SAFE })],
    initContainers: [
      {
        name: 'helper',
        image: IMAGES.toolbox,
        imagePullPolicy: 'Never',
        restartPolicy: 'Always',
        command: ['/kscan/bin/hold', '2147483647'],
        securityContext: SAFE
      }
    ]
  }),
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { MODE: 'test' } }
]

test('the action deploys into its cluster and reaches each container in its own way; a cluster that is kept can be reached and deleted as the log says', async () => {
  mkdirSync(join(folder.path, 'app'))
  APP.forEach((object, index) => writeFileSync(join(folder.path, 'app', `${index}.yaml`), stringify(object)))
  const { main, post, outputs } = await runAction({
    root: process.cwd(),
    inputs: {
      cluster: 'kind',
      'kind-node-image': NODE_IMAGE,
      manifests: join(folder.path, 'app'),
      'load-images': `${IMAGES.whole},${IMAGES.distroless}`,
      'helper-image': IMAGES.toolbox,
      namespace: 'shop',
      selector: 'scan=wanted',
      'keep-cluster': 'on-failure',
      threshold: 'compliance: {min: 100}',
      'max-unjudged': '1000'
    },
    env: { ...ENGINE, RUNNER_TOOL_CACHE: TOOLS },
    timeout: 180_000
  })
  const name = outputs['cluster-name'] ?? ''
  kept = name
  expect([main.code, post?.code, outputs['result'], outputs['target-count'], outputs['leftovers']]).toEqual([1, 0, 'not-compliant', '3', '0'])
  expect(outputs['approaches-used']?.split(',').toSorted()).toEqual(['debug-container', 'kubernetes-api', 'sidecar-container'])
  expect(await nodesLeft(name)).toEqual([`${name}-control-plane`])
  const told = (what: string): string => new RegExp(`^ {2}to ${what} it: (.*)$`, 'm').exec(main.log)?.[1] ?? ''
  const env = { ...ENGINE, PATH, HOME: folder.path }
  const reached = await sh('sh', ['-c', told('reach')], { cwd: folder.path, env })
  expect(reached.stdout).toMatch(/^shop +bare-.* Running/m)
  await sh('sh', ['-c', told('delete')], { cwd: folder.path, env })
  expect(await nodesLeft(name)).toEqual([])
})
