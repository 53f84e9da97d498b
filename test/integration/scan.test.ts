import { existsSync, readdirSync, readFileSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { Fault } from '../support/api-server/faults.ts'
import type { ApiServer } from '../support/api-server/server.ts'
import { leftHere, type Ran, startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

/** The first scan on a machine fetches the auditor. */
const FETCH_MS = 120_000
// what is asked again and again takes its time, on a busy machine more
jest.setTimeout(180_000)

let shop: Shop
let server: ApiServer
let folder: Folder
let kubeconfig: string
const tools = new Folder()
beforeAll(async () => {
  shop = await startShop({ place: { env: { PATH: toolsWithoutPs() } } })
  ;({ server, folder, kubeconfig } = shop)
  server.addPod({ namespace: 'shop', name: 'hostile', containers: [{ name: 'main', image: 'registry.test/a:1\u001b[31m::error::image\n##[error]image' }] })
})
afterEach(() => server.faults.clear())
afterAll(async () => {
  await shop.close()
  tools.remove()
})

/** What a scan needs of a target, but not `ps`: an image like many. */
const toolsWithoutPs = (): string => {
  const path = join(tools.path, 'bin')
  mkdirSync(path)
  const installed = ['/bin', '/usr/bin'].map((place) => ({ place, names: new Set(readdirSync(place)) }))
  for (const name of ['sh', 'cat', 'stat', 'readlink', 'find', 'ls', 'id', 'uname', 'printf', 'env', 'grep', 'test', 'sleep']) {
    const place = installed.find(({ names }) => names.has(name))?.place
    if (place !== undefined) symlinkSync(join(place, name), join(path, name))
  }
  return path
}

const kscan = (args: readonly string[]): Promise<Ran> => startCommandLine(args, { folder: folder.path, env: { KUBECONFIG: kubeconfig } }).ended
const target = (pod = 'web'): string[] => ['--namespace', 'shop', '--pod', pod]
const report = (name: string): string => readFileSync(join(folder.path, 'kscan-reports', name), 'utf8')
const first = ['--profile', resolve('test/fixtures/profiles/first'), '--auditor', 'gems']

const nothingLeft = (ran: Ran): void =>
  expect([server.objects.made(), leftHere(ran), server.streams.filter(({ closed }) => closed === undefined)]).toEqual([[], [], []])

test('a container that does not run is left out, and the terminal, run.json and the page say why; a name in it acts nowhere', async () => {
  const containers = [
    { name: 'main' },
    { name: 'proxy', waiting: '<b>Crash\u001b[31mLoopBackOff', restartCount: 3 },
    { name: 'setup', terminated: 'Completed' }
  ]
  server.addPod({ namespace: 'shop', name: 'partly', containers })
  const args = ['--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(folder), ...LENIENT, '--reports', 'run.json,html']
  const ran = await kscan(['scan', ...target('partly'), ...args])
  expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)])
  const proxy = 'it is not running (<b>Crash\\x1b[31mLoopBackOff), after 3 restarts'
  expect(ran.stdout).toContain(`not scanned: partly/proxy: ${proxy}\nnot scanned: partly/setup: it has ended (Completed`)
  expect((JSON.parse(report('run.json')) as { notScanned: unknown }).notScanned).toEqual([
    { pod: 'partly', container: 'proxy', why: proxy },
    { pod: 'partly', container: 'setup', why: expect.stringContaining('it has ended') }
  ])
  expect(report('report.html')).toContain('<dt>Not scanned</dt><dd><ul><li>partly/proxy: it is not running (&lt;b&gt;Crash')
  const named = await kscan(['scan', ...target('partly'), '--container', 'proxy', ...args])
  expect([named.code, named.stderr]).toEqual([4, expect.stringContaining('The container proxy of shop/partly cannot be scanned: it is not running')])
  nothingLeft(ran)
})

