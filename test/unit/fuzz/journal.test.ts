import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openExisting } from '../../../src/cluster/existing.ts'
import { cleanupCommand } from '../../../src/command/cleanup.ts'
import { terminalHost } from '../../../src/host/terminal.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'
import { Folder } from '../../support/kubeconfig.ts'
import { type Random, randomOf } from '../../support/random.ts'

/** Journals that anybody may have written: whatever they say, only what a run itself would have made is asked to go. */

const RUNS = 60
const ROUNDS = 4
const PLURALS = { pod: 'pods', role: 'roles', rolebinding: 'rolebindings', serviceaccount: 'serviceaccounts' } as const

let server: ApiServer
let fingerprint: string
const folder = new Folder()
beforeAll(async () => {
  server = await startApiServer()
  for (const namespace of ['shop', 'kube-system']) {
    server.addNamespace(namespace)
    for (const plural of Object.values(PLURALS)) for (const name of ['web', 'default', 'kscan', 'kscan-0', 'kscan-aaaaaaaaaa-x-1']) put(plural, namespace, name)
  }
  const cluster = await openExisting({ kubeconfig: folder.file('config', server.kubeconfig()), context: undefined, allowExec: false, env: {} })
  cluster.connection.agent.destroy()
  fingerprint = cluster.fingerprint
})
afterAll(async () => {
  folder.remove()
  await server.close()
})

const put = (plural: string, namespace: string, name: string): string => server.objects.put(plural, { namespace, name, metadata: {}, fields: {} }).metadata.uid

/** For any field: what could lead elsewhere, and what is somebody's. */
const HOSTILE: readonly unknown[] = [
  '..', '.', '', '../..', '%2e%2e', '..%2f..', 'a/b', 'a\\b', 'web?x', 'web#x', 'shop/pods/web', 'web', 'default', 'kube-system', 'kscan', 'kscan-0',
  'kscan-aaaaaaaaaa-x-1', 'namespace', 'namespaces', 'clusterrole', '*', '\0', '\n', ' ', '--all', '-1', -1, 0, 1.5, 1e21, null, [], {}, true, 'x'.repeat(300)
] // prettier-ignore

const entryOf = (run: string, random: Random): Record<string, unknown> =>
  random.pick<Record<string, unknown>>([
    {
      kind: 'object',
      type: random.pick(Object.keys(PLURALS)),
      namespace: random.pick(['shop', 'kube-system']),
      name: random.pick([`kscan-${run}`, `kscan-${run}-0`])
    },
    { kind: 'helper', namespace: 'shop', pod: 'web', podUid: 'u', container: `kscan-${run}-main-0` },
    { kind: 'shell', namespace: 'shop', pod: 'web', podUid: 'u', container: 'main', containerId: 'containerd://x', pid: 7, start: '1' }
  ])

const lineOf = (run: string, id: number, random: Random): string => {
  const entry = entryOf(run, random)
  if (random.chance(0.7)) entry[random.pick(Object.keys(entry))] = random.pick(HOSTILE)
  const line: Record<string, unknown> = { event: 'make', id, entry }
  if (random.chance(0.1)) line[random.pick(['event', 'id', 'more'])] = random.pick(HOSTILE)
  const uid = random.chance(0.5) ? [JSON.stringify({ event: 'made', id, uid: random.chance(0.5) ? random.pick(HOSTILE) : 'u-1' })] : []
  return [JSON.stringify(line), ...uid].join('\n')
}

const writeJournals = (random: Random): void => {
  const journals = join(folder.path, 'kscan')
  mkdirSync(journals, { recursive: true })
  for (let index = 0; index < RUNS; index += 1) {
    const run = `a${String(index).padStart(9, '0')}`
    const head = { kscan: 1, run, made: 'today', owner: { pid: 2 ** 22 + 1, start: '1' } }
    const where = { event: 'cluster', id: 0, server: server.url, fingerprint }
    const lines = Array.from({ length: 8 }, (_, at) => lineOf(run, at + 1, random))
    writeFileSync(join(journals, `${run}.jsonl`), [JSON.stringify(head), JSON.stringify(where), ...lines, ''].join('\n'), { mode: 0o600 })
  }
}

const cleanup = (): Promise<number> => {
  const out = new Writable({ write: (_chunk, _encoding, done) => done() }) as NodeJS.WriteStream
  const env = { KUBECONFIG: join(folder.path, 'config'), XDG_STATE_HOME: folder.path, HOME: folder.path }
  const host = terminalHost({ env, verbose: false, stderr: out, stdout: out })
  const signal = new AbortController().signal
  return cleanupCommand({ flags: new Map(), files: [], run: undefined, sweep: false, expired: false, json: false, host, signal, version: '0', plugin: '' })
}

const ALLOWED = /^\/(?:api\/v1\/namespaces\/[a-z0-9-]+\/(?:pods\/kscan-a\d{9}-\d|serviceaccounts\/kscan-a\d{9})|apis\/rbac\.authorization\.k8s\.io\/v1\/namespaces\/[a-z0-9-]+\/(?:roles|rolebindings)\/kscan-a\d{9})$/ // prettier-ignore

test('only things that their runs would have made are deleted, by their uid, and nothing of others is touched', async () => {
  const before = Object.values(PLURALS).map((plural) => server.objects.list(plural).length)
  let deletions = 0
  for (let seed = 1; seed <= ROUNDS; seed += 1) {
    writeJournals(randomOf(seed))
    const first = server.requests.length
    await cleanup()
    const asked = server.requests.slice(first)
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET', 'DELETE']))
    const deleted = asked.filter(({ method }) => method === 'DELETE')
    deletions += deleted.length
    expect(deleted.filter(({ path }) => !ALLOWED.test(path))).toEqual([])
    expect(deleted.filter(({ body }) => !(body as { preconditions?: { uid?: string } }).preconditions?.uid)).toEqual([])
  }
  expect(Object.values(PLURALS).map((plural) => server.objects.list(plural).length)).toEqual(before)
  expect(deletions).toBeGreaterThan(10)
}, 120_000)
