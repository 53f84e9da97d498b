import { afterEach, describe, expect, test } from '@jest/globals'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'yaml'
import { ask, type Caller, type Ended, exec } from '../../conformance/client.ts'
import type { Fault } from '../../support/api-server/faults.ts'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../support/api-server/server.ts'

const open: ApiServer[] = []
const start = async (options: ApiServerOptions = {}): Promise<{ server: ApiServer; admin: Caller }> => {
  const server = await startApiServer(options)
  open.push(server)
  return { server, admin: { url: server.url, ca: server.ca, token: server.adminToken } }
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const query = (argv: readonly string[]): [string, string][] => [
  ...argv.map((part): [string, string] => ['command', part]),
  ['stdin', 'true'],
  ['stdout', 'true'],
  ['stderr', 'true']
]
const run = (as: Caller, argv: readonly string[], onOutput?: (output: string) => void): Promise<Ended> =>
  exec(as, { path: '/api/v1/namespaces/web/pods/app/exec', query: query(argv), ...(onOutput === undefined ? {} : { onOutput }) })

describe('what the stand-in has no route for', () => {
  test.each([
    ['GET', '/nothing'],
    ['GET', '/api/v1/namespaces/web/secrets'],
    ['GET', '/apis/apps/v2/namespaces/web/deployments'],
    ['PUT', '/api/v1/namespaces/web/pods/app'],
    ['PATCH', '/api/v1/namespaces/web/pods/app/ephemeralcontainers'],
    ['DELETE', '/api/v1/namespaces/web/pods/app'],
    ['DELETE', '/api/v1/namespaces/web/serviceaccounts'],
    ['POST', '/api/v1/serviceaccounts'],
    ['GET', '/api/v1/namespaces/web/pods/app/log'],
    ['GET', '/api/v1/namespaces/web/pods?watch=true'],
    ['GET', '/api/v1/namespaces/web/pods?fieldSelector=metadata.name%3Dapp'],
    ['GET', '/api/v1/namespaces/web/pods/app/exec/more']
  ])('%s %s is 501', async (method, path) => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app' })
    expect(await ask(admin, method, path)).toMatchObject({ status: 501, json: { kind: 'Status', reason: 'NotImplemented' } })
  })
})

describe('what a test can see', () => {
  test('every request is in the log with its user, body and status', async () => {
    const { server, admin } = await start()
    const path = '/api/v1/namespaces/default/serviceaccounts'
    await ask(admin, 'POST', path, { metadata: { name: 'one' } })
    await ask({ ...admin, token: 'wrong' }, 'GET', `${path}?limit=1`)
    expect(server.requests).toEqual([
      { method: 'POST', path, user: 'admin', body: { metadata: { name: 'one' } }, status: 201 },
      { method: 'GET', path: `${path}?limit=1`, user: '', body: undefined, status: 401 }
    ])
  })

  test('what was made through the API is listed until it is removed; what the test put there is not', async () => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app' })
    await ask(admin, 'POST', '/api/v1/namespaces/web/serviceaccounts', { metadata: { name: 'one' } })
    expect(server.objects.made()).toEqual(['serviceaccounts web/one'])
    await ask(admin, 'DELETE', '/api/v1/namespaces/web/serviceaccounts/one')
    expect(server.objects.made()).toEqual([])
  })

  test('the kubeconfig names the server, its authority and a token', async () => {
    const { server } = await start()
    const ca = Buffer.from(server.ca).toString('base64')
    expect(parse(server.kubeconfig())).toMatchObject({
      clusters: [{ cluster: { server: server.url, 'certificate-authority-data': ca } }],
      users: [{ user: { token: server.adminToken } }]
    })
    expect(parse(server.kubeconfig('other'))).toMatchObject({ users: [{ user: { token: 'other' } }] })
  })

  test('a certificate of another authority is not trusted', async () => {
    const { admin } = await start()
    const { server: other } = await start()
    await expect(ask({ ...admin, ca: other.ca }, 'GET', '/version')).rejects.toThrow(/certificate|signature/)
  })

  test('a stream is in the log with its argv, and closed when its client closes it', async () => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app' })
    await run(admin, ['true'])
    expect(server.streams).toEqual([{ user: 'admin', namespace: 'web', pod: 'app', container: 'main', argv: ['true'], opened: 1, closed: 1 }])
  })
})

