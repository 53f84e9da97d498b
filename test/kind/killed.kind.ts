import { expect, test } from '@jest/globals'
import { leftHere } from '../support/command-line.ts'
import { clusterIn, kscan, NODE_IMAGE, nodesLeft, startKscan } from './engine.ts'
import { ARGS, killAt } from './kill.ts'

test('of a run that is killed while its node is made nothing is left after cleanup, which needs no kubeconfig', () =>
  killAt(`  Ensuring node image (${NODE_IMAGE})`))

test('an interruption removes it within the time that a cancelled job has, and cleanup by the run finds nothing', async () => {
  const running = startKscan(ARGS)
  await running.until('  Writing configuration')
  running.signal('SIGINT')
  const ended = await running.ended
  const name = clusterIn(ended.stderr)
  expect([ended.code, await nodesLeft(name), leftHere(ended)]).toEqual([130, [], []])
  expect(ended.milliseconds).toBeLessThan(7500)
  const cleaned = await kscan(['cleanup', '--cluster', 'kind', '--run', name.split('-')[1] ?? ''], { folder: running.folder })
  expect([cleaned.code, cleaned.stdout]).toEqual([0, 'nothing to clean up: there is no such kind cluster\n'])
})

test('of a run that is killed while its control plane starts, the name of the run leads to its cluster, also without its journal', async () => {
  const running = startKscan(ARGS)
  await running.until('  Starting control-plane')
  running.signal('SIGKILL')
  const killed = await running.ended
  const name = clusterIn(killed.stderr)
  expect(await nodesLeft(name)).toEqual([`${name}-control-plane`])
  const cleaned = await kscan(['cleanup', '--run', name.split('-')[1] ?? '']) // in another folder, as on another day
  expect([cleaned.code, cleaned.stdout, await nodesLeft(name)]).toEqual([0, `removed kind cluster ${name}\n`, []])
  const again = await kscan(['cleanup'], { folder: running.folder })
  expect([again.code, again.stdout, leftHere(killed)]).toEqual([0, expect.stringContaining(`already gone: kind cluster ${name}\n`), []])
})
