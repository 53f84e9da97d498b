import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { inOrder } from '../../../../src/cluster/applied/apply.ts'
import { gatherManifests } from '../../../../src/cluster/applied/gather.ts'
import { type Manifest, manifestProblems, parseManifests, sourcesOf } from '../../../../src/cluster/applied/manifest.ts'
import { fullName, pullProblems } from '../../../../src/cluster/applied/pull-policy.ts'
import { findOnPath } from '../../../../src/process/find.ts'
import { Folder } from '../../../support/kubeconfig.ts'
import { problemsOf } from '../../config/load-support.ts'
import { FETCHING } from '../../../../src/kernel/fetching.ts'

const SHA = 'ab'.repeat(32)
let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => folder.remove())

const parsed = (text: string): readonly Manifest[] => {
  const read = parseManifests('a.yaml', text)
  if ('problem' in read) throw new Error(read.problem.got)
  return read.value
}
const pod = (name: string, more = ''): string => `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}${more}}`

describe('the objects of a text', () => {
  test('are those of all documents and lists', () => {
    const text = `---\n${pod('a')}\n---\n# nothing\n---\n{apiVersion: v1, kind: List, items: [${pod('b')}, {apiVersion: v1, kind: PodList, items: [${pod('c')}]}]}\n`
    expect(parsed(text).map(({ object }) => object.metadata.name)).toEqual(['a', 'b', 'c'])
  })

  test.each([
    ['defaultMode: 0644', 420],
    ['on: yes', true],
    ['time: 12:30:45', '12:30:45'],
    ['port: 22:22', '22:22'],
    ['day: 2026-11-30', '2026-11-30'],
    ['text: "0644"', '0644']
  ])('are read as Kubernetes reads them: %s', (line, expected) => {
    const [read] = parsed(pod('a', `, spec: {${line}}`))
    expect(Object.values(read?.object['spec'] as object)).toEqual([expected])
  })

  test.each([
    ['', /it is empty/],
    ['# nothing', /it is empty/],
    ['just words', /document 1: it is no mapping/],
    ['{apiVersion: v1, kind: Pod}', /document 1: metadata is missing/],
    ['{kind: Pod, metadata: {name: a}}', /apiVersion is missing/],
    ['{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}', /metadata\.name is missing/],
    [`${pod('a')}\n---\n{apiVersion: v1, kind: List, items: [3]}`, /document 2: it is no mapping/],
    ['a: [', /document 1: /],
    ['a: 1\na: 2', /document 1: .*unique/]
  ])('%j is none', (text, expected) => {
    const read = parseManifests('a.yaml', text)
    expect('problem' in read && read.problem.got).toMatch(expected)
  })
})

describe('the input manifests', () => {
  test('takes files, and folders with their files in order', () => {
    for (const [name, text] of [
      ['b.yml', pod('b')],
      ['a.yaml', pod('a')],
      ['c.json', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}'],
      ['note.txt', '']
    ] as const)
      // prettier-ignore
      folder.file(name, text)
    const read = sourcesOf(folder.path)
    expect('value' in read && read.value.map((source) => 'path' in source && source.path.slice(folder.path.length + 1))).toEqual(['a.yaml', 'b.yml', 'c.json'])
    expect(manifestProblems([folder.path, join(folder.path, 'a.yaml')])).toEqual([])
  })

  test.each([
    'http://host.example/a.yaml',
    'https://host.example/a.yaml',
    'https://host.example/a.yaml#sha256=abc',
    `http://host.example/a.yaml#sha256=${SHA}`,
    `https://ann:hunter2@host.example/a.yaml#sha256=${SHA}`,
    `https://host.example/a.yaml?token=hunter2#sha256=${SHA}`,
    'git::https://host.example/a?token=hunter2'
  ])('refuses %s, and shows no secret', (entry) => {
    const problems = manifestProblems([entry])
    expect(problems).toEqual([expect.objectContaining({ expected: 'an address as https://HOST/FILE#sha256=DIGEST' })])
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })

  test('takes an address that is pinned', () => {
    expect(sourcesOf(`https://host.example/a.yaml#sha256=${SHA}`)).toEqual({
      value: [{ kind: 'url', url: 'https://host.example/a.yaml', sha256: SHA }]
    })
  })

  test('says all that is wrong at once', () => {
    mkdirSync(join(folder.path, 'empty'))
    const problems = manifestProblems([join(folder.path, 'none.yaml'), join(folder.path, 'empty'), folder.file('bad.yaml', 'a: ['), 'https://x.example/'])
    expect(problems.map(({ got }) => got)).toEqual([
      expect.stringContaining('it does not exist'),
      expect.stringContaining('it has none'),
      expect.stringContaining('bad.yaml, document 1'),
      'https://x.example/'
    ])
  })

  test('refuses the same object twice', async () => {
    const [a, b] = [folder.file('a.yaml', pod('a')), folder.file('b.yaml', pod('a'))]
    const gathered = await gatherManifests([a, b], { env: {}, fetching: FETCHING, signal: AbortSignal.timeout(1000) }).catch((error: unknown) => error)
    expect(
      problemsOf(() => {
        throw gathered
      })
    ).toEqual([{ name: 'manifests', expected: 'each object once', got: `pod/a in ${a} and ${b}` }])
  })
})

