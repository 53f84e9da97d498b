import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { docker, ENGINE, IMAGES, NODE_IMAGE } from './engine.ts'

const NAME = 'kscan-words'
const folder = mkdtempSync(join(tmpdir(), 'kscan-kind-words-'))
let container = ''
beforeAll(async () => {
  container = (
    await docker('run', '--detach', '--label', `io.x-k8s.kind.cluster=${NAME}`, '--name', `${NAME}-control-plane`, IMAGES.debian, 'sleep', '600')
  ).trim()
  await docker('network', 'create', NAME)
})
afterAll(async () => {
  await docker('rm', '--force', container)
  await docker('network', 'rm', NAME)
  rmSync(folder, { recursive: true })
})

const stderrOf = (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string =>
  spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...ENGINE, ...env } }).stderr

/** What we read out of the words of the real programs; the fake ones of the integration tests say the same. */
describe('the words of the engine and of kind', () => {
  test('of a cluster whose name is taken', () => {
    const args = ['create', 'cluster', '--name', NAME, '--image', NODE_IMAGE, '--kubeconfig', join(folder, 'kubeconfig')]
    expect(stderrOf('kind', args)).toMatch(/already exist for a cluster with the name/)
  })

  test('of a container that is in the network already', () => {
    expect(stderrOf('docker', ['network', 'connect', NAME, container])).toBe('')
    expect(stderrOf('docker', ['network', 'connect', NAME, container])).toMatch(/already exists in network|already connected/i)
  })

  test.each([
    ['is not in the network', () => ['network', 'disconnect', '--force', 'none', container]],
    ['is of no network', () => ['network', 'disconnect', '--force', 'kscan-none', container]]
  ])('of a container that %s', (_what, args) => expect(stderrOf('docker', args())).toMatch(/not connected|not found|no such/i))

  test('of an image that is not there', () => {
    expect(stderrOf('docker', ['image', 'inspect', '--format', '{{json .}}', 'shop/none:1'])).toMatch(/no such image|not found|not known|no such object/i)
  })

  test('of an engine that does not answer, which is not one that is gone', () => {
    const refused = stderrOf('docker', ['ps'], { DOCKER_HOST: 'tcp://127.0.0.1:1' })
    expect([refused !== '', /no such host/i.test(refused)]).toEqual([true, false])
  })

  test('of its containers by the exact name of their cluster', async () => {
    const listed = (name: string): Promise<string> => docker('ps', '--all', '--quiet', '--filter', `label=io.x-k8s.kind.cluster=${name}`)
    expect([(await listed(NAME)).trim(), await listed('kscan-word')]).toEqual([container.slice(0, 12), ''])
  })
})
