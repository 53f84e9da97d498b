import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Allowed, Rejected } from '../../../src/approach/choose.ts'
import type { Connection } from '../../../src/cluster/connection.ts'
import type { Host } from '../../../src/host/host.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import type { HelperRecord } from '../../../src/report/record.ts'
import { chooseSession } from '../../../src/scan/choose-session.ts'
import type { Opened } from '../../../src/scan/session-room.ts'
import { factsOf, readPod, type Target } from '../../../src/target/facts.ts'
import { type Journal, startJournal } from '../../../src/undo/journal.ts'
import { Scope } from '../../../src/undo/scope.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

let server: ApiServer
let connection: Connection
let folder: string
let journal: Journal
let scope: Scope
let over: AbortController
let rejected: Rejected[]
let helpers: HelperRecord[]
let granted: string[]
beforeAll(async () => {
  server = await startApiServer()
  connection = await connectAdmin(server)
}, 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-choose-'))
  journal = startJournal(folder, 'abcdefghij')
  scope = new Scope()
  over = new AbortController()
  rejected = []
  helpers = []
  granted = []
})
afterEach(async () => {
  await scope.close()
  over.abort()
  server.faults.clear()
  rmSync(folder, { recursive: true })
})
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

type PodFixture = Parameters<ApiServer['addPod']>[0]
const targetOf = async (more: Partial<PodFixture> = {}): Promise<Target> => {
  server.addPod({ namespace: 'shop', name: 'web', ...more })
  return factsOf(await readPod(connection, { namespace: 'shop', name: 'web' }), 'main', 'web')
}

const choose = (target: Target, allow: readonly Allowed[], denied: readonly string[] = []): Promise<Opened> => {
  const grantMore = (_target: Target, { kind }: { kind: string }): Promise<void> => {
    granted.push(kind)
    return denied.includes(kind) ? Promise.reject(new ScanError('ACCESS_DENIED', 'a role could not be made')) : Promise.resolve()
  }
  const approach = { kind: 'auto', allow, image: 'toolbox:1', scanNamespace: undefined, pullSecret: undefined } as const
  const marks = { run: 'abcdefghij', expires: 2_000_000_000, owner: 'me' }
  const log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
  const ports = { host: { log } as Pick<Host, 'log'> as Host, clock: systemClock, signal: new AbortController().signal, version: '0', plugin: '' }
  const plan = { connection, approach, grantMore, run: marks.run, index: 0, marks, journal, needsTools: true, scanTimeout: 60_000 }
  return chooseSession(target, plan, { ports, scope, kept: [], helpers, rejected, over: over.signal, onDead: () => {} })
}

/** What the cluster was asked to make or to change since then. */
const changes = (begun: number): string[] =>
  server.requests.slice(begun).flatMap(({ method, path }) => (method === 'GET' ? [] : [`${method} ${path.split('/').at(-1)?.split('?')[0]}`]))
const NO_SHELL = { place: { missing: ['/bin/sh'] } }

