import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { pids } from '../../src/process/pids.ts'
import { leftHere } from '../support/command-line.ts'
import { clusterIn, IMAGES, KIND, kscan, nodesLeft, startKscan } from './engine.ts'

/** An image in one line. */
export const ARGS = ['scan', ...KIND, '--target-image', IMAGES.debian, '--threshold', 'failed: {total: {max: 100}}', '--max-unjudged', '100']

/** Processes of this machine that still make that cluster. */
const making = (name: string): number[] =>
  pids().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name)
    } catch {
      return false // it ended
    }
  })

/** Kills a run once it has said that line, when it has so many nodes; then cleanup, which needs no kubeconfig, leaves nothing of it. */
export const killAt = async (line: string, nodes?: number): Promise<void> => {
  const running = startKscan(ARGS)
  await running.until(line)
  running.signal('SIGKILL')
  const killed = await running.ended
  const name = clusterIn(killed.stderr)
  expect([killed.code, name]).toEqual([null, expect.stringMatching(/^kscan-/)])
  expect(leftHere(killed)).not.toEqual([])
  if (nodes !== undefined) expect(await nodesLeft(name)).toHaveLength(nodes)
  const cleaned = await kscan(['cleanup'], { folder: running.folder })
  expect([cleaned.code, cleaned.stdout]).toEqual([0, expect.stringMatching(`(removed|already gone:) kind cluster ${name}\n`)])
  expect([await nodesLeft(name), leftHere(killed), making(name)]).toEqual([[], [], []])
}
