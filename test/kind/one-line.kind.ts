import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { leftHere } from '../support/command-line.ts'
import { clusterIn, IMAGES, KIND, kscan, NODE_IMAGE, nodesLeft } from './engine.ts'

const LENIENT = ['--threshold', 'failed: {total: {max: 100}}', '--max-unjudged', '100']
const WHOLE_MS = 120_000

interface Record {
  readonly cluster: { readonly context: string; readonly kind: unknown }
  readonly targets: readonly { readonly name: string; readonly approach: string }[]
  readonly timings: { readonly [phase: string]: number }
}

test('an image that no cluster runs is scanned by one line: a cluster is made, the image loaded, judged, and all of it is gone', async () => {
  const ran = await kscan(['scan', ...KIND, '--target-image', IMAGES.distroless, '--helper-image', IMAGES.toolbox, ...LENIENT])
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/\nPASSED: /)])
  const record = JSON.parse(readFileSync(join(ran.folder, 'kscan-reports', 'run.json'), 'utf8')) as Record
  const name = clusterIn(ran.stderr)
  expect(record.cluster).toMatchObject({
    context: `kind-${name}`,
    kind: { name, source: 'path', nodeImage: NODE_IMAGE, engine: 'docker', loaded: [IMAGES.distroless, IMAGES.toolbox], applied: 0, kept: false }
  })
  expect(record.targets).toMatchObject([{ name: IMAGES.distroless, approach: 'twin-pod' }])
  expect([await nodesLeft(name), leftHere(ran)]).toEqual([[], []])
  expect(ran.milliseconds).toBeLessThan(WHOLE_MS)
  console.info(
    `an image in one line: ${(ran.milliseconds / 1000).toFixed(1)} s, of which ${JSON.stringify({ ...record.timings, ...Object(record.cluster.kind).timings })}`
  )
})
