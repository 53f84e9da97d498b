import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type AccessMode, grant, grantMore, type GrantOptions, type GrantPorts } from '../../../src/access/grant.ts'
import { awaitGrant } from '../../../src/access/review.ts'
import { TokenSource } from '../../../src/access/token.ts'
import { call } from '../../../src/cluster/api.ts'
import { connect, type Connection, connectWithToken } from '../../../src/cluster/connection.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { startJournal } from '../../../src/undo/journal.ts'
import { Scope } from '../../../src/undo/scope.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

const NEVER = new AbortController().signal
let server: ApiServer
let caller: Connection
let folder: string
let ports: GrantPorts
let warnings: string[]
let runs = 0
beforeAll(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'shop', name: 'web' })
  caller = connect(
    { url: new URL(server.url), ca: server.ca, serverName: undefined, skipVerify: false, proxy: {} },
    { headers: () => Promise.resolve({ authorization: `Bearer ${server.adminToken}` }) }
  )
  await call(caller, { method: 'GET', path: 'version', timeout: 60_000, patience: 60_000 }) // the first connection takes long on a busy machine
}, 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-grant-'))
  warnings = []
  const log = { info: () => {}, warn: (line: string) => void warnings.push(line), error: () => {}, debug: () => {} }
  ports = { caller, scope: new Scope(), journal: startJournal(folder, 'run'), clock: systemClock, log, signal: NEVER, onSecret: () => {} }
})
afterEach(async () => {
  await ports.scope.close()
  rmSync(folder, { recursive: true })
})
afterAll(async () => {
  caller.agent.destroy()
  await server.close()
})

