import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { leaveOwnNetwork, type Remover, removeCluster } from '../../../../src/cluster/kind/remove.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { Folder } from '../../../support/kubeconfig.ts'

/** What a journal or a label says is removed only where it is kscan's own. */

const NAME = 'kscan-abcdefghij-zzzzzz'
const CONTAINER = 'c'.repeat(64)
const WITHIN = { timeout: 60_000 }

let folder: Folder
let fake: FakeEngine
let engine: Remover
beforeEach(() => {
  folder = new Folder()
  fake = new FakeEngine(folder, '')
  const env = { PATH: `${fake.bin}:${process.env['PATH'] ?? ''}`, HOME: folder.path }
  engine = { name: 'docker', file: `${fake.bin}/docker`, env, endpoint: '' }
})
afterEach(() => folder.remove())

const asked = (verb: string): string[] => fake.asked.filter((line) => line.startsWith(`docker ${verb}`))

describe('of a cluster', () => {
  test('its nodes are removed, and no container that only has its label', async () => {
    for (const name of [`${NAME}-control-plane`, `${NAME}-worker2`]) fake.put(name)
    fake.put('database')
    fake.on('docker-ps', 'ls "$S/containers"; exit 0') // all of them have the label
    expect([await removeCluster(engine, NAME, WITHIN), fake.containers]).toEqual([true, ['database']])
    expect(await removeCluster(engine, NAME, WITHIN)).toBe(false)
  })

  test.each(['kind', 'kscan-test', '', '--all', 'kscan-abcdefghij'])('named %j the engine is asked for nothing', async (name) => {
    await expect(removeCluster(engine, name, WITHIN)).rejects.toThrow('not named like a cluster of kscan')
    expect(asked('')).toEqual([])
  })
})

describe('a container', () => {
  const leave = (network: string): Promise<boolean> => leaveOwnNetwork(engine, { network, container: CONTAINER }, WITHIN)

  test('that is not ours stays in its network', async () => {
    fake.on('docker-inspect', `for id; do :; done; [ "$id" = ${CONTAINER} ] || exit 1; echo ${CONTAINER}; exit 0`)
    await expect(leave('kind')).rejects.toThrow('not the container that this runs in')
    expect(asked('network')).toEqual([])
  })

  test('that is ours stays in a network that is not that of kind', async () => {
    await expect(leave('shop')).rejects.toThrow('not the network of kind')
    expect(asked('')).toEqual([])
  })

  test('that is gone has left', async () => {
    expect([await leave('kind'), asked('network')]).toEqual([false, []])
  })
})