describe('where the approach is auto', () => {
  test("the image's own shell is taken where it has what is needed, and nothing is made", async () => {
    const target = await targetOf()
    const begun = server.requests.length
    const { way, session } = await choose(target, ['ephemeral-container', 'scan-pod'])
    expect([way, granted, changes(begun)]).toEqual([{ approach: 'kubernetes-api', why: 'the image has a shell' }, ['kubernetes-api'], []])
    expect(await session.run(Buffer.from('echo out'), 20_000)).toMatchObject({ kind: 'done', stdout: Buffer.from('out\n') })
  })

  test('without a shell and without leave for more there is no way, and all reasons are told', async () => {
    await expect(choose(await targetOf(NO_SHELL), [])).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringMatching(
        /^There is no way into shop\/web\/main: kubernetes-api: .*\/bin\/sh.*; sidecar-container: .*; debug-container: .*; twin-pod: allow does not hold scan-pod$/
      )
    })
  })

  test('what the scanner may not be given is passed over, and the next is tried', async () => {
    await expect(choose(await targetOf(NO_SHELL), ['ephemeral-container', 'scan-pod'], ['debug-container', 'twin-pod'])).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('debug-container: a role could not be made; twin-pod: a role could not be made')
    })
    expect(granted).toEqual(['kubernetes-api', 'debug-container', 'twin-pod'])
  })

  test('a stream that fails for another reason is the end: nothing more intrusive is tried for it', async () => {
    const target = await targetOf()
    server.faults.add({ path: /\/exec/, times: 100, mishap: { kind: 'answer', answer: { status: 400, body: 'no' } } })
    const begun = server.requests.length
    await expect(choose(target, ['unpoliced-ephemeral-container', 'scan-pod'])).rejects.toMatchObject({ code: 'SESSION_FAILED' })
    expect([granted, changes(begun)]).toEqual([['kubernetes-api'], []])
  })

  const webhook = (status: number) =>
    ({
      kind: 'answer',
      answer: { status, body: { kind: 'Status', status: 'Failure', message: 'admission webhook "deny.example" denied the request: no\u0007', code: status } }
    }) as const
  test.each([400, 403, 418, 500])('what a webhook refuses with %d is passed over, and the next is tried: stream, dry runs, helper, pod', async (status) => {
    const target = await targetOf()
    server.faults.add({ path: /\/exec/, times: 100, mishap: webhook(status) })
    server.faults.add({ method: 'PATCH', path: /\/ephemeralcontainers$/, times: 100, mishap: webhook(status) })
    server.faults.add({ method: 'PATCH', path: /dryRun/, times: 100, mishap: webhook(status) })
    server.faults.add({ method: 'POST', path: /\/pods$/, times: 100, mishap: webhook(status) })
    const begun = server.requests.length
    const failed: unknown = await choose(target, ['ephemeral-container', 'scan-pod']).catch((error: unknown) => error)
    const by = (what: string): string => `The admission webhook "deny.example" refused ${what} (${status}): no\\x07`
    expect(failed).toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: `There is no way into shop/web/main: kubernetes-api: ${by('an exec of /bin/sh in shop/web/main')}; sidecar-container: no helper is deployed with the pod; debug-container: ${by('the helper in shop/web')}; twin-pod: ${by('the pod shop/kscan-abcdefghij-0')}`
    })
    const real = server.requests.slice(begun).filter(({ path }) => /\/exec|\/ephemeralcontainers$|\/pods$/.test(path))
    expect([granted, real.map(({ method }) => method)]).toEqual([
      ['kubernetes-api', 'debug-container', 'twin-pod'],
      ['GET', 'PATCH', 'POST']
    ])
  })

  test.each([
    [400, { kind: 'Status', status: 'Failure', message: 'Upgrade request required', code: 400 }, 'it came there without its header Upgrade (400)'],
    [403, '<html><title>Blocked by WAF</title></html>', 'it was answered with 403 and a web page (Blocked by WAF)']
  ])('a way that lets no WebSocket pass (%d) is the end at once, and is told with what to ask for', async (status, body, words) => {
    const target = await targetOf()
    server.faults.add({ path: /\/exec/, times: 100, mishap: { kind: 'answer', answer: { status, body } } })
    connection.fresh.until = systemClock.now() + 5000
    const begun = server.requests.length
    await expect(choose(target, ['unpoliced-ephemeral-container', 'scan-pod'])).rejects.toMatchObject({
      code: 'SESSION_FAILED',
      message: `The exec stream did not get through to the API server: ${words}. Something on the way does not let WebSocket pass`,
      hint: expect.stringMatching(/^Ask your network team to let WebSocket pass to 127\.0\.0\.1:\d+: /)
    })
    connection.fresh.until = 0
    const asked = server.requests.slice(begun).filter(({ path }) => path.includes('/exec')).length
    expect([granted, changes(begun), asked]).toEqual([['kubernetes-api'], [], 1])
  })

  test('a shell that went with its container says nothing of the image: nothing more intrusive is tried for it', async () => {
    const target = await targetOf()
    server.addPod({ namespace: 'shop', name: 'web', ...NO_SHELL })
    const begun = server.requests.length
    await expect(choose(target, ['unpoliced-ephemeral-container', 'scan-pod'])).rejects.toMatchObject({ code: 'TARGET_CHANGED' })
    expect([granted, changes(begun)]).toEqual([['kubernetes-api'], []])
  })

  test('a shell that went with the pod of ours says so', async () => {
    const target = await targetOf(NO_SHELL)
    const twin = { namespace: 'shop', name: 'kscan-abcdefghij-0', initContainers: [{ name: 'kscan-fill', terminated: 'Completed' }] }
    const wrap = (): string[] => {
      server.addPod(twin)
      return ['/bin/sh', '-c', 'exit 137']
    }
    const body = server.addPod({ ...twin, place: { wrap } })
    server.faults.add({ method: 'POST', path: /\/pods$/, mishap: { kind: 'answer', answer: { status: 201, body } } })
    await expect(choose(target, ['scan-pod'])).rejects.toMatchObject({ code: 'TARGET_CHANGED', message: expect.stringContaining('another pod has its name') })
    expect(helpers).toEqual([{ by: 'kscan', as: 'pod', image: 'toolbox:1', rights: 'wider' }])
  })
})

