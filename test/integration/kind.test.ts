import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { startJournal } from '../../src/undo/journal.ts'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { leftHere, type Ran, type Running, startCommandLine } from '../support/command-line.ts'
import { FakeEngine } from '../support/fake-engine.ts'
import { runAction } from '../support/github-runner.ts'
import { Folder } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

jest.setTimeout(120_000)

const IMAGE = 'shop/app:dev'
const NODE = 'own/node:1'

let server: ApiServer
let folder: Folder
let engine: FakeEngine
beforeAll(async () => {
  server = await startApiServer()
  folder = new Folder()
  engine = new FakeEngine(folder, server.kubeconfig())
  engine.image(IMAGE)
  engine.image(NODE)
})
beforeEach(() => {
  engine.reset()
  rmSync(join(folder.path, '.local'), { recursive: true, force: true })
})
afterEach(() => {
  server.faults.clear()
  engine.info({})
  for (const { metadata } of server.objects.list('pods')) server.objects.remove('pods', metadata.namespace ?? '', metadata.name)
})
afterAll(async () => {
  folder.remove()
  await server.close()
})

const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Running =>
  startCommandLine(args, { folder: folder.path, env: { PATH: `${engine.bin}:${process.env['PATH'] ?? ''}`, ...env } })
const kscan = (...args: string[]): Promise<Ran> => start(args).ended
const words = (...more: string[]): string[] => ['scan', '--cluster', 'kind', '--kind-node-image', NODE, '--target-image', IMAGE, ...auditor(), ...more]
const auditor = (): string[] => ['--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(folder), ...LENIENT]
const scan = (...more: string[]): Promise<Ran> => kscan(...words(...more))

/** Neither on the engine nor on this machine. */
const nothingLeft = (ran: Pick<Ran, 'folder'>): void => expect([engine.containers, leftHere(ran)]).toEqual([[], []])
const until = async (file: string): Promise<void> => {
  while (!existsSync(file)) await new Promise((wait) => setTimeout(wait, 30))
}
const clusterOf = ({ stderr }: Pick<Ran, 'stderr'>): string => /making (kscan-\w{10}-\w+)/.exec(stderr)?.[1] ?? ''

describe('a run in a cluster of its own', () => {
  test('makes, loads, scans and removes it, in that order, and says what it did', async () => {
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('✓ Remove the kind cluster')])
    const name = clusterOf(ran)
    const asked = engine.asked.map((line) => line.replaceAll(name, 'NAME').replaceAll(/\S+\/kscan-\w{10}\//g, 'FOLDER/'))
    expect(asked.filter((line) => /^(kind (create|load)|docker (save|rm|pull))/.test(line))).toEqual([
      `kind create cluster --name NAME --kubeconfig FOLDER/kind.kubeconfig --wait 180s --image ${NODE}`,
      `docker save --platform linux/amd64 --output FOLDER/image.tar ${IMAGE}`,
      'kind load image-archive FOLDER/image.tar --name NAME',
      'docker rm --force --volumes NAME-control-plane'
    ])
    const record = JSON.parse(readFileSync(join(folder.path, 'kscan-reports', 'run.json'), 'utf8')) as { cluster: unknown; leftovers: unknown }
    expect(record).toMatchObject({
      cluster: {
        context: `kind-${name}`,
        kind: { name, version: '0.33.0', nodeImage: NODE, engine: 'docker', engineVersion: '28.0.0', loaded: [IMAGE], applied: 1 }
      },
      leftovers: []
    })
    nothingLeft(ran)
  })

  test('pulls a node image that is not there', async () => {
    const ran = await kscan(...words().map((word) => (word === NODE ? 'own/other:1' : word)))
    expect([ran.code, engine.asked]).toEqual([0, expect.arrayContaining(['docker pull own/other:1'])])
    expect(ran.stderr).toContain('warning: the node image own/other:1 has no digest')
  })

  test('that does not pass keeps it where that is asked for, and says how to reach and to delete it', async () => {
    const ran = await scan('--keep-cluster', 'on-failure', '--threshold-file', resolve('test/fixtures/thresholds/violated.yaml'))
    const name = clusterOf(ran)
    expect([ran.code, engine.containers, leftHere(ran)]).toEqual([1, [`${name}-control-plane`], []])
    expect(ran.stderr).toContain(`warning: the kind cluster ${name} is kept`)
    expect(ran.stderr).toContain(`kind get kubeconfig --name ${name} >`)
    expect(ran.stderr).toContain(`kind delete cluster --name ${name}\n`)
    expect(JSON.parse(readFileSync(join(folder.path, 'kscan-reports', 'run.json'), 'utf8'))).toMatchObject({ cluster: { kind: { kept: true } } })
  })

  test.each([
    ['passes', 0, 'on-failure', []],
    ['fails', 1, 'never', ['--threshold-file', resolve('test/fixtures/thresholds/violated.yaml')]]
  ])('that %s removes it (%i, keep-cluster: %s)', async (_what, code, keep, more) => {
    const ran = await scan('--keep-cluster', keep, ...more)
    expect(ran.code).toBe(code)
    nothingLeft(ran)
  })

  test('as an action sets its name as an output, and nothing is left for the post step', async () => {
    const ended = await runAction({
      root: process.cwd(),
      inputs: { cluster: 'kind', 'kind-node-image': NODE, 'target-image': IMAGE, profile: resolve('test/fixtures/profiles/first'), auditor: stubAuditor(folder), threshold: 'failed: {total: {max: 100}}', 'max-unjudged': '100' }, // prettier-ignore
      env: { PATH: `${engine.bin}:${process.env['PATH'] ?? ''}`, HOME: folder.path }
    })
    expect([ended.main.code, ended.post?.code, ended.outputs['cluster-name'], engine.containers]).toEqual([
      0,
      0,
      expect.stringMatching(/^kscan-\w{10}-\w+$/),
      []
    ])
  })
})

test('an action that is killed while it loads leaves its cluster to the post step, which needs no kubeconfig', async () => {
  engine.on('kind-load', 'sleep 600')
  const inputs = {
    cluster: 'kind',
    'kind-node-image': NODE,
    'target-image': IMAGE,
    profile: resolve('test/fixtures/profiles/first'),
    auditor: stubAuditor(folder)
  }
  const env = { PATH: `${engine.bin}:${process.env['PATH'] ?? ''}`, HOME: folder.path }
  const ended = await runAction({ root: process.cwd(), inputs, env, killOn: { match: / loading /, signal: 'SIGKILL' } })
  expect([ended.main.code, ended.post?.code, ended.post?.log, engine.containers]).toEqual([null, 0, expect.stringContaining('removed kind cluster kscan-'), []])
})

describe('a step that fails', () => {
  test.each<[string, string, string, RegExp]>([
    [
      'the making, before there is a node',
      'kind-create',
      'echo "ERROR: failed to create cluster: no space left on device" >&2; exit 1',
      /could not be made: failed to create cluster: no space.*\n.*docker system prune/
    ],
    ['the making, half-way', 'kind-made', 'echo "ERROR: failed to init node: too many open files" >&2; exit 1', /failed to init node.*\n.*fs\.inotify/],
    [
      'the saving of an image of another platform',
      'docker-save',
      'echo "image does not provide the specified platform (linux/amd64)" >&2; exit 1',
      /could not be saved.*\n.*build or pull the image for that platform/
    ],
    ['the loading', 'kind-load', 'echo "ERROR: failed to load image: command failed" >&2; exit 1', /could not be loaded into the kind cluster.*\n.*older kind/],
    ['the pull', 'docker-pull', 'echo "manifest unknown" >&2; exit 1', /own\/none:1 could not be pulled: manifest unknown/]
  ])('%s is exit 4 with the reason, and nothing is left', async (_what, step, script, expected) => {
    // prettier-ignore
    engine.on(step, script)
    const ran = await kscan(...words().map((word) => (word === NODE && step === 'docker-pull' ? 'own/none:1' : word)))
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(expected)])
    nothingLeft(ran)
  })

  test('the making half-way keeps the nodes for people, where that is asked for', async () => {
    engine.on('kind-made', 'echo "ERROR: failed to init node" >&2; exit 1')
    const ran = await scan('--keep-cluster', 'on-failure')
    expect([ran.code, engine.containers.length, leftHere(ran)]).toEqual([4, 1, []])
    expect(engine.asked.some((line) => line.startsWith('kind create') && line.endsWith(' --retain'))).toBe(true)
    expect(ran.stderr).toMatch(/is kept, because the run did not pass/)
  })

  test("another's cluster of that name is not removed", async () => {
    engine.on(
      'kind-create',
      `: >"$S/containers/$5-control-plane"; echo 'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "x"' >&2; exit 1`
    )
    const ran = await scan()
    expect([ran.code, ran.stderr, engine.containers.length]).toEqual([4, expect.stringContaining('already exist'), 1])
    expect(leftHere(ran)).toEqual([])
  })

  test('the auditor, while the cluster is made, ends that at once', async () => {
    const made = engine.stopsAt('kind-made')
    const late = folder.file('late-auditor', `#!/bin/sh\nuntil [ -f '${made}' ]; do sleep 0.05; done\nexit 1\n`)
    chmodSync(late, 0o755)
    const ran = await kscan(...words().map((word, index, all) => (all[index - 1] === '--auditor' ? late : word)))
    expect([ran.code, ran.stderr, existsSync(made), ran.milliseconds < 60_000]).toEqual([4, expect.stringContaining('No usable auditor'), true, true])
    nothingLeft(ran)
  })

  test('an image of several platforms, of which the engine has one, is imported for that one', async () => {
    engine.on('kind-load', 'echo "ctr: content digest sha256:0123abc: not found" >&2; exit 1')
    const ran = await scan()
    const name = clusterOf(ran)
    expect(ran.code).toBe(0)
    expect(engine.asked.filter((line) => /^docker (cp|exec)/.test(line)).map((line) => line.replace(/\S+\/image\.tar/, 'FILE'))).toEqual([
      `docker cp FILE ${name}-control-plane:/kscan-image.tar`,
      `docker exec ${name}-control-plane ctr --namespace=k8s.io images import --platform linux/amd64 --digests --snapshotter=overlayfs /kscan-image.tar`,
      `docker exec ${name}-control-plane rm -f /kscan-image.tar`
    ])
  })

  test.each(['unknown flag: --platform', '"--platform" requires API version 1.48, but the Docker daemon API version is 1.41'])(
    'an engine that cannot choose a platform (%s) saves as it can',
    async (complaint) => {
      engine.on('docker-save', `[ "$1" = --platform ] && { echo '${complaint}' >&2; exit 125; }`)
      const ran = await scan()
      expect([ran.code, engine.asked.filter((line) => line.startsWith('docker save')).length]).toEqual([0, 2])
    }
  )

  test('a removal that hangs is left over, said, and done by cleanup later', async () => {
    engine.on('kind-made', `: >"${join(folder.path, 'made')}"; sleep 600`)
    engine.on('docker-rm', 'sleep 600')
    const running = start(words())
    await until(join(folder.path, 'made'))
    running.signal('SIGINT')
    const ran = await running.ended
    const name = clusterOf(ran)
    expect([ran.code, ran.milliseconds < 15_000, ran.stderr]).toEqual([130, true, expect.stringContaining(`could not be removed: kind cluster ${name}: `)])
    engine.off('docker-rm')
    const cleaned = await kscan('cleanup')
    expect([cleaned.code, cleaned.stdout]).toEqual([0, expect.stringContaining(`removed kind cluster ${name}\n`)])
    nothingLeft(ran)
  })
})

