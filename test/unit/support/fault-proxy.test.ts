import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'yaml'
import { ask, type Caller, type Ended, exec } from '../../conformance/client.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'

let server: ApiServer
let proxy: FaultProxy
let through: Caller
beforeEach(async () => {
  server = await startApiServer()
  server.addPod({ namespace: 'web', name: 'app' })
  proxy = await startFaultProxy({ server: server.url, ca: server.ca })
  through = { url: proxy.url, ca: proxy.ca, token: server.adminToken }
})
afterEach(async () => {
  await proxy.stop()
  await server.close()
})

const ACCOUNTS = '/api/v1/namespaces/web/serviceaccounts'
const outcome = (method: string, path: string, body?: unknown): Promise<number | string> =>
  ask(through, method, path, body).then(
    ({ status }) => status,
    () => 'no answer'
  )
const make = (name: string): Promise<number | string> => outcome('POST', ACCOUNTS, { metadata: { name } })
const run = (script: string, onOutput?: (output: string) => void): Promise<Ended> => {
  const query = ['/bin/sh', '-c', script].map((part): [string, string] => ['command', part])
  return exec(through, {
    path: '/api/v1/namespaces/web/pods/app/exec',
    query: [...query, ['stdin', 'true'], ['stdout', 'true']],
    ...(onOutput === undefined ? {} : { onOutput })
  })
}

describe('without a fault', () => {
  test('requests, bodies, tokens and answers go through unchanged', async () => {
    expect(await ask(through, 'POST', ACCOUNTS, { metadata: { name: 'one' } })).toMatchObject({ status: 201, json: { metadata: { name: 'one' } } })
    expect(await ask({ ...through, token: 'wrong' }, 'GET', ACCOUNTS)).toMatchObject({ status: 401, json: { message: 'Unauthorized' } })
    expect(server.requests.map(({ method, user, status }) => [method, user, status])).toEqual([
      ['POST', 'admin', 201],
      ['GET', '', 401]
    ])
    expect(proxy.log).toEqual([
      { n: 1, method: 'POST', path: ACCOUNTS, upgrade: false, targetStatus: 201, fault: undefined },
      { n: 2, method: 'GET', path: ACCOUNTS, upgrade: false, targetStatus: 401, fault: undefined }
    ])
  })

  test('streams go through in both directions', async () => {
    const query: [string, string][] = [
      ['command', 'cat'],
      ['stdin', 'true'],
      ['stdout', 'true']
    ]
    const send = [Buffer.from(`\0${'x'.repeat(200_000)}`), Buffer.of(255, 0)]
    const ended = await exec(through, { path: '/api/v1/namespaces/web/pods/app/exec', query, send })
    expect([ended.stdout.length, ended.status, ended.closeCode]).toEqual([200_000, { metadata: {}, status: 'Success' }, 1000])
    expect(proxy.log).toMatchObject([{ n: 1, upgrade: true, targetStatus: 101 }])
  })

  test('a refused stream is refused with its Status', async () => {
    const path = '/api/v1/namespaces/web/pods/none/exec'
    expect((await exec(through, { path, query: [['stdout', 'true']] })).refused).toMatchObject({ status: 404, json: { message: 'pods "none" not found' } })
  })

  test('its kubeconfig names the proxy, its authority and the token', () => {
    const cluster = { server: proxy.url, 'certificate-authority-data': Buffer.from(proxy.ca).toString('base64') }
    expect(parse(proxy.kubeconfig('t'))).toMatchObject({ clusters: [{ cluster }], users: [{ user: { token: 't' } }] })
    expect(proxy.ca).not.toBe(server.ca)
  })

  test('a target that is gone is a 502', async () => {
    await server.close()
    expect(await make('one')).toBe(502)
  })
})

describe('faults of requests', () => {
  test('a dropped request never reaches the target, and only that one', async () => {
    proxy.dropRequest(2)
    expect([await make('one'), await make('two'), await make('three')]).toEqual([201, 'no answer', 201])
    expect(server.objects.made()).toEqual(['serviceaccounts web/one', 'serviceaccounts web/three'])
  })

  test('a dropped answer: the target has done it', async () => {
    proxy.dropAnswer(1)
    expect(await make('one')).toBe('no answer')
    expect(server.objects.made()).toEqual(['serviceaccounts web/one'])
    expect(proxy.log).toMatchObject([{ targetStatus: 201, fault: 'drop-answer' }])
  })

  test('an answer in the place of the target, with its headers', async () => {
    proxy.answer({ method: 'POST', path: /serviceaccounts/ }, { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '7' } })
    expect(await ask(through, 'POST', ACCOUNTS, { metadata: { name: 'one' } })).toMatchObject({ status: 429, json: { message: 'slow down' } })
    expect(await make('one')).toBe(201)
    expect(server.requests.length).toBe(1)
  })

  test('the nth of those that match, or every one', async () => {
    proxy.dropRequest({ method: 'GET', nth: 2 })
    proxy.answer({ path: /version/, nth: 'every' }, { status: 503 })
    expect([await outcome('GET', ACCOUNTS), await outcome('GET', ACCOUNTS), await outcome('GET', '/version'), await outcome('GET', '/version')]).toEqual([
      200,
      'no answer',
      503,
      503
    ])
    proxy.clear()
    expect(await outcome('GET', '/version')).toBe(200)
  })

  test('a request that hangs is not answered until the proxy stops', async () => {
    proxy.hang(1)
    const asked = make('one')
    expect(await Promise.race([asked, wait(100, 'waiting')])).toBe('waiting')
    await proxy.stop()
    expect(await asked).toBe('no answer')
    expect(server.requests).toEqual([])
  })
})

describe('faults of streams', () => {
  const attempt = (script: string): Promise<Ended | string> => run(script).catch((error: unknown) => String(error))

  test('a dropped request starts nothing, a dropped answer does', async () => {
    proxy.dropRequest(1)
    proxy.dropAnswer(2)
    expect(await attempt('true')).toMatch(/hang up|ECONNRESET/)
    expect(server.streams.length).toBe(0)
    expect(await attempt('true')).toMatch(/hang up|ECONNRESET/)
    expect(server.streams.length).toBe(1)
  })

  test('an upgrade can be refused in the place of the target', async () => {
    proxy.answer(1, { status: 403, body: { message: 'not yet' } })
    expect((await run('true')).refused).toMatchObject({ status: 403, json: { message: 'not yet' } })
    expect((await run('true')).status).toMatchObject({ status: 'Success' })
  })

  test.each([0, 100, 50_000])('a stream is cut after %i bytes', async (bytes) => {
    proxy.cutStream(1, bytes)
    const ended = await run('head -c 200000 /dev/zero')
    expect(ended).toMatchObject({ closeCode: 1006, status: undefined })
    expect(ended.stdout.length).toBeLessThanOrEqual(bytes)
  })

  test('open streams are cut on command', async () => {
    const ended = await run('echo ready; cat', () => proxy.cutStreams())
    expect(ended).toMatchObject({ stdout: 'ready\n', closeCode: 1006, status: undefined })
  })

  test('a client that goes away is gone for the target too', async () => {
    const query: [string, string][] = [
      ['command', 'cat'],
      ['stdin', 'true'],
      ['stdout', 'true']
    ]
    const send = [Buffer.from('\0x')]
    await exec(through, { path: '/api/v1/namespaces/web/pods/app/exec', query, send, onOutput: (_output, socket) => socket.terminate() })
    await wait(50)
    expect(server.streams).toMatchObject([{ closed: 1 }])
  })
})