describe('what was added for a shell is noted', () => {
  const CONFINED = { runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } }
  const NAME = 'kscan-abcdefghij-main-0'
  const HELPER = { by: 'kscan', as: 'ephemeral-container', image: 'toolbox:1', policy: 'not-asked' }
  const added = async (status: number, body: unknown): Promise<readonly HelperRecord[]> => {
    const target = { ...(await targetOf(NO_SHELL)), user: { uid: 1000, gid: 1000 } }
    server.faults.add({ method: 'PATCH', path: /ephemeralcontainers$/, times: 9, mishap: { kind: 'answer', answer: { status, body } } })
    setTimeout(() => over.abort(new ScanError('SESSION_FAILED', 'enough')), 1500) // the helper never runs
    await expect(choose(target, ['unpoliced-ephemeral-container'])).rejects.toMatchObject({ code: expect.any(String) })
    return helpers
  }

  test('with what the server says that it may do, also where it does not come to run', async () => {
    const body = { spec: { ephemeralContainers: [{ name: NAME, securityContext: CONFINED }] } }
    expect(await added(200, body)).toEqual([{ ...HELPER, rights: 'restricted' }])
  })

  test('without that, where nobody knows whether it was added', async () => {
    expect(await added(500, {})).toEqual([{ ...HELPER, rights: undefined }])
  })

  test('not where the server refused it', async () => {
    expect(await added(422, { kind: 'Status', status: 'Failure', message: 'no', code: 422 })).toEqual([])
  })
})

describe('a container that is near to its memory limit', () => {
  const MiB = 1_048_576
  /** A shell that reads its limit elsewhere: so much of it is used, and so much of that would be given back. */
  const limited = (used: number, givenBack: number): Promise<Target> => {
    const cgroup = join(folder, 'cgroup')
    mkdirSync(cgroup)
    writeFileSync(join(cgroup, 'memory.max'), `${100 * MiB}\n`)
    writeFileSync(join(cgroup, 'memory.current'), `${used * MiB}\n`)
    writeFileSync(join(cgroup, 'memory.stat'), `anon 1\ninactive_file ${givenBack * MiB}\n`)
    return targetOf({ place: { wrap: () => ['/bin/sh', '-c', `sed -u 's#/sys/fs/cgroup#${cgroup}#g' | /bin/sh`] } })
  }

  test('is scanned where enough of it would be given back', async () => {
    expect((await choose(await limited(95, 20), [])).way.approach).toBe('kubernetes-api')
  })

  test('is left at once, and gets no helper, which would share it', async () => {
    const target = await limited(95, 0)
    const [begun, opened] = [server.requests.length, server.streams.length]
    await expect(choose(target, ['unpoliced-ephemeral-container'])).rejects.toMatchObject({
      code: 'TARGET_UNUSABLE',
      message: expect.stringContaining('has 5 MiB left until its memory limit; a scan needs 12'),
      hint: expect.stringContaining('Raise resources.limits.memory.')
    })
    expect([granted, changes(begun)]).toEqual([['kubernetes-api'], []])
    while (server.streams.slice(opened).some(({ closed }) => closed === undefined)) await systemClock.sleep(10)
    expect(server.streams.length).toBe(opened + 1)
  })

  test('of which a pod of ours has none of its own is looked at there', async () => {
    const target = await limited(95, 0)
    await expect(choose(target, ['ephemeral-container', 'scan-pod'], ['twin-pod'])).rejects.toMatchObject({ code: 'TARGET_UNUSABLE' })
    expect(granted).toEqual(['kubernetes-api', 'twin-pod'])
  })
})
