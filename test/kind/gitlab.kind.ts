import { describe, expect, test } from '@jest/globals'
import { type Inputs, pipeline, startPipeline } from '../e2e/gitlab.ts'
import { clusterIn, ENGINE, IMAGES, NODE_IMAGE, nodesLeft } from './engine.ts'

const kind: Inputs = {
  cluster: 'kind',
  'kind-node-image': NODE_IMAGE,
  'target-image': IMAGES.debian,
  threshold: 'failed: {total: {max: 100}}',
  'max-unjudged': 100
}

describe('a job of the GitLab component with a kind cluster', () => {
  test('scans an image before it is deployed, and leaves no cluster', async () => {
    const { code, log, outputs } = (await pipeline([kind], { variables: ENGINE })).job('kscan')
    const name = clusterIn(log)
    expect([code, outputs['KSCAN_OUT_RESULT'], outputs['KSCAN_OUT_CLUSTER_NAME']]).toEqual([0, 'passed', name])
    expect(await nodesLeft(name)).toEqual([])
  })

  test('that is killed loses its cluster by the after_script', async () => {
    const running = startPipeline([kind], { variables: ENGINE })
    await running.until('✓ Make')
    process.kill(running.pid(), 'SIGKILL')
    const { code, log } = (await running.ended).job('kscan')
    expect([code, log.split('$ kscan cleanup')[1]]).toEqual([137, expect.stringMatching(/removed .*kind cluster|removed .*kscan-/)])
    expect(await nodesLeft(clusterIn(log))).toEqual([])
  })
})
