import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type AccessMode, grant, grantMore, type GrantOptions, type GrantPorts } from '../../../src/access/grant.ts'
import { awaitGrant, refused } from '../../../src/access/review.ts'
import { TokenSource } from '../../../src/access/token.ts'
import { type Connection, connectWithToken } from '../../../src/cluster/connection.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { startJournal } from '../../../src/undo/journal.ts'
import { readJournal } from '../../../src/undo/read-journal.ts'
import { Scope } from '../../../src/undo/scope.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

/** Of the journal. */
const RUN = 'k7q2m9x4wp'

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
  caller = await connectAdmin(server)
}, 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-grant-'))
  warnings = []
  const log = { info: () => {}, warn: (line: string) => void warnings.push(line), error: () => {}, debug: () => {} }
  ports = { caller, scope: new Scope(), journal: startJournal(folder, RUN), clock: systemClock, log, signal: NEVER, onSecret: () => {} }
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

describe('a token that was just given and is answered 401', () => {
  afterEach(() => server.faults.clear())
  const unknown = { kind: 'answer', answer: { status: 401, body: { kind: 'Status', status: 'Failure', message: 'Unauthorized', code: 401 } } } as const

  test('while the caller is known means an authenticating proxy, with the way around it; what was made is removed', async () => {
    server.faults.add({ path: /selfsubjectaccessreviews/, times: 1000, mishap: unknown })
    const failed: unknown = await grant(optionsOf(), ports).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringMatching(
        /^127\.0\.0\.1:\d+ does not know the token that it has just given for the scanner \(401\), but still knows the caller: before the API server is an authenticating proxy/
      ),
      hint: expect.stringMatching(/^Use access: self, /)
    })
    await ports.scope.close()
    expect([server.objects.made(), ports.scope.leftovers]).toEqual([[], []])
  })

  test("as the caller's own is in a scan with own rights says nothing of a proxy", async () => {
    server.faults.add({ path: /selfsubjectaccessreviews/, times: 1000, mishap: unknown })
    await expect(grant(optionsOf({ kind: 'self' }), ports)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringMatching(/401 Unauthorized$/)
    })
  })

  test('for a moment, by a server of several that does not know it yet, is asked again', async () => {
    server.faults.add({ path: /selfsubjectaccessreviews/, times: 2, mishap: unknown })
    expect((await grant(optionsOf(), ports)).made.length).toBe(3)
  })
})

describe('where very many pods are scanned', () => {
  const MANY = Array.from({ length: 1200 }, (_, index) => `web-${index}`)
  afterEach(() => server.faults.clear())
  const reviews = (begun: number): number => server.requests.slice(begun).filter(({ path }) => path.endsWith('/selfsubjectaccessreviews')).length

  test('1,200 of them, and each review takes 200 ms: their number is bounded, and none is late for having waited for its turn', async () => {
    server.faults.add({ path: /selfsubjectaccessreviews/, times: 100_000, mishap: { kind: 'delay', milliseconds: 200 } })
    const begun = server.requests.length
    const { rules } = await grant({ ...optionsOf(), pods: MANY }, ports)
    expect([rules[0]?.split(' ').length, reviews(begun) < 400]).toEqual([1202, true])
  }, 60_000)

  test('questions that wait for their turn have their own time, and no more than 12 are asked at once', async () => {
    let [now, most] = [0, 0]
    const watching: Connection = {
      ...caller,
      headers: async () => {
        most = Math.max(most, (now += 1))
        await systemClock.sleep(60)
        now -= 1
        return await caller.headers()
      }
    }
    const questions = MANY.map((name) => ({ namespace: 'shop', verb: 'get', group: '', resource: 'pods', subresource: '', name }))
    const begun = performance.now()
    expect(await refused(watching, questions)).toEqual([])
    expect([most, performance.now() - begun > 5500]).toEqual([12, true]) // longer than one of them may take
  }, 60_000)
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
    const { excess } = await grant(optionsOf({ kind: 'service-account', account: 'default' }), ports)
    expect([warnings, excess]).toEqual([[`The scanner could do more than a scan needs: ${words}`], [words]])
  })

  test('is none by what the run gives it', async () => {
    const { excess, tokenSeconds } = await grant(optionsOf(), ports)
    expect([warnings, excess, tokenSeconds()]).toEqual([[], [], 600])
  })

  test('has no token of its own where it acts as its caller', async () => {
    const { tokenSeconds } = await grant(optionsOf({ kind: 'self' }), ports)
    expect(tokenSeconds()).toBeUndefined()
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
    ['for 10 s', {}, 12_500, "The scanner's rights did not come into force: get pods web in shop"],
    ['not at all where nothing was granted', { patience: -1 }, 0, "The scanner's rights did not come into force: get pods web in shop"],
    [
      'for 2 s where somebody else gave them',
      { standing: 'The service account shop/nobody' },
      2500,
      'The service account shop/nobody may not get pods web in shop'
    ]
  ])('are waited for %s', async (_how, awaited, slept, message) => {
    const connection = await powerless()
    const clock = fakeClock()
    const waiting = awaitGrant(connection, { namespace: 'shop', rules }, { clock, signal: NEVER, ...awaited })
    await expect(waiting).rejects.toMatchObject({ code: 'ACCESS_DENIED', message })
    expect(clock.slept).toBe(slept)
    connection.agent.destroy()
  })
})

test('what a controller of the cluster holds is a leftover with its holder, stays in the journal, and lets nothing else wait', async () => {
  for (const plural of ['rolebindings', 'serviceaccounts']) server.objects.finalizers.set(plural, ['example.com/keep'])
  const made = optionsOf()
  const options = { ...made, marks: { ...made.marks, run: RUN } }
  const { connection } = await grant(options, ports)
  const begun = server.requests.length
  await ports.scope.close()
  server.objects.finalizers.clear()
  const name = `kscan-${options.marks.run}`
  const first = since(begun).slice(0, 4)
  expect(first).toEqual([`DELETE rolebindings/${name}`, `PATCH rolebindings/${name}`, `DELETE roles/${name}`, `DELETE serviceaccounts/${name}`])
  expect(ports.scope.leftovers.toSorted((a, b) => a.what.localeCompare(b.what))).toEqual([
    { what: `rolebinding shop/${name}`, why: 'it is still there: the finalizer example.com/keep keeps it; it gives no rights any more' },
    { what: `serviceaccount shop/${name}`, why: 'it is still there: the finalizer example.com/keep keeps it; its token is accepted for about a minute more' }
  ])
  expect(readJournal(ports.journal.file).remaining.map(({ entry }) => ('name' in entry ? entry.name : ''))).toEqual([name, name])
  connection.agent.destroy()
  for (const plural of ['rolebindings', 'serviceaccounts']) server.objects.remove(plural, 'shop', name)
})