const optionsOf = (mode: AccessMode = { kind: 'per-run' }): GrantOptions => {
  const marks = { run: `run${(runs += 1)}`, expires: 2_000_000_000, owner: 'me' }
  return { mode, namespace: 'shop', pods: ['web'], approach: 'kubernetes-api', tokenTtl: 600_000, marks }
}
const since = (begun: number): string[] => server.requests.slice(begun).map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`)

test('what was made last is removed first: the further binding and role, the binding, the role, the account', async () => {
  const options = optionsOf()
  const { connection } = await grant(options, ports)
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['web'] }]
  await grantMore(options, { connection, more: { namespace: 'shop', suffix: 'further', rules } }, ports)
  const begun = server.requests.length
  await ports.scope.close()
  const name = `kscan-${options.marks.run}`
  expect(since(begun)).toEqual([
    `DELETE rolebindings/${name}-further`,
    `DELETE roles/${name}-further`,
    `DELETE rolebindings/${name}`,
    `DELETE roles/${name}`,
    `DELETE serviceaccounts/${name}`
  ])
  expect([server.objects.made(), ports.scope.leftovers]).toEqual([[], []])
})

test('what is made is marked, binds the account to the role of this run, and puts its token into no pod', async () => {
  const options = optionsOf()
  const name = `kscan-${options.marks.run}`
  const { made } = await grant(options, ports)
  expect(made).toEqual([`serviceaccount shop/${name}`, `role shop/${name}`, `rolebinding shop/${name}`])
  const metadata = { name, labels: { 'app.kubernetes.io/managed-by': 'kscan', 'kscan.dev/run': options.marks.run, 'kscan.dev/expires-at': '2000000000' } }
  expect(server.objects.get('serviceaccounts', 'shop', name)).toMatchObject({ metadata, automountServiceAccountToken: false })
  expect(server.objects.get('roles', 'shop', name)).toMatchObject({ metadata })
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'shop' }]
  expect(server.objects.get('rolebindings', 'shop', name)).toMatchObject({ metadata, roleRef: { kind: 'Role', name }, subjects })
})

test('a further role in another namespace is bound to the account where that is', async () => {
  server.addNamespace('scans')
  const options = optionsOf()
  const { connection } = await grant(options, ports)
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['create'], resourceNames: [] }]
  const name = `kscan-${options.marks.run}-twin-pod-0`
  expect(await grantMore(options, { connection, more: { namespace: 'scans', suffix: 'twin-pod-0', rules } }, ports)).toEqual([
    `role scans/${name}`,
    `rolebinding scans/${name}`
  ])
  const subjects = [{ kind: 'ServiceAccount', name: `kscan-${options.marks.run}`, namespace: 'shop' }]
  expect(server.objects.get('rolebindings', 'scans', name)).toMatchObject({ roleRef: { kind: 'Role', name }, subjects })
})

test("a fresh grant is waited for, a caller's own rights are not", async () => {
  const begun = Date.now()
  const { connection } = await grant(optionsOf(), ports)
  expect(connection.fresh.until).toBeGreaterThanOrEqual(begun + 5000)
  expect(connection.fresh.until).toBeLessThanOrEqual(Date.now() + 5000)
  await grant(optionsOf({ kind: 'self' }), ports)
  expect(caller.fresh.until).toBe(0)
})

describe('a scanner that could do more than a scan needs', () => {
  /** All service accounts may do that, beside what a scan needs. */
  const give = (resource: string, verb: string): void => {
    const metadata = { namespace: 'shop', name: 'more' }
    const rules = [
      { apiGroups: [''], resources: [resource], verbs: [verb] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'], resourceNames: ['web'] }
    ]
    server.objects.put('roles', { ...metadata, fields: { rules } })
    const subjects = [{ kind: 'Group', name: 'system:serviceaccounts' }]
    server.objects.put('rolebindings', { ...metadata, fields: { roleRef: { kind: 'Role', name: 'more' }, subjects } })
  }
  afterEach(() => {
    server.objects.remove('roles', 'shop', 'more')
    server.objects.remove('rolebindings', 'shop', 'more')
  })

  test.each([
    ['secrets', 'list', 'list secrets in shop'],
    ['pods', 'create', 'create pods in shop'],
    ['pods/exec', 'create', 'create pods/exec in shop'],
    ['pods/ephemeralcontainers', 'patch', 'patch pods/ephemeralcontainers in shop']
  ])('by %s %s is refused where its access was made for the run, and named elsewhere', async (resource, verb, words) => {
    give(resource, verb)
    await expect(grant(optionsOf(), ports)).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: `The scanner could do more than a scan needs: ${words}` })
    await grant(optionsOf({ kind: 'service-account', account: 'default' }), ports)
    expect(warnings).toEqual([`The scanner could do more than a scan needs: ${words}`])
  })

  test('is none by what the run gives it', async () => {
    await grant(optionsOf(), ports)
    expect(warnings).toEqual([])
  })
})

describe('rights that never come into force', () => {
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['web'] }]
  /** Each pause seems to take 2.5 s. */
  const fakeClock = (): Clock & { slept: number } => {
    const clock = { slept: 0, now: () => clock.slept, sleep: () => Promise.resolve(void (clock.slept += 2500)) }
    return clock
  }
  const powerless = async (): Promise<Connection> => {
    const tokens = await TokenSource.open(caller, { namespace: 'shop', name: 'default' }, { ...ports, ttl: 600_000 })
    tokens.close()
    return connectWithToken(caller.server, () => tokens.token)
  }

  test.each([
    ['for 10 s', undefined, 12_500],
    ['not at all where nothing was granted', false, 0]
  ])('are waited for %s', async (_how, patient, slept) => {
    const connection = await powerless()
    const clock = fakeClock()
    const waiting = awaitGrant(connection, { namespace: 'shop', rules }, { clock, signal: NEVER, ...(patient === undefined ? {} : { patient }) })
    await expect(waiting).rejects.toMatchObject({ code: 'ACCESS_DENIED', message: expect.stringContaining('did not come into force: get pods web in shop') })
    expect(clock.slept).toBe(slept)
    connection.agent.destroy()
  })
})