describe('a Kustomize folder', () => {
  const gather = async (env: Record<string, string>): Promise<string[] | string> => {
    try {
      return (await gatherManifests([folder.path], { env, fetching: FETCHING, signal: AbortSignal.timeout(60_000) })).map(({ object }) => object.metadata.name)
    } catch (error) {
      return JSON.stringify(
        problemsOf(() => {
          throw error
        })
      )
    }
  }
  const onlyKubectl = async (): Promise<Record<string, string>> => {
    const kubectl = await findOnPath('kubectl', process.env['PATH'])
    if (kubectl === undefined) throw new Error('this test needs kubectl')
    symlinkSync(kubectl, join(folder.path, 'kubectl'))
    return { PATH: folder.path }
  }

  test('is built by kubectl', async () => {
    folder.file('pod.yaml', pod('a'))
    folder.file('kustomization.yaml', 'namePrefix: x-\nresources: [pod.yaml]\n')
    expect(await gather(await onlyKubectl())).toEqual(['x-a'])
  })

  test('without a program that builds it says what to do', async () => {
    folder.file('kustomization.yaml', 'resources: []\n')
    expect(await gather({ PATH: folder.path })).toMatch(/kubectl or kustomize on PATH.*kustomize build DIR/)
  })

  test('does not fetch a base that can be reached', async () => {
    const here = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === 'IPv4' && !each.internal)?.address
    if (here === undefined) throw new Error("this test needs an address that is not the loopback's")
    let asked = 0
    const server = createServer((_request, response) => {
      asked += 1
      response.end(pod('a'))
    })
    await new Promise<void>((resolve) => server.listen(0, here, resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    folder.file('kustomization.yaml', `resources: ["http://${here}:${port}/base.yaml"]\n`)
    const gathered = await gather(await onlyKubectl())
    server.close()
    expect([gathered, asked]).toEqual([expect.stringMatching(/can be built without the network.*Remote bases are not fetched/), 0])
  })

  test('does not start git', async () => {
    folder.file('git', '#!/bin/sh\n: >"$(dirname "$0")/started"\nexit 1\n')
    chmodSync(join(folder.path, 'git'), 0o755)
    folder.file('kustomization.yaml', 'resources: ["github.com/org/repo//base?ref=v1"]\n')
    expect([await gather(await onlyKubectl()), existsSync(join(folder.path, 'started'))]).toEqual([
      expect.stringMatching(/can be built without the network/),
      false
    ])
  })
})

test('what others refer to is applied first, what starts pods last', () => {
  const objects = ['Deployment', 'Widget', 'ConfigMap', 'Pod', 'CustomResourceDefinition', 'Namespace', 'ServiceAccount', 'RoleBinding']
  const manifests = objects.map((kind) => ({ source: 'a', object: { apiVersion: 'v1', kind, metadata: { name: 'a' } } }))
  expect(inOrder(manifests).map(({ object }) => object.kind)).toEqual([
    'Namespace',
    'CustomResourceDefinition',
    'ServiceAccount',
    'ConfigMap',
    'RoleBinding',
    'Widget',
    'Pod',
    'Deployment'
  ])
})

test.each([
  ['app', 'docker.io/library/app:latest'],
  ['app:dev', 'docker.io/library/app:dev'],
  ['shop/app:dev', 'docker.io/shop/app:dev'],
  ['docker.io/shop/app:dev', 'docker.io/shop/app:dev'],
  ['localhost/app', 'localhost/app:latest'],
  ['reg.example:5000/app', 'reg.example:5000/app:latest'],
  [`app@sha256:${SHA}`, `docker.io/library/app@sha256:${SHA}`]
])('a node knows %s as %s', (image, expected) => {
  expect(fullName(image)).toBe(expected)
})

describe('a loaded image', () => {
  const policies = (image: string, policy: string, kind = 'Deployment'): string[] => {
    const spec = `{containers: [{name: c, image: "${image}"${policy === '' ? '' : `, imagePullPolicy: ${policy}`}}]}`
    const forms: Record<string, string> = {
      Pod: spec,
      Deployment: `{template: {spec: ${spec}}}`,
      CronJob: `{jobTemplate: {spec: {template: {spec: ${spec}}}}}`
    }
    const text = `{apiVersion: v1, kind: ${kind}, metadata: {name: web}, spec: ${forms[kind]}}`
    return pullProblems(parsed(text), ['shop/app:dev', 'shop/app']).map(({ got }) => got)
  }

  test.each([
    ['shop/app:dev', 'Always', 'Deployment', /imagePullPolicy: Always, in deployment\/web \(a\.yaml\)/],
    ['docker.io/shop/app:dev', 'Always', 'Pod', /imagePullPolicy: Always, in pod\/web/],
    ['shop/app', '', 'CronJob', /the tag latest.*in cronjob\/web/],
    ['shop/app:latest', '', 'Pod', /the tag latest/]
  ])('%s with the policy "%s" in a %s would be pulled', (image, policy, kind, expected) => {
    expect(policies(image, policy, kind)).toEqual([expect.stringMatching(expected)])
  })

  test.each([
    ['shop/app:dev', ''],
    ['shop/app:dev', 'Never'],
    ['shop/app:latest', 'IfNotPresent'],
    ['shop/other', 'Always']
  ])('%s with the policy "%s" is not', (image, policy) => {
    expect(policies(image, policy)).toEqual([])
  })
})
