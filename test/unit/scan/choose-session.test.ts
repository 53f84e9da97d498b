import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Allowed, Rejected } from '../../../src/approach/choose.ts'
import { call } from '../../../src/cluster/api.ts'
import { connect, type Connection } from '../../../src/cluster/connection.ts'
import type { Host } from '../../../src/host/host.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { chooseSession } from '../../../src/scan/choose-session.ts'
import type { Opened } from '../../../src/scan/session-room.ts'
import { factsOf, readPod, type Target } from '../../../src/target/facts.ts'
import { type Journal, startJournal } from '../../../src/undo/journal.ts'
import { Scope } from '../../../src/undo/scope.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

let server: ApiServer
let connection: Connection
let folder: string
let journal: Journal
let scope: Scope
let over: AbortController
let rejected: Rejected[]
let granted: string[]
beforeAll(async () => {
  server = await startApiServer()
  connection = connect(
    { url: new URL(server.url), ca: server.ca, serverName: undefined, skipVerify: false, proxy: {} },
    { headers: () => Promise.resolve({ authorization: `Bearer ${server.adminToken}` }) }
  )
  await call(connection, { method: 'GET', path: 'version', timeout: 60_000, patience: 60_000 }) // the first connection takes long on a busy machine
}, 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-choose-'))
  journal = startJournal(folder, 'abcdefghij')
  scope = new Scope()
  over = new AbortController()
  rejected = []
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
  const plan = { connection, approach, grantMore, run: marks.run, index: 0, marks, journal, scanTimeout: 60_000 }
  return chooseSession(target, plan, { ports, scope, kept: [], rejected, over: over.signal, onDead: () => {} })
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

  test('a shell that went with its container says nothing of the image: nothing more intrusive is tried for it', async () => {
    const target = await targetOf()
    server.addPod({ namespace: 'shop', name: 'web', ...NO_SHELL })
    const begun = server.requests.length
    await expect(choose(target, ['unpoliced-ephemeral-container', 'scan-pod'])).rejects.toMatchObject({ code: 'TARGET_CHANGED' })
    expect([granted, changes(begun)]).toEqual([['kubernetes-api'], []])
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