describe('pods', () => {
  test('a pod that is put again has another uid and container id', async () => {
    const { server } = await start()
    const first = server.addPod({ namespace: 'web', name: 'app' })
    const second = server.addPod({ namespace: 'web', name: 'app' })
    expect(second.metadata.uid).not.toBe(first.metadata.uid)
    expect(JSON.stringify(second['status'])).not.toBe(JSON.stringify(first['status']))
  })

  test('a pod has its own environment, folder and programs', async () => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app', place: { env: { GREETING: 'hello', PATH: '/bin:/usr/bin' }, cwd: '/usr', missing: ['/bin/sh'] } })
    expect(await run(admin, ['sh', '-c', 'echo $GREETING $HOSTNAME; pwd; env | grep -c JEST'])).toMatchObject({ stdout: 'hello app\n/usr\n0\n' })
    expect((await run(admin, ['/bin/sh'])).status).toMatchObject({
      reason: 'InternalError',
      message: expect.stringContaining('stat /bin/sh: no such file or directory')
    })
  })

  test('a pod can wrap what it starts', async () => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app', place: { wrap: (argv) => ['echo', 'wrapped', ...argv] } })
    expect((await run(admin, ['/bin/sh'])).stdout).toBe('wrapped /bin/sh\n')
  })
})

describe('time and rights', () => {
  test('a token ends when its time is over', async () => {
    let now = Date.now()
    const { server, admin } = await start({ now: () => now })
    const answer = await ask(admin, 'POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { spec: { expirationSeconds: 600 } })
    const token = /"token":"([^"]+)"/.exec(answer.text)?.[1] ?? ''
    now += 599_000
    expect((await ask({ ...admin, token }, 'GET', '/version')).status).toBe(200)
    now += 1_000
    expect((await ask({ ...admin, token }, 'GET', '/version')).status).toBe(401)
    expect(server.requests.map(({ user }) => user)).toEqual(['admin', 'system:serviceaccount:default:default', ''])
  })
})

describe('faults', () => {
  const path = '/api/v1/namespaces/default/serviceaccounts'
  const outcome = (admin: Caller): Promise<number | string> =>
    ask(admin, 'POST', path, { metadata: { name: 'one' } }).then(
      ({ status }) => status,
      () => 'no answer'
    )
  const busy = { status: 429, body: 'slow down', headers: { 'retry-after': '1' } }

  test.each<[string, Fault['mishap'], number | string, string[]]>([
    ['an answer', { kind: 'answer', answer: busy }, 429, []],
    ['a dropped request', { kind: 'drop' }, 'no answer', []],
    ['a dropped answer', { kind: 'drop-answer' }, 'no answer', ['serviceaccounts default/one']],
    ['a delay', { kind: 'delay', milliseconds: 20 }, 201, ['serviceaccounts default/one']]
  ])('%s', async (_name, mishap, expected, made) => {
    const { server, admin } = await start()
    server.faults.add({ method: 'POST', path: /serviceaccounts$/, mishap })
    expect(await outcome(admin)).toBe(expected)
    expect(server.objects.made()).toEqual(made)
  })

  test('a fault hits as often as it says, after as many as it says', async () => {
    const { server, admin } = await start()
    server.faults.add({ path: /version/, after: 1, times: 2, mishap: { kind: 'answer', answer: busy } })
    const statuses: number[] = []
    for (let at = 0; at < 4; at += 1) statuses.push((await ask(admin, 'GET', '/version')).status)
    expect(statuses).toEqual([200, 429, 429, 200])
  })

  test('a request that hangs is not answered, and closing the server ends it', async () => {
    const { server, admin } = await start()
    server.faults.add({ path: /version/, mishap: { kind: 'hang' } })
    const asked = ask(admin, 'GET', '/version').then(
      () => 'answered',
      () => 'ended'
    )
    expect(await Promise.race([asked, wait(100, 'waiting')])).toBe('waiting')
    await server.close()
    expect(await asked).toBe('ended')
  })

  test('an upgrade can be refused once', async () => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app' })
    server.faults.add({ path: /exec/, mishap: { kind: 'answer', answer: { status: 403, body: { message: 'not yet' } } } })
    expect((await run(admin, ['true'])).refused).toMatchObject({ status: 403, json: { message: 'not yet' } })
    expect((await run(admin, ['true'])).status).toMatchObject({ status: 'Success' })
  })

  test('streams can be cut without a word', async () => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app' })
    const ended = await run(admin, ['sh', '-c', 'echo ready; cat'], () => server.cutStreams())
    expect(ended).toMatchObject({ stdout: 'ready\n', status: undefined, closeCode: 1006 })
  })

  test('closing the server ends the programs of its streams', async () => {
    const { server, admin } = await start()
    server.addPod({ namespace: 'web', name: 'app' })
    let pid = 0
    await run(admin, ['sh', '-c', 'echo $$; exec sleep 60'], (output) => {
      pid = Number(output)
      void server.close()
    })
    await wait(50)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
