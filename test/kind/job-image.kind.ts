import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Folder } from '../support/kubeconfig.ts'
import { docker, IMAGES, NODE_IMAGE, nodesLeft } from './engine.ts'
import { buildJobImage, JOB_IMAGE, removeJobImage } from './job-image.ts'

const CLUSTER = 'kscan-image'
const POD = `${CLUSTER}-pod`
const sh = promisify(execFile)
let folder: Folder
beforeAll(async () => {
  folder = new Folder()
  await Promise.all([buildJobImage(), makeCluster()])
}, 180_000)
afterAll(async () => {
  await sh('kind', ['delete', 'cluster', '--name', CLUSTER, '--kubeconfig', join(folder.path, 'outside')])
  await removeJobImage()
  folder.remove()
  expect(await nodesLeft(CLUSTER)).toEqual([])
})

/** With one pod, and a kubeconfig for who is in its network. */
const makeCluster = async (): Promise<void> => {
  const outside = join(folder.path, 'outside')
  await sh('kind', ['create', 'cluster', '--name', CLUSTER, '--image', NODE_IMAGE, '--kubeconfig', outside, '--wait', '60s'])
  await sh('kind', ['load', 'docker-image', IMAGES.debian, '--name', CLUSTER])
  const kubectl = (...args: string[]): Promise<unknown> => sh('kubectl', ['--kubeconfig', outside, ...args])
  await kubectl('wait', '--for=create', 'serviceaccount/default', '--timeout=60s') // a controller makes it
  await kubectl('run', POD, `--image=${IMAGES.debian}`, '--image-pull-policy=Never')
  await kubectl('wait', '--for=condition=Ready', `pod/${POD}`, '--timeout=60s')
  writeFileSync(join(folder.path, 'kubeconfig'), execFileSync('kind', ['get', 'kubeconfig', '--internal', '--name', CLUSTER], { encoding: 'utf8' }), {
    mode: 0o644
  })
}

const run = (...args: readonly string[]): { code: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync('docker', ['run', '--rm', ...args], { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

const inside = (...command: readonly string[]): string => run(JOB_IMAGE, ...command).stdout

describe('the image', () => {
  test('is what its labels say, with the programs that a scan may start', async () => {
    const { Config } = JSON.parse(await docker('inspect', '--format', '{{json .}}', JOB_IMAGE)) as { Config: Record<string, Record<string, string>> }
    expect(Config).toMatchObject({
      User: '65532:65532',
      Labels: { 'org.opencontainers.image.version': '1.2.3', 'org.opencontainers.image.revision': '0123abc' }
    })
    expect(inside('kscan', '--version')).toBe(`${(JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version}\n`)
    expect(run(JOB_IMAGE).stdout).toMatch(/^Usage: kscan/)
    expect(inside('sh', '-c', 'git --version; unshare --version; ruby --version')).toMatch(/^git version .*\nunshare from util-linux .*\nruby 3\./)
  })

  test('has nothing that its user could change but his home, his folder and what is made to be written', () => {
    const open = 'find / -xdev \\( -type d -o -type f \\) -writable ! -path "/proc/*" ! -path "/dev/*" ! -path "/sys/*" 2>/dev/null'
    expect(inside('sh', '-c', `id -u; ${open}`).trim().split('\n').toSorted()).toEqual(['/home/kscan', '/tmp', '/var/tmp', '/work', '65532'].toSorted())
  })

  test('judges results of the folder that a job gives it', () => {
    const results = [
      '-v',
      `${process.cwd()}/test/fixtures/hdf:/work:ro`,
      JOB_IMAGE,
      'kscan',
      'judge',
      '--threshold',
      'failed: {total: {max: 0}}',
      'one-profile.json'
    ]
    expect(run(...results)).toMatchObject({ code: 1, stdout: expect.stringContaining('NOT COMPLIANT') as unknown })
  })

  test.each([
    ['its own user', ''],
    ['a user that it does not know', '12345:12345'],
    ['root', '0:0']
  ])('scans as %s, with the auditor that it brings, and without a word to anyone but the cluster', (_who, user) => {
    const work = join(folder.path, `work-${user.slice(0, 1)}`)
    mkdirSync(work, { mode: 0o777 })
    execFileSync('chmod', ['1777', work])
    const place = ['--network', 'kind', '-v', `${folder.path}/kubeconfig:/kube/config:ro`, '-v', `${work}:/work`, ...(user === '' ? [] : ['--user', user])]
    const ran = run(
      ...place,
      JOB_IMAGE,
      'kscan',
      'scan',
      '--kubeconfig',
      '/kube/config',
      '--pod',
      POD,
      '--threshold',
      'failed: {total: {max: 100}}',
      '--max-unjudged',
      '100'
    )
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/\nPASSED: /)])
    expect(ran.stderr).toContain('(gems: /usr/bin/ruby)')
    expect(readdirSync(join(work, 'kscan-reports'))).toContain('run.json')
  })
})
