import { describe, expect, test } from '@jest/globals'
import { clusterName, clustersOf, readClusterName } from '../../../../src/cluster/kind/name.ts'
import { newRunId } from '../../../../src/kernel/name.ts'

const NOW = Date.UTC(2026, 10, 30, 12)

describe('the name of a cluster', () => {
  test('says whose it is and when its time is over: a day later', () => {
    const run = newRunId()
    const name = clusterName(run, NOW)
    expect(readClusterName(name)).toEqual({ name, run, expires: NOW / 1000 + 86_400 })
  })

  test('leaves room for what kind adds to it, in a host name', () => {
    expect(`${clusterName(newRunId(), Date.UTC(2100, 1))}-control-plane2`.length).toBeLessThan(63)
    expect(clusterName(newRunId(), Date.UTC(2100, 1))).toMatch(/^[a-z0-9-]{10,40}$/)
  })

  test.each(['kind', 'kscan-', 'kscan-abcdefghij', 'kscan-ABCDEFGHIJ-tpd9wh', 'my-kscan-abcdefghij-tpd9wh', 'kscan-abcdefghij-tpd9wh-x', 'kscan-test-tpd9wh'])(
    '%s is not ours',
    (name) => {
      expect(readClusterName(name)).toBeUndefined()
    }
  )
})

test('the clusters of containers are those of ours, each once', () => {
  const containers = ['control-plane', 'worker', 'worker2', 'external-load-balancer'].map((node) => `kscan-abcdefghij-tpd9wh-${node}`)
  const found = clustersOf([...containers, 'kind-control-plane', 'kscan-klmnopqrst-tpd9wi-control-plane', 'web', ''])
  expect(found.map(({ name }) => name)).toEqual(['kscan-abcdefghij-tpd9wh', 'kscan-klmnopqrst-tpd9wi'])
})
