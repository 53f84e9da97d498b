import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { Folder } from '../support/kubeconfig.ts'
import { clusterIn, IMAGES, kscan, KIND, nodesLeft } from './engine.ts'
import { container, deployment } from './workload.ts'

let folder: Folder
beforeAll(() => {
  folder = new Folder()
})
afterAll(() => folder.remove())

const HOSTILE = 'printf "no \\033[31mdatabase\\n::error::x\\n##[error]y\\n"; exit 3'

test('what does not become ready is explained by state, last lines and events, none of which can act on a log', async () => {
  const crash = deployment('crash', { containers: [container(IMAGES.debian, { command: ['sh', '-c', HOSTILE] })] })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'unloaded' }, spec: { containers: [{ name: 'app', image: 'shop/none:1' }] } }
  const path = folder.file('broken.yaml', [crash, pod].map((object) => stringify(object)).join('---\n'))
  const ran = await kscan(['scan', ...KIND, '--manifests', path, '--load-images', IMAGES.debian, '--workload', 'deployment/crash'])
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('error: What was deployed did not become ready:')])
  expect(ran.stderr).toMatch(
    /deployment default\/crash: 0 of 1 ready\n +pod crash-.*\n +container app \(.*shop\/debian:dev\): (?:CrashLoopBackOff|Error).*restarted \d times/
  )
  expect(ran.stderr).toMatch(/\| no \\x1b\[31mdatabase\n +\| ::error::x\n +\| # #\[error\]y/)
  expect(ran.stderr).toMatch(/container app \(shop\/none:1\): (?:ErrImagePull|ImagePullBackOff|ContainerCreating)/)
  expect(ran.stderr).not.toMatch(/\u001b|^\s*::|##\[error\]/m)
  expect(await nodesLeft(clusterIn(ran.stderr))).toEqual([])
})
