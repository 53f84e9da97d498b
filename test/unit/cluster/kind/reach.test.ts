import { expect, test } from '@jest/globals'
import { type Place, type Reach, reachOf } from '../../../../src/cluster/kind/reach.ts'

const ID = 'a1'.repeat(32)

test.each<[string, Partial<Place>, Partial<Reach>]>([
  ['a host with the engine on it', { endpoint: 'unix:///var/run/docker.sock' }, { kind: 'loopback' }],
  ['a host with Podman, which has no address', { endpoint: '' }, { kind: 'loopback' }],
  ['a desktop engine in a virtual machine', { endpoint: 'unix:///home/ann/.docker/desktop/docker.sock' }, { kind: 'loopback' }],
  [
    'a job container with the socket of its host',
    { endpoint: 'unix:///var/run/docker.sock', inContainer: true, ownContainer: ID },
    { kind: 'network', container: ID }
  ],
  ['a container of another engine, with which it shares the network', { endpoint: 'unix:///run/docker.sock', inContainer: true }, { kind: 'loopback' }],
  [
    "GitLab's service docker:dind with TLS",
    { endpoint: 'tcp://docker:2376', inContainer: true },
    { kind: 'published', host: 'docker', listen: '0.0.0.0', serverName: 'kubernetes' }
  ],
  ["GitLab's service docker:dind without TLS", { endpoint: 'tcp://docker:2375', inContainer: true }, { kind: 'published', host: 'docker' }],
  ['a dind beside us in the same pod', { endpoint: 'tcp://localhost:2376', inContainer: true }, { kind: 'loopback' }],
  ['a dind beside us in the same pod, by address', { endpoint: 'tcp://127.0.0.1:2375', inContainer: true }, { kind: 'loopback' }],
  ['a dind beside us in the same pod, by the address of IPv6', { endpoint: 'tcp://[::1]:2375', inContainer: true }, { kind: 'loopback' }],
  ['an engine of another machine over SSH', { endpoint: 'ssh://ann@build.example' }, { kind: 'published', host: 'build.example', listen: '0.0.0.0' }],
  ['an engine of another machine by address', { endpoint: 'tcp://10.1.2.3:2376' }, { kind: 'published', host: '10.1.2.3', listen: '10.1.2.3' }],
  ['an engine of another machine by IPv6', { endpoint: 'tcp://[2001:db8::7]:2376' }, { kind: 'published', host: '2001:db8::7', listen: '2001:db8::7' }],
  ['another engine than that of our own container', { endpoint: 'tcp://docker:2376', inContainer: true, ownContainer: ID }, { kind: 'published' }]
])('%s', (_what, place, expected) => {
  const reach = reachOf({ endpoint: '', inContainer: false, ownContainer: undefined, ...place })
  expect(reach).toMatchObject(expected)
  expect(reach.why).toMatch(/\w{3}/)
})