describe('a scan by a real auditor', () => {
  test.each([
    ['passes what meets the threshold', ['accounts-1,system-1', 'failed: {total: {max: 9}}'], 0, /\nPASSED: compliance /],
    ['fails what does not', ['accounts-1,system-1', 'passed: {total: {min: 100}}'], 1, /\nNOT COMPLIANT: 1 bound violated/],
    [
      'does not judge what the target has no program for',
      ['processes-1', 'failed: {total: {max: 9}}'],
      3,
      /\nUNJUDGED: .*1 control rests on what could not be seen/
    ]
  ])(
    '%s, writes all reports and leaves nothing',
    async (_what, [controls = '', threshold = ''], code, verdict) => {
      const ran = await kscan(['scan', ...target(), ...first, '--controls', controls, '--threshold', threshold])
      expect([ran.code, ran.stdout]).toEqual([code, expect.stringMatching(verdict)])
      expect(readdirSync(join(folder.path, 'kscan-reports')).toSorted()).toEqual(['auditor.log', 'hdf', 'junit.xml', 'report.html', 'run.json', 'summary.md'])
      const hdf = JSON.parse(report('hdf/shop_web_main.json')) as { profiles: { name: string; controls: { id: string }[] }[] }
      expect(hdf.profiles.map(({ name, controls: ids }) => [name, ids.map(({ id }) => id)])).toEqual([['first-profile', controls.split(',')]])
      expect(report('junit.xml')).toMatch(/^<\?xml[^]*<testcase [^]*<\/testsuites>\s*$/)
      expect(JSON.parse(report('run.json'))).toMatchObject({ verdict: { result: ['passed', 'not-compliant', undefined, 'unjudged'][code] } })
      expect(report('summary.md')).toContain('shop/web/main')
      nothingLeft(ran)
    },
    FETCH_MS
  )

  test(
    'shows nothing raw of a hostile image, title or output',
    async () => {
      const ran = await kscan(['scan', ...target('hostile'), '--profile', resolve('test/fixtures/profiles/hostile'), '--auditor', 'gems', '--verbose'])
      expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining('hostile-0')])
      expect(ran.stdout + ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      expect((ran.stdout + ran.stderr).split('\n').filter((line) => /^\s*::/.test(line))).toEqual([])
      expect(report('summary.md')).not.toMatch(/<img|<script|\u001b/)
      expect(report('junit.xml')).not.toMatch(/<img|<script|\u001b/)
      nothingLeft(ran)
    },
    FETCH_MS
  )
})

describe('a folder in which somebody else has files', () => {
  const files = ['report.html', 'summary.md', 'junit.xml', 'hdf/theirs.json']

  test.each([
    ['out', '--reports', 'run.json', '--reports-path', 'out'],
    ['.', '--reports-path', '.'],
    ['out', '--reports-path', 'out', '--pod', 'No Name']
  ])('%s loses none, and no right is asked for (%s %s)', async (place, ...args) => {
    const work = new Folder()
    for (const name of files) {
      mkdirSync(join(work.path, place, name, '..'), { recursive: true })
      writeFileSync(join(work.path, place, name), 'theirs')
    }
    const asked = server.requests.length
    const words = ['scan', '--namespace', 'shop', ...(args.includes('--pod') ? [] : ['--pod', 'web']), ...first, ...args]
    const ran = await startCommandLine(words, { folder: work.path, env: { KUBECONFIG: kubeconfig } }).ended
    expect([ran.code, server.requests.length]).toEqual([2, asked])
    for (const name of files) {
      expect(ran.stderr).toContain(`${join(place, name)}: kscan did not write it`)
      expect(readFileSync(join(work.path, place, name), 'utf8')).toBe('theirs')
    }
    if (args.includes('--pod')) expect(ran.stderr).toContain('pod: expected the name of a pod')
    work.remove()
  })
})
/** The side of an auditor's plugin: runs one command in the container, says so by a file, and waits for another one. */
const ASKS = `
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const [, , asked, go] = process.argv
const { socket, token } = JSON.parse(readFileSync(0)).credentials.kscan.target
const frame = (header, text) => {
  const json = Buffer.from(JSON.stringify({ ...header, sizes: [text.length] }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([length, json, Buffer.from(text)])
}
const broker = require('node:net').connect(socket)
broker.write(frame({ verb: 'hello', protocol: 1, token, id: 1 }, ''))
broker.once('data', () => {
  broker.write(frame({ verb: 'exec', id: 2 }, 'ls /'))
  broker.once('data', () => {
    broker.write(frame({ verb: 'event', event: 'asked', command: 0, control: 'a', id: 0 }, ''))
    writeFileSync(asked, '')
  })
})
setInterval(() => existsSync(go) && process.exit(), 50)
`

