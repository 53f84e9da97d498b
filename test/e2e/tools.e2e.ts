import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { kscan, unjudged } from './cli.ts'
import { kubectl, NAMESPACE } from './cluster.ts'

const POD = 'tools'
const inPod = (...argv: string[]): Promise<string> => kubectl('exec', '-n', NAMESPACE, POD, '--', ...argv)

beforeAll(async () => {
  const image = ['--image=test.local/debian:1', '--image-pull-policy=Never', '--overrides={"spec":{"terminationGracePeriodSeconds":0}}']
  await kubectl('run', POD, '-n', NAMESPACE, ...image, '--command', '--', 'sleep', '100000')
  await kubectl('wait', '-n', NAMESPACE, `pod/${POD}`, '--for=condition=Ready', '--timeout=60s')
})
afterAll(() => kubectl('delete', 'pod', '-n', NAMESPACE, POD, '--force', '--grace-period=0'))

const scan = async (): Promise<[number | null, string[]]> => {
  const ran = await kscan(['scan', '--namespace', NAMESPACE, '--pod', POD, '--profile', resolve('test/fixtures/profiles/tools')])
  return [ran.code, unjudged(ran)]
}

test('with all of its tools in the image every control is judged', async () => expect(await scan()).toEqual([0, []]))

test.each(['awk', 'cut', 'find', 'grep', 'head', 'sed', 'sort', 'tr', 'xargs'])(
  'without %s in the image its control is unjudged, and no other',
  async (tool) => {
    await inPod('mv', `/usr/bin/${tool}`, `/usr/bin/${tool}.away`)
    try {
      expect(await scan()).toEqual([3, [tool]])
    } finally {
      await inPod('mv', `/usr/bin/${tool}.away`, `/usr/bin/${tool}`)
    }
  }
)
