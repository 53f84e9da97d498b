import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { kscan, type Ran } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE, removePod, startPod, untilReady } from './cluster.ts'

const POD = 'catalog'
const of = (name: string, image: string, script: string): Record<string, unknown> => ({
  name,
  image: `test.local/${image}:1`,
  imagePullPolicy: 'Never',
  command: ['sh', '-c', `${script}\nsleep 100000 & wait`]
})
const UBUNTU = `printf '%s\\n' 'ID=ubuntu' 'VERSION_ID="24.04"' 'PRETTY_NAME="Ubuntu 24.04 LTS"' >/etc/os-release`

beforeAll(async () => {
  const containers = [of('one', 'busybox', UBUNTU), of('two', 'busybox', UBUNTU), of('other', 'debian', ':'), of('none', 'busybox', 'rm /etc/os-release')]
  await startPod(POD, { containers }, 'test.local/busybox:1')
  await untilReady(POD)
})
afterAll(() => removePod(POD))
afterEach(async () => expect(await leftBehind()).toEqual([]))

const profiles = (...containers: string[]): Promise<Ran> =>
  kscan(['profiles', '--namespace', NAMESPACE, '--pod', POD, ...containers.flatMap((name) => ['--container', name])])

test('the system of a running container is read by its own shell, and what fits stands first, once for each system', async () => {
  const ran = await profiles('one', 'other', 'two')
  const [ubuntu = '', debian = ''] = ran.stdout.split('\n\n')
  const at = `${NAMESPACE}/${POD}`
  expect([ran.code, ubuntu.split('\n')[0]]).toEqual([0, `System: Ubuntu 24.04 LTS (${at}/one, ${at}/two)`])
  expect(ubuntu.split('\n')[2]).toMatch(/^fits +catalog\/canonical-ubuntu-24\.04 /)
  expect(debian).toMatch(new RegExp(`^System: Debian [^\\n]*\\(${at}/other\\)\\n[^\\n]*PROFILE[^\\n]*\\nfits +catalog/linux-baseline `))
  expect(await kubectl('exec', '-n', NAMESPACE, POD, '-c', 'one', '--', 'ps', '-o', 'args')).not.toContain('/bin/sh')
})

test('a container that does not say which system it is ends with the way to give its file', async () => {
  const ran = await profiles('none')
  expect([ran.code, ran.stdout]).toEqual([4, ''])
  expect(ran.stderr).toContain(`error: Which system ${NAMESPACE}/${POD}/none has is not known: its /etc/os-release: it has no line ID=NAME`)
  expect(ran.stderr).toContain('Give the file with --os-release')
})