describe('a step that fails', () => {
  const scan = (...args: string[]): Promise<Ran> =>
    kscan(['scan', ...target(), '--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(folder), ...LENIENT, ...args])
  const fails = (method: string, path: RegExp, mishap: Fault['mishap'], times = 100): void => server.faults.add({ method, path, times, mishap })
  const broken = { kind: 'answer', answer: { status: 500, body: { kind: 'Status', message: 'etcd is \u001b[31mgone\n::error::etcd' } } } as const

  test('is none in a good run', async () => {
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('✓ Revoke access')])
    nothingLeft(ran)
  })

  const making = [
    ['the account', 'POST', /\/serviceaccounts$/],
    ['the role', 'POST', /\/roles$/],
    ['the binding', 'POST', /\/rolebindings$/],
    ['the token', 'POST', /\/token$/],
    ['the review', 'POST', /\/selfsubjectaccessreviews$/],
    ['the exec stream', 'GET', /\/exec\?/]
  ] as const

  test.each(making)('in making %s is exit 4 with the reason, and nothing is left', async (_what, method, path) => {
    fails(method, path, broken)
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/error: .*500.*etcd is \\x1b\[31mgone/)])
    expect(ran.stderr).not.toMatch(/\u001b|^::/m)
    nothingLeft(ran)
  })

  test.each(making)('after making %s, its answer lost, is exit 4, and nothing is left', async (_what, method, path) => {
    fails(method, path, { kind: 'drop-answer' })
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(/^error: .{20}/m)])
    nothingLeft(ran)
  })

  test.each(making.slice(0, 4))(
    'in making %s by a refusal is exit 4 without a word of what would be left, and cleanup has nothing to say',
    async (_what, method, path) => {
      fails(method, path, { kind: 'answer', answer: { status: 403, body: { kind: 'Status', message: 'you may not', code: 403 } } })
      const ran = await scan()
      expect([ran.code, ran.stderr]).toEqual([4, expect.not.stringContaining('could not be removed')])
      nothingLeft(ran)
      const cleaned = await kscan(['cleanup'])
      expect([cleaned.code, cleaned.stdout, cleaned.stderr]).toEqual([0, expect.stringMatching(/^nothing to clean up: .*\n$/), ''])
    }
  )

  test.each(making.slice(3))('in making %s once is asked for again', async (_what, method, path) => {
    fails(method, path, { kind: 'answer', answer: { status: 504, body: { kind: 'Status', message: 'late', code: 504 } } }, 1)
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('error')])
    nothingLeft(ran)
  })

  test.each([401, 403])('with %i of a server that does not know the grant yet is asked for again', async (status) => {
    for (const [method, path] of [
      ['POST', /\/selfsubjectaccessreviews$/],
      ['GET', /\/exec\?/]
    ] as const)
      fails(method, path, { kind: 'answer', answer: { status, body: { kind: 'Status', message: 'not yet', code: status } } }, 3)
    server.faults.add({ method: 'GET', path: /\/pods\/web$/, after: 1, times: 2, mishap: { kind: 'answer', answer: { status, body: 'not yet' } } })
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('error')])
    nothingLeft(ran)
  })

  const removing = [
    ['rolebinding', /\/rolebindings\/kscan-/],
    ['role', /\/roles\/kscan-/],
    ['serviceaccount', /\/serviceaccounts\/kscan-/]
  ] as const

  test.each(removing)('in removing the %s is said, and cleanup removes it', async (type, path) => {
    fails('DELETE', path, broken)
    const ran = await scan()
    const [left = ''] = server.objects.made()
    expect([ran.code, server.objects.made().length, leftHere(ran).length]).toEqual([0, 1, 1])
    expect(ran.stderr).toContain(`warning: could not be removed: ${type} ${left.replace(/^\S+ /, '')}: `)
    expect(ran.stderr).toMatch(/; run kscan cleanup\n/)
    const failing = await kscan(['cleanup'])
    expect([failing.code, failing.stderr]).toEqual([4, expect.stringContaining(`could not be removed: ${type} shop/kscan-`)])
    server.faults.clear()
    const cleaned = await kscan(['cleanup'])
    expect([cleaned.code, cleaned.stdout]).toEqual([0, `removed ${type} ${left.replace(/^\S+ /, '')}\n`])
    nothingLeft(ran)
  })

  const passing = [
    ...[429, 500, 502, 503, 504].map((status) => [String(status), { kind: 'answer', answer: { status, body: 'not now' } }] as const),
    ['a lost answer', { kind: 'drop-answer' }],
    ['a dropped connection', { kind: 'drop' }]
  ] as const

  test.each(passing)('in removing, once each, with %s is asked again', async (_how, mishap) => {
    for (const [, path] of removing) fails('DELETE', path, mishap, 1)
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('could not be removed')])
    nothingLeft(ran)
  })

  test('in removing one without an answer is asked again', async () => {
    fails('DELETE', /\/rolebindings\/kscan-/, { kind: 'hang' }, 1)
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('could not be removed')])
    nothingLeft(ran)
  })

  test('in removing what waits longer than it may does not keep the rest', async () => {
    fails('DELETE', /\/rolebindings\/kscan-/, { kind: 'hang' })
    const ran = await scan()
    expect([ran.code, server.objects.made().length, ran.stderr]).toEqual([
      0,
      1,
      expect.stringMatching(/could not be removed: rolebinding .*nothing came within/)
    ])
    server.faults.clear()
    expect((await kscan(['cleanup'])).code).toBe(0)
    nothingLeft(ran)
  })

  test('in looking again at a finished audit keeps its results, and judges none', async () => {
    const late = (mishap: Fault['mishap'], times: number): void => server.faults.add({ method: 'GET', path: /\/pods\/web$/, after: 1, times, mishap })
    late({ kind: 'hang' }, 1)
    expect((await scan()).code).toBe(0)
    server.faults.clear()
    late(broken, 100)
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringMatching(
        /error: The audit ended, but its results could not be confirmed: .*500.*\n.*hdf is among the reports, it holds them; they were not judged/
      )
    ])
    expect(report('hdf/shop_web_main.json')).toBe(readFileSync(resolve('test/fixtures/hdf/one-profile.json'), 'utf8'))
    expect(JSON.parse(report('run.json'))).toMatchObject({ targets: [{ failure: { code: 'API_FAILED' } }], verdict: { targets: [] } })
    const judged = await kscan(['judge', ...LENIENT, join(folder.path, 'kscan-reports', 'hdf', 'shop_web_main.json')])
    expect([judged.code, judged.stdout]).toEqual([3, expect.not.stringContaining('PASSED')])
    nothingLeft(ran)
  })

  test('in asking the container again after a finished audit keeps its results, and judges none', async () => {
    const [asked, go] = ['asked', 'go'].map((name) => join(folder.path, name))
    const auditor = stubAuditor(folder, `'${process.execPath}' '${folder.file('asks.cjs', ASKS)}' '${asked}' '${go}'`)
    const running = startCommandLine(
      ['scan', ...target(), '--profile', resolve('test/fixtures/profiles/first'), '--auditor', auditor, '--isolation', 'none', ...LENIENT],
      {
        folder: folder.path,
        env: { KUBECONFIG: kubeconfig }
      }
    )
    while (!existsSync(asked ?? '')) await new Promise((wait) => setTimeout(wait, 50))
    fails('GET', /\/exec\?/, { kind: 'hang' })
    server.cutStreams()
    folder.file('go', '')
    const ran = await running.ended
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringMatching(/error: The audit ended, but its results could not be confirmed: Whether the programs .* could not be asked/)
    ])
    expect(report('hdf/shop_web_main.json')).toBe(readFileSync(resolve('test/fixtures/hdf/one-profile.json'), 'utf8'))
    expect(JSON.parse(report('run.json'))).toMatchObject({ targets: [{ failure: { code: 'SESSION_FAILED' } }], verdict: { targets: [] } })
    nothingLeft(ran)
  })

  test('in looking again finds another container: there are no results', async () => {
    const changed = { kind: 'answer', answer: { status: 404, body: { kind: 'Status', message: 'gone', code: 404 } } } as const
    server.faults.add({ method: 'GET', path: /\/pods\/web$/, after: 1, times: 100, mishap: changed })
    const ran = await scan()
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('shop/web/main changed while it was scanned: the pod is gone')])
    expect(existsSync(join(folder.path, 'kscan-reports', 'hdf', 'shop_web_main.json'))).toBe(false)
    nothingLeft(ran)
  })

  test('in removing is exit 4 with strict-cleanup, and cleanup by the label of the run needs no journal', async () => {
    fails('DELETE', /./, broken)
    const ran = await scan('--strict-cleanup', 'true')
    expect([ran.code, server.objects.made().length]).toEqual([4, 3])
    server.faults.clear()
    const [, run = ''] = /kscan-(\w+)/.exec(server.objects.made()[0] ?? '') ?? []
    const elsewhere = new Folder()
    const cleaned = await startCommandLine(['cleanup', '--kubeconfig', kubeconfig, '--run', run], { folder: elsewhere.path }).ended
    elsewhere.remove()
    expect([cleaned.code, cleaned.stdout.split('\n').length - 1, server.objects.made()]).toEqual([0, 3, []])
    expect((await kscan(['cleanup'])).code).toBe(0)
    nothingLeft(ran)
  })

  test('in removing what a finalizer holds is no success: it is told, and cleanup removes it when it is let go', async () => {
    for (const plural of ['rolebindings', 'serviceaccounts']) server.objects.finalizers.set(plural, ['example.com/keep'])
    const ran = await scan('--strict-cleanup', 'true')
    const [binding = '', account = ''] = server.objects.made()
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringMatching(/could not be removed: rolebinding shop\/kscan-\w+: .* finalizer example\.com\/keep keeps it/)
    ])
    expect([binding, account]).toEqual([expect.stringMatching(/^rolebindings /), expect.stringMatching(/^serviceaccounts /)])
    const kept = await kscan(['cleanup'])
    expect([kept.code, kept.stderr]).toEqual([4, expect.stringContaining('the finalizer example.com/keep keeps it')])
    server.objects.finalizers.clear()
    const name = binding.split('/')[1] ?? ''
    for (const plural of ['rolebindings', 'serviceaccounts']) server.objects.remove(plural, 'shop', name)
    expect((await kscan(['cleanup'])).code).toBe(0)
    nothingLeft(ran)
  })

  test('in removing is with strict-cleanup what the run comes to, whatever its verdict is and enforce softens', async () => {
    const softened = ['--strict-cleanup', 'true', '--enforce', 'false', '--total-threshold', 'passed.total.min: 100', '--json']
    const told = ({ code, stdout, stderr }: Ran): unknown[] => [code, JSON.parse(stdout), stderr]
    const verdict = { result: 'not-compliant' }
    expect(told(await scan(...softened))).toMatchObject([0, { result: 'not-compliant', verdict }, expect.stringContaining('passed because of enforce: false')])
    fails('DELETE', /./, broken)
    const ran = await scan(...softened)
    expect(told(ran)).toMatchObject([4, { result: 'scan-failed', verdict }, expect.not.stringContaining('because of enforce')])
    server.faults.clear()
    expect((await kscan(['cleanup'])).code).toBe(0)
    nothingLeft(ran)
  })
})
