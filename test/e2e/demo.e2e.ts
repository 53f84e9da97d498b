import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from '@jest/globals'
import { TOOLS } from './cli.ts'
import { KUBECONFIG, kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { TOOLBOX } from './toolbox.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-demo-'))
afterEach(async () => expect(await leftBehind()).toEqual([]))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Shown {
  readonly code: number
  readonly said: string
}

const demo = async (...flags: string[]): Promise<Shown> => {
  const context = (await kubectl('config', 'current-context')).trim()
  const words = ['scripts/demo/main.ts', '--kubeconfig', KUBECONFIG, '--context', context, ...flags]
  const env = { ...process.env, XDG_CACHE_HOME: TOOLS, TMPDIR: folder }
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, words, { env }, (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, said: `${stdout}${stderr}` }))
  })
}

test('the demo makes three pods in a namespace of its own on a cluster, and removes both', async () => {
  const { code, said } = await demo('--helper-image', TOOLBOX)
  expect([code, said]).toEqual([0, expect.stringMatching(/This is what a failed gate looks like: [^]*Left: {3}nothing but the folder of reports/)])
  const [, namespace = ''] = /--namespace (kscan-demo-[0-9a-f]{6}) /.exec(said) ?? []
  for (const [pod, approach] of [
    ['web', 'kubernetes-api'],
    ['planted', 'kubernetes-api'],
    ['bare', 'debug-container']
  ])
    expect(said).toContain(`${namespace}/${pod}/main: ${approach}: `)
  await kubectl('wait', '--for=delete', `namespace/${namespace}`, '--timeout=60s')
})

test('the demo makes its pods in a namespace that is named, and touches no others there', async () => {
  const before = await kubectl('get', 'pods', '-n', NAMESPACE, '-o', 'name')
  const { code, said } = await demo('--namespace', NAMESPACE)
  expect([code, said.match(/main: \d+ commands/g)?.length]).toEqual([0, 2])
  expect(said).toContain('A container without a shell is left out: its scan takes the toolbox')
  await kubectl('wait', '-n', NAMESPACE, '--for=delete', 'pod', '-l', 'demo.kscan.dev/pod', '--timeout=60s')
  expect(await kubectl('get', 'pods', '-n', NAMESPACE, '-o', 'name')).toBe(before)
})
