import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { TOOLS } from '../support/command-line.ts'
import { clusterIn, docker, NODE_IMAGE, nodesLeft } from './engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-kind-demo-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the demo takes kind where an engine answers, and leaves neither cluster nor image', async () => {
  const env = { ...process.env, XDG_CACHE_HOME: TOOLS, TMPDIR: folder }
  const words = ['scripts/demo/main.ts', '--kind-node-image', NODE_IMAGE]
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, words, { env }, (error, stdout, stderr) => resolve(`${stdout}${stderr}exit ${error === null ? 0 : error.code}`))
  })
  expect(said).toMatch(
    /This is what a failed gate looks like: kscan ended with exit 1[^]*Left: {3}nothing but the folder of reports, and what was installed for the next time\nexit 0$/
  )
  for (const [pod, approach] of [
    ['web', 'kubernetes-api'],
    ['planted', 'kubernetes-api'],
    ['bare', 'debug-container']
  ])
    expect(said).toContain(`demo/${pod}/main: ${approach}: `)
  expect([await nodesLeft(clusterIn(said)), await docker('images', '--quiet', 'kscan-demo/*')]).toEqual([[], ''])
})
