import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Connection } from '../../../src/cluster/connection.ts'
import type { Cluster } from '../../../src/cluster/existing.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { type Audited, auditUnderGrant } from '../../../src/scan/audit-under-grant.ts'
import { namelessFile } from '../../../src/kernel/nameless-file.ts'
import type { Ports } from '../../../src/scan/ports.ts'
import { factsOf, readPod } from '../../../src/target/facts.ts'
import { startJournal } from '../../../src/undo/journal.ts'
import { Scope } from '../../../src/undo/scope.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'
import type { Isolation } from '../../../src/auditor/isolation/isolation.ts'
import { run } from '../../../src/process/run.ts'

const PODS = ['one', 'two', 'three']
const NOW = 1_000_000_000_000
let server: ApiServer
let connection: Connection
let folder: string
beforeAll(async () => {
  server = await startApiServer()
  for (const name of PODS) server.addPod({ namespace: 'shop', name, place: { missing: ['/bin/sh'] } })
  connection = await connectAdmin(server)
}, 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-granted-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

/** Pods without a shell, one after the other. `begun` is called at the beginning of each phase. */
const audited = async (scope: Scope, signal: AbortSignal, begun: (phase: string) => void = () => {}): Promise<Audited> => {
  // the token of this server is of another time: it is never renewed
  const sleep: Clock['sleep'] = (milliseconds, over) => systemClock.sleep(Math.min(milliseconds, 3_600_000), over)
  const targets = await Promise.all(PODS.map(async (name) => factsOf(await readPod(connection, { namespace: 'shop', name }), 'main', name)))
  const phase = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    begun(title)
    return await work()
  }
  const log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
  const host = { log, env: {}, phase, mask: () => {}, progress: () => {}, owner: 'me' } as unknown as Ports['host']
  using printed = namelessFile(folder)
  const job = {
    run: 'abcdefghij',
    journal: startJournal(folder, 'abcdefghij'),
    folder,
    cluster: { connection } as Cluster,
    targets,
    auditor: { source: 'path', product: 'p', version: '1', command: { file: '/nosuch', args: [] }, env: {} },
    profiles: [],
    isolation: NONE,
    approach: { kind: 'kubernetes-api' },
    access: { kind: 'per-run' },
    tokenTtl: 600_000,
    containerDetection: 'native',
    runnerResources: 'deny',
    profileEnv: {},
    transcript: 'off',
    commandTimeout: 10_000,
    scanTimeout: 1_800_000,
    inputFiles: [],
    waiverFiles: [],
    controls: [],
    tags: [],
    log: printed,
    later: () => {},
    logPlace: 'log'
  } as const
  return await auditUnderGrant(job, { host, clock: { now: () => NOW, sleep }, signal, version: '0', plugin: '' }, scope)
}
const NONE: Isolation = { kind: 'none', says: '', at: (path) => path, run }
const NEVER = new AbortController().signal

test('one container that fails does not hide the others, and the rights are gone afterwards', async () => {
  const scope = new Scope()
  const { runs, made, ...access } = await audited(scope, NEVER)
  expect(runs.map(({ target, failure }) => [target.pod, failure?.code])).toEqual(PODS.map((name) => [name, 'TARGET_UNUSABLE']))
  expect([made.length, server.objects.made(), scope.leftovers]).toEqual([3, [], []])
  const now = new Date(NOW).toISOString()
  expect(access).toMatchObject({ excess: [], held: { from: now, until: now }, tokenSeconds: expect.any(Number) })
  expect(runs.map(({ helpers }) => helpers)).toEqual(PODS.map(() => []))
})

test('what is made may not be swept before all audits, one after the other, could have ended', async () => {
  const begun = server.requests.length
  await audited(new Scope(), NEVER)
  const account = server.requests.slice(begun).find(({ method, path }) => method === 'POST' && path.endsWith('/serviceaccounts'))
  const expires = NOW / 1000 + PODS.length * (300 + 1800) + 600
  expect(account?.body).toMatchObject({ metadata: { labels: { 'kscan.dev/expires-at': String(expires) } } })
})

test.each(['Grant access', 'Audit'])('an interruption in the phase "%s" is the reason, and takes back what was made', async (title) => {
  const scope = new Scope()
  const interrupt = new AbortController()
  const ended = audited(scope, interrupt.signal, (phase) => {
    if (phase === title) interrupt.abort(new ScanError('INTERRUPTED', 'Interrupted by SIGTERM'))
  })
  await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect([server.objects.made(), scope.leftovers]).toEqual([[], []])
})