describe('a run that is killed', () => {
  test.each([
    ['pulls', 'docker-pull', 'absent'],
    ['has not begun with a node', 'kind-create', 'absent'],
    ['makes a node', 'kind-made', 'there'],
    ['saves an image', 'docker-save', 'there'],
    ['loads an image', 'kind-load', 'there']
  ])('while it %s leaves nothing that cleanup does not remove', async (_what, step, cluster) => {
    const stopped = engine.stopsAt(step)
    const running = start(words().map((word) => (word === NODE && step === 'docker-pull' ? `own/never:${Date.now()}` : word)))
    await until(stopped)
    running.signal('SIGKILL')
    const killed = await running.ended
    expect([killed.code, engine.containers.length]).toEqual([null, cluster === 'there' ? 1 : 0])
    const cleaned = await kscan('cleanup')
    expect([cleaned.code, /removed kind cluster/.test(cleaned.stdout)]).toEqual([0, cluster === 'there' || step === 'kind-create'])
    nothingLeft(killed)
  })

  const RUN = 'abcdefghij'
  const GONE = 2 ** 22 + 1 // more than a process id can be
  const NAME = `kscan-${RUN}-zzzzzz`
  const journal = (endpoint: string): void => {
    const noted = startJournal(join(folder.path, '.local', 'state', 'kscan'), RUN)
    writeFileSync(noted.file, readFileSync(noted.file, 'utf8').replace(`"pid":${process.pid}`, `"pid":${GONE}`))
    noted.make({ kind: 'kind-cluster', name: NAME, engine: 'docker', endpoint })
    noted.make({ kind: 'object', type: 'role', namespace: 'shop', name: `kscan-${RUN}` })
  }

  test('what it made in its cluster goes with it, without a word and without a kubeconfig', async () => {
    journal('unix:///fake/docker.sock')
    engine.put(`${NAME}-control-plane`)
    engine.put(`${NAME}-worker`)
    const cleaned = await kscan('cleanup')
    expect([cleaned.code, cleaned.stdout]).toEqual([0, `removed kind cluster ${NAME}\n`])
    nothingLeft(cleaned)
  })

  test('an engine that went with its job takes the cluster along', async () => {
    journal('tcp://docker:2376')
    engine.on('docker-ps', 'echo "error during connect: dial tcp: lookup docker: no such host" >&2; exit 1')
    const cleaned = await start(['cleanup'], { DOCKER_HOST: 'tcp://docker:2376' }).ended
    expect([cleaned.code, cleaned.stdout]).toEqual([0, `already gone: kind cluster ${NAME}\n`])
    nothingLeft(cleaned)
  })

  test.each([
    ['of this machine that does not answer', 'unix:///fake/docker.sock', 'echo "Cannot connect to the Docker daemon" >&2; exit 1', /Cannot connect/],
    ['that is another one', 'unix:///other.sock', '', /it is on docker at unix:\/\/\/other\.sock, and unix:\/\/\/fake\/docker\.sock answers here/]
  ])('an engine %s leaves it in the journal', async (_what, endpoint, script, expected) => {
    journal(endpoint)
    engine.put(`${NAME}-control-plane`)
    if (script !== '') engine.on('docker-ps', script)
    const cleaned = await kscan('cleanup')
    expect([cleaned.code, cleaned.stderr, leftHere(cleaned)]).toEqual([4, expect.stringMatching(expected), [`${RUN}.jsonl`]])
    engine.off('docker-ps')
    engine.reset()
    expect((await start(['cleanup'], endpoint.includes('other') ? { DOCKER_HOST: endpoint } : {}).ended).code).toBe(0)
  })

  test('without a journal its clusters go by name, and those of others and of today stay', async () => {
    const [old, today] = [`kscan-${RUN}-aaaaaa`, NAME]
    for (const name of [old, today, 'kscan-test', 'other']) engine.put(`${name}-control-plane`)
    const expired = await kscan('cleanup', '--cluster', 'kind', '--expired')
    expect([expired.code, expired.stdout]).toEqual([0, `removed kind cluster ${old}\n`])
    const named = await kscan('cleanup', '--run', RUN)
    expect([named.code, named.stdout]).toEqual([0, `removed kind cluster ${today}\n`])
    expect(engine.containers.toSorted()).toEqual(['kscan-test-control-plane', 'other-control-plane'])
  })
})

