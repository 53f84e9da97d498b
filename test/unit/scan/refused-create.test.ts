import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { grant, grantMore, type GrantOptions, type GrantPorts } from '../../../src/access/grant.ts'
import type { Connection } from '../../../src/cluster/connection.ts'
import type { Host } from '../../../src/host/host.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { Approach } from '../../../src/scan/approach.ts'
import { openSession } from '../../../src/scan/open-session.ts'
import type { SessionRoom } from '../../../src/scan/session-room.ts'
import { imageTarget, type Target } from '../../../src/target/facts.ts'
import { type Journal, startJournal } from '../../../src/undo/journal.ts'
import { listJournals } from '../../../src/undo/read-journal.ts'
import { Scope } from '../../../src/undo/scope.ts'
import type { Mishap } from '../../support/api-server/faults.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

const RUN = 'abcdefghij'
const MARKS = { run: RUN, expires: 2_000_000_000, owner: 'me' }
const NEVER = new AbortController().signal
const IMAGE_ID = `sha256:${'0'.repeat(64)}`
const POD = { pod: 'web', podUid: 'u-1', container: 'main', imageId: IMAGE_ID, user: { uid: 1, gid: 1 } }
const TARGET: Target = { ...imageTarget('web:1', 'shop'), name: 'shop/web/main', ...POD }
const FURTHER = { namespace: 'shop', suffix: 'further', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['web'] }] }

let server: ApiServer
let caller: Connection
let folder: string
let journal: Journal
let scope: Scope
let kept: string[]
let over: AbortController
beforeAll(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'shop', name: 'web', uid: 'u-1' })
  caller = await connectAdmin(server)
}, 60_000)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-refused-'))
  journal = startJournal(folder, RUN)
  scope = new Scope()
  kept = []
  over = new AbortController()
})
afterEach(() => {
  over.abort()
  server.faults.clear()
  rmSync(folder, { recursive: true })
})
afterAll(async () => {
  caller.agent.destroy()
  await server.close()
})

const log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
const grantPorts = (signal = NEVER): GrantPorts => ({ caller, scope, journal, clock: systemClock, log, signal, onSecret: () => {} })
const OPTIONS: GrantOptions = { mode: { kind: 'per-run' }, namespace: 'shop', pods: ['web'], approach: 'kubernetes-api', tokenTtl: 600_000, marks: MARKS }

const opening = (approach: Approach, { target = TARGET, signal = NEVER } = {}): Promise<unknown> => {
  const plan = {
    connection: caller,
    grantMore: () => Promise.resolve(),
    run: RUN,
    index: 0,
    marks: MARKS,
    journal,
    needsTools: true,
    scanTimeout: 60_000,
    approach
  }
  const host = { log } as Pick<Host, 'log'> as Host
  const ports = { host, clock: systemClock, signal, version: '0', plugin: '' }
  const room: SessionRoom = { ports, scope, kept, helpers: [], rejected: [], over: over.signal, onDead: () => {} }
  return openSession(target, plan, room)
}

/** All that a run makes: what makes it, after what, by which request, and what looks for it where nobody knows whether it was made. */
interface Thing {
  readonly before?: () => Promise<unknown>
  readonly make: (signal?: AbortSignal) => Promise<unknown>
  readonly method?: string
  readonly path: RegExp
  readonly looks: RegExp
}
const granting = (plural: string): Thing => ({
  make: (signal) => grant(OPTIONS, grantPorts(signal)),
  path: new RegExp(`/${plural}$`),
  looks: new RegExp(`^DELETE .*/${plural}/kscan-${RUN}$`)
})
const further = (plural: string): Thing => {
  let connection = caller
  return {
    before: async () => ({ connection } = await grant(OPTIONS, grantPorts())),
    make: () => grantMore(OPTIONS, { connection, more: FURTHER }, grantPorts()),
    path: new RegExp(`/${plural}$`),
    looks: new RegExp(`^DELETE .*/${plural}/kscan-${RUN}-further$`)
  }
}
const THINGS: Readonly<Record<string, Thing>> = {
  'the account': granting('serviceaccounts'),
  'the role': granting('roles'),
  'the binding': granting('rolebindings'),
  'a further role': further('roles'),
  'a further binding': further('rolebindings'),
  'a pod': {
    make: () => opening({ kind: 'twin-pod', image: 'toolbox:1', scanNamespace: undefined, pullSecret: undefined }),
    path: /\/namespaces\/shop\/pods$/,
    looks: new RegExp(`^DELETE .*/pods/kscan-${RUN}-0$`)
  },
  'a helper': {
    make: (signal) => opening({ kind: 'debug-container', image: 'toolbox:1', unpoliced: true }, { signal }),
    method: 'PATCH',
    path: /\/ephemeralcontainers/,
    looks: /^GET .*\/pods\/web$/
  }
}
const some = (...wanted: string[]): [string, Thing][] => Object.entries(THINGS).filter(([what]) => wanted.includes(what))
const THE_TOKEN: Thing = { make: () => grant(OPTIONS, grantPorts()), path: /\/token$/, looks: /^never/ }

