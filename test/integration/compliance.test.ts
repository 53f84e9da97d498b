import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import Ajv from 'ajv'
import { z } from 'zod'
import type { ApiServer } from '../support/api-server/server.ts'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import type { Folder } from '../support/kubeconfig.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

const Row = z.object({ framework: z.string(), id: z.string(), title: z.string(), status: z.string(), because: z.string() })
const RunJson = z.looseObject({
  access: z.looseObject({ excess: z.array(z.string()), held: z.object({ from: z.string(), until: z.string() }), tokenSeconds: z.number().optional() }),
  compliance: z.object({
    checked: z.string(),
    ways: z.array(z.object({ targets: z.array(z.string()), facts: z.record(z.string(), z.unknown()), assessed: z.array(Row) }))
  })
})

let shop: Shop
let server: ApiServer
let folder: Folder
beforeAll(async () => {
  shop = await startShop()
  ;({ server, folder } = shop)
}, 60_000)
afterEach(() => server.faults.clear())
afterAll(() => shop.close())

const scan = (...more: readonly string[]): Promise<Ran> => {
  const args = [
    'scan',
    '--namespace',
    'shop',
    '--pod',
    'web',
    '--profile',
    resolve('test/fixtures/profiles/first'),
    '--auditor',
    stubAuditor(folder),
    ...LENIENT
  ]
  return startCommandLine([...args, '--reports', 'hdf,html,markdown,risk-acceptance', ...more], { folder: folder.path, env: { KUBECONFIG: shop.kubeconfig } })
    .ended
}
const read = (ran: Ran, name: string): string => readFileSync(join(ran.folder, 'kscan-reports', name), 'utf8')
const toldBy = (ran: Ran) => {
  const value: unknown = JSON.parse(read(ran, 'run.json'))
  const fits = new Ajv().compile(JSON.parse(readFileSync('docs/run.schema.json', 'utf8')) as object)
  expect([fits(value), fits.errors]).toEqual([true, null])
  const { access, compliance } = RunJson.parse(value)
  const [way] = compliance.ways
  return { access, way, statuses: new Map(way?.assessed.map(({ id, status }) => [id, status])) }
}

test('a scan tells how it was done, in run.json, on the page, in the summary and in a record to be signed', async () => {
  const ran = await scan()
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('✓ Revoke access')])
  const { access, way, statuses } = toldBy(ran)
  expect([access.excess, access.tokenSeconds]).toEqual([[], 900])
  expect(Date.parse(access.held.until)).toBeGreaterThan(Date.parse(access.held.from))
  expect(way?.targets).toEqual(['shop/web/main'])
  expect(way?.facts).toMatchObject({
    approach: 'kubernetes-api',
    access: 'per-run',
    rules: 'named',
    'more-rights': 'none',
    token: 15,
    revoked: 'removed',
    added: 'nothing',
    policy: 'not-needed',
    auditor: 'found',
    leftovers: 'none',
    transcript: 'off'
  })
  expect(['4.3.1', '4.3.2', '5.1.2', 'T1609', 'V-242390'].map((id) => statuses.get(id))).toEqual(['met', 'met', 'met', 'at-risk', 'not-assessed'])
  expect(read(ran, 'report.html')).toContain('<h2 id="compliance">How it was scanned</h2>')
  expect(read(ran, 'summary.md')).toContain('<summary>How it was scanned: ')
  expect(read(ran, 'risk-acceptance.md')).toMatch(/^# Risk acceptance for a scan\n[^]*\| at risk \| MITRE [^]*\| Role \| Name \| Date \| Signature \|/)
})

test("a role that cannot be removed, and the caller's own rights, change what it says", async () => {
  server.faults.add({
    method: 'DELETE',
    path: /\/roles\//,
    times: 100,
    mishap: { kind: 'answer', answer: { status: 403, body: { kind: 'Status', message: 'no' } } }
  })
  const left = toldBy(await scan())
  expect([left.way?.facts['revoked'], left.statuses.get('4.3.2')]).toEqual(['left', 'conflict'])
  server.faults.clear()
  for (const name of server.objects.made().map((each) => each.split('/').at(-1) ?? '')) server.objects.remove('roles', 'shop', name)
  const own = toldBy(await scan('--access', 'self'))
  expect([own.access.tokenSeconds, own.way?.facts['revoked'], own.way?.facts['reads-secrets']]).toEqual([undefined, 'not-ours', 'allowed'])
  expect(['4.3.2', '5.1.2', 'T1098.006'].map((id) => own.statuses.get(id))).toEqual(['at-risk', 'conflict', 'met'])
})

test('kscan report makes the same record later, and another format is bad input', async () => {
  const ran = await scan()
  const hdf = join(ran.folder, 'kscan-reports', 'hdf', 'shop_web_main.json')
  const later = await startCommandLine(['report', '--reports', 'risk-acceptance', '--reports-path', 'later', hdf], { folder: folder.path }).ended
  expect([later.code, later.stdout]).toEqual([0, expect.stringContaining('risk-acceptance.md')])
  expect(readFileSync(join(folder.path, 'later', 'risk-acceptance.md'), 'utf8')).toBe(read(ran, 'risk-acceptance.md'))
  const bad = await startCommandLine(['report', '--reports', 'risks', hdf], { folder: folder.path }).ended
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('risk-acceptance')])
})
