import { describe, expect, test } from '@jest/globals'
import { isPinned, KIND_CATALOG, nodeImageOf, platformOf } from '../../../../src/cluster/kind/catalog.ts'
import { compareVersions } from '../../../../src/kernel/version.ts'

describe('the catalog', () => {
  test('names programs and node images by their content, the newest Kubernetes first', () => {
    for (const sha256 of Object.values(KIND_CATALOG.programs)) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    for (const [minor, image] of Object.entries(KIND_CATALOG.nodes)) expect([image.includes(`:v${minor}.`), isPinned(image)]).toEqual([true, true])
    const minors = Object.keys(KIND_CATALOG.nodes)
    expect(minors.toSorted((a, b) => compareVersions(b, a))).toEqual(minors)
    expect(new Set([...Object.values(KIND_CATALOG.programs), ...Object.values(KIND_CATALOG.nodes)]).size).toBe(8)
    expect(KIND_CATALOG.from).toBe(`https://kind.sigs.k8s.io/dl/v${KIND_CATALOG.version}/`)
  })

  test.each([
    ['linux', 'x64', 'linux-amd64'],
    ['linux', 'arm64', 'linux-arm64'],
    ['darwin', 'arm64', 'darwin-arm64'],
    ['darwin', 'x64', 'darwin-amd64'],
    ['win32', 'x64', undefined],
    ['linux', 'riscv64', undefined]
  ])('on %s %s the program is that of %s', (platform, arch, expected) => {
    expect(platformOf(KIND_CATALOG, { platform, arch })).toBe(expected)
  })
})

const nodes = { '1.37': 'n:v1.37.0@sha256:7', '1.36': 'n:v1.36.4@sha256:6', '1.4': 'n:v1.4.0@sha256:4' }
const catalog = { ...KIND_CATALOG, nodes }

test.each([
  [undefined, nodes['1.37'], '1.37'],
  ['1.36', nodes['1.36'], '1.36'],
  ['v1.36', nodes['1.36'], '1.36'],
  ['1.36.4', nodes['1.36'], '1.36'],
  ['1.36.1', undefined, undefined],
  ['1.3', undefined, undefined],
  ['1.38', undefined, undefined],
  ['latest', 'latest', undefined],
  ['mirror.example/kindest/node:v1.36.4', 'mirror.example/kindest/node:v1.36.4', undefined]
])('kind-node-image %s means %s', (wanted, image, minor) => {
  expect(nodeImageOf(wanted, catalog)).toEqual(image === undefined ? undefined : { image, minor })
})

test.each([
  ['0.33.0', '0.33.0', 0],
  ['0.9.1', '0.33.0', -1],
  ['1.0.0', '0.33.0', 1],
  ['0.33.1', '0.33.0', 1],
  ['1.34', '1.35', -1]
])('%s against %s is %i', (a, b, expected) => {
  expect(Math.sign(compareVersions(a, b))).toBe(expected)
})
