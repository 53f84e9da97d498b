import { describe, expect, test } from '@jest/globals'
import type { Config } from '../../../src/config/config.ts'
import { type Inputs, load, namesOf, problemsOf, type Setting } from './load-support.ts'

const IMAGE = { 'target-image': 'app:dev' }
const POD = { pod: 'web-0' }
const cluster = (inputs: Inputs, setting: Setting = {}): Config['cluster'] => load({ profile: 'p', ...inputs }, setting).cluster

describe('the cluster', () => {
  test.each<[string, Inputs, Record<string, string>, Config['cluster']['kind']]>([
    ['an image, and nothing else', IMAGE, {}, 'kind'],
    ['a pod that manifests make', { ...POD, manifests: 'app.yaml' }, {}, 'kind'],
    ['a version of Kubernetes', { ...IMAGE, 'kind-node-image': '1.36' }, {}, 'kind'],
    ['a pod', POD, {}, 'existing'],
    ['an image and KUBECONFIG', { ...IMAGE, allow: 'scan-pod', 'helper-image': 'tools:1' }, { KUBECONFIG: 'k' }, 'existing'],
    ['an image and an empty KUBECONFIG', IMAGE, { KUBECONFIG: '' }, 'kind'],
    ['an image and a context', { ...IMAGE, context: 'prod', allow: 'scan-pod', 'helper-image': 'tools:1' }, {}, 'existing'],
    ['a kubeconfig', { ...POD, kubeconfig: 'k' }, {}, 'existing'],
    ['kind, beside KUBECONFIG', { ...IMAGE, cluster: 'kind' }, { KUBECONFIG: 'k' }, 'kind'],
    ['existing, by word', { ...IMAGE, cluster: 'existing', allow: 'scan-pod', 'helper-image': 'tools:1' }, {}, 'existing']
  ])('with %s is %#', (_what, inputs, env, expected) => {
    expect(cluster(inputs, { env }).kind).toBe(expected)
  })

  test('has what was said of it', () => {
    const inputs = {
      ...POD,
      'kind-version': 'v0.33.0',
      'kind-node-image': '1.36',
      'kind-config': 'kind.yaml',
      'load-images': 'app:dev,app:dev,db:1',
      manifests: 'a.yaml\nb',
      'keep-cluster': 'on-failure'
    }
    expect(cluster(inputs, { files: { 'kind.yaml': 'kind: Cluster' } })).toEqual({
      kind: 'kind',
      version: '0.33.0',
      nodeImage: '1.36',
      config: { path: 'kind.yaml', text: 'kind: Cluster' },
      loadImages: ['app:dev', 'db:1'],
      manifests: ['a.yaml', 'b'],
      keep: 'on-failure'
    })
  })

  test.each<[Inputs, RegExp]>([
    [{ ...IMAGE, cluster: 'minikube' }, /cluster: .*one of kind, existing; got "minikube"/],
    [{ ...IMAGE, cluster: 'kind', context: 'prod' }, /context: .*nothing beside cluster: kind.*; got "prod"/],
    [{ ...POD, cluster: 'kind' }, /pod: .*manifests that make it.*; got no manifests.*target-image.*context/],
    [{ ...POD, context: 'prod', manifests: 'a.yaml' }, /manifests: .*cluster: kind; got a cluster that exists/],
    [{ ...IMAGE, 'kind-version': 'latest' }, /kind-version: .*a version such as 0\.33\.0; got "latest"/],
    [{ ...IMAGE, 'kind-config': 'none.yaml' }, /kind-config: .*readable file; got none\.yaml/],
    [{ ...IMAGE, 'load-images': '@app' }, /load-images: .*names of images; got "@app"/],
    [{ ...IMAGE, 'keep-cluster': 'always' }, /keep-cluster: .*one of never, on-failure; got "always"/],
    [{ ...IMAGE, approach: 'sidecar-container' }, /target-image: .*manifests with a helper/]
  ])('%j is bad input', (inputs, expected) => {
    const problems = problemsOf(() => cluster(inputs))
    expect(problems.map(({ name, expected: wanted, got, hint }) => `${name}: ${wanted}; got ${got} ${hint ?? ''}`)).toEqual([expect.stringMatching(expected)])
  })

  test('all that is wrong with it is said at once', () => {
    const inputs = { ...POD, cluster: 'kind', kubeconfig: 'k', 'kind-version': 'x', 'kind-config': 'none', 'load-images': '@', 'keep-cluster': 'yes' }
    expect(namesOf(problemsOf(() => cluster(inputs))).toSorted()).toEqual(['keep-cluster', 'kind-config', 'kind-version', 'kubeconfig', 'load-images', 'pod'])
  })

  test('where KUBECONFIG decides, it is named', () => {
    expect(problemsOf(() => cluster({ ...POD, manifests: 'a.yaml' }, { env: { KUBECONFIG: 'k' } }))).toEqual([
      { name: 'manifests', expected: 'nothing, or cluster: kind', got: 'the cluster that the variable KUBECONFIG names' }
    ])
  })

  test('cleanup may be told to look for kind clusters only', () => {
    expect(load({ cluster: 'kind' }, { verb: 'cleanup' }).cluster.kind).toBe('kind')
    expect(load({}, { verb: 'cleanup' }).cluster.kind).toBe('existing')
  })
})

const ALL = ['ephemeral-container', 'unpoliced-ephemeral-container', 'scan-pod']
const HELPER = { 'helper-image': 'tools:1' }

describe('in a cluster of our own', () => {
  const approach = (inputs: Inputs): Config['approach'] => load({ profile: 'p', cluster: 'kind', ...inputs }).approach

  test.each<[Inputs, Partial<Config['approach']>]>([
    [IMAGE, { kind: 'auto', allow: [], image: '' }],
    [
      { ...IMAGE, ...HELPER },
      { kind: 'twin-pod', image: 'tools:1' }
    ],
    [{ ...IMAGE, approach: 'kubernetes-api' }, { kind: 'kubernetes-api' }],
    [
      { ...IMAGE, approach: 'debug-container', ...HELPER },
      { kind: 'debug-container', unpoliced: true }
    ],
    [
      { ...POD, manifests: 'a.yaml' },
      { kind: 'auto', allow: [] }
    ],
    [
      { ...POD, manifests: 'a.yaml', ...HELPER },
      { kind: 'auto', allow: ALL as never, image: 'tools:1' }
    ],
    [
      { ...POD, manifests: 'a.yaml', ...HELPER, allow: 'none' },
      { kind: 'auto', allow: [] }
    ],
    [
      { ...POD, manifests: 'a.yaml', ...HELPER, allow: 'ephemeral-container' },
      { kind: 'auto', allow: ['ephemeral-container', 'unpoliced-ephemeral-container'] }
    ],
    [
      { ...POD, manifests: 'a.yaml', ...HELPER, approach: 'twin-pod', 'scan-namespace': 'scans' },
      { kind: 'twin-pod', scanNamespace: 'scans' }
    ]
  ])('%j needs no word of consent', (inputs, expected) => {
    expect(approach(inputs)).toMatchObject(expected)
  })

  test.each<[Inputs, readonly string[]]>([
    [{ ...IMAGE, approach: 'twin-pod' }, ['helper-image']],
    [{ ...POD, manifests: 'a.yaml', approach: 'debug-container' }, ['helper-image']],
    [{ ...POD, manifests: 'a.yaml', approach: 'debug-container', ...HELPER, allow: 'scan-pod' }, ['allow']]
  ])('%j is bad input', (inputs, names) => {
    expect(namesOf(problemsOf(() => approach(inputs)))).toEqual(names)
  })
})