describe('what cannot be', () => {
  /** Nothing was made: neither asked of the engine, nor noted. */
  const MAKING = /^(kind create|docker (pull|save|run|rm))/
  const nothingMade = (ran: Ran): void => expect([engine.asked.filter((line) => MAKING.test(line)), leftHere(ran)]).toEqual([[], []])

  test('in the inputs is said at once, before an engine is asked for anything', async () => {
    const config = folder.file('kind.yaml', 'kind: Pod\napiVersion: v1\n')
    const all = [
      '--kind-node-image',
      '1.2',
      '--kind-config',
      config,
      '--kind-version',
      'x',
      '--manifests',
      'none.yaml',
      '--load-images',
      '@',
      '--keep-cluster',
      'yes'
    ]
    const ran = await kscan('scan', '--cluster', 'kind', '--pod', 'web', ...all, ...auditor())
    expect([ran.code, engine.asked]).toEqual([2, ['']])
    for (const name of ['kind-node-image', 'kind-config', 'kind-version', 'manifests', 'load-images', 'keep-cluster'])
      expect(ran.stderr).toMatch(new RegExp(`  ${name}: expected`))
    nothingMade(ran)
  })

  test('on this engine is said at once', async () => {
    const manifest = folder.file(
      'app.yaml',
      `{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: a, image: ${IMAGE}, imagePullPolicy: Always}]}}`
    )
    const ran = await kscan(
      'scan',
      '--cluster',
      'kind',
      '--kind-node-image',
      NODE,
      '--pod',
      'web',
      '--manifests',
      manifest,
      '--load-images',
      `${IMAGE},none:1,none:2`,
      ...auditor()
    )
    expect([ran.code, ran.stderr.match(/ {2}load-images: expected images that docker has; got none:[12]/g)?.length]).toEqual([2, 2])
    expect(ran.stderr).toMatch(/manifests: expected imagePullPolicy: IfNotPresent for shop\/app:dev, which is loaded; got imagePullPolicy: Always, in pod\/web/)
    nothingMade(ran)
  })

  test.each<[string, string, Readonly<Record<string, string>>, RegExp]>([
    ['no right to the socket', 'echo "permission denied while trying to connect" >&2; exit 1', {}, /docker: permission denied.*\n.*group docker/],
    ['no daemon, in a job of GitLab', 'echo "Cannot connect" >&2; exit 1', { GITLAB_CI: 'true' }, /service docker:dind/],
    ['no daemon, in a job of GitHub', 'echo "Cannot connect" >&2; exit 1', { GITHUB_ACTIONS: 'true' }, /mount \/var\/run\/docker\.sock/],
    ['no daemon', 'echo "Cannot connect" >&2; exit 1', {}, /docker: Cannot connect; nerdctl: not on PATH; podman: not on PATH.*\n.*name its context/],
    ['another engine asked for', '', { KIND_EXPERIMENTAL_PROVIDER: 'podman' }, /podman: not on PATH/],
    ['nonsense asked for', '', { KIND_EXPERIMENTAL_PROVIDER: 'moby' }, /names none of docker, nerdctl, podman/]
  ])('with %s is exit 4 with the way out', async (_what, script, env, expected) => {
    if (script !== '') engine.on('docker-info', script)
    const only = new Folder()
    for (const name of ['cat', 'tr', 'sed', 'sh', 'basename', 'rm', 'sleep']) link(only, name)
    const ran = await start(words(), { PATH: `${engine.bin}:${only.path}`, ...env }).ended
    only.remove()
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(expected)])
    nothingMade(ran)
  })

  test('a Kubernetes of the catalog that needs cgroup v2, on a machine with v1', async () => {
    engine.info({ CgroupVersion: '1' })
    const ran = await kscan('scan', '--cluster', 'kind', '--target-image', IMAGE, ...auditor())
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/needs cgroup v2, and docker here has cgroup v1\n.*kind-node-image: 1\.34 does without/)])
    nothingMade(ran)
  })

  test('plan and doctor make nothing', async () => {
    const planned = await kscan('plan', ...words().slice(1, 7))
    expect([planned.code, planned.stdout]).toEqual([
      0,
      expect.stringMatching(
        /kind create cluster --name kscan-RUN-END --image own\/node:1\n.*loaded into its nodes: shop\/app:dev\n.*applied: pod\/app \(target-image\)/
      )
    ])
    const checked = await kscan('doctor', ...words().slice(1, 7), '--auditor', stubAuditor(folder))
    expect([checked.code, checked.stderr]).toEqual([
      0,
      expect.stringMatching(
        /✓ docker 28\.0\.0 answers[^]*✓ kind 0\.33\.0[^]*✓ the node image own\/node:1 is there[^]*✓ the auditor is InSpec 5\.24\.24 \(given: /
      )
    ])
    nothingMade(planned)
  })
})

const link = (into: Folder, name: string): void => {
  const path = ['/bin', '/usr/bin'].map((place) => join(place, name)).find((file) => existsSync(file))
  if (path !== undefined) symlinkSync(path, join(into.path, name))
}