/** What of a thing is in the journal, on the server, asked for while undoing, and said to be left over. */
const outcome = async ({ before, make, method = 'POST', path, looks }: Thing, mishaps: readonly Mishap[], times = 1) => {
  await before?.()
  mishaps.forEach((mishap, after) => server.faults.add({ method, path, after, times, mishap }))
  const begun = server.requests.length
  const error: unknown = await make().catch((thrown: unknown) => thrown)
  const asked = server.requests.slice(begun).filter((request) => request.method === method && path.test(request.path)).length
  const made = server.requests.length
  server.faults.add({ method: 'DELETE', path: /\/pods\//, times: 100, mishap: answered(404) })
  await scope.close()
  journal.finish()
  const looked = server.requests.slice(made).filter((request) => looks.test(`${request.method} ${request.path}`)).length
  return { error: String(error), asked: asked > 0, looked, leftovers: scope.leftovers, journals: readdirSync(folder), left: server.objects.made(), kept }
}

const answered = (code: number, { message = 'no', headers = {} }: { message?: string; headers?: Record<string, string> } = {}): Mishap => ({
  kind: 'answer',
  answer: { status: code, body: { kind: 'Status', status: 'Failure', message, code }, headers }
})
const WEBHOOK = 'admission webhook "deny.example" denied the request: no'
const CLEAN = { asked: true, leftovers: [], journals: [], left: [] }

describe('what was refused was not made: nothing is undone, left over or noted', () => {
  const refusals: readonly (readonly [string, Mishap])[] = [
    ...[400, 401, 403, 404, 409, 413, 422].map((code) => [String(code), answered(code)] as const),
    ...[400, 401, 403, 404, 409, 418, 422, 429, 451, 500, 503].map((code) => [`${code} of a webhook`, answered(code, { message: WEBHOOK })] as const)
  ]
  test.each(Object.entries(THINGS).flatMap(([what, thing]) => refusals.map(([how, mishap]) => [what, how, thing, mishap] as const)))(
    '%s, after %s',
    async (_what, _how, thing, mishap) => {
      expect(await outcome(thing, [mishap])).toEqual({ ...CLEAN, error: expect.stringMatching(/Error: /), looked: 0, kept: [] })
    }
  )

  test.each(some('the account', 'a pod', 'a helper'))('%s, after 429 again and again', async (_what, thing) => {
    expect(await outcome(thing, [answered(429)], 100)).toEqual({
      ...CLEAN,
      error: expect.stringMatching(/Error: .*429/),
      looked: 0,
      kept: []
    })
  })

  test.each(refusals)('the token, after %s', async (_how, mishap) => {
    expect(await outcome(THE_TOKEN, [mishap])).toMatchObject({ ...CLEAN, error: expect.stringMatching(/Error: /) })
  })
})

describe('what may have been made is looked for', () => {
  const unclear: readonly (readonly [string, readonly Mishap[]])[] = [
    ...[408, 500, 502, 503, 504].map((code) => [String(code), [answered(code)]] as const),
    ['a dropped connection', [{ kind: 'drop' }]],
    ['503 with a time, and a refusal', [answered(503, { headers: { 'retry-after': '0' } }), answered(403)]]
  ]
  const once = Object.entries(THINGS).filter(([what]) => what !== 'a helper')
  test.each(once.flatMap(([what, thing]) => unclear.map(([how, mishaps]) => [what, how, thing, mishaps] as const)))(
    '%s, after %s',
    async (_what, _how, thing, mishaps) => {
      expect(await outcome(thing, mishaps)).toEqual({ ...CLEAN, error: expect.stringMatching(/Error: /), looked: 1, kept: [] })
    }
  )

  test.each(once.filter(([what]) => what !== 'a pod'))('%s, after a lost answer, and is removed', async (_what, thing) => {
    expect(await outcome(thing, [{ kind: 'drop-answer' }])).toMatchObject({ ...CLEAN, looked: 1 })
  })

  test.each(unclear.flatMap(([how, mishaps]) => some('a helper').map(([, thing]) => [how, mishaps, thing] as const)))(
    'a helper, after %s and a refusal',
    async (_how, mishaps, thing) => {
      const entry = `ephemeral container shop/web/kscan-${RUN}-main-0: its process has ended, and the entry goes with the pod`
      expect(await outcome(thing, [...mishaps, answered(422)])).toMatchObject({ ...CLEAN, looked: 1, kept: [entry] })
    }
  )

  test.each(some('the account', 'a helper'))(
    '%s, after an interruption beside a server that says nothing, and stays in the journal when it still does',
    async (_what, thing) => {
      await thing.before?.()
      server.faults.add({ path: thing.path, times: 100, mishap: { kind: 'hang' } })
      const interruption = new AbortController()
      setTimeout(() => interruption.abort(new Error('interrupted')), 500)
      const begun = performance.now()
      const error: unknown = await thing.make(interruption.signal).catch((thrown: unknown) => thrown)
      const milliseconds = performance.now() - begun
      server.faults.add({ path: /./, times: 100, mishap: { kind: 'hang' } })
      await scope.close()
      expect([String(error), listJournals(folder).journals[0]?.remaining.length === 0, scope.leftovers.length > 0]).toEqual(['Error: interrupted', false, true])
      expect([milliseconds > 3300, milliseconds < 5000]).toEqual([true, true]) // a server that has begun with it gets a moment
      server.faults.clear()
      for (const made of server.objects.made()) removeNow(made)
    },
    30_000
  )
})

describe('a webhook that refuses is told by its name and its words', () => {
  const message = 'admission webhook "deny.example" denied the request: not\u001b[31m here\n::error::no'
  const words = 'not\\x1b[31m here ::error::no'
  test.each<[string, string, string]>([
    ['the account', 'ACCESS_DENIED', `the serviceaccount shop/kscan-${RUN} of this run`],
    ['the binding', 'ACCESS_DENIED', `the rolebinding shop/kscan-${RUN} of this run`],
    ['a further role', 'ACCESS_DENIED', `the role shop/kscan-${RUN}-further of this run`],
    ['a pod', 'HELPER_REFUSED', `the pod shop/kscan-${RUN}-0`],
    ['a helper', 'HELPER_REFUSED', 'the helper in shop/web']
  ])('%s', async (what, code, named) => {
    const [[, thing]] = some(what) as [[string, Thing]]
    await thing.before?.()
    server.faults.add({ method: thing.method ?? 'POST', path: thing.path, mishap: answered(418, { message }) })
    const error: unknown = await thing.make().catch((thrown: unknown) => thrown)
    await scope.close()
    expect(error).toMatchObject({ code, message: `The admission webhook "deny.example" refused ${named} (418): ${words}` })
  })
})

describe('a pod of ours that a quota refuses for what it does not say', () => {
  const QUOTA =
    'pods "kscan-abcdefghij-0" is forbidden: failed quota: compute: must specify limits.cpu for: image,kscan-fill; limits.memory for: image,kscan-fill'
  const FULL = 'pods "kscan-abcdefghij-0" is forbidden: exceeded quota: compute, requested: limits.cpu=1, used: limits.cpu=9, limited: limits.cpu=9'
  const ROOT = 'pods "kscan-abcdefghij-0" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'
  const twin = { kind: 'twin-pod', image: 'toolbox:1', scanNamespace: undefined, pullSecret: undefined } as const
  const asked = async (messages: readonly string[], target = TARGET): Promise<{ error: unknown; pods: unknown[] }> => {
    messages.forEach((message, after) => server.faults.add({ method: 'POST', path: /\/pods$/, after, mishap: answered(403, { message }) }))
    const begun = server.requests.length
    const error: unknown = await opening(twin, { target }).catch((thrown: unknown) => thrown)
    await scope.close()
    const posted = server.requests.slice(begun).filter(({ method, path }) => method === 'POST' && path.endsWith('/pods'))
    const one = (body: unknown): unknown => {
      const { resources, securityContext } = (body as { spec: { containers: [{ resources?: unknown; securityContext: { runAsNonRoot?: boolean } }] } }).spec
        .containers[0]
      return [resources !== undefined, securityContext.runAsNonRoot]
    }
    return { error, pods: posted.map(({ body }) => one(body)) }
  }

  test('says it the second time, and no more often', async () => {
    const { error, pods } = await asked([QUOTA, QUOTA])
    expect([String(error), pods]).toEqual([
      expect.stringContaining('failed quota: compute'),
      [
        [false, true],
        [true, true]
      ]
    ])
  })

  test('and that must promise not to be root does both', async () => {
    const { error, pods } = await asked([ROOT, QUOTA, FULL], { ...TARGET, user: undefined })
    expect([String(error), pods]).toEqual([
      expect.stringContaining('exceeded quota'),
      [
        [false, undefined],
        [false, true],
        [true, true]
      ]
    ])
  })

  test('is asked for once where there is no room, with what to do', async () => {
    const { error, pods } = await asked([FULL])
    expect([error, pods]).toEqual([expect.objectContaining({ code: 'HELPER_REFUSED', hint: expect.stringContaining('scan-pod-template') }), [[false, true]]])
  })
})

test('a webhook that takes longer than any other answer may is waited for, and the user is told after 5 s', async () => {
  const lines: string[] = []
  const patient = { ...caller, server: { ...caller.server, onSlow: (line: string) => void lines.push(line) } }
  server.faults.add({ method: 'POST', path: /\/roles$/, mishap: { kind: 'delay', milliseconds: 7000 } })
  const { made } = await grant(OPTIONS, { ...grantPorts(), caller: patient })
  await scope.close()
  expect([made.length, lines, server.objects.made()]).toEqual([
    3,
    [
      'still waiting for the API server to answer POST /apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles: an admission webhook of the cluster may take up to 30 s'
    ],
    []
  ])
}, 30_000)

/** `roles shop/kscan-a` out of the store. */
const removeNow = (made: string): void => {
  const [plural = '', namespace = '', name = ''] = made.split(/[ /]/)
  server.objects.remove(plural, namespace, name)
}

describe('a name that is taken', () => {
  const path = 'api/v1/namespaces/shop/serviceaccounts'
  const put = (run: string): void => {
    const metadata = { name: `kscan-${RUN}`, labels: { 'kscan.dev/run': run } }
    server.objects.put('serviceaccounts', { namespace: 'shop', name: metadata.name, metadata, fields: {} }, true)
  }
  afterEach(() => server.objects.made().forEach(removeNow))

  test('by an object of this run, which something on the way made twice, is freed', async () => {
    put(RUN)
    expect(await outcome(granting('serviceaccounts'), [])).toEqual({ ...CLEAN, error: expect.stringContaining('already exists'), looked: 1, kept: [] })
  })

  test('by an object of another run is left alone', async () => {
    put('another')
    const left = [`serviceaccounts shop/kscan-${RUN}`]
    expect(await outcome(granting('serviceaccounts'), [])).toEqual({ ...CLEAN, left, error: expect.stringContaining('already exists'), looked: 0, kept: [] })
  })

  test('by an object that may not be read is left alone', async () => {
    put(RUN)
    server.faults.add({ method: 'GET', path: new RegExp(path), times: 100, mishap: answered(403) })
    const left = [`serviceaccounts shop/kscan-${RUN}`]
    expect(await outcome(granting('serviceaccounts'), [])).toMatchObject({ ...CLEAN, left, looked: 0 })
  })
})

test.each([
  ['beside the target pulls with its Secrets, too', undefined, 'shop', ['given', 'own']],
  ['elsewhere pulls with the Secret that was named for it alone', 'scans', 'scans', ['given']]
])('a pod of ours %s', async (_what, scanNamespace, namespace, names) => {
  server.addNamespace('scans')
  server.faults.add({ method: 'POST', path: /\/pods$/, mishap: answered(403) })
  const begun = server.requests.length
  const target = { ...TARGET, mirror: { ...TARGET.mirror, pullSecrets: ['own', 'given'] } }
  await expect(opening({ kind: 'twin-pod', image: 'toolbox:1', scanNamespace, pullSecret: 'given' }, { target })).rejects.toMatchObject({
    code: 'HELPER_REFUSED'
  })
  const made = server.requests.slice(begun).find(({ method }) => method === 'POST')
  expect(made?.body).toMatchObject({ metadata: { namespace }, spec: { imagePullSecrets: names.map((name) => ({ name })) } })
  await scope.close()
})
