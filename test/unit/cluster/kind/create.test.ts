import { readFileSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createCluster, type KindPorts, type KindSpec } from '../../../../src/cluster/kind/create.ts'
import type { Engine } from '../../../../src/cluster/kind/engine.ts'
import type { Reach } from '../../../../src/cluster/kind/reach.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { type Journal, startJournal } from '../../../../src/undo/journal.ts'
import { readJournal } from '../../../../src/undo/read-journal.ts'
import { Scope } from '../../../../src/undo/scope.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { Folder, kubeconfigText } from '../../../support/kubeconfig.ts'

const NAME = 'kscan-abcdefghij-tpdaro'
const CONTAINER = 'c'.repeat(64)
const JOIN: Reach = { kind: 'network', container: CONTAINER, why: 'we run in a container of the same engine' }

let folder: Folder
let fake: FakeEngine
let journal: Journal
let scope: Scope
beforeEach(() => {
  folder = new Folder()
  fake = new FakeEngine(folder, kubeconfigText({ 'stand-in': { cluster: { server: 'https://0.0.0.0:40123' }, user: {} } }))
  journal = startJournal(`${folder.path}/journals`, 'abcdefghij')
  scope = new Scope()
})
afterEach(() => folder.remove())

const create = (reach: Reach): ReturnType<typeof createCluster> => {
  const env = { PATH: `${fake.bin}:${process.env['PATH'] ?? ''}`, HOME: folder.path }
  const facts = { version: '28.0.0', arch: 'amd64', cgroup: '2', rootless: false, folder: '' }
  const engine: Engine = { name: 'docker', file: `${fake.bin}/docker`, env, endpoint: 'unix:///fake/docker.sock', ...facts }
  const kind = { file: `${fake.bin}/kind`, version: '0.33.0', source: 'path' } as const
  const spec: KindSpec = { name: NAME, nodeImage: undefined, config: undefined, retain: false, reach, folder: folder.path }
  const ports: KindPorts = { engine, kind, journal, scope, log: silentLog, signal: new AbortController().signal }
  return createCluster(spec, ports, () => {})
}
const noted = (): string[] => readJournal(journal.file).remaining.map(({ entry }) => entry.kind)
const network = (): string[] => fake.asked.filter((line) => line.startsWith('docker network'))

describe('from a container of the same engine', () => {
  test('the cluster is reached by its network, which is left before the cluster goes', async () => {
    fake.on('kind-get', 'echo "clusters: [internal]"; exit 0')
    const made = await create(JOIN)
    expect([readFileSync(made.kubeconfig, 'utf8'), statSync(made.kubeconfig).mode & 0o777]).toEqual(['clusters: [internal]\n', 0o600])
    expect(fake.asked).toContain(`kind get kubeconfig --internal --name ${NAME}`)
    expect(noted()).toEqual(['kind-network', 'kind-cluster'])
    await scope.close()
    expect([scope.leftovers, noted(), fake.containers]).toEqual([[], [], []])
    expect(network()).toEqual([`docker network connect kind ${CONTAINER}`, `docker network disconnect --force kind ${CONTAINER}`])
  })

  test('a network that it was in before is not left', async () => {
    fake.on('docker-network', `echo "endpoint with name x already exists in network kind" >&2; exit 1`)
    await create(JOIN)
    expect(noted()).toEqual(['kind-cluster'])
    await scope.close()
    expect([scope.leftovers, network().length]).toEqual([[], 1])
  })

  test('a network that it cannot join is an error with what to do, and the cluster is removed', async () => {
    fake.on('docker-network', 'echo "permission refused" >&2; exit 1')
    await expect(create(JOIN)).rejects.toMatchObject({ code: 'CLUSTER_FAILED', message: expect.stringContaining('permission refused'), hint: expect.stringContaining('--network kind') }) // prettier-ignore
    await scope.close()
    expect([scope.leftovers, noted(), fake.containers]).toEqual([[], [], []])
  })
})

test('of an engine elsewhere the kubeconfig leads there', async () => {
  const made = await create({ kind: 'published', host: 'docker', listen: '0.0.0.0', serverName: 'kubernetes', why: '' })
  expect(readFileSync(made.kubeconfig, 'utf8')).toMatch(/server: https:\/\/docker:40123\n +tls-server-name: kubernetes\n/)
  expect(statSync(made.kubeconfig).mode & 0o077).toBe(0)
})
