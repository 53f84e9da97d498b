import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { kscan, unjudged } from './cli.ts'
import { kubectl, NAMESPACE, removePod, startPod, untilReady } from './cluster.ts'

const POD = 'tools'
const inPod = (...argv: string[]): Promise<string> => kubectl('exec', '-n', NAMESPACE, POD, '--', ...argv)

beforeAll(async () => {
  await startPod(POD)
  await untilReady(POD)
})
afterAll(() => removePod(POD))

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
